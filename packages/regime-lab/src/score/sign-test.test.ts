import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MarketRandom } from '../market/market-random.ts';
import { leastSignFlipChance, signFlipChance } from './sign-test.ts';

describe('signFlipChance', () => {
  it.each([
    { name: 'one value says nothing', values: [3], chance: 1 },
    { name: 'all of one sign, by hand: 2 of 2^3', values: [1, 2, 3], chance: 2 / 8 },
    { name: 'by hand: sums of at least 2 in size are 4 of 8', values: [1, 2, -1], chance: 6 / 8 },
    { name: 'no difference at all', values: [0, 0, 0, 0], chance: 1 },
    { name: 'sixteen of one sign', values: Array<number>(16).fill(0.1), chance: 2 / 2 ** 16 },
  ])('$name', ({ values, chance }) => {
    expect(signFlipChance(values)).toBeCloseTo(chance, 12);
  });

  it.each([1, 2, 5, 16])('of %i values of one sign is the smallest there is', (count) => {
    expect(signFlipChance(Array<number>(count).fill(2))).toBeCloseTo(leastSignFlipChance(count), 12);
  });

  it('property: hangs neither on order nor on sign nor on scale', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(values, (list) => {
        const chance = signFlipChance(list);
        expect(signFlipChance(list.toReversed())).toBe(chance);
        expect(signFlipChance(list.map((value) => -value / 7))).toBe(chance);
      }),
    );
  });

  it('is as rare among pure noise as it says, and draws where there are too many patterns', () => {
    const random = new MarketRandom(3, 1);
    const noise = (count: number): number[] => Array.from({ length: count }, () => random.normal());
    const chances = Array.from({ length: 400 }, () => signFlipChance(noise(9)));
    expect(Math.abs(chances.filter((chance) => chance < 0.2).length / 400 - 0.2)).toBeLessThan(0.06);
    const some = noise(16);
    const shifted = some.map((value) => value + 0.4);
    expect(Math.abs(signFlipChance([...shifted, 0]) - signFlipChance(shifted))).toBeLessThan(0.02);
    expect(signFlipChance(Array<number>(30).fill(1))).toBeLessThan(0.001);
  });
});
