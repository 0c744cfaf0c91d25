import { describe, expect, it } from '@jest/globals';
import { CandleSeries } from '../domain/candle-series.ts';
import { fixed } from '../domain/fixed.ts';
import { createReplayMarket, type ReplayMarketOptions } from '../domain/replay-market.ts';
import type { MarketSource } from '../domain/venue-types.ts';
import { createReplayNow } from './shift-to-now.ts';

const HOUR_MS = 3_600_000;
const FUNDING_MS = 8 * HOUR_MS;
/** A Sunday, 03:00 UTC. */
const START_MS = Date.UTC(2023, 0, 1, 3);
const NOW_MS = Date.UTC(2026, 4, 6, 13, 42, 17, 123);
const FIRST_FUNDING_MS = Math.ceil(START_MS / FUNDING_MS) * FUNDING_MS;

/** Hours whose open price counts them, with a rate at each funding hour that counts those. */
const aRecording = (hours: number): ReplayMarketOptions => {
  const series = new CandleSeries({ symbol: 'BTCUSDT', interval: '1h', intervalMs: HOUR_MS });
  const price = (hour: number) => fixed(String(1_000 + hour));
  for (let hour = 0; hour < hours; hour += 1) {
    const [open, close] = [price(hour), price(hour + 1)];
    series.push({ openTimeMs: START_MS + hour * HOUR_MS, open, high: close, low: open, close, volume: fixed('1') });
  }
  const rates = new Map(
    Array.from({ length: Math.ceil(hours / 8) }, (_, index) => [
      FIRST_FUNDING_MS + index * FUNDING_MS,
      fixed(`0.000${index + 1}`),
    ]),
  );
  return { series: [series], funding: [{ symbol: 'BTCUSDT', rates }] };
};

const opensOf = (market: MarketSource): (bigint | undefined)[] => {
  const opens = market.history('BTCUSDT').map(({ open }): bigint | undefined => open);
  for (let timeMs = market.startMs; timeMs < (market.endMs ?? 0); timeMs += HOUR_MS) {
    opens.push(market.candleAt('BTCUSDT', timeMs)?.open);
  }
  return opens;
};

describe('createReplayNow', () => {
  const recorded = createReplayMarket(aRecording(40));
  const shifted = createReplayNow(aRecording(40), NOW_MS);

  it('opens the first candle played at the last whole interval before now', () => {
    expect(shifted.startMs).toBe(Date.UTC(2026, 4, 6, 13));
    expect(shifted.candleAt('BTCUSDT', shifted.startMs)?.openTimeMs).toBe(shifted.startMs);
  });

  it('moves by whole funding periods, so that each rate is paid at an hour of funding', () => {
    const byMs = (shifted.endMs ?? 0) - (recorded.endMs ?? 0);
    expect(byMs % FUNDING_MS).toBe(0);
    const paid = (market: MarketSource, shiftMs: number) =>
      Array.from({ length: 6 }, (_, index) =>
        market.fundingRateAt('BTCUSDT', FIRST_FUNDING_MS + index * FUNDING_MS + shiftMs),
      );
    expect(paid(shifted, byMs)).toEqual(paid(recorded, 0));
    expect(paid(shifted, byMs)[0]).toBe(fixed('0.0001'));
  });

  it('keeps every candle: what lies before now is history, the rest is played', () => {
    expect(opensOf(shifted)).toEqual(Array.from({ length: 40 }, (_, hour) => fixed(String(1_000 + hour))));
    const before = shifted.history('BTCUSDT');
    expect(before.at(-1)?.openTimeMs).toBe(shifted.startMs - HOUR_MS);
    expect(before.length).toBeLessThan(8);
  });

  it('keeps the cut: what comes before it is history, what comes after it is not played', () => {
    const cut = { fromMs: START_MS + 10 * HOUR_MS, toMs: START_MS + 39 * HOUR_MS };
    const opens = opensOf(createReplayNow({ ...aRecording(40), ...cut }, NOW_MS));
    expect(opens).toEqual(Array.from({ length: 39 }, (_, hour) => fixed(String(1_000 + hour))));
  });

  it('plays all of a recording that is too short to lose hours, and pays its funding all the same', () => {
    const short = createReplayNow(aRecording(3), NOW_MS);
    expect(short.history('BTCUSDT')).toEqual([]);
    expect(short.candleAt('BTCUSDT', Date.UTC(2026, 4, 6, 13))?.open).toBe(fixed('1000'));
    // Recorded at 08:00, five hours after the first candle: 18:00 now, nearest to 16:00.
    expect(short.fundingRateAt('BTCUSDT', Date.UTC(2026, 4, 6, 16))).toBe(fixed('0.0001'));
  });

  it('refuses a recording that has not been yet', () => {
    expect(() => createReplayNow(aRecording(40), START_MS - 1)).toThrow('after now');
  });
});
