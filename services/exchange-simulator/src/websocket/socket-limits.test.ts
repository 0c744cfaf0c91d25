import { describe, expect, it } from '@jest/globals';
import { ConnectionRate } from './socket-limits.ts';

const SECOND_MS = 1_000;
const WINDOW_MS = 300 * SECOND_MS;

describe('ConnectionRate', () => {
  it('admits as many as allowed from each address in five minutes', () => {
    const rate = new ConnectionRate(2);
    expect([1, 2, 3].map((second) => rate.admits('a', second * SECOND_MS))).toEqual([true, true, false]);
    expect(rate.admits('b', 4 * SECOND_MS)).toBe(true);
    expect(rate.admits('a', WINDOW_MS)).toBe(true);
  });

  it('admits any number where there is no limit', () => {
    const rate = new ConnectionRate(null);
    expect(Array.from({ length: 1_000 }, () => rate.admits('a', SECOND_MS)).every(Boolean)).toBe(true);
  });
});
