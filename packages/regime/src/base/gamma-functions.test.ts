import { describe, expect, it } from '@jest/globals';
import { digamma, logGamma } from './gamma-functions.ts';

describe('logGamma', () => {
  it.each([
    { x: 1, value: 0 },
    { x: 0.5, value: Math.log(Math.PI) / 2 },
    { x: 5, value: Math.log(24) },
    { x: 12.5, value: 18.734347511936445 },
  ])('is $value at $x', ({ x, value }) => {
    expect(logGamma(x)).toBeCloseTo(value, 10);
  });
});

describe('digamma', () => {
  // Euler's constant and its relatives.
  it.each([
    { x: 1, value: -0.5772156649015329 },
    { x: 0.5, value: -1.9635100260214235 },
    { x: 20, value: 2.970523992242149 },
  ])('is $value at $x', ({ x, value }) => {
    expect(digamma(x)).toBeCloseTo(value, 10);
  });
});
