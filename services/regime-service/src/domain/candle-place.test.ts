import { describe, expect, it } from '@jest/globals';
import { formingOpenTimeMs, placeOf } from './candle-place.ts';

describe('placeOf', () => {
  it.each([
    { name: 'the first ever', openTimeMs: 180, last: null, place: { kind: 'next' } },
    { name: 'right after the last', openTimeMs: 180, last: 120, place: { kind: 'next' } },
    { name: 'the last again', openTimeMs: 120, last: 120, place: { kind: 'known' } },
    { name: 'older', openTimeMs: 60, last: 120, place: { kind: 'known' } },
    { name: 'two missing', openTimeMs: 300, last: 120, place: { kind: 'after_gap', startMs: 180, endMs: 300 } },
  ])('$name', ({ openTimeMs, last, place }) => {
    expect(placeOf(openTimeMs, last, 60)).toEqual(place);
  });

  it('knows the forming candle', () => {
    expect([0, 59, 60, 61].map((nowMs) => formingOpenTimeMs(nowMs, 60))).toEqual([0, 0, 60, 60]);
  });
});
