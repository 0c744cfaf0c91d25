import { RollingWindow } from './rolling-window.ts';

/** A straight line through equally spaced values. */
export interface TrendLine {
  /** Change per step. */
  readonly slope: number;
  /** Slope over its standard error; 0 when the values are constant. Prices are autocorrelated, so it is a strength, not a test. */
  readonly tStatistic: number;
}

/** Caps the t-statistic of a perfect line, whose residuals are all rounding error. */
const MAX_T = 1_000;

/**
 * Returns the least-squares line through values at steps 0, 1, 2 ...
 *
 * Shape: `values[n]`, oldest first; null for n < 3.
 */
export const trendLineOf = (values: readonly number[]): TrendLine | null => {
  const count = values.length;
  if (count < 3) return null;
  const middle = (count - 1) / 2;
  let total = 0;
  for (const value of values) total += value;
  const mean = total / count;
  let covariance = 0;
  let variance = 0;
  let spread = 0;
  values.forEach((value, step) => {
    covariance += (step - middle) * (value - mean);
    variance += (step - middle) ** 2;
    spread += (value - mean) ** 2;
  });
  const slope = covariance / variance;
  if (spread === 0) return { slope: 0, tStatistic: 0 };
  const residual = Math.max(0, spread - slope * covariance);
  const error = Math.sqrt(residual / (count - 2) / variance);
  const tStatistic = error === 0 ? Math.sign(slope) * MAX_T : slope / error;
  return { slope, tStatistic: Math.max(-MAX_T, Math.min(MAX_T, tStatistic)) };
};

/** The line through the last `length` values, one value at a time; null until the window is full. */
export class RollingTrendLine {
  readonly #window: RollingWindow;

  constructor(length: number, saved: readonly number[] = []) {
    this.#window = RollingWindow.of(length, saved);
  }

  update(value: number): TrendLine | null {
    this.#window.push(value);
    return this.#window.isFull ? trendLineOf(this.#window.toArray()) : null;
  }

  save(): number[] {
    return this.#window.toArray();
  }
}

/**
 * Returns the line of each window of `length` values that ends at an index, null before the first full one.
 *
 * Shape: `values[n]`, oldest first; the result has n entries.
 */
export const trendLinesOf = (values: readonly number[], length: number): (TrendLine | null)[] =>
  values.map((_, index) => (index + 1 < length ? null : trendLineOf(values.slice(index + 1 - length, index + 1))));
