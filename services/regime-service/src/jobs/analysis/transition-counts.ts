import { REGIME_COUNT } from '@qt/regime';

/** Changes from each regime to each other. */
export class TransitionCounts {
  readonly #counts = new Float64Array(REGIME_COUNT * REGIME_COUNT);

  add(from: number, to: number): void {
    const cell = from * REGIME_COUNT + to;
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
  }

  count(from: number, to: number): number {
    return this.#counts[from * REGIME_COUNT + to] ?? 0;
  }

  /** Changes out of a regime. */
  left(from: number): number {
    let total = 0;
    for (let to = 0; to < REGIME_COUNT; to += 1) total += this.count(from, to);
    return total;
  }

  /** Shape: 18 x 18 counts, row by row of the regime that was left. */
  rows(): readonly (readonly number[])[] {
    return Array.from({ length: REGIME_COUNT }, (_, from) =>
      Array.from({ length: REGIME_COUNT }, (__, to) => this.count(from, to)),
    );
  }

  /** Shape: 18 x 18; each row sums to 1, or is all 0 where the regime was never left. */
  matrix(): readonly (readonly number[])[] {
    return this.rows().map((row) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return row.map((count) => (total === 0 ? 0 : count / total));
    });
  }
}
