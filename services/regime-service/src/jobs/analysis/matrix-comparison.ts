import { REGIME_COUNT } from '@qt/regime';
import type { TransitionCounts } from './transition-counts.ts';

/** Changes out of a regime before its row says anything. */
const MIN_ROW_CHANGES = 20;
const LARGEST_SHOWN = 5;

export interface MatrixDifference {
  readonly from: number;
  readonly to: number;
  readonly historyProbability: number;
  readonly liveProbability: number;
}

export interface MatrixComparison {
  /** Rows with at least 20 changes in the history. */
  readonly rows: number;
  /** 0 the same, 1 nothing in common: total variation distance of the rows, weighted by how often each regime was left. Null without a row. */
  readonly distanceRatio: number | null;
  /** What chance alone would make of it, were both the same. */
  readonly chanceDistanceRatio: number | null;
  readonly largestDifferences: readonly MatrixDifference[];
  /** Further apart than the threshold, and than twice what chance would make. */
  readonly isUnusual: boolean;
}

/**
 * Compares where regimes went in the stored history with what the live matrix expects. The history's rows are smoothed with the prior of
 * the live matrix, or every rare row would look different.
 *
 * Source: the mean absolute error of a share p of n is sqrt(2 p (1 - p) / (pi n)).
 */
export const compareMatrices = (parts: {
  readonly history: TransitionCounts;
  /** Shape: 18 x 18, rows summing to 1, diagonal 0. */
  readonly live: readonly (readonly number[])[];
  readonly priorCount: number;
  readonly threshold: number;
}): MatrixComparison => {
  const { history, live, priorCount, threshold } = parts;
  let weight = 0;
  let distance = 0;
  let chance = 0;
  let rows = 0;
  const differences: MatrixDifference[] = [];
  for (let from = 0; from < REGIME_COUNT; from += 1) {
    const changes = history.left(from);
    if (changes < MIN_ROW_CHANGES) continue;
    rows += 1;
    weight += changes;
    const total = changes + priorCount * (REGIME_COUNT - 1);
    for (let to = 0; to < REGIME_COUNT; to += 1) {
      if (to === from) continue;
      const historyProbability = (history.count(from, to) + priorCount) / total;
      const liveProbability = live[from]?.[to] ?? 0;
      differences.push({ from, to, historyProbability, liveProbability });
      distance += (changes * Math.abs(historyProbability - liveProbability)) / 2;
      const error = Math.sqrt((2 * liveProbability * (1 - liveProbability)) / (Math.PI * changes));
      chance += (changes * error) / 2;
    }
  }
  const distanceRatio = weight === 0 ? null : distance / weight;
  const chanceDistanceRatio = weight === 0 ? null : chance / weight;
  const gap = ({ historyProbability, liveProbability }: MatrixDifference): number =>
    Math.abs(historyProbability - liveProbability);
  return {
    rows,
    distanceRatio,
    chanceDistanceRatio,
    largestDifferences: differences.toSorted((one, other) => gap(other) - gap(one)).slice(0, LARGEST_SHOWN),
    isUnusual:
      distanceRatio !== null &&
      chanceDistanceRatio !== null &&
      distanceRatio > threshold &&
      distanceRatio > 2 * chanceDistanceRatio,
  };
};
