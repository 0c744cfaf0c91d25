import { MarketRandom } from '../market/market-random.ts';

// Taken once: this is the hot path.
const { abs } = Math;

/** Up to so many values every way to draw their signs is tried; of more, so many draws are. */
const MOST_EXACT = 16;
const DRAWS = 2 ** 14;
const DRAWING_SEED = 20_250_117;
/** Sums that differ by their last bits are equal. */
const TIE_RATIO = 1e-9;

/** Returns the share of all sign patterns whose sum is as far from 0. One sign changes at a time, in the order of a Gray code. */
const exactChance = (values: readonly number[], far: number): number => {
  const signs = new Int8Array(values.length).fill(1);
  let sum = values.reduce((total, value) => total + value, 0);
  let found = 1;
  const patterns = 2 ** values.length;
  for (let pattern = 1; pattern < patterns; pattern += 1) {
    const place = 31 - Math.clz32(pattern & -pattern);
    const sign = signs[place] ?? 1;
    sum -= 2 * sign * (values[place] ?? 0);
    signs[place] = -sign;
    if (abs(sum) >= far) found += 1;
  }
  return found / patterns;
};

const drawnChance = (values: readonly number[], far: number): number => {
  const random = new MarketRandom(DRAWING_SEED, values.length);
  let found = 1;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let sum = 0;
    for (const value of values) sum += random.uniform() < 0.5 ? value : -value;
    if (abs(sum) >= far) found += 1;
  }
  return found / (DRAWS + 1);
};

/** Returns the smallest chance that so many values can show, all of one sign. */
export const leastSignFlipChance = (count: number): number => (count <= MOST_EXACT ? 2 / 2 ** count : 1 / (DRAWS + 1));

/**
 * Returns how often a mean as far from 0 comes about when each value's sign is drawn by lot: a two-sided test that paired differences lie
 * about 0, exact up to 16 of them. Of n values it cannot be below `2 / 2^n`.
 *
 * Shape: n >= 1.
 */
export const signFlipChance = (values: readonly number[]): number => {
  const size = values.reduce((total, value) => total + abs(value), 0);
  const far = abs(values.reduce((total, value) => total + value, 0)) - TIE_RATIO * size;
  return values.length <= MOST_EXACT ? exactChance(values, far) : drawnChance(values, far);
};
