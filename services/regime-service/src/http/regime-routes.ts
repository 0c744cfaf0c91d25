import { INTERVAL_MS, type Interval } from '@qt/contracts';
import type { RegimeRecord } from '@qt/database';
import { z } from 'zod';
import type { ComponentRegistry } from '../components/component-registry.ts';
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
}

const symbol = z.string('expected one symbol such as BTCUSDT').describe('Such as BTCUSDT');
const limit = (byDefault: number) => z.coerce.number().int().min(1).max(1_000).default(byDefault);
/** Date.parse alone takes almost anything for a time: -1 would be in 2001. */
const ISO_TIME = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/;
const moment = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : ISO_TIME.test(text) ? Date.parse(text) : Number.NaN))
  .pipe(z.int('expected UTC milliseconds since 1970, or a time such as 2025-06-26T14:30:00Z').nonnegative())
  .describe('UTC ms since 1970, or ISO 8601');
const range = z
  .object({ symbol, limit: limit(100), from: moment.optional(), to: moment.optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    message: 'expected a time that is not after `to`',
  });
const unknownSymbol = 'The market is not followed; the message lists those that are';

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

interface Range {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
}

/** Asks for pages about markets. Each answer is of committed candles only. */
class RegimePages {
  readonly #deps: RegimeRoutesDeps;
  readonly #turns = new ReadingTurns({ atOnce: 4, waiting: 200 });

  constructor(deps: RegimeRoutesDeps) {
    this.#deps = deps;
  }

  current(name: string | undefined): Answer {
    const { tracks } = this.#deps;
    if (name === undefined) return { status: 200, text: allCurrentText(tracks) };
    return this.#of(name, (track) => ({ status: 200, text: currentText(track) }));
  }

  history(name: string, { from, to, limit: most }: Range): Promise<Answer> {
    const { regimes, interval } = this.#deps;
    return this.#ofLater(name, async (track) => {
      const market = { symbol: track.symbol, interval };
      // With a beginning: onwards from it. Without one: the newest before the end.
      const fromMs = from ?? (to === undefined ? null : Math.max(0, to - most * INTERVAL_MS[interval]));
      const records =
        fromMs === null
          ? await regimes.listLast({ ...market, limit: most })
          : await regimes.listRange({ ...market, fromMs, toMs: to ?? Number.MAX_SAFE_INTEGER, limit: most });
      return ok({ ...market, records: records.map(historyRow) });
    });
  }

  transitions(name: string, { from, to, limit: most }: Range): Promise<Answer> {
    const { regimes, interval } = this.#deps;
    return this.#ofLater(name, async (track) => {
      const market = { symbol: track.symbol, interval };
      const span = { fromMs: from ?? 0, toMs: to ?? Number.MAX_SAFE_INTEGER, limit: most };
      const found = await regimes.listTransitions({ ...market, ...span });
      const { state, metrics } = track.engine.view('transition_matrix_analyzer');
      // Symbol and interval are said once.
      const transitions = found.map(({ symbol: _symbol, interval: _interval, ...transition }) => transition);
      return ok({ ...market, transitions, analyzer: { state, metrics } });
    });
  }

  candles(name: string, most: number): Promise<Answer> {
    const { candles, interval } = this.#deps;
    return this.#ofLater(name, async (track) => {
      const rows = await candles.listLast({ symbol: track.symbol, interval, limit: most });
      return ok({ symbol: track.symbol, interval, candles: rows });
    });
  }

  quality(name: string | undefined): Answer {
    const { tracks, interval } = this.#deps;
    const asked = name === undefined ? [...tracks.values()] : [tracks.get(name.toUpperCase())];
    const found = asked.filter((track) => track !== undefined);
    if (name !== undefined && found.length === 0) return this.#unknown(name);
    return ok({ interval, markets: Object.fromEntries(found.map((track) => [track.symbol, qualityOf(track)])) });
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

  #of(name: string, answer: (track: MarketTrack) => Answer): Answer {
    const track = this.#deps.tracks.get(name.toUpperCase());
    return track === undefined ? this.#unknown(name) : answer(track);
  }

  async #ofLater(name: string, answer: (track: MarketTrack) => Promise<Answer>): Promise<Answer> {
    const track = this.#deps.tracks.get(name.toUpperCase());
    return track === undefined ? this.#unknown(name) : this.#turns.take(() => answer(track));
  }

  #unknown(name: string): Answer {
    const known = [...this.#deps.tracks.keys()].join(', ');
    return failure(404, 'SYMBOL_UNKNOWN', `found no market ${name}; this service follows ${known}`);
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
  const failures = { 404: unknownSymbol };
  return [
    defineRoute({
      method: 'get',
      path: CURRENT_REGIME_PATH,
      tag: 'regime',
      summary: 'The regime now; of every market when no symbol is given, as `regimes`',
      query: z.object({ symbol: symbol.optional() }),
      reply: CurrentRegimeReply,
      failures,
      answer: ({ query }) => pages.current(query.symbol),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/regime/history',
      tag: 'regime',
      summary: 'What was said about each candle, oldest first: from `from` on, or the newest before `to`',
      query: range,
      reply: HistoryReply,
      failures,
      answer: ({ query }) => pages.history(query.symbol, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/regime/transitions',
      tag: 'regime',
      summary: 'The newest changes of the published regime, oldest first, with their reasons',
      query: range,
      reply: TransitionsReply,
      failures,
      answer: ({ query }) => pages.transitions(query.symbol, query),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/candles',
      tag: 'regime',
      summary: 'The newest stored candles, oldest first',
      query: z.object({ symbol, limit: limit(200) }),
      reply: CandlesReply,
      failures,
      answer: ({ query }) => pages.candles(query.symbol, query.limit),
    }),
    defineRoute({
      method: 'get',
      path: '/api/v1/data/quality',
      tag: 'regime',
      summary: 'How good the candles are, as measured since the process began',
      query: z.object({ symbol: symbol.optional() }),
      reply: QualityReply,
      failures,
      answer: ({ query }) => pages.quality(query.symbol),
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
