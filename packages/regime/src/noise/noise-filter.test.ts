import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { normalDraws } from '../../test/normal-draws.ts';
import { type FilteredPrice, NoiseFilter, type NoiseFilterState, type NoiseMethod } from './noise-filter.ts';

const filterAll = (logPrices: readonly number[], filter = new NoiseFilter()): readonly FilteredPrice[] =>
  logPrices.map((logPrice) => filter.update({ logPrice, elapsedCandles: 1 }));
const mostUsed = (prices: readonly FilteredPrice[]): NoiseMethod => {
  const counts = new Map<NoiseMethod, number>();
  for (const { method } of prices) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].toSorted(([, left], [, right]) => right - left)[0]![0];
};

const CANDLES = 3_000;
const calmTrend = normalDraws(1, CANDLES).map((draw, index) => 10 - 0.16 * Math.cos(index / 80) + 0.004 * draw);
const range = normalDraws(2, CANDLES).map((draw) => 10 + 0.01 * draw);
const randomWalk = (seed: number): readonly number[] => {
  let logPrice = 10;
  return normalDraws(seed, CANDLES).map((draw) => {
    logPrice += 0.01 * draw;
    return logPrice;
  });
};
const bursts = (): readonly number[] => {
  const random = seededRandom(3);
  let level = 10;
  return normalDraws(4, CANDLES).map((draw) => {
    if (random() < 0.02) level += random() < 0.5 ? -0.05 : 0.05;
    return level + 0.005 * draw;
  });
};

describe('NoiseFilter', () => {
  it.each([
    { name: 'Kalman in a calm trend', prices: calmTrend, method: 'kalman' },
    { name: 'the wavelet where the price moves in bursts', prices: bursts(), method: 'wavelet' },
    { name: 'the adaptive average in a range', prices: range, method: 'adaptive' },
  ])('takes $name', ({ prices, method }) => {
    expect(mostUsed(filterAll(prices).slice(500))).toBe(method);
  });

  it('changes over when the market does', () => {
    const update = filterAll([...calmTrend, ...range.map((price) => price - 10 + calmTrend.at(-1)!)]);
    expect(mostUsed(update.slice(500, CANDLES))).toBe('kalman');
    expect(mostUsed(update.slice(CANDLES + 500))).toBe('adaptive');
  });

  it('changes over rarely within one market', () => {
    const methods = filterAll(bursts()).map(({ method }) => method);
    const changes = methods.filter((method, index) => index > 500 && method !== methods[index - 1]);
    expect(changes.length).toBeLessThan(10);
  });

  it('uses the filter that is forced, and the best again when none is', () => {
    const filter = new NoiseFilter({ method: 'adaptive' });
    expect(mostUsed(filterAll(calmTrend, filter))).toBe('adaptive');
    filter.configure({ method: 'automatic' });
    expect(filter.update({ logPrice: calmTrend.at(-1)!, elapsedCandles: 1 }).method).toBe('kalman');
  });

  it('is nearer to the true level than the raw price is', () => {
    const errors = filterAll(calmTrend).map(
      ({ filteredLogPrice }, index) => (filteredLogPrice - (10 - 0.16 * Math.cos(index / 80))) ** 2,
    );
    const meanSquare = errors.slice(500).reduce((sum, error) => sum + error, 0) / (CANDLES - 500);
    expect(Math.sqrt(meanSquare)).toBeLessThan(0.6 * 0.004);
  });

  it('tells noise from movement that lasts', () => {
    const meanNoiseOf = (prices: readonly number[]): number => {
      const noise = filterAll(prices).slice(500);
      return noise.reduce((sum, { noiseRatio }) => sum + noiseRatio, 0) / noise.length;
    };
    expect(meanNoiseOf(range)).toBeGreaterThan(0.8);
    expect(meanNoiseOf(randomWalk(5))).toBeLessThan(0.2);
  });

  it('mirrors a mirrored price and keeps its choice', () => {
    const prices = randomWalk(6);
    const mirrored = filterAll(prices.map((price) => -price));
    filterAll(prices).forEach(({ filteredLogPrice, method, noiseRatio }, index) => {
      expect(mirrored[index]).toEqual({ filteredLogPrice: -filteredLogPrice, method, noiseRatio });
    });
  });

  it('makes the same choices at 1000 times the price', () => {
    const prices = randomWalk(7);
    const scaled = filterAll(prices.map((price) => price + Math.log(1000)));
    filterAll(prices).forEach(({ filteredLogPrice, method }, index) => {
      expect(scaled[index]!.method).toBe(method);
      expect(scaled[index]!.filteredLogPrice).toBeCloseTo(filteredLogPrice + Math.log(1000), 9);
    });
  });

  it('starts anew at the price where a gap ends', () => {
    const filter = new NoiseFilter();
    filterAll(range, filter);
    expect(filter.update({ logPrice: 12, elapsedCandles: 5 }).filteredLogPrice).toBe(12);
  });

  it('stays finite on a price that never moves, and on a shock after it', () => {
    const prices = filterAll([...new Array<number>(500).fill(10), 13, 13, 9]);
    for (const { filteredLogPrice, noiseRatio } of prices) {
      expect(Number.isFinite(filteredLogPrice)).toBe(true);
      expect(noiseRatio).toBeGreaterThanOrEqual(0);
      expect(noiseRatio).toBeLessThanOrEqual(1);
    }
  });

  it.each([0, 1, 37, 1_500])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const prices = randomWalk(8);
    const whole = filterAll(prices);
    const first = new NoiseFilter();
    filterAll(prices.slice(0, cut), first);
    const second = new NoiseFilter();
    second.restore(JSON.parse(JSON.stringify(first.save())) as NoiseFilterState);
    expect(filterAll(prices.slice(cut), second)).toEqual(whole.slice(cut));
  });

  it('shows the filter in use and what each is worth', () => {
    const filter = new NoiseFilter();
    expect(filter.view().state).toBe('warming');
    filterAll(range, filter);
    const { state, metrics, debug } = filter.view();
    expect(state).toBe('running');
    expect(metrics).toMatchObject({ method: 'adaptive', is_forced: 0 });
    const shares = Object.values(debug['shares'] as Record<string, number>);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  });
});
