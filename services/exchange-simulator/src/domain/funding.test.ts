import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aDesk, aSeries, type CandleRow, MINUTE_MS, START_MS } from '../../test/venue-builders.ts';
import { CandleSeries } from './candle-series.ts';
import { fixed, type Fixed, numberOf, times } from './fixed.ts';
import { createGeneratedMarket } from './generated-market.ts';
import { createReplayMarket } from './replay-market.ts';
import type { MarketSource } from './venue-types.ts';

const HOUR_MS = 3_600_000;

const hourly = (symbol: string, candles: number): CandleSeries => {
  const series = new CandleSeries({ symbol, interval: '1h', intervalMs: HOUR_MS });
  for (let index = 0; index < candles; index += 1) {
    const price = BigInt(2_000 + (index % 7)) * 100_000_000n;
    const shape = { open: price, high: price + 500_000_000n, low: price - 500_000_000n, close: price };
    series.push({ openTimeMs: START_MS + index * HOUR_MS, ...shape, volume: 10_000_000_000n });
  }
  return series;
};

const recorded = (times_: readonly number[], rate: string): MarketSource =>
  createReplayMarket({
    series: [hourly('ETHUSDT', 48), hourly('SOLUSDT', 48)],
    funding: [{ symbol: 'ETHUSDT', rates: new Map(times_.map((hour) => [START_MS + hour * HOUR_MS, fixed(rate)])) }],
  });

describe('funding rates', () => {
  it('follow the premium of the interval: damped by half a permille, later candles weighing more', () => {
    const { venue } = aDesk(
      createGeneratedMarket({
        seed: 11,
        symbols: ['ETHUSDT'],
        interval: '15m',
        startMs: START_MS,
        historyCandles: 3_000,
      }),
    );
    venue.advance(START_MS + 30 * 24 * HOUR_MS);
    const points = venue.fundingHistory({ symbol: 'ETHUSDT', limit: 1_000 });
    expect(points.length).toBeGreaterThan(90);
    for (const { fundingTimeMs, fundingRate } of points.slice(3)) {
      const premiums = venue
        .candles({
          symbol: 'ETHUSDT',
          kind: 'premium',
          startMs: fundingTimeMs - 8 * HOUR_MS,
          endMs: fundingTimeMs - 1,
          limit: 100,
        })
        .map(({ close }) => numberOf(close));
      expect(premiums).toHaveLength(32);
      const weight = (32 * 33) / 2;
      const premium = premiums.reduce((sum, value, index) => sum + value * (index + 1), 0) / weight;
      const expected = premium + Math.min(Math.max(0.0001 - premium, -0.0005), 0.0005);
      expect(numberOf(fundingRate)).toBeCloseTo(expected, 7);
    }
    // Most of the time the premium is small and the rate is the interest; not always.
    const isInterest = ({ fundingRate }: { fundingRate: Fixed }): boolean => fundingRate === fixed('0.0001');
    const resting = points.filter(isInterest).length;
    expect(resting).toBeGreaterThan(points.length / 2);
    expect(resting).toBeLessThan(points.length);
  });

  it('are the recorded ones where there are any, and the next one is known before it is paid', () => {
    const { venue, buy } = aDesk(recorded([8, 16], '0.0007'));
    expect(venue.mark('ETHUSDT')).toMatchObject({
      fundingRate: fixed('0.0007'),
      nextFundingTimeMs: START_MS + 8 * HOUR_MS,
    });
    buy();
    venue.advance(START_MS + 9 * HOUR_MS);
    const [point] = venue.fundingHistory({ symbol: 'ETHUSDT', limit: 10 });
    expect(point).toMatchObject({ fundingTimeMs: START_MS + 8 * HOUR_MS, fundingRate: fixed('0.0007') });
    const [paid] = venue.income(ACCOUNT, { incomeType: 'FUNDING_FEE', limit: 10 });
    expect(paid?.amount).toBe(-times(point?.markPrice ?? 0n, fixed('0.0007')));
  });

  it('come every four hours where they were recorded so, for that symbol alone', () => {
    const { venue, buy } = aDesk(recorded([4, 8, 12, 16, 20, 24], '0.0002'));
    buy();
    buy({ symbol: 'SOLUSDT' });
    expect(venue.fundingIntervalMs('ETHUSDT')).toBe(4 * HOUR_MS);
    expect(venue.mark('ETHUSDT').nextFundingTimeMs).toBe(START_MS + 4 * HOUR_MS);
    expect(venue.mark('SOLUSDT').nextFundingTimeMs).toBe(START_MS + 8 * HOUR_MS);
    venue.advance(START_MS + 16 * HOUR_MS);
    const hours = (symbol: string): number[] =>
      venue.fundingHistory({ symbol, limit: 10 }).map(({ fundingTimeMs }) => (fundingTimeMs - START_MS) / HOUR_MS);
    expect(hours('ETHUSDT')).toEqual([4, 8, 12, 16]);
    expect(hours('SOLUSDT')).toEqual([8, 16]);
    const fees = venue.income(ACCOUNT, { incomeType: 'FUNDING_FEE', limit: 10 });
    expect(fees.map(({ symbol }) => symbol)).toEqual([
      'ETHUSDT',
      'ETHUSDT',
      'SOLUSDT',
      'ETHUSDT',
      'ETHUSDT',
      'SOLUSDT',
    ]);
  });
});

describe('open interest', () => {
  it('is a quarter of the last day’s volume and what customers are long', () => {
    const rows = Array.from({ length: 20 }, (): CandleRow => ['2000', '2010', '1990', '2000', '100']);
    const { venue, buy } = aDesk(createReplayMarket({ series: [aSeries('ETHUSDT', rows)] }));
    venue.advance(START_MS + 10 * MINUTE_MS - 1);
    const before = venue.openInterest('ETHUSDT');
    expect(before).toBe(venue.dayTicker('ETHUSDT').volume / 4n);
    buy({ quantity: '2' });
    expect(venue.openInterest('ETHUSDT') - before).toBe(fixed('2'));
  });
});
