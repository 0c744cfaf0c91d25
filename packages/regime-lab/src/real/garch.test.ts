import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { fitGarch, garchVariances } from './garch.ts';

const simulated = (
  count: number,
  seed: number,
  { omega, alpha, beta }: { omega: number; alpha: number; beta: number },
) => {
  const draw = normalDraws(seed);
  let variance = omega / (1 - alpha - beta);
  return Float64Array.from({ length: count }, () => {
    const value = Math.sqrt(variance) * draw();
    variance = omega + alpha * value * value + beta * variance;
    return value;
  });
};

describe('fitGarch', () => {
  it.each([
    { omega: 2e-6, alpha: 0.08, beta: 0.9 },
    { omega: 5e-5, alpha: 0.2, beta: 0.6 },
  ])('recovers alpha $alpha and beta $beta', (truth) => {
    const returns = simulated(20_000, 31, truth);
    const { omega, alpha, beta } = fitGarch(returns);
    expect(Math.abs(alpha - truth.alpha)).toBeLessThan(0.03);
    expect(Math.abs(beta - truth.beta)).toBeLessThan(0.05);
    expect(omega / (1 - alpha - beta) / (truth.omega / (1 - truth.alpha - truth.beta))).toBeCloseTo(1, 0);
  });

  it('ends in the same place from its own end, and does not care for the unit', () => {
    const returns = simulated(6_000, 32, { omega: 2e-6, alpha: 0.1, beta: 0.85 });
    const first = fitGarch(returns);
    const again = fitGarch(returns, first);
    expect(again.alpha).toBeCloseTo(first.alpha, 2);
    const scaled = fitGarch(returns.map((value) => 100 * value));
    expect(scaled.alpha).toBeCloseTo(first.alpha, 6);
    expect(scaled.omega / first.omega).toBeCloseTo(10_000, 0);
  });

  it('stays finite and stationary for returns that are all zero or all the same size', () => {
    for (const returns of [new Float64Array(500), new Float64Array(500).fill(0.01)]) {
      const { omega, alpha, beta } = fitGarch(returns);
      expect(omega).toBeGreaterThan(0);
      expect(alpha + beta).toBeLessThan(1);
    }
  });
});

describe('garchVariances', () => {
  it('foretells each return from those before it only', () => {
    const model = { omega: 1, alpha: 0.5, beta: 0.25 };
    expect([...garchVariances([2, 0], model, 4)]).toEqual([4, 1 + 0.5 * 4 + 0.25 * 4, 1 + 0.25 * 4]);
  });
});
