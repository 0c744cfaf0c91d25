import { type Bar, CELL_COUNT, REGIME_COUNT, RegimeEngine } from '@qt/regime';
import { type Factor, UNLABELED } from './factor-labels.ts';
import type { RealSeries } from './real-series.ts';

/** What the engine said of each candle when it was the last one. Shape: as the series. */
export interface EngineRun {
  /** Published regime ids. */
  readonly ids: Int8Array;
  /** Likeliest class of each factor by the 30 cells. */
  readonly likeliest: Readonly<Record<Factor, Int8Array>>;
  /** Classes of the published regime. */
  readonly published: Readonly<Record<Factor, Int8Array>>;
  /** Shape: candles x 18 by rows, by regime id; each row sums to 1. */
  readonly probabilities: Float64Array;
  /** Probabilities of the three levels, the five trends and the two structures, by the 30 cells. Shape: candles x 10 by rows. */
  readonly marginals: Float64Array;
  /** Candles since the published regime changed, and the chance of a change within 10 and 30. Shape: candles x 3 by rows. */
  readonly prospects: Float64Array;
  readonly changes: number;
  readonly refused: number;
}

const VOLATILITIES = ['low', 'medium', 'high'] as const;
const TRENDS = ['strong_down', 'down', 'neutral', 'up', 'strong_up'] as const;
const STRUCTURES = ['trending', 'mean_reverting'] as const;
/** Columns of `EngineRun.marginals` and `EngineRun.prospects`. */
export const MARGINAL_COLUMNS = VOLATILITIES.length + TRENDS.length + STRUCTURES.length;
export const PROSPECT_COLUMNS = 3;
/** First column of each factor in `EngineRun.marginals`, and the first that is not its own. */
export const MARGINALS_OF_FACTOR: Readonly<Record<Factor, readonly [number, number]>> = {
  volatility: [0, 3],
  trend: [3, 8],
  structure: [8, 10],
};
const VOLATILITY_STRIDE = 10;
const TREND_STRIDE = 2;

const likeliestIndex = (values: Float64Array): number => values.indexOf(Math.max(...values));

/** Returns the class that is expected of each candle, from 0 to the last one: a level between levels. Shape: as the series. */
export const expectedClasses = ({ marginals }: EngineRun): Readonly<Record<Factor, Float64Array>> => {
  const expected = (factor: Factor): Float64Array => {
    const [first, last] = MARGINALS_OF_FACTOR[factor];
    return Float64Array.from({ length: marginals.length / MARGINAL_COLUMNS }, (_, index) => {
      let sum = 0;
      for (let column = first; column < last; column += 1) {
        sum += (column - first) * (marginals[index * MARGINAL_COLUMNS + column] ?? 0);
      }
      return sum;
    });
  };
  return { volatility: expected('volatility'), trend: expected('trend'), structure: expected('structure') };
};

/** Adds the cells up to levels, trends and structures. Shape: `marginals[10]`, all 0 before; what is returned are parts of it. */
const foldCells = (cells: readonly number[], marginals: Float64Array) => {
  const ofVolatility = marginals.subarray(...MARGINALS_OF_FACTOR.volatility);
  const ofTrend = marginals.subarray(...MARGINALS_OF_FACTOR.trend);
  const ofStructure = marginals.subarray(...MARGINALS_OF_FACTOR.structure);
  for (let cell = 0; cell < CELL_COUNT; cell += 1) {
    const share = cells[cell] ?? 0;
    const level = Math.floor(cell / VOLATILITY_STRIDE);
    const trend = Math.floor((cell % VOLATILITY_STRIDE) / TREND_STRIDE);
    ofVolatility[level] = (ofVolatility[level] ?? 0) + share;
    ofTrend[trend] = (ofTrend[trend] ?? 0) + share;
    ofStructure[cell % TREND_STRIDE] = (ofStructure[cell % TREND_STRIDE] ?? 0) + share;
  }
  return { ofVolatility, ofTrend, ofStructure };
};

const repeatRow = (rows: Float64Array, row: number, width: number): void => {
  rows.copyWithin(row * width, (row - 1) * width, row * width);
};

/** Returns a candle as markets send it. The shortest text of a number reads back as the same number. */
const asSent = ({ openTimeMs, open, high, low, close, volume }: Bar) => ({
  openTimeMs,
  open: String(open),
  high: String(high),
  low: String(low),
  close: String(close),
  volume: String(volume),
});

