import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CELL_COUNT, foldCells, unfoldInto } from '../cell-fold.ts';
import { agreementOf } from './agreement.ts';
import { composeInto, evenFactors, FACTORS, marginalsInto, normalShareBelow, trendClassesInto } from './factors.ts';

const shares = (length: number) =>
  fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: length, maxLength: length }).map((values) => {
    const total = values.reduce((left, right) => left + right, 0);
    return Float64Array.from(values, (value) => value / total);
  });
const sumOf = (values: Float64Array): number => values.reduce((left, right) => left + right, 0);

describe('factors', () => {
  it('property: composing a base from its own factors gives the base', () => {
    fc.assert(
      fc.property(shares(18), (base) => {
        const baseFactors = new Float64Array(10);
        marginalsInto(baseFactors, base);
        const composed = new Float64Array(18);
        composeInto(composed, { base, baseFactors, factors: baseFactors });
        composed.forEach((value, id) => {
          expect(value).toBeCloseTo(base[id] ?? 0, 12);
        });
      }),
    );
  });

  it('property: each factor of 18 probabilities sums to 1', () => {
    fc.assert(
      fc.property(shares(18), (regimes) => {
        const factors = new Float64Array(10);
        marginalsInto(factors, regimes);
        for (const { first, size } of FACTORS) {
          expect(Math.abs(sumOf(factors.slice(first, first + size)) - 1)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it('property: 30 cells fold back into the 18 they came from', () => {
    fc.assert(
      fc.property(shares(18), shares(5), (regimes, lean) => {
        const cells = new Float64Array(CELL_COUNT);
        unfoldInto(cells, regimes, lean);
        foldCells(cells).forEach((value, id) => {
          expect(value).toBeCloseTo(regimes[id] ?? 0, 12);
        });
      }),
    );
  });

  it('property: trend classes sum to 1 and mirror with the drift', () => {
    const drift = fc.record({
      mean: fc.double({ min: -3, max: 3, noNaN: true }),
      deviation: fc.double({ min: 0.01, max: 2, noNaN: true }),
      mild: fc.double({ min: 0.05, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(drift, ({ mean, deviation, mild }) => {
        const straight = new Float64Array(10);
        const mirrored = new Float64Array(10);
        trendClassesInto(straight, { mean, deviation, mild, strong: mild + 0.4 });
        trendClassesInto(mirrored, { mean: -mean, deviation, mild, strong: mild + 0.4 });
        expect(Math.abs(sumOf(straight) - 1)).toBeLessThan(1e-9);
        for (let trend = 0; trend < 5; trend += 1) {
          expect(straight[5 + trend] ?? 0).toBeCloseTo(mirrored[9 - trend] ?? 0, 12);
        }
      }),
    );
  });

  // Values from any table of the normal distribution.
  it.each([
    [0, 0.5],
    [1, 0.8413447],
    [-1.96, 0.0249979],
    [3, 0.9986501],
  ])('finds the normal share below %d', (value, share) => {
    expect(normalShareBelow(value)).toBeCloseTo(share, 6);
  });
});

describe('agreementOf', () => {
  const sure = (level: number, trend: number): Float64Array => {
    const factors = new Float64Array(10);
    factors.set([1], level);
    factors.set([1, 0], 3);
    factors.set([1], 5 + trend);
    return factors;
  };

  it('is 1 when all say the same', () => {
    expect(agreementOf([sure(1, 2), sure(1, 2), sure(1, 2)])).toBeCloseTo(1, 12);
    expect(agreementOf([evenFactors(), evenFactors()])).toBeCloseTo(1, 12);
  });

  it('falls the more are of another opinion', () => {
    const one = agreementOf([sure(1, 2), sure(1, 2), sure(1, 2), sure(2, 2)]);
    const two = agreementOf([sure(1, 2), sure(1, 2), sure(2, 4), sure(2, 4)]);
    const all = agreementOf([sure(0, 0), sure(1, 2), sure(2, 4), sure(0, 4)]);
    expect(one).toBeLessThan(1);
    expect(two).toBeLessThan(one);
    expect(all).toBeLessThan(two);
    // Two sure camps: the divergence is ln 2 of at most ln 18.
    expect(two).toBeCloseTo(1 - Math.LN2 / Math.log(18), 12);
  });
});
