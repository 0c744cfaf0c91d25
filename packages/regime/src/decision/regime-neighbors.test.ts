import { describe, expect, it } from '@jest/globals';
import {
  areNearSlots,
  areNextTrends,
  isSameLevelDirection,
  isSameSlotDirection,
  slotOf,
  volatilityOf,
} from './regime-neighbors.ts';

const IDS = Array.from({ length: 18 }, (_, id) => id);
const SLOTS = IDS.slice(0, 6);
const mirrorOf = (slot: number): number => (slot === 5 ? 5 : 4 - slot);

describe('regime neighbors', () => {
  it.each([
    { slot: 3, near: [2, 3, 4], next: [2, 4] },
    { slot: 0, near: [0, 1], next: [1] },
    { slot: 5, near: [2, 5], next: [] },
    { slot: 2, near: [1, 2, 3, 5], next: [1, 3] },
  ])('of slot $slot are $near, trends next to it $next', ({ slot, near, next }) => {
    expect(SLOTS.filter((other) => areNearSlots(slot, other))).toEqual(near);
    expect(SLOTS.filter((other) => areNextTrends(slot, other))).toEqual(next);
  });

  it('are mutual, and mirror with the trend', () => {
    for (const left of SLOTS) {
      for (const right of SLOTS) {
        expect(areNearSlots(right, left)).toBe(areNearSlots(left, right));
        expect(areNearSlots(mirrorOf(left), mirrorOf(right))).toBe(areNearSlots(left, right));
        for (const from of SLOTS) {
          expect(isSameSlotDirection(mirrorOf(from), mirrorOf(left), mirrorOf(right))).toBe(
            isSameSlotDirection(from, left, right),
          );
        }
      }
    }
  });

  it.each([
    { name: 'two rising trends', from: 2, first: 3, second: 4, same: true },
    { name: 'up and down', from: 2, first: 3, second: 1, same: false },
    { name: 'two ways out of mean reversion', from: 5, first: 3, second: 4, same: true },
    { name: 'the same slot twice', from: 2, first: 5, second: 5, same: true },
    { name: 'mean reversion and a trend', from: 2, first: 5, second: 3, same: false },
    { name: 'the slot itself', from: 2, first: 2, second: 3, same: false },
  ])('point the same way or not: $name', ({ from, first, second, same }) => {
    expect(isSameSlotDirection(from, first, second)).toBe(same);
  });

  it.each([
    { name: 'two levels up', from: 0, first: 1, second: 2, same: true },
    { name: 'up and down', from: 1, first: 0, second: 2, same: false },
  ])('point the same way in volatility or not: $name', ({ from, first, second, same }) => {
    expect(isSameLevelDirection(from, first, second)).toBe(same);
  });

  it('have a volatility level and a slot', () => {
    expect(IDS.map(volatilityOf)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect(IDS.map(slotOf)).toEqual([...SLOTS, ...SLOTS, ...SLOTS]);
  });
});
