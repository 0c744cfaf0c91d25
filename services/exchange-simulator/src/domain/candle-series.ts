import type { Fixed } from './fixed.ts';
import type { VenueCandle } from './venue-types.ts';

const COLUMNS = 5;
const FIRST_CAPACITY = 1024;

/** Candles of one symbol, oldest first, in flat arrays: 48 bytes each, so that months of minutes for many symbols fit in memory. */
export class CandleSeries {
  readonly symbol: string;
  readonly interval: string;
  readonly intervalMs: number;
  #openTimes = new Float64Array(FIRST_CAPACITY);
  #values = new BigInt64Array(FIRST_CAPACITY * COLUMNS);
  #length = 0;

  constructor(shape: { symbol: string; interval: string; intervalMs: number }) {
    this.symbol = shape.symbol;
    this.interval = shape.interval;
    this.intervalMs = shape.intervalMs;
  }

  get length(): number {
    return this.#length;
  }

  push(candle: VenueCandle): void {
    if (this.#length === this.#openTimes.length) this.#grow();
    this.#openTimes[this.#length] = candle.openTimeMs;
    this.#values.set([candle.open, candle.high, candle.low, candle.close, candle.volume], this.#length * COLUMNS);
    this.#length += 1;
  }

  openTimeAt(index: number): number {
    return index >= 0 && index < this.#length ? (this.#openTimes[index] ?? Number.NaN) : Number.NaN;
  }

  at(index: number): VenueCandle | null {
    if (index < 0 || index >= this.#length) return null;
    const offset = index * COLUMNS;
    return {
      openTimeMs: this.openTimeAt(index),
      open: this.#value(offset),
      high: this.#value(offset + 1),
      low: this.#value(offset + 2),
      close: this.#value(offset + 3),
      volume: this.#value(offset + 4),
    };
  }

  /** Index of the first candle that opens at or after the time; `length` when there is none. */
  indexFrom(timeMs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.openTimeAt(middle) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(openTimeMs: number): VenueCandle | null {
    const index = this.indexFrom(openTimeMs);
    return this.openTimeAt(index) === openTimeMs ? this.at(index) : null;
  }

  #value(offset: number): Fixed {
    return this.#values[offset] ?? 0n;
  }

  #grow(): void {
    const openTimes = new Float64Array(this.#openTimes.length * 2);
    openTimes.set(this.#openTimes);
    const values = new BigInt64Array(this.#values.length * 2);
    values.set(this.#values);
    this.#openTimes = openTimes;
    this.#values = values;
  }
}
