import { describe, expect, it } from '@jest/globals';
import { agreementOf, confusionOf } from './agreement.ts';

describe('agreementOf', () => {
  it('gives accuracy, kappa and correlation as worked out by hand', () => {
    // 25 and 25 labeled, 30 and 20 called: chance .5 * .6 + .5 * .4 = .5; (.7 - .5) / .5; (20 * 15 - 5 * 10) / sqrt(25 * 25 * 30 * 20).
    const { candles, accuracyRatio, kappa, correlation } = agreementOf(Float64Array.of(20, 5, 10, 15));
    expect(candles).toBe(50);
    expect(accuracyRatio).toBeCloseTo(0.7, 12);
    expect(kappa).toBeCloseTo(0.4, 12);
    expect(correlation).toBeCloseTo(250 / Math.sqrt(375_000), 12);
  });

  it('agrees with the definition for three classes', () => {
    // R_K by covariances of class indicators: ((50 * 36) - 834) / sqrt((2500 - 834) * (2500 - 834)).
    const confusion = Float64Array.of(12, 3, 1, 2, 14, 1, 2, 5, 10);
    const rows = [16, 17, 17];
    const columns = [16, 22, 12];
    const crossed = rows.reduce((sum, row, index) => sum + row * (columns[index] ?? 0), 0);
    const squares = (values: number[]): number => values.reduce((sum, value) => sum + value * value, 0);
    const expected = (50 * 36 - crossed) / Math.sqrt((2_500 - squares(rows)) * (2_500 - squares(columns)));
    expect(agreementOf(confusion).correlation).toBeCloseTo(expected, 12);
    expect(agreementOf(confusion).kappa).toBeCloseTo((36 / 50 - crossed / 2_500) / (1 - crossed / 2_500), 12);
  });

  it.each([
    { name: 'all right', confusion: [7, 0, 0, 5], kappa: 1, correlation: 1 },
    { name: 'all wrong', confusion: [0, 6, 6, 0], kappa: -1, correlation: -1 },
    { name: 'always the same call', confusion: [7, 0, 5, 0], kappa: 0, correlation: 0 },
    { name: 'one class only', confusion: [7, 0, 0, 0], kappa: 0, correlation: 0 },
    { name: 'nothing', confusion: [0, 0, 0, 0], kappa: 0, correlation: 0 },
  ])('is finite and right for $name', ({ confusion, kappa, correlation }) => {
    const found = agreementOf(Float64Array.from(confusion));
    expect(found.kappa).toBeCloseTo(kappa, 12);
    expect(found.correlation).toBeCloseTo(correlation, 12);
  });
});

describe('confusionOf', () => {
  it('leaves out what has no label or no call, and what lies outside the span', () => {
    const labels = Int8Array.of(0, 1, -1, 1, 0, 1);
    const calls = Int8Array.of(1, 1, 1, -1, 0, 0);
    expect([...confusionOf(labels, calls, { classes: 2 })]).toEqual([1, 1, 1, 1]);
    expect([...confusionOf(labels, calls, { classes: 2, from: 1, to: 5 })]).toEqual([1, 0, 0, 1]);
  });
});
