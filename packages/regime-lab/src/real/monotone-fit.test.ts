import { describe, expect, it } from '@jest/globals';
import { confusionOf } from './agreement.ts';
import { bestCutsAccuracy, rankCorrelation, relabeledAccuracy } from './monotone-fit.ts';

const labels = Int8Array.of(0, 0, 1, 1, 2, 2, -1);
const judged = { labels, from: 0 };

describe('relabeledAccuracy', () => {
  it('forgives levels that begin elsewhere, and not an order that is wrong', () => {
    // Everything called one level too high: only the two that share the top are lost.
    const shifted = confusionOf(labels, Int8Array.of(1, 1, 2, 2, 2, 2, 0), { classes: 3 });
    expect(relabeledAccuracy(shifted)).toBeCloseTo(4 / 6, 12);
    const reversed = confusionOf(labels, Int8Array.of(2, 2, 1, 1, 0, 0, 0), { classes: 3 });
    expect(relabeledAccuracy(reversed)).toBeCloseTo(2 / 6, 12);
    expect(relabeledAccuracy(confusionOf(labels, labels, { classes: 3 }))).toBe(1);
  });
});

describe('bestCutsAccuracy', () => {
  it('finds the cuts that part most labels right', () => {
    expect(bestCutsAccuracy(Float64Array.of(-3, -2, 5, 5.5, 40, 50, 9), judged, 3)).toBe(1);
    expect(bestCutsAccuracy(Float64Array.of(-3, 5.2, 5, 5.5, 40, 50, 9), judged, 3)).toBeCloseTo(5 / 6, 12);
    expect(bestCutsAccuracy(Float64Array.of(50, 40, 5.5, 5, -2, -3, 9), judged, 3)).toBeCloseTo(2 / 6, 12);
  });

  it('keeps equal scores together and passes over what comes before `from`', () => {
    expect(bestCutsAccuracy(new Float64Array(7).fill(4), judged, 3)).toBeCloseTo(2 / 6, 12);
    expect(bestCutsAccuracy(Float64Array.of(9, 9, 1, 1, 2, 2, 0), { labels, from: 2 }, 3)).toBe(1);
    expect(bestCutsAccuracy(new Float64Array(7), { labels, from: 7 }, 3)).toBe(0);
  });
});

describe('rankCorrelation', () => {
  it('is 1 for any rising score, -1 for a falling one, 0 for none', () => {
    expect(rankCorrelation(Float64Array.of(1, 1, 10, 10, 11, 11, -5), judged)).toBeCloseTo(1, 12);
    expect(rankCorrelation(Float64Array.of(3, 3, 2, 2, 1, 1, 9), judged)).toBeCloseTo(-1, 12);
    expect(rankCorrelation(new Float64Array(7), judged)).toBe(0);
  });

  it('shares ranks among equals', () => {
    // Ranks 1.5 1.5 3.5 3.5 5.5 5.5 against 1 2 3 4 5 6.
    expect(rankCorrelation(Float64Array.of(1, 2, 3, 4, 5, 6, 0), judged)).toBeCloseTo(16 / Math.sqrt(16 * 17.5), 12);
  });
});
