import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { readCandles } from '../test/real-market.ts';
import {
  FEATURE_WARMUP_CANDLES,
  type FeatureState,
  FeatureStream,
  type FeatureVector,
  featuresOf,
} from './features.ts';
import { type MarketCandle, marketCandleOf } from './market-candle.ts';

const real = (name: string, limit: number): MarketCandle[] => readCandles(name, { limit }).map(marketCandleOf);

const streamed = (candles: readonly MarketCandle[]): (FeatureVector | null)[] => {
  const stream = new FeatureStream();
  return candles.map((candle) => stream.update(candle));
};

const walk = (count: number, seed: number): MarketCandle[] => {
  const random = seededRandom(seed);
  let close = 100;
  return Array.from({ length: count }, (_, index) => {
    const open = close;
    close = open * (1 + (random() - 0.5) / 50);
    const high = Math.max(open, close) * (1 + random() / 100);
    const low = Math.min(open, close) * (1 - random() / 100);
    return { openTimeMs: index * 60_000, open, high, low, close, volume: random() * 1_000 };
  });
};

const flat = (count: number): MarketCandle[] =>
  Array.from({ length: count }, (_, index) => ({
    openTimeMs: index * 60_000,
    open: 5,
    high: 5,
    low: 5,
    close: 5,
    volume: 0,
  }));

const largestDifference = (left: FeatureVector, right: FeatureVector): number =>
  Math.max(
    ...Object.entries(left).map(([name, value]) => {
      const other = right[name as keyof FeatureVector];
      return Math.abs(value - other) / Math.max(1, Math.abs(value));
    }),
  );

describe('features', () => {
  it.each([
    { name: 'a year of BTCUSDT 1h', candles: () => real('BTCUSDT_um_1h_20230101-20240630', 8_760) },
    { name: 'four days of ETHUSDT 1m', candles: () => real('ETHUSDT_um_1m_20230703-20230817', 5_760) },
    { name: 'a random walk', candles: () => walk(2_000, 7) },
    { name: 'a market that stands still', candles: () => flat(200) },
  ])('stream and batch agree to 1e-12: $name', ({ candles }) => {
    const all = candles();
    const batch = featuresOf(all);
    const stream = streamed(all);
    let worst = 0;
    batch.forEach((expected, index) => {
      const actual = stream[index] ?? null;
      expect(actual === null).toBe(expected === null);
      if (expected !== null && actual !== null) worst = Math.max(worst, largestDifference(expected, actual));
    });
    expect(worst).toBeLessThan(1e-12);
  });

  it('the first vector comes after the warm-up, and all values are finite', () => {
    const vectors = streamed(walk(300, 3));
    expect(vectors.findIndex((vector) => vector !== null)).toBe(FEATURE_WARMUP_CANDLES - 1);
    for (const vector of [...vectors, ...streamed(flat(100))]) {
      if (vector !== null) expect(Object.values(vector).every(Number.isFinite)).toBe(true);
    }
  });

  it('look at nothing that comes later: cutting the history changes no earlier vector', () => {
    const all = real('LTCUSDT_um_1h_20200109-20240630', 1_000);
    const whole = featuresOf(all);
    for (const length of [49, 50, 100, 333, 500, 801, 999]) {
      expect(featuresOf(all.slice(0, length))).toEqual(whole.slice(0, length));
    }
  });

  it('go on bit for bit after being saved as text at any candle', () => {
    const all = walk(200, 11);
    const whole = streamed(all);
    for (const cut of [0, 1, 13, 14, 31, 48, 49, 120]) {
      const before = new FeatureStream();
      for (const candle of all.slice(0, cut)) before.update(candle);
      const after = new FeatureStream(JSON.parse(JSON.stringify(before.save())) as FeatureState);
      expect(all.slice(cut).map((candle) => after.update(candle))).toEqual(whole.slice(cut));
    }
  });
});
