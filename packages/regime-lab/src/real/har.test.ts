import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { fitHar, harForecast } from './har.ts';
import { simplexSearch } from './simplex-search.ts';

describe('fitHar', () => {
  it('recovers the coefficients of a series that was made of them', () => {
    const draw = normalDraws(41);
    const values = [-5];
    const meanOf = (count: number): number =>
      values.slice(-count).reduce((sum, value) => sum + value, 0) / Math.min(count, values.length);
    while (values.length < 20_000)
      values.push(-0.5 + 0.3 * meanOf(1) + 0.35 * meanOf(5) + 0.25 * meanOf(22) + 0.3 * draw());
    const [constant = 0, one = 0, five = 0, long = 0] = fitHar(
      { values, beside: null },
      100,
      values.length,
    ).coefficients;
    expect(Math.abs(constant + 0.5)).toBeLessThan(0.12);
    expect(Math.abs(one - 0.3)).toBeLessThan(0.04);
    expect(Math.abs(five - 0.35)).toBeLessThan(0.07);
    expect(Math.abs(long - 0.25)).toBeLessThan(0.07);
  });

  it('looks at nothing from its end on', () => {
    const draw = normalDraws(42);
    const values = Float64Array.from({ length: 400 }, draw);
    const beside = { values: Float64Array.from({ length: 400 }, draw), width: 1 };
    const inputs = { values, beside };
    const model = fitHar(inputs, 0, 300);
    const other = {
      values: values.slice().fill(9, 300),
      beside: { ...beside, values: beside.values.slice().fill(9, 300) },
    };
    expect(fitHar(other, 0, 300)).toEqual(model);
    expect(harForecast(model, other, 299)).toBe(harForecast(model, inputs, 299));
  });

  it('foretells a constant by itself', () => {
    const inputs = { values: new Float64Array(200).fill(-4), beside: null };
    expect(harForecast(fitHar(inputs, 0, 200), inputs, 199)).toBeCloseTo(-4, 9);
  });

  it('finds what something known beside the averages is worth, one candle later', () => {
    const draw = normalDraws(43);
    const known = Float64Array.from({ length: 5_000 }, draw);
    const values = Float64Array.from(known, (_, index) => 0.7 * (known[index - 1] ?? 0) + 0.3 * draw());
    const { coefficients } = fitHar({ values, beside: { values: known, width: 1 } }, 100, 5_000);
    expect(coefficients).toHaveLength(5);
    expect(Math.abs((coefficients[4] ?? 0) - 0.7)).toBeLessThan(0.03);
  });
});

describe('simplexSearch', () => {
  it('walks a bent valley to its end', () => {
    const valley = ([x = 0, y = 0]: readonly number[]): number => (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    const { point, value } = simplexSearch(valley, [-1.2, 1], { step: 0.5, rounds: 2_000, tolerance: 1e-14 });
    expect(value).toBeLessThan(1e-8);
    expect(point[0]).toBeCloseTo(1, 3);
  });
});
