import { REGIME_COUNT, SLOT_COUNT } from '@qt/regime';

// How a change is shared out: volatility alone, slot alone, both. Divided by the number of states each can reach.
const TO_OTHER_VOLATILITY = 0.35 / 2;
const TO_OTHER_SLOT = 0.5 / 5;
const TO_BOTH_OTHER = 0.15 / 10;

/** Returns where each regime goes when it changes. Shape: 18 x 18 by rows; each sums to 1, nothing stays. */
const changeMatrix = (): Float64Array => {
  const matrix = new Float64Array(REGIME_COUNT * REGIME_COUNT);
  for (let from = 0; from < REGIME_COUNT; from += 1) {
    for (let to = 0; to < REGIME_COUNT; to += 1) {
      const sameVolatility = Math.floor(from / SLOT_COUNT) === Math.floor(to / SLOT_COUNT);
      const sameSlot = from % SLOT_COUNT === to % SLOT_COUNT;
      if (sameVolatility && sameSlot) continue;
      const share = sameSlot ? TO_OTHER_VOLATILITY : sameVolatility ? TO_OTHER_SLOT : TO_BOTH_OTHER;
      matrix[from * REGIME_COUNT + to] = share;
    }
  }
  return matrix;
};
const CHANGE = changeMatrix();

/** Returns the transition matrix of a chain that changes with probability `hazard`. Symmetric. */
const transitionMatrix = (hazard: number): Float64Array => {
  const matrix = CHANGE.map((share) => hazard * share);
  for (let id = 0; id < REGIME_COUNT; id += 1) matrix[id * REGIME_COUNT + id] = 1 - hazard;
  return matrix;
};

/** Log densities of a series under each regime. Shape: candles x 18 by rows. */
export type LogDensities = Float64Array;

/** What all candles together say about each of them. */
export interface Smoothed {
  /** Shape: candles x 18 by rows; each row sums to 1. */
  readonly posteriors: Float64Array;
  /** Share of steps at which the regime changed, in expectation. */
  readonly changeRatio: number;
  readonly logLikelihood: number;
}

const multiply = (matrix: Float64Array, from: Float64Array, to: Float64Array): void => {
  for (let row = 0; row < REGIME_COUNT; row += 1) {
    let sum = 0;
    for (let column = 0; column < REGIME_COUNT; column += 1) {
      sum += (matrix[row * REGIME_COUNT + column] ?? 0) * (from[column] ?? 0);
    }
    to[row] = sum;
  }
};

/** Fills `densities` with the row's densities against its greatest, whose logarithm is returned. */
const densitiesOf = (logDensities: LogDensities, row: number, densities: Float64Array): number => {
  const start = row * REGIME_COUNT;
  let most = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < REGIME_COUNT; id += 1) most = Math.max(most, logDensities[start + id] ?? 0);
  for (let id = 0; id < REGIME_COUNT; id += 1) densities[id] = Math.exp((logDensities[start + id] ?? 0) - most);
  return most;
};

const scaleToOne = (values: Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  for (let id = 0; id < values.length; id += 1) values[id] = (values[id] ?? 0) / sum;
  return sum;
};

/** Returns the posterior of every candle given the whole series: forward, then backward. Hindsight. */
export const smooth = (logDensities: LogDensities, hazard: number): Smoothed => {
  const count = logDensities.length / REGIME_COUNT;
  const matrix = transitionMatrix(hazard);
  const filtered = new Float64Array(logDensities.length);
  const densities = new Float64Array(REGIME_COUNT);
  const prior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  let logLikelihood = 0;
  for (let row = 0; row < count; row += 1) {
    const posterior = filtered.subarray(row * REGIME_COUNT, (row + 1) * REGIME_COUNT);
    if (row > 0) multiply(matrix, filtered.subarray((row - 1) * REGIME_COUNT, row * REGIME_COUNT), prior);
    const most = densitiesOf(logDensities, row, densities);
    for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (prior[id] ?? 0) * (densities[id] ?? 0);
    logLikelihood += Math.log(scaleToOne(posterior)) + most;
  }
  const backward = new Float64Array(REGIME_COUNT).fill(1);
  const weighted = new Float64Array(REGIME_COUNT);
  const posteriors = new Float64Array(logDensities.length);
  posteriors.set(filtered.subarray((count - 1) * REGIME_COUNT), (count - 1) * REGIME_COUNT);
  let stays = 0;
  for (let row = count - 2; row >= 0; row -= 1) {
    densitiesOf(logDensities, row + 1, densities);
    for (let id = 0; id < REGIME_COUNT; id += 1) weighted[id] = (backward[id] ?? 0) * (densities[id] ?? 0);
    multiply(matrix, weighted, backward);
    const posterior = posteriors.subarray(row * REGIME_COUNT, (row + 1) * REGIME_COUNT);
    let total = 0;
    let staying = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const forward = filtered[row * REGIME_COUNT + id] ?? 0;
      posterior[id] = forward * (backward[id] ?? 0);
      total += posterior[id] ?? 0;
      staying += forward * (1 - hazard) * (weighted[id] ?? 0);
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] ?? 0) / total;
    stays += staying / total;
    scaleToOne(backward);
  }
  return { posteriors, changeRatio: 1 - stays / Math.max(1, count - 1), logLikelihood };
};

/** Returns the likeliest path of regimes given the whole series. Hindsight. Source: Viterbi (1967). */
export const likeliestPath = (logDensities: LogDensities, hazard: number): Int8Array => {
  const count = logDensities.length / REGIME_COUNT;
  const logMatrix = transitionMatrix(hazard).map(Math.log);
  const cameFrom = new Int8Array(logDensities.length);
  let best = logDensities.slice(0, REGIME_COUNT);
  let next = new Float64Array(REGIME_COUNT);
  for (let row = 1; row < count; row += 1) {
    for (let to = 0; to < REGIME_COUNT; to += 1) {
      let most = Number.NEGATIVE_INFINITY;
      let from = 0;
      for (let id = 0; id < REGIME_COUNT; id += 1) {
        const score = (best[id] ?? 0) + (logMatrix[id * REGIME_COUNT + to] ?? 0);
        if (score > most) {
          most = score;
          from = id;
        }
      }
      next[to] = most + (logDensities[row * REGIME_COUNT + to] ?? 0);
      cameFrom[row * REGIME_COUNT + to] = from;
    }
    [best, next] = [next, best];
  }
  const path = new Int8Array(count);
  path[count - 1] = best.indexOf(Math.max(...best));
  for (let row = count - 1; row > 0; row -= 1) path[row - 1] = cameFrom[row * REGIME_COUNT + (path[row] ?? 0)] ?? 0;
  return path;
};
