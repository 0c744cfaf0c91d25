import { invariant } from '@qt/kernel';
import { EMA } from 'trading-signals';

export interface ExponentialAverageState {
  readonly value: number | null;
  readonly count: number;
}

/**
 * Exponential moving average with weight 2 / (length + 1), seeded with the first value; null before `length` values.
 * The library's streaming form cannot be saved and restored, hence our own; `exponentialAverageOf` is the library's.
 */
export class ExponentialAverage {
  readonly #length: number;
  readonly #weight: number;
  #value: number | null;
  #count: number;

  constructor(length: number, saved: ExponentialAverageState = { value: null, count: 0 }) {
    invariant(Number.isInteger(length) && length > 0, `length is a positive integer, was ${length}`);
    this.#length = length;
    this.#weight = 2 / (length + 1);
    this.#value = saved.value;
    this.#count = saved.count;
  }

  update(value: number): number | null {
    this.#value = value * this.#weight + (this.#value ?? value) * (1 - this.#weight);
    if (this.#count < this.#length) this.#count += 1;
    return this.#count < this.#length ? null : this.#value;
  }

  save(): ExponentialAverageState {
    return { value: this.#value, count: this.#count };
  }
}

/**
 * Returns the exponential moving average at each index, null before `length` values.
 *
 * Shape: `values[n]`, oldest first; the result has n entries.
 */
export const exponentialAverageOf = (values: readonly number[], length: number): (number | null)[] => {
  const average = new EMA(length);
  return values.map((value) => {
    average.update(value, false);
    return average.isStable ? average.getResult() : null;
  });
};
