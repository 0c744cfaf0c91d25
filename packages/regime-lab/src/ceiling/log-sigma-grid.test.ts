import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LOG_SIGMA_NOISE, nextLogSigmaMean, STOCHASTIC_VOLATILITY } from '../market/candle-shocks.ts';
import { LogSigmaGrid } from './log-sigma-grid.ts';

const sumOf = (values: ArrayLike<number>, weightOf: (place: number) => number = () => 1): number =>
  Array.from(values).reduce((sum, value, place) => sum + value * weightOf(place), 0);

describe('LogSigmaGrid', () => {
  const grid = new LogSigmaGrid();
  const valueAt = (point: number): number => grid.values[point] ?? 0;

  it('holds the law that the log volatility has in the long run', () => {
    expect(sumOf(grid.stationary)).toBeCloseTo(1, 12);
    expect(sumOf(grid.stationary, valueAt)).toBeCloseTo(0, 12);
    const variance = sumOf(grid.stationary, (point) => valueAt(point) ** 2);
    expect(Math.sqrt(variance)).toBeCloseTo(STOCHASTIC_VOLATILITY.logSigmaDeviation, 3);
  });

  it('property: a step has the mean and the deviation of the market, whatever the shock', () => {
    // Far from the ends, where nothing is cut off.
    const inside = fc.integer({ min: 10, max: grid.count - 11 });
    fc.assert(
      fc.property(inside, fc.double({ min: -9, max: 9, noNaN: true }), (point, shock) => {
        const { first, chances } = grid.stepFrom(point, shock);
        const mean = sumOf(chances, (place) => valueAt(first + place));
        const variance = sumOf(chances, (place) => (valueAt(first + place) - mean) ** 2);
        expect(sumOf(chances)).toBeCloseTo(1, 12);
        expect(Math.abs(mean - nextLogSigmaMean(valueAt(point), shock))).toBeLessThan(1e-5);
        expect(Math.sqrt(variance) / LOG_SIGMA_NOISE).toBeCloseTo(1, 3);
      }),
    );
  });

  it('property: never leads outside, not even from its ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: grid.count - 1 }), fc.constantFrom(-1e9, -3, 0, 3, 1e9), (point, shock) => {
        const { first, chances } = grid.stepFrom(point, shock);
        const reached = Array.from(chances, (chance, place) =>
          chance > 0 ? first + place : first + chances.length / 2,
        );
        expect(Math.min(...reached)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...reached)).toBeLessThan(grid.count);
        expect(sumOf(chances)).toBeCloseTo(1, 12);
      }),
    );
  });
});
