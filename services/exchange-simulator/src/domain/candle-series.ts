import { invariant } from '@qt/kernel';
import type { Fixed } from './fixed.ts';
import type { VenueCandle } from './candle.ts';

const COLUMNS = 5;
const FIRST_CAPACITY = 1024;
/** Open, high, low, close and volume stand in a row in this order. */
const VOLUME = 4;

/**
 * Candles of one symbol, oldest first, in flat arrays: 48 bytes each, so that months of minutes for many symbols fit in memory. Market source
 * and played history read the same one.
 *
 * Units: numbers are whole 1e-8 units, exact below 2^53; volumes beyond are kept beside.
 */
export class CandleSeries {
  readonly symbol: string;
  readonly interval: string;
  readonly intervalMs: number;
  #openTimes: Float64Array;
  #values: Float64Array;
  #length = 0;
  /** Volumes that a float does not hold exactly, by index. */
  readonly #largeVolumes = new Map<number, Fixed>();

  constructor(shape: { symbol: string; interval: string; intervalMs: number; capacity?: number }) {
    this.symbol = shape.symbol;
    this.interval = shape.interval;
    this.intervalMs = shape.intervalMs;
    const capacity = Math.max(shape.capacity ?? FIRST_CAPACITY, 1);
    this.#openTimes = new Float64Array(capacity);
    this.#values = new Float64Array(capacity * COLUMNS);
  }

  get length(): number {
    return this.#length;
  }

  push({ openTimeMs, open, high, low, close, volume }: VenueCandle): void {
    if (volume > BigInt(Number.MAX_SAFE_INTEGER)) this.#largeVolumes.set(this.#length, volume);
    invariant(high <= BigInt(Number.MAX_SAFE_INTEGER), `a price of ${this.symbol} is below 90 million`);
    this.#append(openTimeMs);
    this.#put(Number(open), Number(high), Number(low), Number(close), Number(volume));
  }

  /** Adds a row whose values are whole 1e-8 units below 2^53: open time, open, high, low, close, volume. */
  pushRow(row: Float64Array): void {
    this.#append(row[0] ?? 0);
    this.#put(row[1] ?? 0, row[2] ?? 0, row[3] ?? 0, row[4] ?? 0, row[5] ?? 0);
  }

  openTimeAt(index: number): number {
    return index >= 0 && index < this.#length ? (this.#openTimes[index] ?? Number.NaN) : Number.NaN;
  }
  openAt(index: number): number {
    return this.#values[index * COLUMNS] ?? Number.NaN;
  }
  highAt(index: number): number {
    return this.#values[index * COLUMNS + 1] ?? Number.NaN;
  }
  lowAt(index: number): number {
    return this.#values[index * COLUMNS + 2] ?? Number.NaN;
  }
  closeAt(index: number): number {
    return this.#values[index * COLUMNS + 3] ?? Number.NaN;
  }

  volumeAt(index: number): Fixed {
    const large = this.#largeVolumes.size === 0 ? undefined : this.#largeVolumes.get(index);
    return large ?? BigInt(this.#values[index * COLUMNS + VOLUME] ?? 0);
  }

  /** Whole quantity steps in the candle's volume. */
  stepsAt(index: number, quantityStep: number): number {
    const large = this.#largeVolumes.size === 0 ? undefined : this.#largeVolumes.get(index);
    if (large !== undefined) return Number(large / BigInt(quantityStep));
    const volume = this.#values[index * COLUMNS + VOLUME] ?? 0;
    return Math.round((volume - (volume % quantityStep)) / quantityStep);
  }

  /** Whether anything traded in the candle. */
  hasVolumeAt(index: number): boolean {
    return (this.#values[index * COLUMNS + VOLUME] ?? 0) > 0;
  }

  at(index: number): VenueCandle | null {
    if (index < 0 || index >= this.#length) return null;
    return {
      openTimeMs: this.openTimeAt(index),
      open: BigInt(this.openAt(index)),
      high: BigInt(this.highAt(index)),
      low: BigInt(this.lowAt(index)),
      close: BigInt(this.closeAt(index)),
      volume: this.volumeAt(index),
    };
  }

  /** Index of the first candle that opens at or after the time; `length` when there is none. */
  indexFrom(timeMs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#openTimes[middle] ?? 0) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(openTimeMs: number): VenueCandle | null {
    const index = this.indexFrom(openTimeMs);
    return this.openTimeAt(index) === openTimeMs ? this.at(index) : null;
  }

  #append(openTimeMs: number): void {
    if (this.#length === this.#openTimes.length) this.#grow();
    this.#openTimes[this.#length] = openTimeMs;
    this.#length += 1;
  }

  #put(open: number, high: number, low: number, close: number, volume: number): void {
    const offset = (this.#length - 1) * COLUMNS;
    this.#values[offset] = open;
    this.#values[offset + 1] = high;
    this.#values[offset + 2] = low;
    this.#values[offset + 3] = close;
    this.#values[offset + VOLUME] = volume;
  }

  #grow(): void {
    const openTimes = new Float64Array(this.#openTimes.length * 2);
    openTimes.set(this.#openTimes);
    const values = new Float64Array(this.#values.length * 2);
    values.set(this.#values);
    this.#openTimes = openTimes;
    this.#values = values;
  }
}
