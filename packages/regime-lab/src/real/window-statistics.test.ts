import { describe, expect, it } from '@jest/globals';
import { normalDraws, toySeries } from '../../test/toy-series.ts';
import { WindowStatistics } from './window-statistics.ts';

/** The t-value of the slope, step by step as a textbook has it. */
const slopeTValue = (values: Float64Array): number => {
  const count = values.length;
  const meanX = (count - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / count;
  let crossed = 0;
  let spread = 0;
  for (const [x, y] of values.entries()) {
    crossed += (x - meanX) * (y - meanY);
    spread += (x - meanX) ** 2;
  }
  const slope = crossed / spread;
  const residual = values.reduce((sum, y, x) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return slope / Math.sqrt(residual / (count - 2) / spread);
};

describe('WindowStatistics', () => {
  const draw = normalDraws(7);
  const series = toySeries(Array.from({ length: 400 }, () => 0.01 * draw()));
  const statistics = new WindowStatistics(series);

  it.each([
    [1, 20],
    [100, 148],
    [351, 399],
  ])('measures candles %i to %i as a direct sum does', (first, last) => {
    const returns = series.logReturns.slice(first, last + 1);
    const squares = returns.reduce((sum, value) => sum + value * value, 0);
    expect(statistics.logVariance(first, last)).toBeCloseTo(Math.log(squares / returns.length), 9);
    expect(statistics.slopeTValue(first, last)).toBeCloseTo(slopeTValue(series.logCloses.slice(first, last + 1)), 6);
    expect(statistics.netMove(first, last)).toBeCloseTo(
      returns.reduce((sum, value) => sum + value, 0) / Math.sqrt(squares),
      9,
    );
  });

  it.each([
    { name: 'moves that turn back each time', returns: (index: number) => (index % 2 === 0 ? 0.01 : -0.01), ratio: 0 },
    { name: 'moves that all go the same way', returns: () => 0.01, ratio: 2 },
    { name: 'a price that stands still', returns: () => 0, ratio: 1 },
  ])('says VR(2) = $ratio of $name', ({ returns, ratio }) => {
    const toy = new WindowStatistics(toySeries(Array.from({ length: 60 }, (_, index) => returns(index))));
    expect(toy.varianceRatio(5, 50, 2)).toBeCloseTo(ratio, 9);
  });

  it('stays finite for a price that stands still', () => {
    const still = new WindowStatistics(toySeries(Array.from({ length: 60 }, () => 0)));
    expect(still.slopeTValue(5, 50)).toBe(0);
    expect(still.netMove(5, 50)).toBe(0);
    expect(Number.isFinite(still.logVariance(5, 50))).toBe(true);
  });
});
