import type { FeatureRows } from './jump-model.ts';

const START_STAY = 0.98;
const LEAST_VARIANCE = 1e-3;

/** A hidden Markov model with independent Gaussian features. */
export interface GaussianChain {
  readonly states: number;
  /** Shape: states x width by rows. */
  readonly means: Float64Array;
  readonly variances: Float64Array;
  /** Shape: states x states by rows; each sums to 1. */
  readonly transitions: Float64Array;
}

const startChain = (rows: FeatureRows, states: number): GaussianChain => {
  const { values, width } = rows;
  const count = values.length / width;
  const order = Array.from({ length: count }, (_, row) => row).sort(
    (left, right) => (values[left * width] ?? 0) - (values[right * width] ?? 0),
  );
  const means = new Float64Array(states * width);
  const sizes = new Float64Array(states);
  for (const [rank, row] of order.entries()) {
    const state = Math.floor((rank * states) / count);
    sizes[state] = (sizes[state] ?? 0) + 1;
    for (let column = 0; column < width; column += 1) {
      means[state * width + column] = (means[state * width + column] ?? 0) + (values[row * width + column] ?? 0);
    }
  }
  for (let at = 0; at < means.length; at += 1) {
    means[at] = (means[at] ?? 0) / Math.max(1, sizes[Math.floor(at / width)] ?? 0);
  }
  const leaving = (1 - START_STAY) / Math.max(1, states - 1);
  const transitions = Float64Array.from({ length: states * states }, (_, at) =>
    Math.floor(at / states) === at % states ? START_STAY : leaving,
  );
  return { states, means, variances: new Float64Array(states * width).fill(1), transitions };
};

const densitiesAt = (chain: GaussianChain, rows: FeatureRows, row: number, into: Float64Array): void => {
  const { states, means, variances } = chain;
  const { values, width } = rows;
  let most = Number.NEGATIVE_INFINITY;
  for (let state = 0; state < states; state += 1) {
    let sum = 0;
    for (let column = 0; column < width; column += 1) {
      const variance = variances[state * width + column] ?? 1;
      const residual = (values[row * width + column] ?? 0) - (means[state * width + column] ?? 0);
      sum -= 0.5 * (Math.log(variance) + (residual * residual) / variance);
    }
    into[state] = sum;
    most = Math.max(most, sum);
  }
  for (let state = 0; state < states; state += 1) into[state] = Math.exp((into[state] ?? 0) - most);
};

/** Returns the filtered probabilities of every row given the rows up to it. Shape: rows x states by rows. */
export const filterChain = (chain: GaussianChain, rows: FeatureRows): Float64Array => {
  const { states, transitions } = chain;
  const count = rows.values.length / rows.width;
  const filtered = new Float64Array(count * states);
  const densities = new Float64Array(states);
  for (let row = 0; row < count; row += 1) {
    densitiesAt(chain, rows, row, densities);
    let total = 0;
    for (let to = 0; to < states; to += 1) {
      let prior = 1 / states;
      if (row > 0) {
        prior = 0;
        for (let from = 0; from < states; from += 1) {
          prior += (filtered[(row - 1) * states + from] ?? 0) * (transitions[from * states + to] ?? 0);
        }
      }
      // A floor: a row that no state explains must not end the filter.
      const weight = Math.max(prior, 1e-12) * Math.max(densities[to] ?? 0, 1e-300);
      filtered[row * states + to] = weight;
      total += weight;
    }
    for (let state = 0; state < states; state += 1) {
      filtered[row * states + state] = (filtered[row * states + state] ?? 0) / total;
    }
  }
  return filtered;
};

const improved = (chain: GaussianChain, rows: FeatureRows): GaussianChain => {
  const { states, transitions } = chain;
  const { values, width } = rows;
  const count = values.length / width;
  const filtered = filterChain(chain, rows);
  const backward = new Float64Array(states).fill(1);
  const weighted = new Float64Array(states);
  const densities = new Float64Array(states);
  const moved = new Float64Array(states * states).fill(1e-3);
  const sizes = new Float64Array(states).fill(1e-9);
  const sums = new Float64Array(states * width);
  const squares = new Float64Array(states * width);
  const posterior = new Float64Array(states);
  for (let row = count - 1; row >= 0; row -= 1) {
    if (row < count - 1) {
      densitiesAt(chain, rows, row + 1, densities);
      let total = 0;
      for (let to = 0; to < states; to += 1) weighted[to] = (backward[to] ?? 0) * Math.max(densities[to] ?? 0, 1e-300);
      for (let from = 0; from < states; from += 1) {
        for (let to = 0; to < states; to += 1) {
          total += (filtered[row * states + from] ?? 0) * (transitions[from * states + to] ?? 0) * (weighted[to] ?? 0);
        }
      }
      let sum = 0;
      for (let from = 0; from < states; from += 1) {
        backward[from] = 0;
        for (let to = 0; to < states; to += 1) {
          const step = (transitions[from * states + to] ?? 0) * (weighted[to] ?? 0);
          backward[from] = (backward[from] ?? 0) + step;
          moved[from * states + to] =
            (moved[from * states + to] ?? 0) + ((filtered[row * states + from] ?? 0) * step) / total;
        }
        sum += backward[from] ?? 0;
      }
      for (let state = 0; state < states; state += 1) backward[state] = (backward[state] ?? 0) / sum;
    }
    let total = 0;
    for (let state = 0; state < states; state += 1) {
      posterior[state] = (filtered[row * states + state] ?? 0) * (backward[state] ?? 0);
      total += posterior[state] ?? 0;
    }
    for (let state = 0; state < states; state += 1) {
      const share = (posterior[state] ?? 0) / total;
      sizes[state] = (sizes[state] ?? 0) + share;
      for (let column = 0; column < width; column += 1) {
        const value = values[row * width + column] ?? 0;
        const at = state * width + column;
        sums[at] = (sums[at] ?? 0) + share * value;
        squares[at] = (squares[at] ?? 0) + share * value * value;
      }
    }
  }
  const means = sums.map((sum, at) => sum / (sizes[Math.floor(at / width)] ?? 1));
  const variances = squares.map((square, at) =>
    Math.max(LEAST_VARIANCE, square / (sizes[Math.floor(at / width)] ?? 1) - (means[at] ?? 0) ** 2),
  );
  const next = moved.map((count2, at) => {
    const from = Math.floor(at / states);
    let total = 0;
    for (let to = 0; to < states; to += 1) total += moved[from * states + to] ?? 0;
    return count2 / total;
  });
  return { states, means, variances, transitions: next };
};

/** Fits the model by expectation maximization, from equal shares of the rows sorted by their first feature. Source: Baum and Welch. */
export const fitGaussianChain = (rows: FeatureRows, states: number, rounds: number): GaussianChain => {
  let chain = startChain(rows, states);
  for (let round = 0; round < rounds; round += 1) chain = improved(chain, rows);
  return chain;
};