/**
 * Returns the run of an engine that had a history, with what a cold one said of that history when it came: a call for every candle, none
 * of which knew a later one.
 */
export const withColdStart = (run: EngineRun, cold: EngineRun, historyCandles: number): EngineRun => {
  const joined = <Column extends Int8Array | Float64Array>(own: Column, first: Column): Column => {
    const all = own.slice() as Column;
    all.set(first.subarray(0, historyCandles * (own.length / run.ids.length)));
    return all;
  };
  const factors = (own: EngineRun['published'], first: EngineRun['published']): EngineRun['published'] => ({
    volatility: joined(own.volatility, first.volatility),
    trend: joined(own.trend, first.trend),
    structure: joined(own.structure, first.structure),
  });
  return {
    ids: joined(run.ids, cold.ids),
    likeliest: factors(run.likeliest, cold.likeliest),
    published: factors(run.published, cold.published),
    probabilities: joined(run.probabilities, cold.probabilities),
    marginals: joined(run.marginals, cold.marginals),
    prospects: joined(run.prospects, cold.prospects),
    changes: run.changes,
    refused: run.refused,
  };
};

/**
 * Runs a new engine over the series, candle by candle. The first `historyCandles` are its history: it learns from them and calls none
 * of them. A refused candle is called as the one before it.
 */
export const runEngine = (series: RealSeries, historyCandles: number): EngineRun => {
  const engine = new RegimeEngine({ intervalMs: series.intervalMs });
  if (historyCandles > 0) engine.calibrate(series.bars.slice(0, historyCandles).map(asSent));
  const length = series.bars.length;
  const classes = (): Record<Factor, Int8Array> => ({
    volatility: new Int8Array(length).fill(UNLABELED),
    trend: new Int8Array(length).fill(UNLABELED),
    structure: new Int8Array(length).fill(UNLABELED),
  });
  const run = { ids: new Int8Array(length), likeliest: classes(), published: classes() };
  const probabilities = new Float64Array(length * REGIME_COUNT).fill(1 / REGIME_COUNT);
  const marginals = new Float64Array(length * MARGINAL_COLUMNS);
  const prospects = new Float64Array(length * PROSPECT_COLUMNS);
  let changes = 0;
  let refused = 0;
  for (const [index, bar] of series.bars.entries()) {
    if (index < historyCandles) continue;
    const update = engine.update(asSent(bar));
    if (update.kind === 'refused') {
      refused += 1;
      if (index === 0) continue;
      run.ids[index] = run.ids[index - 1] ?? 0;
      for (const calls of [run.likeliest, run.published]) {
        for (const factor of ['volatility', 'trend', 'structure'] as const) {
          calls[factor][index] = calls[factor][index - 1] ?? UNLABELED;
        }
      }
      repeatRow(probabilities, index, REGIME_COUNT);
      repeatRow(marginals, index, MARGINAL_COLUMNS);
      repeatRow(prospects, index, PROSPECT_COLUMNS);
      continue;
    }
    if (update.previousRegimeId !== null) changes += 1;
    run.ids[index] = update.regime.id;
    run.published.volatility[index] = VOLATILITIES.indexOf(update.regime.volatility);
    run.published.trend[index] = TRENDS.indexOf(update.regime.trend);
    run.published.structure[index] = STRUCTURES.indexOf(update.regime.structure);
    const own = marginals.subarray(index * MARGINAL_COLUMNS, (index + 1) * MARGINAL_COLUMNS);
    const { ofVolatility, ofTrend, ofStructure } = foldCells(update.cells, own);
    run.likeliest.volatility[index] = likeliestIndex(ofVolatility);
    run.likeliest.trend[index] = likeliestIndex(ofTrend);
    run.likeliest.structure[index] = likeliestIndex(ofStructure);
    probabilities.set(update.probabilities, index * REGIME_COUNT);
    const { dwellCandles, changeWithin10Probability, changeWithin30Probability } = update;
    prospects.set([dwellCandles, changeWithin10Probability, changeWithin30Probability], index * PROSPECT_COLUMNS);
  }
  return { ...run, probabilities, marginals, prospects, changes, refused };
};
