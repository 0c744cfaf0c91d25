import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalDraws } from '../../test/normal-draws.ts';
import { QuantileEstimator, type QuantileEstimatorState } from './quantile-estimator.ts';

const estimateOf = (probability: number, values: readonly number[]): QuantileEstimator => {
  const estimator = new QuantileEstimator(probability);
  for (const value of values) estimator.update(value);
  return estimator;
};

describe('QuantileEstimator', () => {
  it.each([
    { probability: 0.01, quantile: -2.326, tolerance: 0.15 },
    { probability: 0.5, quantile: 0, tolerance: 0.05 },
    { probability: 0.99, quantile: 2.326, tolerance: 0.15 },
  ])('finds the $probability quantile of normal draws', ({ probability, quantile, tolerance }) => {
    const { estimate } = estimateOf(probability, normalDraws(1, 20_000));
    expect(Math.abs(estimate! - quantile)).toBeLessThan(tolerance);
  });

  it('finds the quantile of a skewed law', () => {
    const exponential = normalDraws(2, 40_000).map(
      (draw, index, draws) => (draw ** 2 + draws[(index + 7) % draws.length]! ** 2) / 2,
    );
    expect(estimateOf(0.99, exponential).estimate).toBeGreaterThan(4.2);
    expect(estimateOf(0.99, exponential).estimate).toBeLessThan(5);
  });

  it('knows nothing before five values', () => {
    expect(estimateOf(0.5, [1, 2, 3, 4]).estimate).toBeNull();
    expect(estimateOf(0.5, [5, 1, 4, 2, 3]).estimate).toBe(3);
  });

  it('stays between the smallest and the largest value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 5, maxLength: 200 }),
        fc.constantFrom(0.01, 0.25, 0.5, 0.99),
        (values, probability) => {
          const { estimate } = estimateOf(probability, values);
          expect(estimate).toBeGreaterThanOrEqual(Math.min(...values));
          expect(estimate).toBeLessThanOrEqual(Math.max(...values));
        },
      ),
    );
  });

  it.each([3, 5, 400])('continues bit for bit from a state saved as text after %i values', (cut) => {
    const values = normalDraws(3, 1_000);
    const second = new QuantileEstimator(0.9);
    second.restore(JSON.parse(JSON.stringify(estimateOf(0.9, values.slice(0, cut)).save())) as QuantileEstimatorState);
    for (const value of values.slice(cut)) second.update(value);
    expect(second.estimate).toBe(estimateOf(0.9, values).estimate);
  });
});
