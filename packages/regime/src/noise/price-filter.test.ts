import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/normal-draws.ts';
import { EfficiencyAverage } from './efficiency-average.ts';
import { HaarShrinkage } from './haar-shrinkage.ts';
import { KalmanTrend } from './kalman-trend.ts';
import type { PriceFilter } from './price-filter.ts';

interface Made {
  readonly name: string;
  readonly make: () => PriceFilter;
  /** How many candles of a steady ramp it may lie behind. */
  readonly lagCandles: number;
}
const FILTERS: readonly Made[] = [
  { name: 'KalmanTrend', make: () => new KalmanTrend(), lagCandles: 0.1 },
  { name: 'HaarShrinkage', make: () => new HaarShrinkage(), lagCandles: 8 },
  { name: 'EfficiencyAverage', make: () => new EfficiencyAverage(), lagCandles: 1.5 },
];

const valuesOf = (filter: PriceFilter, logPrices: readonly number[]): readonly number[] => {
  filter.restart(logPrices[0]!);
  return logPrices.map((logPrice) => {
    filter.update(logPrice);
    return filter.value;
  });
};
const rootMeanSquareOf = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const walk = (seed: number, candles: number): readonly number[] => {
  let logPrice = 10;
  return normalDraws(seed, candles).map((draw) => {
    logPrice += 0.01 * draw;
    return logPrice;
  });
};
const furthest = (left: readonly number[], right: readonly number[]): number =>
  Math.max(...left.map((value, index) => Math.abs(value - right[index]!)));

describe.each(FILTERS)('$name', ({ make, lagCandles }) => {
  it('follows a ramp', () => {
    const ramp = Array.from({ length: 400 }, (_, index) => 10 + 0.002 * index);
    const value = valuesOf(make(), ramp).at(-1)!;
    expect(Math.abs(ramp.at(-1)! - value)).toBeLessThan(0.002 * lagCandles);
  });

  it('removes most of the noise around a fixed price', () => {
    const noisy = normalDraws(5, 3_000).map((draw) => 10 + 0.01 * draw);
    const left = valuesOf(make(), noisy)
      .slice(500)
      .map((value) => value - 10);
    expect(rootMeanSquareOf(left)).toBeLessThan(0.5 * 0.01);
  });

  it('mirrors a mirrored price', () => {
    const prices = walk(6, 1_000);
    const mirrored = prices.map((price) => -price);
    const values = valuesOf(make(), prices);
    expect(
      furthest(
        valuesOf(make(), mirrored),
        values.map((value) => -value),
      ),
    ).toBe(0);
  });

  it('depends neither on the price level nor on the size of the moves', () => {
    const prices = walk(7, 1_000);
    const values = valuesOf(make(), prices);
    const changed = prices.map((price) => 20 + 8 * (price - 10));
    const expected = values.map((value) => 20 + 8 * (value - 10));
    expect(furthest(valuesOf(make(), changed), expected)).toBeLessThan(1e-9);
  });

  it('says the same about a price whatever follows it', () => {
    const prices = walk(8, 400);
    const other = [...prices.slice(0, 300), ...walk(9, 100)];
    expect(valuesOf(make(), other).slice(0, 300)).toEqual(valuesOf(make(), prices).slice(0, 300));
  });

  it('continues bit for bit from a state saved as text', () => {
    const prices = walk(10, 600);
    const whole = valuesOf(make(), prices);
    const first = make();
    valuesOf(first, prices.slice(0, 301));
    const second = make();
    second.restore(JSON.parse(JSON.stringify(first.save())) as number[]);
    const rest = prices.slice(301).map((price) => {
      second.update(price);
      return second.value;
    });
    expect(rest).toEqual(whole.slice(301));
  });

  it('starts anew where a gap ends', () => {
    const filter = make();
    valuesOf(filter, walk(11, 300));
    filter.restart(12);
    expect(filter.value).toBe(12);
    filter.update(12);
    expect(filter.value).toBe(12);
  });

  it('stays finite on a price that never moves, and on a shock after it', () => {
    const values = valuesOf(make(), [...new Array<number>(300).fill(10), 12, 12, 12]);
    expect(values.every(Number.isFinite)).toBe(true);
    expect(values[299]).toBe(10);
  });
});

describe('HaarShrinkage', () => {
  it('lets a burst through at once that it would smooth away if it were noise', () => {
    const filter = new HaarShrinkage();
    const noise = normalDraws(12, 500).map((draw) => 10 + 0.001 * draw);
    valuesOf(filter, noise);
    filter.update(10.1);
    expect(filter.value).toBeGreaterThan(10.08);
  });
});

describe('KalmanTrend', () => {
  it('does not let one outlier bend the trend', () => {
    const filter = new KalmanTrend();
    valuesOf(
      filter,
      normalDraws(13, 500).map((draw, index) => 10 + 0.002 * index + 0.001 * draw),
    );
    const before = filter.slope;
    filter.update(filter.forecast + 0.5);
    expect(Math.abs(filter.slope - before)).toBeLessThan(0.002);
  });

  it('follows again soon after a frozen price begins to move', () => {
    const filter = new KalmanTrend();
    valuesOf(filter, [...new Array<number>(2_000).fill(10), ...walk(14, 100)]);
    expect(Math.abs(filter.value - walk(14, 100).at(-1)!)).toBeLessThan(0.03);
  });
});
