import { generateMarket } from '../market/generate-market.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import type { Scenario, TimelineSample } from '../report.ts';
import { RunRecord } from '../score/run-record.ts';
import { type SeedScores, seedScoresOf } from '../score/seed-scores.ts';
import { createClassifier, type Entrant } from './entrants.ts';
import { HISTORY_SEED_OFFSET, runOver, TEACHER_SEED_OFFSET } from './market-run.ts';

/** First candles of every market that are not scored: all start from nothing. */
export const SKIPPED_CANDLES = 1_000;
export const HISTORY_CANDLES = 20_000;
const TIMELINE_CANDLES = 1_500;

/** One market on which entrants are compared. */
export interface SeedTask {
  readonly kind: 'evaluate';
  readonly scenario: Scenario;
  readonly seed: number;
  readonly candles: number;
  readonly skippedCandles: number;
  readonly historyCandles: number;
  readonly entrants: readonly Entrant[];
  /** Whether a piece is kept to be drawn: reports show that of the first seed. */
  readonly hasTimeline: boolean;
}

/** What one entrant did on one market. Plain columns: it can be sent between threads. */
export interface SeedResult {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly entrant: Entrant;
  readonly scores: SeedScores;
  /** Of the ceiling and the engine, where the task asks for one; else null. */
  readonly timeline: TimelineSample | null;
}

const timelineOf = (market: SyntheticMarket, record: RunRecord, entrant: Entrant): TimelineSample | null => {
  const isShown = entrant.classifier === 'ceiling' || entrant.classifier === 'engine';
  if (!isShown) return null;
  const from = record.firstScored;
  const to = Math.min(market.candles, from + TIMELINE_CANDLES);
  return {
    seed: market.recipe.seed,
    firstCandle: from,
    closes: Array.from(market.close.subarray(from, to), (close) => Number(close.toPrecision(7))),
    trueIds: [...market.regimeIds.subarray(from, to)],
    publishedIds: [...record.publishedIds.subarray(from, to)],
    classifier: entrant.classifier,
    hasHistory: entrant.hasHistory,
  };
};

const sharesOf = (own: SeedScores['metrics'], ceiling: SeedScores['metrics']): SeedScores['metrics'] => {
  const { accuracyRatio = Number.NaN, lateAccuracyRatio = Number.NaN } = ceiling;
  return {
    shareOfCeilingRatio: (own.accuracyRatio ?? Number.NaN) / accuracyRatio,
    publishedShareOfCeilingRatio: (own.publishedAccuracyRatio ?? Number.NaN) / accuracyRatio,
    lateShareOfCeilingRatio: (own.lateAccuracyRatio ?? Number.NaN) / lateAccuracyRatio,
  };
};

/** Returns the results of all entrants on one market; the ceiling's come first and give the others their share of it. */
export const evaluateSeed = (task: SeedTask): SeedResult[] => {
  const { scenario, seed, candles, skippedCandles } = task;
  const recipe = { ...scenario, seed, candles };
  const market = generateMarket(recipe);
  const isHistoryNeeded = task.entrants.some(({ hasHistory }) => hasHistory);
  const history = isHistoryNeeded
    ? generateMarket({ ...recipe, seed: seed + HISTORY_SEED_OFFSET, candles: task.historyCandles })
    : null;
  let taught: SyntheticMarket | null = null;
  const teacher = (): SyntheticMarket => {
    taught ??= generateMarket({ ...recipe, seed: seed + TEACHER_SEED_OFFSET, candles: HISTORY_CANDLES });
    return taught;
  };
  const ceiling: Entrant = { classifier: 'ceiling', hasHistory: false };
  const entrants = [ceiling, ...task.entrants.filter(({ classifier }) => classifier !== 'ceiling')];
  let ceilingMetrics: SeedScores['metrics'] = {};
  return entrants.map((entrant) => {
    const classifier = createClassifier(entrant, { market, teacher });
    const ownHistory = entrant.hasHistory ? history : null;
    const record = new RunRecord(market.regimeIds, skippedCandles);
    runOver(classifier, { market, history: ownHistory, hear: (index, said) => record.write(index, said) });
    const scores = seedScoresOf(record);
    if (entrant === ceiling) ceilingMetrics = { ...scores.metrics };
    Object.assign(scores.metrics, sharesOf(scores.metrics, ceilingMetrics));
    const timeline = task.hasTimeline ? timelineOf(market, record, entrant) : null;
    return { scenario, seed, entrant, scores, timeline };
  });
};
