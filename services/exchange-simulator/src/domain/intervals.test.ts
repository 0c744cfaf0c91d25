import { describe, expect, it } from '@jest/globals';
import { servedIntervalMs } from './intervals.ts';

const MINUTE_MS = 60_000;

describe('servedIntervalMs', () => {
  it.each([
    { interval: '5m', baseMs: MINUTE_MS, lengthMs: 300_000 },
    { interval: '1m', baseMs: 300_000, lengthMs: null },
    { interval: '7m', baseMs: MINUTE_MS, lengthMs: null },
  ])('$interval from candles of $baseMs ms: $lengthMs', ({ interval, baseMs, lengthMs }) => {
    expect(servedIntervalMs(interval, baseMs)).toBe(lengthMs);
  });
});
