/** Sizes of the blocks whose sums are kept: each of the larger is made of the smaller. */
const SIZES = [256, 16] as const;

/**
 * Sums over spans of candles, for sums that can be put together from left to right. Sums of whole blocks are kept, so that a day of minutes
 * takes a few dozen parts, however often it is asked for.
 */
export class CandleBlocks<T> {
  readonly #at: (index: number) => T;
  readonly #join: (left: T, right: T) => T;
  readonly #kept: readonly Map<number, T>[] = SIZES.map(() => new Map<number, T>());

  /** `join` must not change what it is given. */
  constructor(at: (index: number) => T, join: (left: T, right: T) => T) {
    this.#at = at;
    this.#join = join;
  }

  /** Sum of the candles [from, to), all of which have ended; null when there are none. */
  between(from: number, to: number): T | null {
    return this.#sum(from, to, 0);
  }

  #sum(from: number, to: number, largest: number): T | null {
    let sum: T | null = null;
    for (let index = from; index < to; ) {
      let level = largest;
      while (level < SIZES.length && !isBlock(index, to, SIZES[level] ?? 1)) level += 1;
      const part = level === SIZES.length ? this.#at(index) : this.#block(index, level);
      sum = sum === null ? part : this.#join(sum, part);
      index += SIZES[level] ?? 1;
    }
    return sum;
  }

  #block(from: number, level: number): T {
    const kept = this.#kept[level]?.get(from);
    if (kept !== undefined) return kept;
    const sum = this.#sum(from, from + (SIZES[level] ?? 1), level + 1) ?? this.#at(from);
    this.#kept[level]?.set(from, sum);
    return sum;
  }
}

const isBlock = (index: number, to: number, size: number): boolean => index % size === 0 && index + size <= to;
