import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import fc from 'fast-check';
import { AverageTrueRange, averageTrueRangeOf, type PriceRange } from './average-true-range.ts';
import { EwmaVolatility, ewmaVolatilityOf } from './ewma-volatility.ts';
import { ExponentialAverage, exponentialAverageOf } from './exponential-average.ts';
import { RollingMoments, rollingMomentsOf } from './moments.ts';
import { RelativeStrength, relativeStrengthOf } from './relative-strength.ts';
import { LogReturns, logReturnsOf } from './returns.ts';
import { RollingTrendLine, trendLineOf, trendLinesOf } from './trend-line.ts';

const candles = (count: number, seed: number): PriceRange[] => {
  const random = seededRandom(seed);
  let close = 100;
  return Array.from({ length: count }, () => {
    close *= 1 + (random() - 0.5) / 20;
    return { high: close * (1 + random() / 50), low: close * (1 - random() / 50), close };
  });
};
const closesOf = (seed: number): number[] => candles(400, seed).map(({ close }) => close);

type Value = number | null | object;
const numbersOf = (value: Value): number[] =>
  value === null ? [] : typeof value === 'number' ? [value] : Object.values(value).map(Number);

const differenceOf = (left: readonly Value[], right: readonly Value[]): number => {
  expect(left.map((value) => value === null)).toEqual(right.map((value) => value === null));
  const others = right.flatMap(numbersOf);
  return left.flatMap(numbersOf).reduce((worst, value, index) => {
    const other = others[index] ?? Number.NaN;
    return Math.max(worst, Math.abs(value - other) / Math.max(1, Math.abs(value)));
  }, 0);
};

/** Each indicator as stream and as batch; where the batch is the library's, agreement is proof of both. */
const INDICATORS = [
  {
    name: 'average true range (against trading-signals)',
    stream: (all: PriceRange[]) => {
      const atr = new AverageTrueRange(14);
      return all.map((candle) => atr.update(candle));
    },
    batch: (all: PriceRange[]) => averageTrueRangeOf(all, 14),
  },
  {
    name: 'relative strength (against trading-signals)',
    stream: (all: PriceRange[]) => {
      const rsi = new RelativeStrength(14);
      return all.map(({ close }) => rsi.update(close));
    },
    batch: (all: PriceRange[]) =>
      relativeStrengthOf(
        all.map(({ close }) => close),
        14,
      ),
  },
  {
    name: 'exponential average (against trading-signals)',
    stream: (all: PriceRange[]) => {
      const average = new ExponentialAverage(20);
      return all.map(({ close }) => average.update(close));
    },
    batch: (all: PriceRange[]) =>
      exponentialAverageOf(
        all.map(({ close }) => close),
        20,
      ),
  },
  {
    name: 'log returns',
    stream: (all: PriceRange[]) => {
      const returns = new LogReturns();
      return all.map(({ close }) => returns.update(close));
    },
    batch: (all: PriceRange[]) => logReturnsOf(all.map(({ close }) => close)),
  },
  {
    name: 'rolling moments',
    stream: (all: PriceRange[]) => {
      const moments = new RollingMoments(30);
      return all.map(({ close }) => moments.update(close));
    },
    batch: (all: PriceRange[]) =>
      rollingMomentsOf(
        all.map(({ close }) => close),
        30,
      ),
  },
  {
    name: 'trend line',
    stream: (all: PriceRange[]) => {
      const line = new RollingTrendLine(25);
      return all.map(({ close }) => line.update(close));
    },
    batch: (all: PriceRange[]) =>
      trendLinesOf(
        all.map(({ close }) => close),
        25,
      ),
  },
  {
    name: 'volatility',
    stream: (all: PriceRange[]) => {
      const volatility = new EwmaVolatility(0.94, 10);
      return all.map(({ close }) => volatility.update(close / 1_000));
    },
    batch: (all: PriceRange[]) =>
      ewmaVolatilityOf(
        all.map(({ close }) => close / 1_000),
        0.94,
        10,
      ),
  },
];

describe('indicators', () => {
  it.each(INDICATORS)('stream and batch agree to 1e-12: $name', ({ stream, batch }) => {
    for (const seed of [1, 2, 3]) {
      const all = candles(400, seed);
      expect(differenceOf(stream(all), batch(all))).toBeLessThan(1e-12);
    }
  });

  it.each(INDICATORS)('later values change no earlier one: $name', ({ batch }) => {
    const all = candles(120, 9);
    expect(batch(all.slice(0, 80))).toEqual(batch(all).slice(0, 80));
  });

  it('each goes on from its saved state', () => {
    const prices = closesOf(4);
    const [head, tail] = [prices.slice(0, 9), prices.slice(9)];
    const rsi = new RelativeStrength(14);
    const average = new ExponentialAverage(20);
    const moments = new RollingMoments(30);
    const line = new RollingTrendLine(25);
    const volatility = new EwmaVolatility(0.94, 10);
    const returns = new LogReturns();
    const atr = new AverageTrueRange(14);
    const streams = [rsi, average, moments, line, volatility, returns];
    for (const price of head) {
      for (const stream of streams) stream.update(price);
      atr.update({ high: price, low: price, close: price });
    }
    const copies = [
      new RelativeStrength(14, rsi.save()),
      new ExponentialAverage(20, average.save()),
      new RollingMoments(30, moments.save()),
      new RollingTrendLine(25, line.save()),
      new EwmaVolatility(0.94, 10, volatility.save()),
      new LogReturns(returns.save()),
    ];
    const otherAtr = new AverageTrueRange(14, atr.save());
    for (const price of tail) {
      expect(copies.map((copy) => copy.update(price))).toEqual(streams.map((stream) => stream.update(price)));
      const candle = { high: price * 1.01, low: price * 0.99, close: price };
      expect(otherAtr.update(candle)).toBe(atr.update(candle));
    }
  });

  it.each([
    { name: 'rising without a fall', prices: Array.from({ length: 20 }, (_, index) => 100 + index), rsi: 100 },
    { name: 'falling without a rise', prices: Array.from({ length: 20 }, (_, index) => 100 - index), rsi: 0 },
    { name: 'standing still', prices: Array.from({ length: 20 }, () => 100), rsi: 50 },
  ])('relative strength of a price $name is $rsi, in stream and batch', ({ prices, rsi }) => {
    const stream = new RelativeStrength(14);
    expect(prices.map((price) => stream.update(price)).at(-1)).toBe(rsi);
    expect(relativeStrengthOf(prices, 14).at(-1)).toBe(rsi);
  });

  it('a straight line has its own slope and a t-statistic at the cap; a constant has none', () => {
    expect(trendLineOf([1, 3, 5, 7, 9])).toEqual({ slope: 2, tStatistic: 1_000 });
    expect(trendLineOf([4, 4, 4, 4])).toEqual({ slope: 0, tStatistic: 0 });
    expect(trendLineOf([1, 2])).toBeNull();
  });

  it('property: a price line turned upside down has the opposite slope', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 3, maxLength: 40 }), (values) => {
        const up = trendLineOf(values);
        const down = trendLineOf(values.map((value) => -value));
        expect((up?.slope ?? 0) + (down?.slope ?? 0)).toBeCloseTo(0, 9);
      }),
      { seed: 1 },
    );
  });
});
