import { describe, expect, it } from '@jest/globals';
import { UndoneChanges, type UndoneChangesState } from './undone-changes.ts';

const ratioOf = (path: readonly number[], changes = new UndoneChanges()): number | null => {
  path.forEach((value, index) => {
    const before = path[index - 1] ?? value;
    changes.update({ value, leftValue: before === value ? null : before });
  });
  return changes.standingRatio;
};
const repeat = (regimeId: number, candles: number): readonly number[] =>
  Array.from({ length: candles }, () => regimeId);

describe('UndoneChanges', () => {
  it.each([
    { name: 'no change', path: repeat(8, 50), ratio: null },
    { name: 'a change too young to judge', path: [...repeat(8, 5), ...repeat(9, 10)], ratio: null },
    { name: 'a change that stood', path: [...repeat(8, 5), ...repeat(9, 11)], ratio: 1 },
    { name: 'a change undone on the tenth candle', path: [...repeat(8, 5), ...repeat(9, 10), 8], ratio: 0 },
    { name: 'a change undone later', path: [...repeat(8, 5), ...repeat(9, 11), 8], ratio: 1 },
    { name: 'a change over another regime back', path: [...repeat(8, 5), 9, 9, 10, 10, 8], ratio: 0 },
    { name: 'a change onward', path: [...repeat(8, 5), ...repeat(9, 5), ...repeat(10, 12)], ratio: 1 },
  ])('counts $name', ({ path, ratio }) => {
    expect(ratioOf(path)).toBe(ratio);
  });

  it('counts a path that flips with every candle as undone', () => {
    expect(ratioOf(Array.from({ length: 100 }, (_, index) => 8 + (index % 2)))).toBe(0);
  });

  it('continues from a saved state', () => {
    const first = new UndoneChanges();
    ratioOf([...repeat(8, 5), ...repeat(9, 6)], first);
    const second = new UndoneChanges();
    second.restore(JSON.parse(JSON.stringify(first.save())) as UndoneChangesState);
    expect(second.update({ value: 8, leftValue: 9 })).toEqual({ stood: 0, undone: 1 });
  });
});
