import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';

/** Where each factor's classes stand in a vector of factors: three volatility levels, trending or reverting, five trends if trending. */
export const VOLATILITY_AT = 0;
export const STRUCTURE_AT = 3;
export const REVERTING_AT = 4;
export const TREND_AT = 5;
export const FACTOR_CLASS_COUNT = 10;

export interface Factor {
  readonly name: 'volatility' | 'structure' | 'trend';
  readonly first: number;
  readonly size: number;
}
export const FACTORS: readonly Factor[] = [
  { name: 'volatility', first: VOLATILITY_AT, size: 3 },
  { name: 'structure', first: STRUCTURE_AT, size: 2 },
  { name: 'trend', first: TREND_AT, size: 5 },
];

const LEAST = 1e-12;

/** Returns a vector of factors in which every class of a factor is as probable as the next. */
export const evenFactors = (): Float64Array => Float64Array.of(1 / 3, 1 / 3, 1 / 3, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2, 0.2);

/** Writes the factors of 18 regime probabilities: each factor sums to 1; the trends are those of a trending market. */
export const marginalsInto = (factors: Float64Array, regimes: Float64Array): void => {
  factors.fill(0);
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const probability = regimes[id] ?? 0;
    const slot = id % SLOT_COUNT;
    const level = (id - slot) / SLOT_COUNT;
    factors[level] = (factors[level] ?? 0) + probability;
    const at = slot === MEAN_REVERTING_SLOT ? REVERTING_AT : TREND_AT + slot;
    factors[at] = (factors[at] ?? 0) + probability;
  }
  let trending = 0;
  for (let trend = 0; trend < 5; trend += 1) trending += factors[TREND_AT + trend] ?? 0;
  factors[STRUCTURE_AT] = trending;
  for (let trend = 0; trend < 5; trend += 1) {
    factors[TREND_AT + trend] = trending > LEAST ? (factors[TREND_AT + trend] ?? 0) / trending : 0.2;
  }
};

/**
 * Writes 18 regime probabilities that have the wanted factors, with the dependence between factors that the base has.
 * When the wanted factors are the base's own, the result is the base.
 */
export const composeInto = (
  regimes: Float64Array,
  { base, baseFactors, factors }: { base: Float64Array; baseFactors: Float64Array; factors: Float64Array },
): void => {
  let total = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const slot = id % SLOT_COUNT;
    const level = (id - slot) / SLOT_COUNT;
    const structureAt = slot === MEAN_REVERTING_SLOT ? REVERTING_AT : STRUCTURE_AT;
    let probability = Math.max(base[id] ?? 0, LEAST) * ratioAt(factors, baseFactors, level);
    probability *= ratioAt(factors, baseFactors, structureAt);
    if (slot !== MEAN_REVERTING_SLOT) probability *= ratioAt(factors, baseFactors, TREND_AT + slot);
    regimes[id] = probability;
    total += probability;
  }
  for (let id = 0; id < REGIME_COUNT; id += 1) regimes[id] = (regimes[id] ?? 0) / total;
};

const ratioAt = (wanted: Float64Array, base: Float64Array, at: number): number =>
  Math.max(wanted[at] ?? 0, LEAST) / Math.max(base[at] ?? 0, LEAST);

/** Scales one factor's classes so that they sum to 1; all equal when they have no weight at all. */
export const normalizeFactor = (factors: Float64Array, { first, size }: Factor): void => {
  let total = 0;
  for (let at = first; at < first + size; at += 1) total += factors[at] ?? 0;
  for (let at = first; at < first + size; at += 1) {
    factors[at] = total > 0 && Number.isFinite(total) ? (factors[at] ?? 0) / total : 1 / size;
  }
};

/** Writes the trend classes of a drift known to be `mean`, give or take `deviation`, all in units of the return scale. */
export const trendClassesInto = (
  factors: Float64Array,
  drift: { mean: number; deviation: number; mild: number; strong: number },
): void => {
  const { mean, deviation, mild, strong } = drift;
  const inner = mild / 2;
  const outer = (mild + strong) / 2;
  const belowDown = normalShareBelow((-outer - mean) / deviation);
  const belowMildDown = normalShareBelow((-inner - mean) / deviation);
  const aboveUp = normalShareBelow((mean - outer) / deviation);
  const aboveMildUp = normalShareBelow((mean - inner) / deviation);
  factors[TREND_AT] = belowDown;
  factors[TREND_AT + 1] = belowMildDown - belowDown;
  factors[TREND_AT + 2] = Math.max(0, 1 - belowMildDown - aboveMildUp);
  factors[TREND_AT + 3] = aboveMildUp - aboveUp;
  factors[TREND_AT + 4] = aboveUp;
};

/** Returns the normal distribution function. Source: Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
export const normalShareBelow = (value: number): number => {
  const size = Math.abs(value);
  const t = 1 / (1 + 0.2316419 * size);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = 0.3989422804014327 * Math.exp(-0.5 * size * size) * polynomial;
  return value < 0 ? tail : 1 - tail;
};
