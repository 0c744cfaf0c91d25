import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { REGIME_COUNT } from '@qt/regime';
import { compareMatrices } from './matrix-comparison.ts';
import { TransitionCounts } from './transition-counts.ts';

/** Rows that prefer the next regime. */
const live = Array.from({ length: REGIME_COUNT }, (_, from) =>
  Array.from({ length: REGIME_COUNT }, (__, to) => {
    if (to === from) return 0;
    return to === (from + 1) % REGIME_COUNT ? 0.84 : 0.01;
  }),
);
const drawn = (changes: number, rowOf: (from: number) => readonly number[]): TransitionCounts => {
  const random = seededRandom(7);
  const counts = new TransitionCounts();
  for (let change = 0; change < changes; change += 1) {
    const from = Math.floor(random() * REGIME_COUNT);
    let left = random();
    const to = rowOf(from).findIndex((share) => (left -= share) < 0);
    if (to >= 0) counts.add(from, to);
  }
  return counts;
};
const compare = (history: TransitionCounts) => compareMatrices({ history, live, priorCount: 0.5, threshold: 0.25 });

describe('compareMatrices', () => {
  it('finds a history of the same law near the live matrix, by about what chance makes', () => {
    const { distanceRatio, chanceDistanceRatio, isUnusual } = compare(drawn(20_000, (from) => live[from]!));
    expect(distanceRatio!).toBeLessThan(0.03);
    expect(distanceRatio!).toBeLessThan(2 * chanceDistanceRatio!);
    expect(isUnusual).toBe(false);
  });

  it('calls another law unusual and names where they differ most', () => {
    const uniform = Array.from({ length: REGIME_COUNT }, () => 1 / REGIME_COUNT);
    const { distanceRatio, isUnusual, largestDifferences } = compare(drawn(20_000, () => uniform));
    expect(distanceRatio!).toBeGreaterThan(0.5);
    expect(isUnusual).toBe(true);
    expect(largestDifferences).toHaveLength(5);
    for (const { from, to } of largestDifferences) expect(to).toBe((from + 1) % REGIME_COUNT);
  });

  it('says nothing of regimes that were hardly ever left', () => {
    expect(compare(drawn(150, (from) => live[from]!))).toMatchObject({
      rows: 0,
      distanceRatio: null,
      isUnusual: false,
    });
  });
});
