import { RollingWindow } from './rolling-window.ts';

/** Mean and standard deviation of a sample. */
export interface Moments {
  readonly mean: number;
  /** Sample standard deviation, n - 1 in the denominator; 0 for a constant sample. */
  readonly standardDeviation: number;
}

/**
 * Returns mean and sample standard deviation.
 *
 * Shape: `values[n]`; null for n < 2.
 */
export const momentsOf = (values: readonly number[]): Moments | null => {
  const count = values.length;
  if (count < 2) return null;
  let total = 0;
  for (const value of values) total += value;
  const mean = total / count;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, standardDeviation: Math.sqrt(squares / (count - 1)) };
};

/** Mean and standard deviation of the last `length` values, one value at a time; null until the window is full. */
export class RollingMoments {
  readonly #window: RollingWindow;

  constructor(length: number, saved: readonly number[] = []) {
    this.#window = RollingWindow.of(length, saved);
  }

  update(value: number): Moments | null {
    this.#window.push(value);
    return this.#window.isFull ? momentsOf(this.#window.toArray()) : null;
  }

  save(): number[] {
    return this.#window.toArray();
  }
}

/**
 * Returns the moments of each window of `length` values that ends at an index, null before the first full one.
 *
 * Shape: `values[n]`, oldest first; the result has n entries.
 */
export const rollingMomentsOf = (values: readonly number[], length: number): (Moments | null)[] =>
  values.map((_, index) => (index + 1 < length ? null : momentsOf(values.slice(index + 1 - length, index + 1))));
