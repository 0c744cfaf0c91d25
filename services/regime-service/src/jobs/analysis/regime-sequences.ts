import { REGIME_COUNT } from '@qt/regime';

const MOST_FREQUENT = 20;

/** Three regimes in a row. */
export interface RegimeSequence {
  readonly regimeIds: readonly [number, number, number];
  readonly count: number;
  /** What chance would give if the next regime depended on the present one alone. */
  readonly expectedCount: number;
}

/** Counts which three regimes follow one another. */
export class RegimeSequences {
  readonly #counts = new Map<number, number>();
  readonly #pairs = new Float64Array(REGIME_COUNT * REGIME_COUNT);
  readonly #out = new Float64Array(REGIME_COUNT * REGIME_COUNT);
  #first: number | null = null;
  #second: number | null = null;

  /** Takes the next regime of the path; the regime itself must have changed. */
  next(regimeId: number): void {
    if (this.#first !== null && this.#second !== null) {
      const key = (this.#first * REGIME_COUNT + this.#second) * REGIME_COUNT + regimeId;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      bump(this.#pairs, this.#first * REGIME_COUNT + this.#second);
      bump(this.#out, this.#second * REGIME_COUNT + regimeId);
    }
    this.#first = this.#second;
    this.#second = regimeId;
  }

  /** A hole in the history: what follows is not what came next. */
  cut(): void {
    this.#first = null;
    this.#second = null;
  }

  /** The most frequent, at most 20. */
  result(): readonly RegimeSequence[] {
    return [...this.#counts]
      .toSorted(([oneKey, one], [otherKey, other]) => other - one || oneKey - otherKey)
      .slice(0, MOST_FREQUENT)
      .map(([key, count]) => {
        const third = key % REGIME_COUNT;
        const second = Math.floor(key / REGIME_COUNT) % REGIME_COUNT;
        const first = Math.floor(key / REGIME_COUNT ** 2);
        const pair = this.#pairs[first * REGIME_COUNT + second] ?? 0;
        const row = this.#out.subarray(second * REGIME_COUNT, (second + 1) * REGIME_COUNT);
        const total = row.reduce((sum, one) => sum + one, 0);
        return { regimeIds: [first, second, third], count, expectedCount: (pair * (row[third] ?? 0)) / total };
      });
  }
}

const bump = (counts: Float64Array, cell: number): void => {
  counts[cell] = (counts[cell] ?? 0) + 1;
};
