import { describe, expect, it } from '@jest/globals';
import { ListenKeys } from './listen-keys.ts';

const HOUR_MS = 3_600_000;

describe('ListenKeys', () => {
  it('gives the same key while it lives and a new one afterwards', () => {
    const keys = new ListenKeys();
    const first = keys.open('a', 0);
    expect(keys.open('a', HOUR_MS - 1)).toBe(first);
    expect(keys.expire(2 * HOUR_MS)).toEqual([{ accountId: 'a', key: first }]);
    expect(keys.accountOf(first)).toBeUndefined();
    expect(keys.open('a', 2 * HOUR_MS)).not.toBe(first);
  });

  it('forgets a key that has run out when the next one is made', () => {
    const keys = new ListenKeys();
    const first = keys.open('a', 0);
    expect(keys.open('a', HOUR_MS)).not.toBe(first);
    expect(keys.accountOf(first)).toBeUndefined();
  });

  it('lives an hour from the last keep-alive', () => {
    const keys = new ListenKeys();
    const key = keys.open('a', 0);
    expect(keys.extend('a', HOUR_MS - 1)).toBe(key);
    expect(keys.expire(HOUR_MS + 1)).toEqual([]);
    expect(keys.extend('a', 3 * HOUR_MS)).toBeUndefined();
  });

  it('knows nothing of a closed key', () => {
    const keys = new ListenKeys();
    const key = keys.open('a', 0);
    expect(keys.close('a')).toBe(key);
    expect(keys.accountOf(key)).toBeUndefined();
    expect(keys.extend('a', 1)).toBeUndefined();
  });
});
