import { describe, expect, it } from '@jest/globals';
import { Duration, Moment, momentMs, SignedDuration } from './market-moment.ts';

const NEW_YEAR_MS = 1_704_067_200_000;

describe('times as people write them', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['3m', 180_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
  ])('a span of %s is %d ms', (written, ms) => {
    expect(Duration.parse(written)).toBe(ms);
  });

  it.each(['', '5', '5 s', '5w', '-5s', -1, 1.5, '999999999d', Number.NaN])('refuses the span %j', (written) => {
    expect(Duration.safeParse(written).success).toBe(false);
  });

  it('knows which spans may be negative', () => {
    expect(SignedDuration.parse('-5s')).toBe(-5_000);
    expect(SignedDuration.parse(-250)).toBe(-250);
  });

  it.each([
    [NEW_YEAR_MS, NEW_YEAR_MS],
    ['2024-01-01T00:00:00Z', NEW_YEAR_MS],
    ['2024-01-01T01:00:00+01:00', NEW_YEAR_MS],
    ['+90s', NEW_YEAR_MS + 90_000],
    ['+0ms', NEW_YEAR_MS],
  ])('the moment %s is %d', (written, timeMs) => {
    expect(momentMs(Moment.parse(written), NEW_YEAR_MS)).toBe(timeMs);
  });

  // A time without a zone would mean another moment on another machine.
  it.each(['2024-01-01T00:00:00', 'tomorrow', '+', '+5', '90s', 5, 9e15])('refuses the moment %j', (written) => {
    expect(Moment.safeParse(written).success).toBe(false);
  });
});
