import { REGIME_COUNT } from '@qt/regime';

/**
 * Turns a hard label into probabilities: how often each regime is given that label, in training, all regimes being equally frequent. (In
 * one market of some sixty regimes a few last long by chance; their frequency says nothing of the next market.)
 */
export class ClassReadout {
  /** Shape: 18 x 18, rows the label given, columns the truth. */
  readonly #rows: readonly Float64Array[];

  constructor(truth: Uint8Array, labels: Uint8Array) {
    // One candle of doubt each: what was never seen is not impossible.
    const counts = Array.from({ length: REGIME_COUNT }, () => new Float64Array(REGIME_COUNT).fill(1));
    const totals = new Float64Array(REGIME_COUNT).fill(REGIME_COUNT);
    for (let index = 0; index < truth.length; index += 1) {
      const row = counts[labels[index] ?? 0];
      const trueId = truth[index] ?? 0;
      if (row !== undefined) row[trueId] = (row[trueId] ?? 0) + 1;
      totals[trueId] = (totals[trueId] ?? 0) + 1;
    }
    this.#rows = counts.map((row) => {
      const ratios = row.map((count, id) => count / (totals[id] ?? 1));
      const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
      return ratios.map((ratio) => ratio / total);
    });
  }

  /** Shape: 18, summing to 1. */
  probabilities(label: number): Float64Array {
    return this.#rows[label] ?? new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  }
}
