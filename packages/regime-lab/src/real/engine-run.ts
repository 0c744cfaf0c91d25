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
  readonly changes: number;
  readonly refused: number;
}

const VOLATILITIES = ['low', 'medium', 'high'] as const;
const TRENDS = ['strong_down', 'down', 'neutral', 'up', 'strong_up'] as const;
const STRUCTURES = ['trending', 'mean_reverting'] as const;
const VOLATILITY_STRIDE = 10;
const TREND_STRIDE = 2;

const likeliestIndex = (values: Float64Array): number => values.indexOf(Math.max(...values));

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
  const ofVolatility = new Float64Array(3);
  const ofTrend = new Float64Array(5);
  const ofStructure = new Float64Array(2);
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
      probabilities.copyWithin(index * REGIME_COUNT, (index - 1) * REGIME_COUNT, index * REGIME_COUNT);
      continue;
    }
    if (update.previousRegimeId !== null) changes += 1;
    run.ids[index] = update.regime.id;
    run.published.volatility[index] = VOLATILITIES.indexOf(update.regime.volatility);
    run.published.trend[index] = TRENDS.indexOf(update.regime.trend);
    run.published.structure[index] = STRUCTURES.indexOf(update.regime.structure);
    ofVolatility.fill(0);
    ofTrend.fill(0);
    ofStructure.fill(0);
    for (let cell = 0; cell < CELL_COUNT; cell += 1) {
      const share = update.cells[cell] ?? 0;
      const level = Math.floor(cell / VOLATILITY_STRIDE);
      const trend = Math.floor((cell % VOLATILITY_STRIDE) / TREND_STRIDE);
      ofVolatility[level] = (ofVolatility[level] ?? 0) + share;
      ofTrend[trend] = (ofTrend[trend] ?? 0) + share;
      ofStructure[cell % TREND_STRIDE] = (ofStructure[cell % TREND_STRIDE] ?? 0) + share;
    }
    run.likeliest.volatility[index] = likeliestIndex(ofVolatility);
    run.likeliest.trend[index] = likeliestIndex(ofTrend);
    run.likeliest.structure[index] = likeliestIndex(ofStructure);
    probabilities.set(update.probabilities, index * REGIME_COUNT);
  }
  return { ...run, probabilities, changes, refused };
};
