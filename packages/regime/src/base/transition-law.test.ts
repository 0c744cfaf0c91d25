import { describe, expect, it } from '@jest/globals';
import { TransitionLaw } from './transition-law.ts';

describe('TransitionLaw', () => {
  it.each([1, 7, 1_000])('moves as much out of a volatility level over %i candles as it says', (elapsedCandles) => {
    const law = new TransitionLaw();
    const from = new Float64Array(18);
    from[8] = 1;
    const to = new Float64Array(18);
    law.advance(from, to, elapsedCandles);
    const stayed = to.subarray(6, 12).reduce((sum, probability) => sum + probability, 0);
    expect(law.levelChangeRatio(elapsedCandles)).toBeCloseTo(1 - stayed, 12);
    expect(to.reduce((sum, probability) => sum + probability, 0)).toBeCloseTo(1, 12);
  });
});
