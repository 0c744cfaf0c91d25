import { INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimeRecord } from '@qt/database';
import { z } from 'zod';
import type { ComponentRegistry } from '../components/component-registry.ts';
import type { LoadReduction } from '../load-reduction.ts';
import type { MarketTrack } from '../market-track.ts';
import type { CandleStore, RegimeStore } from '../ports.ts';
import { type Answer, type ApiRoute, defineRoute, failure, ok } from './api-route.ts';
import { allCurrentText, CURRENT_REGIME_PATH, currentText } from './current-regime.ts';
import { ReadingTurns } from './reading-turns.ts';
import {
  CandlesReply,
  CurrentRegimeReply,
  HistoryReply,
  QualityReply,
  ScoringReply,
  TransitionsReply,
} from './reply-schemas.ts';

export interface RegimeRoutesDeps {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly interval: Interval;
  readonly candles: CandleStore;
  readonly regimes: RegimeStore;
  readonly registry: ComponentRegistry;
  readonly reduction: LoadReduction;
}

/** Readings of the database: usually, and while load is reduced. */
const TURNS = { atOnce: 4, waiting: 200 };
const REDUCED_TURNS = { atOnce: 1, waiting: 20 };
/** Rows in one answer while load is reduced: what is asked for by default fits in. */
const REDUCED_ROWS = 200;

const symbol = z.string('expected one symbol such as BTCUSDT').describe('Such as BTCUSDT');
const interval = z.string().optional().describe('Of the candles; the one that is followed when left out');
const limit = (byDefault: number) => z.coerce.number().int().min(1).max(1_000).default(byDefault);
/** Date.parse alone takes almost anything for a time: -1 would be in 2001. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/;
const moment = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : ISO_TIME.test(text) ? Date.parse(text) : Number.NaN))
  .pipe(z.int('expected UTC milliseconds since 1970, or a time such as 2025-06-26T14:30:00Z').nonnegative())
  .describe('UTC ms since 1970, or ISO 8601');
const range = z
  .strictObject({ symbol, interval, limit: limit(100), from: moment.optional(), to: moment.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: 'expected a time that is not after `to`',
  });
const unknownMarket = 'The market or the interval is not followed; the message says what is';
const tooBusy =
  'The database is away or has too much to do, or load is reduced; the header Retry-After says when to try again';

const historyRow = ({
  openTimeMs,
  state,
  regime,
  previousRegimeId,
  dwellCandles,
  probabilities,
  detail,
}: RegimeRecord) => ({
  openTimeMs,
  state,
  regime,
  previousRegimeId,
  dwellCandles,
  probabilities,
  ...detail,
});

/** What a page is asked about. */
interface Asked {
  readonly symbol: string;
  readonly interval?: string | undefined;
}

/** Without a symbol it is about all of them. */
interface AskedOfAll {
  readonly symbol?: string | undefined;
  readonly interval?: string | undefined;
}

interface Range extends Asked {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
}

/** Asks for pages about markets. Each answer is of committed candles only. */
class RegimePages {
  readonly #deps: RegimeRoutesDeps;
  readonly #turns = new ReadingTurns(TURNS);

  constructor(deps: RegimeRoutesDeps) {
    this.#deps = deps;
    deps.reduction.add({
      name: 'history_pages',
      effect: `history, transitions and candles: ${REDUCED_TURNS.atOnce} reading at once instead of ${TURNS.atOnce}, ${REDUCED_TURNS.waiting} may wait instead of ${TURNS.waiting}, at most ${REDUCED_ROWS} rows in an answer`,
      pause: () => this.#turns.allow(REDUCED_TURNS),
      resume: () => this.#turns.allow(TURNS),
    });
  }

  current(asked: AskedOfAll): Answer {
    const { tracks } = this.#deps;
    if (asked.symbol === undefined)
      return this.#otherInterval(asked.interval) ?? { status: 200, text: allCurrentText(tracks) };
    const found = this.#find({ ...asked, symbol: asked.symbol });
    return 'status' in found ? found : { status: 200, text: currentText(found) };
  }

