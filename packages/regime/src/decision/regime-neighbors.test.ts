import { describe, expect, it } from '@jest/globals';
import { isNeighbor, isSameDirection, volatilityOf } from './regime-neighbors.ts';

const IDS = Array.from({ length: 18 }, (_, id) => id);

describe('regime neighbors', () => {
  it.each([
    { id: 9, neighbors: [3, 8, 9, 10, 15] },
    { id: 0, neighbors: [0, 1, 6] },
    { id: 5, neighbors: [2, 5, 11] },
    { id: 8, neighbors: [2, 7, 8, 9, 11, 14] },
  ])('of $id are $neighbors', ({ id, neighbors }) => {
    expect(IDS.filter((other) => isNeighbor(id, other))).toEqual(neighbors);
  });

  it('are mutual, and mirror with the trend', () => {
    const mirrorOf = (id: number): number => (id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6)));
    for (const left of IDS) {
      for (const right of IDS) {
        expect(isNeighbor(right, left)).toBe(isNeighbor(left, right));
        expect(isNeighbor(mirrorOf(left), mirrorOf(right))).toBe(isNeighbor(left, right));
      }
    }
  });

  it.each([
    { name: 'two rising trends', from: 8, first: 9, second: 10, same: true },
    { name: 'up and down', from: 8, first: 9, second: 7, same: false },
    { name: 'trend alone and trend with volatility', from: 8, first: 9, second: 15, same: false },
    { name: 'two ways into mean reversion', from: 8, first: 11, second: 11, same: true },
    { name: 'mean reversion and a trend', from: 8, first: 11, second: 9, same: false },
    { name: 'two levels up', from: 2, first: 8, second: 14, same: true },
    { name: 'the regime itself', from: 8, first: 8, second: 9, same: false },
  ])('point the same way or not: $name', ({ from, first, second, same }) => {
    expect(isSameDirection(from, first, second)).toBe(same);
  });

  it('have a volatility level', () => {
    expect(IDS.map(volatilityOf)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
  });
});
