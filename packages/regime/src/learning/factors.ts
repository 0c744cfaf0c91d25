import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';

/** The 18 regimes are learned as two factors side by side: 3 volatility levels, then 6 slots (five trends, mean-reverting). */
export const LEVEL_COUNT = 3;
export const FACTOR_COUNT = LEVEL_COUNT + SLOT_COUNT;
/** Smallest probability a logarithm is taken of. */
export const PROBABILITY_FLOOR = 1e-6;

/** Which way the base detector leans: learners see every market as if it leaned up. 0: no way, both are averaged. */
export type Orientation = -1 | 0 | 1;

type Floats = Float32Array | Float64Array;

/** Where in a longer array a run of values begins. */
interface Place {
  readonly into: Floats;
  readonly at: number;
}

/** Writes the marginals of 18 probabilities, seen in an orientation: 9 values, each factor summing to 1. */
export const writeMarginals = (
  probabilities: ArrayLike<number>,
  orientation: Orientation,
  { into, at }: Place,
): void => {
  for (let factor = 0; factor < FACTOR_COUNT; factor += 1) into[at + factor] = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const probability = probabilities[id] ?? 0;
    const level = at + Math.floor(id / SLOT_COUNT);
    const slot = at + LEVEL_COUNT + (id % SLOT_COUNT);
    into[level] = (into[level] ?? 0) + probability;
    into[slot] = (into[slot] ?? 0) + probability;
  }
  orientSlots(into, at + LEVEL_COUNT, orientation);
};

/** Mirrors six slots in place, or makes them even when nothing leans. Its own inverse. */
export const orientSlots = (slots: Floats, at: number, orientation: Orientation): void => {
  if (orientation === 1) return;
  for (let slot = 0; slot < 2; slot += 1) {
    const down = slots[at + slot] ?? 0;
    const up = slots[at + 4 - slot] ?? 0;
    slots[at + slot] = orientation === 0 ? (down + up) / 2 : up;
    slots[at + 4 - slot] = orientation === 0 ? (down + up) / 2 : down;
  }
};

/** Returns P(up) - P(down) over all volatility levels. */
export const leanOfPosterior = (posterior: ArrayLike<number>): number => {
  let lean = 0;
  for (let first = 0; first < REGIME_COUNT; first += SLOT_COUNT) {
    lean += (posterior[first + 4] ?? 0) - (posterior[first] ?? 0);
    lean += (posterior[first + 3] ?? 0) - (posterior[first + 1] ?? 0);
  }
  return lean;
};

/** Replaces logits by the probabilities they stand for: `count` values from `at`. */
export const softmaxInPlace = (values: Floats, at: number, count: number): void => {
  let top = Number.NEGATIVE_INFINITY;
  for (let index = at; index < at + count; index += 1) top = Math.max(top, values[index] ?? 0);
  let total = 0;
  for (let index = at; index < at + count; index += 1) {
    const mass = Math.exp((values[index] ?? 0) - top);
    values[index] = mass;
    total += mass;
  }
  for (let index = at; index < at + count; index += 1) values[index] = (values[index] ?? 0) / total;
};

/** Both factors of one model: levels and slots each become probabilities. */
export const softmaxFactors = (logits: Floats, at: number): void => {
  softmaxInPlace(logits, at, LEVEL_COUNT);
  softmaxInPlace(logits, at + LEVEL_COUNT, SLOT_COUNT);
};

/**
 * Writes the 18 probabilities that have the asked marginals as nearly as one step brings them there, and the dependence between
 * level and slot that the base has: base * (level / base level) * (slot / base slot), normalized.
 *
 * Source: one step of iterative proportional fitting, Deming and Stephan (1940).
 */
export const writeJoint = (
  { base, baseMarginals, marginals }: { base: ArrayLike<number>; baseMarginals: Floats; marginals: Floats },
  into: Float64Array,
): void => {
  let total = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const level = Math.floor(id / SLOT_COUNT);
    const slot = LEVEL_COUNT + (id % SLOT_COUNT);
    const levelRatio = (marginals[level] ?? 0) / Math.max(baseMarginals[level] ?? 0, PROBABILITY_FLOOR);
    const slotRatio = (marginals[slot] ?? 0) / Math.max(baseMarginals[slot] ?? 0, PROBABILITY_FLOOR);
    const mass = Math.max(base[id] ?? 0, PROBABILITY_FLOOR * PROBABILITY_FLOOR) * levelRatio * slotRatio;
    into[id] = mass;
    total += mass;
  }
  for (let id = 0; id < REGIME_COUNT; id += 1) into[id] = (into[id] ?? 0) / total;
};

/** Returns -sum(teacher * log(probability)) over a run of values. */
export const crossEntropy = (
  teacher: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  { teacherAt = 0, at = 0, count = REGIME_COUNT }: { teacherAt?: number; at?: number; count?: number } = {},
): number => {
  let loss = 0;
  for (let index = 0; index < count; index += 1) {
    const wanted = teacher[teacherAt + index] ?? 0;
    if (wanted > 0) loss -= wanted * Math.log(Math.max(probabilities[at + index] ?? 0, PROBABILITY_FLOOR));
  }
  return loss;
};
