import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { importanceOf, rankOf } from './task-rank.ts';

const importances = fc.integer({ min: 1, max: 25 });
const waits = fc.integer({ min: 0, max: 400_000_000 });

describe('rankOf', () => {
  it('property: is a rank, falls with importance and with waiting', () => {
    fc.assert(
      fc.property(importances, importances, waits, waits, (one, other, short, long) => {
        const rank = rankOf({ importance: one, waitedMs: short });
        expect(Number.isInteger(rank) && rank >= 1 && rank <= 2_000_000).toBe(true);
        if (one > other) expect(rank).toBeLessThanOrEqual(rankOf({ importance: other, waitedMs: short }));
        if (long > short) expect(rank).toBeGreaterThanOrEqual(rankOf({ importance: one, waitedMs: long }));
      }),
    );
  });

  it('lets the least important pass a fresh one of the highest importance after 72 minutes', () => {
    const urgent = rankOf({ importance: importanceOf(5, 5), waitedMs: 0 });
    expect(rankOf({ importance: 1, waitedMs: 71 * 60_000 })).toBeGreaterThan(urgent);
    expect(rankOf({ importance: 1, waitedMs: 73 * 60_000 })).toBeLessThan(urgent);
  });
});
