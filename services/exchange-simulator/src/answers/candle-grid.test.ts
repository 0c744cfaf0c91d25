import { describe, expect, it } from '@jest/globals';
import { fixed } from '../domain/fixed.ts';
import type { CandleView } from '../domain/venue-types.ts';
import { intervalLengthMs, mergeCandles } from './candle-grid.ts';

const MINUTE_MS = 60_000;

const aCandle = (minute: number, [open, high, low, close]: readonly [string, string, string, string]): CandleView => ({
  symbol: 'BTCUSDT',
  openTimeMs: minute * MINUTE_MS,
  closeTimeMs: (minute + 1) * MINUTE_MS - 1,
  open: fixed(open),
  high: fixed(high),
  low: fixed(low),
  close: fixed(close),
  volume: fixed('2'),
  quoteVolume: fixed('20'),
  tradeCount: 3,
  takerBuyVolume: fixed('1'),
  takerBuyQuoteVolume: fixed('10'),
  firstTradeId: minute * 3 + 1,
  lastTradeId: minute * 3 + 3,
  isClosed: true,
});

describe('mergeCandles', () => {
  const candles = [
    aCandle(0, ['10', '12', '9', '11']),
    aCandle(1, ['11', '15', '10', '14']),
    aCandle(2, ['14', '14', '5', '6']),
    aCandle(3, ['6', '7', '6', '7']),
  ];

  it('makes one candle of three', () => {
    const [merged] = mergeCandles(candles, 3 * MINUTE_MS);
    expect(merged).toMatchObject({
      openTimeMs: 0,
      closeTimeMs: 3 * MINUTE_MS - 1,
      open: fixed('10'),
      high: fixed('15'),
      low: fixed('5'),
      close: fixed('6'),
      volume: fixed('6'),
      tradeCount: 9,
      firstTradeId: 1,
      lastTradeId: 9,
      isClosed: true,
    });
  });

  it('leaves the last one open until its end has come', () => {
    expect(mergeCandles(candles, 3 * MINUTE_MS)[1]).toMatchObject({ openTimeMs: 3 * MINUTE_MS, isClosed: false });
  });
});

describe('intervalLengthMs', () => {
  it.each([
    { interval: '5m', baseMs: MINUTE_MS, lengthMs: 300_000 },
    { interval: '1m', baseMs: 300_000, lengthMs: undefined },
    { interval: '7m', baseMs: MINUTE_MS, lengthMs: undefined },
  ])('$interval from candles of $baseMs ms: $lengthMs', ({ interval, baseMs, lengthMs }) => {
    expect(intervalLengthMs(interval, baseMs)).toBe(lengthMs);
  });
});
