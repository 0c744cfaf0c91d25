import { describe, expect, it } from '@jest/globals';
import { codeOf } from '../../test/venue-builders.ts';
import { GoodTillDates, judgeGoodTill } from './good-till.ts';

const NOW_MS = 1_704_067_200_000;

describe('judgeGoodTill', () => {
  it.each([
    { name: 'GTC without a date', order: { timeInForce: 'GTC' as const }, code: 0 },
    { name: 'GTC with a date', order: { timeInForce: 'GTC' as const, goodTillMs: NOW_MS + 700_000 }, code: -1106 },
    { name: 'a date alone', order: { goodTillMs: NOW_MS + 700_000 }, code: -1106 },
    { name: 'GTD without a date', order: { timeInForce: 'GTD' as const }, code: -1102 },
    { name: 'ten minutes ahead', order: { timeInForce: 'GTD' as const, goodTillMs: NOW_MS + 600_000 }, code: -5040 },
    { name: 'a second more', order: { timeInForce: 'GTD' as const, goodTillMs: NOW_MS + 601_000 }, code: 0 },
    {
      name: 'less than a second more',
      order: { timeInForce: 'GTD' as const, goodTillMs: NOW_MS + 600_999 },
      code: -5040,
    },
    { name: 'the end of days', order: { timeInForce: 'GTD' as const, goodTillMs: 253_402_300_799_000 }, code: -5040 },
  ])('$name: $code', ({ order, code }) => {
    expect(codeOf(judgeGoodTill(order, NOW_MS))).toBe(code);
  });

  it('keeps whole seconds', () => {
    expect(judgeGoodTill({ timeInForce: 'GTD', goodTillMs: NOW_MS + 700_999 }, NOW_MS)).toEqual({
      kind: 'done',
      value: NOW_MS + 700_000,
    });
  });
});

describe('GoodTillDates', () => {
  it('serve by time, then by age, and pass over what has ended before', () => {
    const dates = new GoodTillDates();
    const seen: string[] = [];
    const open = new Set(['a', 'b', 'c', 'd']);
    const add = (timeMs: number, name: string): void =>
      dates.add(timeMs, { isOpen: () => open.has(name), expire: () => seen.push(name) });
    add(30, 'c');
    add(5, 'd');
    add(10, 'a');
    add(10, 'b');
    expect(dates.nextMs).toBe(5);
    open.delete('d');
    expect(dates.nextMs).toBe(10);
    dates.expireUntil(29);
    expect(seen).toEqual(['a', 'b']);
    dates.expireUntil(30);
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(dates.nextMs).toBe(Number.MAX_SAFE_INTEGER);
  });
});