  history(asked: Range): Promise<Answer> {
    const { regimes, interval: followed } = this.#deps;
    const { from, to, limit: most } = asked;
    return this.#read(asked, async (track) => {
      const market = { symbol: track.symbol, interval: followed };
      // With a beginning: onwards from it. Without one: the newest before the end.
      const fromMs = from ?? (to === undefined ? null : Math.max(0, to - most * INTERVAL_MS[followed]));
      const records =
        fromMs === null
          ? await regimes.listLast({ ...market, limit: most })
          : await regimes.listRange({ ...market, fromMs, toMs: to ?? Number.MAX_SAFE_INTEGER, limit: most });
      return ok({ ...market, records: records.map(historyRow) });
    });
  }

  transitions(asked: Range): Promise<Answer> {
    const { regimes, interval: followed } = this.#deps;
    const { from, to, limit: most } = asked;
    return this.#read(asked, async (track) => {
      const market = { symbol: track.symbol, interval: followed };
      const span = { fromMs: from ?? 0, toMs: to ?? Number.MAX_SAFE_INTEGER, limit: most };
      const found = await regimes.listTransitions({ ...market, ...span });
      const { state, metrics } = track.engine.view('transition_matrix_analyzer');
      // Symbol and interval are said once.
      const transitions = found.map(({ symbol: _symbol, interval: _interval, ...transition }) => transition);
      return ok({ ...market, transitions, analyzer: { state, metrics } });
    });
  }

  candles(asked: Range): Promise<Answer> {
    const { candles, interval: followed } = this.#deps;
    return this.#read(asked, async (track) => {
      const market = { symbol: track.symbol, interval: followed };
      return ok({ ...market, candles: await candles.listLast({ ...market, limit: asked.limit }) });
    });
  }

  quality(asked: AskedOfAll): Answer {
    const { tracks, interval: followed } = this.#deps;
    const found =
      asked.symbol === undefined
        ? (this.#otherInterval(asked.interval) ?? [...tracks.values()])
        : this.#find({ ...asked, symbol: asked.symbol });
    if ('status' in found) return found;
    const shown = 'engine' in found ? [found] : found;
    return ok({
      interval: followed,
      markets: Object.fromEntries(shown.map((track) => [track.symbol, qualityOf(track)])),
    });
  }

  async scoring(): Promise<Answer> {
    const { tracks, registry } = this.#deps;
    const report = await registry.report('adaptive_scoring_layer');
    const agreements = [...tracks.values()].flatMap(({ latest }) => latest?.detail?.agreementRatio ?? []);
    const mean = agreements.reduce((sum, agreement) => sum + agreement, 0) / agreements.length;
    const markets = Object.entries(report?.markets ?? {}).map(([one, view]) => [
      one,
      { agreement_ratio: tracks.get(one)?.latest?.detail?.agreementRatio ?? null, ...view },
    ]);
    return ok({
      ensemble_agreement_ratio: agreements.length === 0 ? null : mean,
      state: report?.state,
      metrics: report?.metrics,
      markets: Object.fromEntries(markets) as object,
    });
  }

  #find({ symbol: name, interval: asked }: Asked): MarketTrack | Answer {
    const { tracks } = this.#deps;
    const track = tracks.get(name.toUpperCase());
    if (track !== undefined) return this.#otherInterval(asked) ?? track;
    const known = [...tracks.keys()].join(', ');
    return failure(404, 'SYMBOL_UNKNOWN', `found no market ${name}; this service follows ${known}`);
  }

  #otherInterval(asked: string | undefined): Answer | null {
    const { interval: followed } = this.#deps;
    if (asked === undefined || asked === followed) return null;
    return failure(404, 'INTERVAL_UNKNOWN', `found no candles of ${asked}; this service follows ${followed}`);
  }

  async #read(asked: Range, answer: (track: MarketTrack) => Promise<Answer>): Promise<Answer> {
    const found = this.#find(asked);
    if ('status' in found) return found;
    return this.#tooMuch(asked) ?? this.#turns.take(() => answer(found));
  }

  /** Fewer rows than were asked for would look like all there are. */
  #tooMuch({ limit: most }: Range): Answer | null {
    const { reduction } = this.#deps;
    if (!reduction.isActive || most <= REDUCED_ROWS) return null;
    const message = `load is reduced until ${reduction.view().until}: at most ${REDUCED_ROWS} rows in an answer, ${most} were asked for`;
    const retryAfterSeconds = Math.max(1, Math.ceil(reduction.remainingMs / 1_000));
    return { ...failure(503, 'LOAD_REDUCED', message), retryAfterSeconds };
  }
}

const qualityOf = ({ quality }: MarketTrack): object => {
  const figures = quality.figures();
  return {
    completeness: figures.completenessRatio,
    consistency: figures.consistencyRatio,
    timeliness: figures.timelinessRatio,
    uniqueness: figures.uniquenessRatio,
    accepted: figures.acceptedCandles,
    missing: figures.missingCandles,
    duplicates: figures.duplicateCandles,
    late: figures.lateCandles,
    gaps: figures.gaps,
    filled: figures.filledCandles,
    refused: figures.refused,
    first_open_time_ms: figures.firstOpenTimeMs,
    last_open_time_ms: figures.lastOpenTimeMs,
  };
};

/** Returns the pages about markets: regime now and before, changes, candles, and how good they are. */
export const regimeRoutes = (deps: RegimeRoutesDeps): readonly ApiRoute[] => {
  const pages = new RegimePages(deps);
  const failures = { 404: unknownMarket };
  const readingFailures = { ...failures, 503: tooBusy };
  const market = z.strictObject({ symbol: symbol.optional(), interval });
  return [
    defineRoute({
      method: 'get',
      path: CURRENT_REGIME_PATH,
      tag: 'regime',
      summary: 'The regime now; of every market when no symbol is given, as `regimes`',
      query: market,
      reply: CurrentRegimeReply,
      failures,
      answer: ({ query }) => pages.current(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/regime/history',
      tag: 'regime',
      summary: 'What was said about each candle, oldest first: from `from` on, or the newest before `to`',
      query: range,
      reply: HistoryReply,
      failures: readingFailures,
      answer: ({ query }) => pages.history(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/regime/transitions',
      tag: 'regime',
      summary: 'The newest changes of the published regime, oldest first, with their reasons',
      query: range,
      reply: TransitionsReply,
      failures: readingFailures,
      answer: ({ query }) => pages.transitions(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/candles',
      tag: 'regime',
      summary: 'The newest stored candles, oldest first',
      query: z.strictObject({ symbol, interval, limit: limit(200) }),
      reply: CandlesReply,
      failures: readingFailures,
      answer: ({ query }) => pages.candles(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/data/quality',
      tag: 'regime',
      summary: 'How good the candles are, as measured since the process began',
      query: market,
      reply: QualityReply,
      failures,
      answer: ({ query }) => pages.quality(query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/asl/metrics',
      tag: 'components',
      summary: 'The adaptive scoring layer: agreement of its methods, and their weights per market',
      reply: ScoringReply,
      answer: () => pages.scoring(),
    }),
  ];
};
