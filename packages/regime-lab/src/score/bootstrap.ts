import { MarketRandom } from '../market/market-random.ts';
import type { SeedFigure } from '../report.ts';

// Taken once: this is the hot path.
const { ceil, floor, max, min } = Math;

const RESAMPLES = 2_000;
const RESAMPLING_SEED = 20_240_229;
const TAIL_SHARE = 0.025;

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Returns the 95 % interval of the mean of `values`, one per seed, by drawing seeds with replacement. Paired when the values are
 * differences on the same seeds.
 *
 * Shape: n >= 1; of one value the interval is that value.
 */
export const bootstrapInterval = (values: readonly number[]): readonly [low: number, high: number] => {
  const random = new MarketRandom(RESAMPLING_SEED, values.length);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw += 1) sum += values[random.below(values.length)] ?? 0;
    means[resample] = sum / values.length;
  }
  means.sort();
  return [means[floor(TAIL_SHARE * RESAMPLES)] ?? 0, means[ceil((1 - TAIL_SHARE) * RESAMPLES) - 1] ?? 0];
};

/** Returns mean, worst seed and interval of one figure. `isGood`: which end is wanted. Shape: values and seeds of one length, n >= 1. */
export const seedFigureOf = (
  values: readonly number[],
  seeds: readonly number[],
  isGood: 'high' | 'low',
): SeedFigure => {
  const worst = isGood === 'high' ? min(...values) : max(...values);
  return {
    mean: meanOf(values),
    worst,
    worstSeed: seeds[values.indexOf(worst)] ?? Number.NaN,
    interval: bootstrapInterval(values),
  };
};
