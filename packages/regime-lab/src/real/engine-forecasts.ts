import { REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import { type EngineRun, MARGINAL_COLUMNS } from './engine-run.ts';
import type { RealSeries } from './real-series.ts';
import { LEAST_VARIANCE, rangeAt, squareAt, type VarianceForecast } from './volatility-forecasts.ts';
import { foldsOf } from './walk-forward.ts';

/** How fast the variance of a regime follows, per candle that is wholly in it. */
const FOLLOWING_RATE = 0.005;
/** Candles that a regime's volatility level counts for beside its own. */
const LEVEL_CANDLES = 30;
const LEVELS = REGIME_COUNT / SLOT_COUNT;

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

/**
 * Variances of the regimes learned as they go, each candle shared out by what the engine said of it, then foretold by what it says now.
 * A regime seen rarely is taken to be as its volatility level.
 */
const regimeForecast = (probabilities: Float64Array, outcome: (index: number) => number): Float64Array => {
  const count = probabilities.length / REGIME_COUNT;
  const forecast = new Float64Array(count);
  const regimes = new RunningMeans(REGIME_COUNT);
  const levels = new RunningMeans(LEVELS);
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

/** Mean variance of each level over all candles before a fold, each shared out by its probabilities; foretold by those said last. */
const levelForecast = ({ marginals }: EngineRun, outcome: (index: number) => number): Float64Array => {
  const forecast = new Float64Array(marginals.length / MARGINAL_COLUMNS);
  const sums = new Float64Array(LEVELS);
  const weights = new Float64Array(LEVELS);
  let known = 1;
  for (const { from, to } of foldsOf(forecast.length)) {
    for (; known < from; known += 1) {
      for (let level = 0; level < LEVELS; level += 1) {
        const share = marginals[known * MARGINAL_COLUMNS + level] ?? 0;
        sums[level] = (sums[level] ?? 0) + share * outcome(known);
        weights[level] = (weights[level] ?? 0) + share;
      }
    }
    for (let index = from; index < to; index += 1) {
      let foretold = 0;
      for (let level = 0; level < LEVELS; level += 1) {
        const mean = (sums[level] ?? 0) / Math.max(LEAST_VARIANCE, weights[level] ?? 0);
        foretold += (marginals[(index - 1) * MARGINAL_COLUMNS + level] ?? 0) * mean;
      }
      forecast[index] = Math.max(LEAST_VARIANCE, foretold);
    }
  }
  return forecast;
};

/** What the three levels alone foretell: their probabilities times what each meant before the fold. */
export const engineLevelForecast = (series: RealSeries, run: EngineRun): VarianceForecast => ({
  name: 'engine, levels',
  ofReturn: levelForecast(run, squareAt(series)),
  ofRange: levelForecast(run, rangeAt(series)),
});
