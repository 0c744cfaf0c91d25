import { invariant } from '@qt/kernel';
import { RSI } from 'trading-signals';

export interface RelativeStrengthState {
  readonly previous: number | null;
  readonly count: number;
  readonly gain: number;
  readonly loss: number;
}

const EMPTY: RelativeStrengthState = { previous: null, count: 0, gain: 0, loss: 0 };

/**
 * Relative strength index, one price at a time; null before `length` changes.
 *
 * Units: 0 to 100; 100 when there was no loss at all, and 50 when the price did not move. Source: J. W. Wilder (1978).
 */
export class RelativeStrength {
  readonly #length: number;
  #state: RelativeStrengthState;

  constructor(length: number, saved: RelativeStrengthState = EMPTY) {
    invariant(Number.isInteger(length) && length > 0, `length is a positive integer, was ${length}`);
    this.#length = length;
    this.#state = saved;
  }

  update(price: number): number | null {
    const { previous, count, gain, loss } = this.#state;
    if (previous === null) {
      this.#state = { ...this.#state, previous: price };
      return null;
    }
    const rise = Math.max(0, price - previous);
    const fall = Math.max(0, previous - price);
    if (count < this.#length) {
      // sums while seeding, their mean at the last seed
      const scale = count + 1 === this.#length ? 1 / this.#length : 1;
      this.#state = { previous: price, count: count + 1, gain: (gain + rise) * scale, loss: (loss + fall) * scale };
    } else {
      const weight = 1 / this.#length;
      this.#state = {
        previous: price,
        count,
        gain: gain + (rise - gain) * weight,
        loss: loss + (fall - loss) * weight,
      };
    }
    return this.#state.count < this.#length ? null : indexOf(this.#state.gain, this.#state.loss);
  }

  save(): RelativeStrengthState {
    return this.#state;
  }
}

const indexOf = (gain: number, loss: number): number => {
  if (loss === 0) return gain === 0 ? 50 : 100;
  return 100 - 100 / (gain / loss + 1);
};

/**
 * Returns the relative strength index at each price, null before `length` changes.
 *
 * Shape: `prices[n]`, oldest first; the result has n entries. A price that never moved gives 50 (the library says 100).
 */
export const relativeStrengthOf = (prices: readonly number[], length: number): (number | null)[] => {
  const index = new RSI(length);
  let hasMoved = false;
  return prices.map((price, at) => {
    if (at > 0 && price !== prices[at - 1]) hasMoved = true;
    const value = index.update(price, false);
    return value === null || hasMoved ? value : 50;
  });
};
