import { describe, expect, it } from '@jest/globals';
import { candleSpanAt, canJoinTo } from './intervals.ts';

const MINUTE_MS = 60_000;

describe('canJoinTo', () => {
  it.each([
    { interval: '5m', baseMs: MINUTE_MS, can: true },
    { interval: '1m', baseMs: 5 * MINUTE_MS, can: false },
    { interval: '7m', baseMs: MINUTE_MS, can: false },
    { interval: '1s', baseMs: MINUTE_MS, can: false },
    { interval: '1M', baseMs: 60 * MINUTE_MS, can: true },
  ])('$interval from candles of $baseMs ms: $can', ({ interval, baseMs, can }) => {
    expect(canJoinTo(interval, baseMs)).toBe(can);
  });
});

describe('candleSpanAt', () => {
  // A Thursday of a leap year.
  const timeMs = Date.UTC(2024, 1, 29, 13, 7);
  it.each([
    { interval: '15m', from: Date.UTC(2024, 1, 29, 13), to: Date.UTC(2024, 1, 29, 13, 15) },
    { interval: '1d', from: Date.UTC(2024, 1, 29), to: Date.UTC(2024, 2, 1) },
    { interval: '1w', from: Date.UTC(2024, 1, 26), to: Date.UTC(2024, 2, 4) },
    { interval: '1M', from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 2, 1) },
  ])('$interval', ({ interval, from, to }) => {
    expect(candleSpanAt(interval, timeMs)).toEqual({ openTimeMs: from, endMs: to });
  });
});
