import { invariant } from '@qt/kernel';
import { ATR } from 'trading-signals';

/** What a candle must have for its range to be measured. */
export interface PriceRange {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Returns the true range: the span of the candle together with the close before it, if there is one. */
export const trueRange = (candle: PriceRange, previousClose: number | null): number =>
  previousClose === null
    ? candle.high - candle.low
    : Math.max(candle.high - candle.low, Math.abs(candle.high - previousClose), Math.abs(candle.low - previousClose));

export interface AverageTrueRangeState {
  readonly previousClose: number | null;
  /** True ranges seen so far while the first mean is being formed. */
  readonly seed: readonly number[];
  readonly value: number | null;
}

/**
 * Average true range, one candle at a time; null before `length` candles.
 *
 * Units: price. Source: J. W. Wilder, New Concepts in Technical Trading Systems (1978): the mean of the first `length` true
 * ranges, then smoothing with weight 1 / length.
 */
export class AverageTrueRange {
  readonly #length: number;
  #previousClose: number | null;
  #seed: number[];
  #value: number | null;

  constructor(length: number, saved: AverageTrueRangeState = { previousClose: null, seed: [], value: null }) {
    invariant(Number.isInteger(length) && length > 0, `length is a positive integer, was ${length}`);
    this.#length = length;
    this.#previousClose = saved.previousClose;
    this.#seed = [...saved.seed];
    this.#value = saved.value;
  }

  update(candle: PriceRange): number | null {
    const range = trueRange(candle, this.#previousClose);
    this.#previousClose = candle.close;
    if (this.#value !== null) {
      this.#value += (range - this.#value) / this.#length;
      return this.#value;
    }
    this.#seed.push(range);
    if (this.#seed.length < this.#length) return null;
    let total = 0;
    for (const value of this.#seed) total += value;
    this.#value = total / this.#length;
    this.#seed = [];
    return this.#value;
  }

  save(): AverageTrueRangeState {
    return { previousClose: this.#previousClose, seed: [...this.#seed], value: this.#value };
  }
}

/**
 * Returns Wilder's average true range at each candle, null before `length` candles.
 *
 * Shape: `candles[n]`, oldest first; the result has n entries. Units: price.
 */
export const averageTrueRangeOf = (candles: readonly PriceRange[], length: number): (number | null)[] => {
  const average = new ATR(length);
  return candles.map((candle) => average.update({ high: candle.high, low: candle.low, close: candle.close }, false));
};
