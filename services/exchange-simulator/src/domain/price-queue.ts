import type { Fixed } from './fixed.ts';

interface Entry<T> {
  readonly price: Fixed;
  readonly id: number;
  readonly item: T;
}

/**
 * Waiting items by price, then by age: `highest` serves the highest price first (bids), `lowest` the lowest (asks).
 * The next one stands at the end of the array, so serving it is free and adding near the market is cheap.
 */
export class PriceQueue<T> {
  readonly #isHighestFirst: boolean;
  readonly #entries: Entry<T>[] = [];

  constructor(first: 'highest' | 'lowest') {
    this.#isHighestFirst = first === 'highest';
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Price of the next item; null when nothing waits. */
  get nextPrice(): Fixed | null {
    return this.#entries.at(-1)?.price ?? null;
  }

  get next(): T | null {
    return this.#entries.at(-1)?.item ?? null;
  }

  add(price: Fixed, id: number, item: T): void {
    this.#entries.splice(this.#placeOf(price, id), 0, { price, id, item });
  }

  /** Returns whether it was there. */
  remove(price: Fixed, id: number): boolean {
    const index = this.#placeOf(price, id);
    const entry = this.#entries[index];
    if (entry?.id !== id || entry.price !== price) return false;
    this.#entries.splice(index, 1);
    return true;
  }

  /** First index whose entry is served no later than (price, id). */
  #placeOf(price: Fixed, id: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && this.#isServedAfter(entry, price, id)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isServedAfter(entry: Entry<T>, price: Fixed, id: number): boolean {
    if (entry.price === price) return entry.id > id;
    return this.#isHighestFirst ? entry.price < price : entry.price > price;
  }
}
