import { describe, expect, it } from '@jest/globals';
import { CandleSeries } from '../domain/candle-series.ts';
import { fixed } from '../domain/fixed.ts';
import { createGeneratedMarket } from '../domain/generated-market.ts';
import { createReplayMarket } from '../domain/replay-market.ts';
import type { MarketSource } from '../domain/venue-types.ts';
import { shiftToNow } from './shift-to-now.ts';

const HOUR_MS = 3_600_000;
const FUNDING_MS = 8 * HOUR_MS;
/** A Sunday, 03:00 UTC. */
const START_MS = Date.UTC(2023, 0, 1, 3);
const NOW_MS = Date.UTC(2026, 4, 6, 13, 42, 17, 123);

/** Hours whose open price counts them, with a rate at each funding hour that counts those. */
const aRecording = (hours: number): MarketSource => {
  const series = new CandleSeries({ symbol: 'BTCUSDT', interval: '1h', intervalMs: HOUR_MS });
  const price = (hour: number) => fixed(String(1_000 + hour));
  for (let hour = 0; hour < hours; hour += 1) {
    const [open, close] = [price(hour), price(hour + 1)];
    series.push({ openTimeMs: START_MS + hour * HOUR_MS, open, high: close, low: open, close, volume: fixed('1') });
  }
  const first = Math.ceil(START_MS / FUNDING_MS) * FUNDING_MS;
  const rates = new Map(
    Array.from({ length: Math.ceil(hours / 8) }, (_, index) => [
      first + index * FUNDING_MS,
      fixed(`0.000${index + 1}`),
    ]),
  );
  return createReplayMarket({ series: [series], funding: [{ symbol: 'BTCUSDT', rates }] });
};

describe('shiftToNow', () => {
  const recording = aRecording(40);
  const shifted = shiftToNow(recording, NOW_MS);

  it('opens the first candle played at the last whole interval before now', () => {
    expect(shifted.startMs).toBe(Date.UTC(2026, 4, 6, 13));
    expect(shifted.candleAt('BTCUSDT', shifted.startMs)?.openTimeMs).toBe(shifted.startMs);
    expect(shifted.candleAt('BTCUSDT', shifted.startMs - HOUR_MS)).not.toBeNull();
  });

  it('moves by whole funding periods, so that each rate is paid at an hour of funding', () => {
    const byMs = (shifted.endMs ?? 0) - (recording.endMs ?? 0);
    expect(byMs % FUNDING_MS).toBe(0);
    const paid = (market: MarketSource, shiftMs: number) =>
      Array.from({ length: 6 }, (_, index) => {
        const timeMs = Math.ceil(START_MS / FUNDING_MS) * FUNDING_MS + index * FUNDING_MS;
        return market.fundingRateAt('BTCUSDT', timeMs + shiftMs);
      });
    expect(paid(shifted, byMs)).toEqual(paid(recording, 0));
    expect(paid(shifted, byMs)[0]).toBe(fixed('0.0001'));
  });

  it('keeps every candle: what lies before now is history, the rest is played', () => {
    const before = shifted.history('BTCUSDT');
    const played = [];
    for (let timeMs = shifted.startMs; timeMs < (shifted.endMs ?? 0); timeMs += HOUR_MS) {
      played.push(shifted.candleAt('BTCUSDT', timeMs));
    }
    const opens = [...before, ...played].map((candle) => candle?.open);
    expect(opens).toEqual(Array.from({ length: 40 }, (_, hour) => fixed(String(1_000 + hour))));
    expect(before.at(-1)?.openTimeMs).toBe(shifted.startMs - HOUR_MS);
    expect(before.length).toBeLessThan(8);
  });

  it('plays all of a recording that is too short to lose hours, and finds its funding all the same', () => {
    const short = shiftToNow(aRecording(3), NOW_MS);
    expect(short.history('BTCUSDT')).toEqual([]);
    expect(short.candleAt('BTCUSDT', short.startMs)?.open).toBe(fixed('1000'));
    expect(short.fundingRateAt('BTCUSDT', Date.UTC(2026, 4, 6, 16))).toBe(fixed('0.0001'));
  });

  it('moves a generated market too, which is the same walk whenever it is started', () => {
    const options = { seed: 3, symbols: ['ETHUSDT'], interval: '1m', startMs: START_MS, historyCandles: 10 };
    const first = shiftToNow(createGeneratedMarket(options), NOW_MS);
    const later = shiftToNow(createGeneratedMarket(options), NOW_MS + FUNDING_MS);
    expect(first.endMs).toBeNull();
    expect(first.startMs).toBe(Date.UTC(2026, 4, 6, 13, 42));
    expect(later.candleAt('ETHUSDT', later.startMs)?.close).toBe(first.candleAt('ETHUSDT', first.startMs)?.close);
  });

  it('refuses a market that has not been yet', () => {
    expect(() => shiftToNow(recording, START_MS - 1)).toThrow('after now');
  });
});
