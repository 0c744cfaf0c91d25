import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candlePath, pathOffsets, POINTS } from './candle-path.ts';
import { fixed, greatest, least } from './fixed.ts';

const STEP = fixed('0.01');

const candles = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 4 }),
    fc.integer({ min: 0, max: 1_000_000 }),
  )
  .map(([prices, volume]) => {
    const ticks = prices.map((price) => BigInt(price) * STEP);
    const [open = STEP, close = STEP] = ticks;
    return {
      openTimeMs: 1_704_067_200_000,
      open,
      close,
      high: ticks.reduce(greatest),
      low: ticks.reduce(least),
      volume: BigInt(volume) * 100_000n,
    };
  });

describe('candlePath', () => {
  it('property: meets open, high, low and close exactly, stays inside, on the tick, and spends the volume', () => {
    fc.assert(
      fc.property(candles, fc.integer(), (candle, seed) => {
        const path = candlePath(candle, { seed, symbol: 'ETHUSDT', priceStep: STEP });
        const prices = path.map((point) => point.price);
        expect(path).toHaveLength(POINTS);
        expect(prices[0]).toBe(candle.open);
        expect(prices.at(-1)).toBe(candle.close);
        expect(prices.reduce(greatest)).toBe(candle.high);
        expect(prices.reduce(least)).toBe(candle.low);
        expect(prices.every((price) => price % STEP === 0n)).toBe(true);
        expect(path.at(-1)?.volume).toBe(candle.volume);
        expect(path.every((point, index) => index === 0 || point.volume >= (path[index - 1]?.volume ?? 0n))).toBe(true);
      }),
    );
  });

  it('property: times rise from the open to one millisecond before the end', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(60_000, 3_600_000), (seed, intervalMs) => {
        const offsets = pathOffsets(seed, 1_704_067_200_000, intervalMs);
        expect(offsets[0]).toBe(0);
        expect(offsets.at(-1)).toBe(intervalMs - 1);
        expect(offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0))).toBe(true);
      }),
    );
  });

  it('takes the order of the extremes from the seed', () => {
    const candle = {
      openTimeMs: 0,
      open: fixed('100'),
      high: fixed('110'),
      low: fixed('90'),
      close: fixed('105'),
      volume: 0n,
    };
    const isLowFirst = (seed: number): boolean => {
      const prices = candlePath(candle, { seed, symbol: 'ETHUSDT', priceStep: STEP }).map((point) => point.price);
      return prices.indexOf(candle.low) < prices.indexOf(candle.high);
    };
    const lowFirst = Array.from({ length: 400 }, (_, seed) => isLowFirst(seed)).filter(Boolean).length;
    expect(lowFirst).toBeGreaterThan(200);
    expect(lowFirst).toBeLessThan(320);
  });
});
