import { UNLABELED } from './factor-labels.ts';
import type { FeatureRows } from './jump-model.ts';
import { inverseOf } from './linear-equations.ts';

/** Pulls every weight to 0 as one candle would; little beside hundreds of candles. */
const RIDGE_CANDLES = 1;
/** From nothing. */
const FIRST_ROUNDS = 150;
/** From the weights of the fold before, of which much is known already. */
const NEXT_ROUNDS = 20;

/** Weights of a multinomial logistic regression. Shape: classes x (1 + features) by rows, the constant first. */
export type LogitWeights = Float64Array;

/** Labels beside their features. Candles without a label are passed over. */
export interface LabeledRows {
  readonly rows: FeatureRows;
  readonly labels: Int8Array;
  readonly classes: number;
}

/** Fills `shares` with the probability of each class by the features of one row. */
const fillShares = (weights: LogitWeights, { values, width }: FeatureRows, row: number, shares: Float64Array): void => {
  let most = Number.NEGATIVE_INFINITY;
  const start = row * width;
  for (let id = 0; id < shares.length; id += 1) {
    const at = id * (width + 1);
    let sum = weights[at] ?? 0;
    for (let column = 0; column < width; column += 1)
      sum += (weights[at + 1 + column] ?? 0) * (values[start + column] ?? 0);
    shares[id] = sum;
    if (sum > most) most = sum;
  }
  let total = 0;
  for (let id = 0; id < shares.length; id += 1) {
    const share = Math.exp((shares[id] ?? 0) - most);
    shares[id] = share;
    total += share;
  }
  for (let id = 0; id < shares.length; id += 1) shares[id] = (shares[id] ?? 0) / total;
};

/** Returns the inverse of half the features' second moments and the ridge: no curvature of the likelihood is greater. */
const stepMatrixOf = ({ rows, labels }: LabeledRows): Float64Array => {
  const { values, width } = rows;
  const size = width + 1;
  const moments = new Float64Array(size * size);
  const own = new Float64Array(size);
  own[0] = 1;
  for (let row = 0; row < labels.length; row += 1) {
    if ((labels[row] ?? UNLABELED) === UNLABELED) continue;
    own.set(values.subarray(row * width, (row + 1) * width), 1);
    for (let left = 0; left < size; left += 1) {
      for (let right = left; right < size; right += 1) {
        moments[left * size + right] = (moments[left * size + right] ?? 0) + 0.5 * (own[left] ?? 0) * (own[right] ?? 0);
      }
    }
  }
  for (let left = 0; left < size; left += 1) {
    for (let right = 0; right < left; right += 1) moments[left * size + right] = moments[right * size + left] ?? 0;
    moments[left * size + left] = (moments[left * size + left] ?? 0) + RIDGE_CANDLES;
  }
  return inverseOf(moments, size);
};

/** Fills `slopes` with the slope of the penalized log likelihood. */
const fillSlopes = (weights: LogitWeights, labeled: LabeledRows, slopes: Float64Array): void => {
  const { rows, labels, classes } = labeled;
  const { values, width } = rows;
  const size = width + 1;
  const shares = new Float64Array(classes);
  for (let at = 0; at < slopes.length; at += 1) slopes[at] = -RIDGE_CANDLES * (weights[at] ?? 0);
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] ?? UNLABELED;
    if (label === UNLABELED) continue;
    fillShares(weights, rows, row, shares);
    for (let id = 0; id < classes; id += 1) {
      const missing = (id === label ? 1 : 0) - (shares[id] ?? 0);
      const at = id * size;
      slopes[at] = (slopes[at] ?? 0) + missing;
      for (let column = 0; column < width; column += 1) {
        slopes[at + 1 + column] = (slopes[at + 1 + column] ?? 0) + missing * (values[row * width + column] ?? 0);
      }
    }
  }
};

/**
 * Fits by steps that never overshoot: the slope times the inverse of a fixed bound of the curvature. `start`: weights to begin with.
 *
 * Shape: `rows` with mean 0 and variance 1, or near it. Source: Böhning (1992).
 */
export const fitLogit = (labeled: LabeledRows, start: LogitWeights | null): LogitWeights => {
  const size = labeled.rows.width + 1;
  const weights = start?.slice() ?? new Float64Array(labeled.classes * size);
  const slopes = new Float64Array(weights.length);
  const steps = stepMatrixOf(labeled);
  const rounds = start === null ? FIRST_ROUNDS : NEXT_ROUNDS;
  for (let round = 0; round < rounds; round += 1) {
    fillSlopes(weights, labeled, slopes);
    for (let at = 0; at < weights.length; at += 1) {
      const first = at - (at % size);
      const row = (at % size) * size;
      let move = 0;
      for (let column = 0; column < size; column += 1)
        move += (steps[row + column] ?? 0) * (slopes[first + column] ?? 0);
      weights[at] = (weights[at] ?? 0) + move;
    }
  }
  return weights;
};

/** Returns the likeliest class of a row. */
export const likeliestClass = (weights: LogitWeights, rows: FeatureRows, row: number): number => {
  const shares = new Float64Array(weights.length / (rows.width + 1));
  fillShares(weights, rows, row, shares);
  return shares.indexOf(Math.max(...shares));
};
