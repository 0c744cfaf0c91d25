/** How good the candles of one market are, as measured since this process began. Ratios are 1 while there is nothing to measure. */
export interface QualityFigures {
  readonly completenessRatio: number;
  readonly consistencyRatio: number;
  readonly timelinessRatio: number;
  readonly uniquenessRatio: number;
  readonly acceptedCandles: number;
  readonly missingCandles: number;
  readonly duplicateCandles: number;
  readonly lateCandles: number;
  readonly gaps: number;
  /** Candles that the stream left out and a request brought. */
  readonly filledCandles: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly firstOpenTimeMs: number | null;
  readonly lastOpenTimeMs: number | null;
}

const shareOf = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

/** Counts what the feed brought of one market, and what it did not. */
export class MarketQuality {
  readonly #intervalMs: number;
  readonly #refused = new Map<string, number>();
  #firstOpenTimeMs: number | null = null;
  #lastOpenTimeMs: number | null = null;
  #accepted = 0;
  #offered = 0;
  #duplicates = 0;
  #streamed = 0;
  #late = 0;
  #gaps = 0;
  #filled = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** A candle came by the stream, so long after its close. */
  streamed(lagMs: number, lateAfterMs: number): void {
    this.#streamed += 1;
    if (lagMs > lateAfterMs) this.#late += 1;
  }

  /** A candle that had been taken in before came again. */
  duplicate(): void {
    this.#offered += 1;
    this.#duplicates += 1;
  }

  /** The stream left something out before a candle. */
  gap(): void {
    this.#gaps += 1;
  }

  accepted(openTimeMs: number, origin: 'stream' | 'gap_fill'): void {
    this.#offered += 1;
    this.#accepted += 1;
    if (origin === 'gap_fill') this.#filled += 1;
    this.#firstOpenTimeMs ??= openTimeMs;
    this.#lastOpenTimeMs = openTimeMs;
  }

  refused(code: string): void {
    this.#offered += 1;
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + 1);
  }

  figures(): QualityFigures {
    const [first, last] = [this.#firstOpenTimeMs, this.#lastOpenTimeMs];
    const expected = first === null || last === null ? 0 : (last - first) / this.#intervalMs + 1;
    const refused = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    return {
      completenessRatio: shareOf(this.#accepted, expected),
      consistencyRatio: shareOf(this.#accepted, this.#accepted + refused),
      timelinessRatio: shareOf(this.#streamed - this.#late, this.#streamed),
      uniquenessRatio: shareOf(this.#offered - this.#duplicates, this.#offered),
      acceptedCandles: this.#accepted,
      missingCandles: expected - this.#accepted,
      duplicateCandles: this.#duplicates,
      lateCandles: this.#late,
      gaps: this.#gaps,
      filledCandles: this.#filled,
      refused: Object.fromEntries(this.#refused),
      firstOpenTimeMs: first,
      lastOpenTimeMs: last,
    };
  }
}
