import { REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import { fitGarch, type GarchModel, garchVariances } from './garch.ts';
import { fitHar, harForecast } from './har.ts';
import type { RealSeries } from './real-series.ts';
import { foldsOf } from './walk-forward.ts';

/** Candles GARCH is fitted on at each refit; HAR takes all that came before. */
const GARCH_TRAIN_CANDLES = 4_000;
/** RiskMetrics (1996). */
const EWMA_DECAY = 0.94;
/** How fast the variance of a regime follows, per candle that is wholly in it. */
const FOLLOWING_RATE = 0.005;
/** Candles that a regime's volatility level counts for beside its own. */
const LEVEL_CANDLES = 30;
const LEAST_VARIANCE = 1e-16;

/** Means of several things, each of a value at a time with a weight: plain means at first, exponential averages later. */
class RunningMeans {
  readonly #means: Float64Array;
  readonly #weights: Float64Array;

  constructor(count: number) {
    this.#means = new Float64Array(count);
    this.#weights = new Float64Array(count);
  }

  add(at: number, weight: number, value: number): void {
    const seen = (this.#weights[at] ?? 0) + weight;
    if (seen === 0) return;
    this.#weights[at] = seen;
    const rate = Math.max(Math.min(1, FOLLOWING_RATE * weight), weight / seen);
    this.#means[at] = (this.#means[at] ?? 0) + rate * (value - (this.#means[at] ?? 0));
  }

  mean(at: number): number {
    return this.#means[at] ?? 0;
  }

  /** Returns the mean, drawn towards `anchor` as long as little was seen. */
  shrunkMean(at: number, anchor: number): number {
    const seen = this.#weights[at] ?? 0;
    return (seen * this.mean(at) + LEVEL_CANDLES * anchor) / (seen + LEVEL_CANDLES);
  }
}

/** Variance of a candle as its high and low tell it. Source: Parkinson (1980). */
export const rangeVariance = (range: number): number => (range * range) / (4 * Math.LN2);

/**
 * Variances foretold for each candle from those before it: of its squared return, and of its squared range. Shape: as the series; 0
 * where nothing was foretold.
 */
export interface VarianceForecast {
  readonly name: string;
  readonly ofReturn: Float64Array;
  readonly ofRange: Float64Array;
}

/** Brings a forecast to the level of what it is held against: the ratio of the sums over the candles before each fold. */
const leveled = (forecast: Float64Array, outcome: (index: number) => number, from: number): Float64Array => {
  const result = new Float64Array(forecast.length);
  for (const fold of foldsOf(forecast.length)) {
    let foretold = 0;
    let came = 0;
    for (let index = from; index < fold.from; index += 1) {
      foretold += forecast[index] ?? 0;
      came += outcome(index);
    }
    const ratio = foretold > 0 ? came / foretold : 1;
    for (let index = fold.from; index < fold.to; index += 1) {
      result[index] = Math.max(LEAST_VARIANCE, ratio * (forecast[index] ?? 0));
    }
  }
  return result;
};

const squareAt =
  ({ logReturns }: RealSeries) =>
  (index: number): number =>
    (logReturns[index] ?? 0) ** 2;
const rangeAt =
  ({ ranges }: RealSeries) =>
  (index: number): number =>
    rangeVariance(ranges[index] ?? 0);

/** GARCH(1,1), fitted anew at each fold on the candles before it. */
export const garchForecast = (series: RealSeries): VarianceForecast => {
  const { logReturns } = series;
  const raw = new Float64Array(logReturns.length);
  let model: GarchModel | null = null;
  for (const { from, to } of foldsOf(logReturns.length)) {
    const first = Math.max(1, from - GARCH_TRAIN_CANDLES);
    const train = logReturns.subarray(first, from);
    model = fitGarch(train, model);
    const mean = train.reduce((sum, value) => sum + value * value, 0) / train.length;
    const variances = garchVariances(logReturns.subarray(first, to), model, mean);
    // Candles of the first training stretch too: the range's level is learned there.
    const start = from === foldsOf(logReturns.length)[0]?.from ? first : from;
    for (let index = start; index < to; index += 1)
      raw[index] = Math.max(LEAST_VARIANCE, variances[index - first] ?? 0);
  }
  return { name: 'GARCH(1,1)', ofReturn: raw, ofRange: leveled(raw, rangeAt(series), 100) };
};

/** HAR on log ranges, fitted anew at each fold on all candles before it. */
export const harRangeForecast = (series: RealSeries): VarianceForecast => {
  const { ranges } = series;
  const logRanges = new Float64Array(ranges.length);
  let last = Math.log(1e-6);
  for (let index = 0; index < ranges.length; index += 1) {
    const range = ranges[index] ?? 0;
    if (range > 0) last = Math.log(range);
    logRanges[index] = last;
  }
  const raw = new Float64Array(ranges.length);
  for (const [fold, { from, to }] of foldsOf(ranges.length).entries()) {
    const model = fitHar(logRanges, 1, from);
    for (let index = fold === 0 ? 100 : from; index < to; index += 1) {
      raw[index] = Math.exp(2 * harForecast(model, logRanges, index - 1));
    }
  }
  return {
    name: 'HAR of log range',
    ofReturn: leveled(raw, squareAt(series), 100),
    ofRange: leveled(raw, rangeAt(series), 100),
  };
};

/** An exponential average of squared returns. */
export const ewmaForecast = (series: RealSeries): VarianceForecast => {
  const raw = new Float64Array(series.logReturns.length);
  let variance = 0;
  for (let index = 1; index < raw.length; index += 1) {
    raw[index] = Math.max(LEAST_VARIANCE, variance);
    variance = EWMA_DECAY * variance + (1 - EWMA_DECAY) * squareAt(series)(index);
  }
  return { name: 'EWMA .94', ofReturn: raw, ofRange: leveled(raw, rangeAt(series), 100) };
};

/**
 * Variances of the regimes learned as they go, each candle shared out by what the engine said of it, then foretold by what it says now.
 * A regime seen rarely is taken to be as its volatility level.
 */
const regimeForecast = (probabilities: Float64Array, outcome: (index: number) => number): Float64Array => {
  const count = probabilities.length / REGIME_COUNT;
  const forecast = new Float64Array(count);
  const regimes = new RunningMeans(REGIME_COUNT);
  const levels = new RunningMeans(REGIME_COUNT / SLOT_COUNT);
  for (let index = 1; index < count; index += 1) {
    const came = outcome(index);
    let foretold = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const ofLevel = levels.mean(Math.floor(id / SLOT_COUNT));
      foretold += (probabilities[(index - 1) * REGIME_COUNT + id] ?? 0) * regimes.shrunkMean(id, ofLevel);
    }
    forecast[index] = Math.max(LEAST_VARIANCE, foretold);
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const share = probabilities[index * REGIME_COUNT + id] ?? 0;
      regimes.add(id, share, came);
      levels.add(Math.floor(id / SLOT_COUNT), share, came);
    }
  }
  return forecast;
};

/** What the engine's probabilities foretell. Nothing else of the engine goes in. Shape: `probabilities`, candles x 18 by rows. */
export const engineForecast = (series: RealSeries, probabilities: Float64Array): VarianceForecast => ({
  name: 'engine',
  ofReturn: regimeForecast(probabilities, squareAt(series)),
  ofRange: regimeForecast(probabilities, rangeAt(series)),
});
