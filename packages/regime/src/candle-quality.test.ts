import { describe, expect, it } from '@jest/globals';
import { inspectCandle } from './candle-quality.ts';

const good = { openTimeMs: 120_000, open: '10', high: '12', low: '9', close: '11', volume: '5' };
const last = { openTimeMs: 60_000, intervalMs: 60_000 };

describe('inspectCandle', () => {
  it.each([
    { name: 'a plain candle', candle: good },
    { name: 'no movement and no volume', candle: { ...good, high: '10', low: '10', close: '10', volume: '0' } },
    { name: 'a gap before it', candle: { ...good, openTimeMs: 600_000 } },
  ])('accepts $name', ({ candle }) => {
    expect(inspectCandle(candle, last)).toMatchObject({ kind: 'accepted', bar: { openTimeMs: candle.openTimeMs } });
  });

  it.each([
    { code: 'NOT_FINITE', candle: { ...good, close: 'NaN' } },
    { code: 'NOT_FINITE', candle: { ...good, openTimeMs: Number.NaN } },
    { code: 'PRICE_NOT_POSITIVE', candle: { ...good, low: '0' } },
    { code: 'PRICE_NOT_POSITIVE', candle: { ...good, low: '-3' } },
    { code: 'VOLUME_NEGATIVE', candle: { ...good, volume: '-1' } },
    { code: 'HIGH_BELOW_BODY', candle: { ...good, high: '10.5' } },
    { code: 'LOW_ABOVE_BODY', candle: { ...good, low: '10.5' } },
    { code: 'TIME_OFF_GRID', candle: { ...good, openTimeMs: 120_001 } },
    { code: 'TIME_NOT_ADVANCING', candle: { ...good, openTimeMs: 60_000 } },
    { code: 'TIME_NOT_ADVANCING', candle: { ...good, openTimeMs: 0 } },
  ])('refuses with $code: $candle', ({ code, candle }) => {
    expect(inspectCandle(candle, last)).toMatchObject({ kind: 'refused', code });
  });
});
