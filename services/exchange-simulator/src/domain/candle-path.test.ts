import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type CandlePath,
  drawPath,
  newCandlePath,
  pathHash,
  pathOffsets,
  type PathShape,
  POINTS,
} from './candle-path.ts';
import { hashOf, hashOn, randomOn } from './randomness.ts';

const STEP = 1_000_000;
const OPEN_MS = 1_704_067_200_000;

const draw = (shape: PathShape, seed: number): CandlePath => {
  const path = newCandlePath();
  drawPath(shape, randomOn(pathHash(hashOf(seed, hashOf('ETHUSDT')), OPEN_MS)), path);
  return path;
};

const shapes = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
    fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1_000_000_000 })),
  )
  .map(([ticks, steps]): PathShape => {
    const prices = ticks.map((price) => price * STEP);
    const [open = STEP, close = STEP] = prices;
    return { open, close, high: Math.max(...prices), low: Math.min(...prices), priceStep: STEP, steps };
  });

describe('drawPath', () => {
  it('property: meets open, high, low and close exactly, stays inside, on the tick, and spends the volume in whole steps', () => {
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const { prices, steps } = draw(shape, seed);
        expect(prices[0]).toBe(shape.open);
        expect(prices.at(-1)).toBe(shape.close);
        expect(Math.max(...prices)).toBe(shape.high);
        expect(Math.min(...prices)).toBe(shape.low);
        expect(prices.every((price) => price % STEP === 0)).toBe(true);
        const quantities = [...steps].map((sum, index) => sum - (steps[index - 1] ?? 0));
        expect(steps.at(-1)).toBe(shape.steps);
        expect(quantities.every((quantity) => Number.isInteger(quantity) && quantity >= 0)).toBe(true);
        // Every point trades where there is enough for all of them.
        expect(quantities.filter((quantity) => quantity > 0)).toHaveLength(Math.min(shape.steps, POINTS));
      }),
    );
  });

  it('takes the order of the extremes from the seed', () => {
    const shape = { open: 100, high: 110, low: 90, close: 105, priceStep: 1, steps: 0 };
    const isLowFirst = (seed: number): boolean => {
      const { prices } = draw(shape, seed);
      return prices.indexOf(shape.low) < prices.indexOf(shape.high);
    };
    const lowFirst = Array.from({ length: 400 }, (_, seed) => isLowFirst(seed)).filter(Boolean).length;
    expect(lowFirst).toBeGreaterThan(200);
    expect(lowFirst).toBeLessThan(320);
  });
});

describe('pathOffsets', () => {
  it('property: times rise from the open to one millisecond before the end', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(60_000, 3_600_000), (seed, intervalMs) => {
        const offsets = pathOffsets(seed, OPEN_MS, intervalMs);
        expect(offsets[0]).toBe(0);
        expect(offsets.at(-1)).toBe(intervalMs - 1);
        expect(offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0))).toBe(true);
      }),
    );
  });
});

describe('hashOn', () => {
  it('property: goes on as a hash of all parts would', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), fc.maxSafeNat(), (text, number, value) => {
        expect(hashOn(hashOf(text, number), value)).toBe(hashOf(text, number, value));
      }),
    );
  });
});
