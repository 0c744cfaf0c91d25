import { simplexSearch } from './simplex-search.ts';

/** Variance of the next return: `omega + alpha * return^2 + beta * variance`. */
export interface GarchModel {
  readonly omega: number;
  readonly alpha: number;
  readonly beta: number;
}

const MOST_PERSISTENCE = 0.9999;
const SEARCH_ROUNDS = 300;
const logistic = (value: number): number => 1 / (1 + Math.exp(-value));
const logOdds = (share: number): number => Math.log(share / (1 - share));

/** Free numbers to a model: persistence below 1, all parts positive. `scale`: mean squared return. */
const modelOf = ([logRatio = 0, persistence = 0, share = 0]: readonly number[], scale: number): GarchModel => {
  const together = MOST_PERSISTENCE * logistic(persistence);
  const alpha = together * logistic(share);
  return { omega: scale * Math.exp(logRatio) * (1 - together), alpha, beta: together - alpha };
};

const freeNumbersOf = ({ omega, alpha, beta }: GarchModel, scale: number): number[] => {
  const together = Math.min(MOST_PERSISTENCE * (1 - 1e-6), Math.max(1e-6, alpha + beta));
  const share = Math.min(1 - 1e-6, Math.max(1e-6, alpha / together));
  return [Math.log(omega / (scale * (1 - together))), logOdds(together / MOST_PERSISTENCE), logOdds(share)];
};

/** Returns the variances predicted for each return from those before it. Shape: `variances[n + 1]`, the last for the return to come. */
export const garchVariances = (returns: ArrayLike<number>, model: GarchModel, first: number): Float64Array => {
  const { omega, alpha, beta } = model;
  const variances = new Float64Array(returns.length + 1);
  variances[0] = first;
  for (let index = 0; index < returns.length; index += 1) {
    variances[index + 1] = omega + alpha * (returns[index] ?? 0) ** 2 + beta * (variances[index] ?? 0);
  }
  return variances;
};

const meanSquareOf = (returns: ArrayLike<number>): number => {
  let sum = 0;
  for (let index = 0; index < returns.length; index += 1) sum += (returns[index] ?? 0) ** 2;
  return Math.max(sum / Math.max(1, returns.length), 1e-18);
};

/**
 * Fits GARCH(1,1) with Gaussian errors and no mean by maximum likelihood.
 *
 * Shape: `returns[n]`, oldest first, some hundreds at least. `start`: where to search from, such as the last fit.
 * Source: Bollerslev (1986).
 */
export const fitGarch = (returns: ArrayLike<number>, start: GarchModel | null = null): GarchModel => {
  const scale = meanSquareOf(returns);
  const cost = (numbers: readonly number[]): number => {
    const { omega, alpha, beta } = modelOf(numbers, scale);
    let variance = scale;
    let sum = 0;
    for (let index = 0; index < returns.length; index += 1) {
      const square = (returns[index] ?? 0) ** 2;
      sum += Math.log(variance) + square / variance;
      variance = omega + alpha * square + beta * variance;
    }
    const mean = sum / returns.length;
    return Number.isFinite(mean) ? mean : Number.MAX_VALUE;
  };
  const from = freeNumbersOf(start ?? { omega: scale * 0.05, alpha: 0.1, beta: 0.85 }, scale);
  const { point } = simplexSearch(cost, from, { step: 0.5, rounds: SEARCH_ROUNDS });
  return modelOf(point, scale);
};
