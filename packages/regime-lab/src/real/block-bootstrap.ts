import { seededRandom } from '@qt/kernel';

/** The middle nineteen of twenty outcomes. */
export interface Interval95 {
  readonly low: number;
  readonly high: number;
}

/** Sums of several columns over one resample. Shape: as the columns. */
type Resampled = readonly number[];

/**
 * Returns the interval of a statistic of column sums when blocks of candles are drawn with replacement, so that what hangs together
 * stays together. Blocks wrap around the end. Outcomes that are not finite are left out; null when none is left.
 *
 * Shape: `columns[k][n]`. Source: circular block bootstrap, Politis and Romano (1992).
 */
export const blockBootstrap = (
  columns: readonly ArrayLike<number>[],
  statistic: (sums: Resampled) => number,
  options: { readonly blockCandles: number; readonly resamples?: number; readonly seed?: number },
): Interval95 | null => {
  const { blockCandles, resamples = 500, seed = 1 } = options;
  const count = columns[0]?.length ?? 0;
  if (count === 0) return null;
  const block = Math.min(blockCandles, count);
  const running = columns.map((column) => {
    const sums = new Float64Array(count + block + 1);
    for (let index = 0; index < count + block; index += 1) {
      sums[index + 1] = (sums[index] ?? 0) + (column[index % count] ?? 0);
    }
    return sums;
  });
  const random = seededRandom(seed);
  const blocks = Math.ceil(count / block);
  const outcomes: number[] = [];
  for (let round = 0; round < resamples; round += 1) {
    const totals = columns.map(() => 0);
    for (let drawn = 0; drawn < blocks; drawn += 1) {
      const start = Math.floor(random() * count);
      for (const [column, sums] of running.entries()) {
        totals[column] = (totals[column] ?? 0) + (sums[start + block] ?? 0) - (sums[start] ?? 0);
      }
    }
    const outcome = statistic(totals);
    if (Number.isFinite(outcome)) outcomes.push(outcome);
  }
  outcomes.sort((left, right) => left - right);
  const at = (share: number): number =>
    outcomes[Math.min(outcomes.length - 1, Math.floor(share * outcomes.length))] ?? 0;
  return outcomes.length === 0 ? null : { low: at(0.025), high: at(0.975) };
};
