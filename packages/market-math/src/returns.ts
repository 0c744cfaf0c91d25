import { invariant } from '@qt/kernel';

/** Returns the natural logarithm of `price / previous`. Both positive. */
export const logReturn = (previous: number, price: number): number => {
  invariant(previous > 0 && price > 0, `prices are positive, were ${previous} and ${price}`);
  return Math.log(price / previous);
};

/** Log returns, one price at a time; null for the first price. */
export class LogReturns {
  #previous: number | null;

  constructor(saved: number | null = null) {
    this.#previous = saved;
  }

  update(price: number): number | null {
    const value = this.#previous === null ? null : logReturn(this.#previous, price);
    this.#previous = price;
    return value;
  }

  save(): number | null {
    return this.#previous;
  }
}

/**
 * Returns the log return of each price against the one before it, null for the first.
 *
 * Shape: `prices[n]`, oldest first; the result has n entries.
 */
export const logReturnsOf = (prices: readonly number[]): (number | null)[] =>
  prices.map((price, index) => (index === 0 ? null : logReturn(prices[index - 1] as number, price)));
