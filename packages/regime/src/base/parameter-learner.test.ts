import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DRIFT_MILD, DRIFT_STRONG, LOG_SCALE, LOG_SWING_FADE, PARAMETER_COUNT, SWING_GAIN } from './candle-emission.ts';
import { BLOCK_CANDLES } from './candle-window.ts';
import { MIN_DRIFT_GAP, MIN_LEVEL_GAP, ParameterLearner, PRIOR_MEANS } from './parameter-learner.ts';

const startedAt = (low: number, medium: number, high: number): Float64Array => {
  const parameters = Float64Array.from(PRIOR_MEANS);
  parameters.set([low, medium, high], LOG_SCALE);
  return parameters;
};

describe('ParameterLearner', () => {
  it('property: keeps levels and drifts in order and apart, whatever the scores', () => {
    const numbers = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), {
      minLength: PARAMETER_COUNT,
      maxLength: PARAMETER_COUNT,
    });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 20 }), (blocks) => {
        const p = startedAt(-6, -5.5, -5);
        const learner = new ParameterLearner(p);
        for (const scores of blocks) {
          const informations = Float64Array.from(scores, Math.abs);
          const levelCandles = Float64Array.of(BLOCK_CANDLES, 0, 0);
          learner.step(Float64Array.from(scores), informations, levelCandles);
          expect(p.every(Number.isFinite)).toBe(true);
          expect(p[LOG_SCALE + 1]! - p[LOG_SCALE]!).toBeGreaterThan(MIN_LEVEL_GAP - 1e-9);
          expect(p[LOG_SCALE + 2]! - p[LOG_SCALE + 1]!).toBeGreaterThan(MIN_LEVEL_GAP - 1e-9);
          expect(p[DRIFT_STRONG]! - p[DRIFT_MILD]!).toBeGreaterThan(MIN_DRIFT_GAP - 1e-9);
        }
      }),
    );
  });

  it('brings a level that is never visited back to its neighbor, and no nearer than the gap', () => {
    const p = startedAt(-9, -5, -4);
    const learner = new ParameterLearner(p);
    const nothing = new Float64Array(PARAMETER_COUNT);
    const visited = Float64Array.of(0, BLOCK_CANDLES / 2, BLOCK_CANDLES / 2);
    let fastest = 0;
    for (let block = 0; block < 2_000; block += 1) {
      const before = p[LOG_SCALE]!;
      learner.step(nothing, nothing, visited);
      fastest = Math.max(fastest, p[LOG_SCALE]! - before);
    }
    expect(p[LOG_SCALE + 1]! - p[LOG_SCALE]!).toBeGreaterThan(MIN_LEVEL_GAP - 1e-9);
    expect(p[LOG_SCALE]).toBeGreaterThan(-6);
    // A fifth in 1000 candles.
    expect((fastest * 1_000) / BLOCK_CANDLES).toBeLessThanOrEqual(Math.log(1.2) + 1e-12);
  });

  it('learns the law of swings where levels swing only, and keeps it in its bounds', () => {
    const scores = new Float64Array(PARAMETER_COUNT).fill(1_000);
    const informations = new Float64Array(PARAMETER_COUNT).fill(1_000);
    const visited = new Float64Array(3).fill(BLOCK_CANDLES / 3);
    const lawAfter = (isSwinging: boolean): readonly number[] => {
      const p = startedAt(-6, -5, -4);
      const learner = new ParameterLearner(p, isSwinging);
      for (let block = 0; block < 200; block += 1) learner.step(scores, informations, visited);
      return [p[SWING_GAIN]!, p[LOG_SWING_FADE]!];
    };
    expect(lawAfter(false)).toEqual([PRIOR_MEANS[SWING_GAIN], PRIOR_MEANS[LOG_SWING_FADE]]);
    expect(lawAfter(true)).toEqual([0.5, Math.log(0.3)]);
  });

  it('steps less the more it has learnt, and more again when loosened', () => {
    const p = startedAt(-6, -5, -4);
    const learner = new ParameterLearner(p);
    const scores = new Float64Array(PARAMETER_COUNT).fill(10);
    const informations = new Float64Array(PARAMETER_COUNT).fill(400);
    const visited = new Float64Array(3).fill(BLOCK_CANDLES / 3);
    const stepOf = (): number => {
      const before = p[LOG_SCALE + 1]!;
      learner.step(scores, informations, visited);
      return p[LOG_SCALE + 1]! - before;
    };
    const first = stepOf();
    for (let block = 0; block < 100; block += 1) stepOf();
    const late = stepOf();
    learner.loosen(0.1);
    const loosened = stepOf();
    expect(late).toBeLessThan(first / 10);
    expect(late).toBeGreaterThan(0);
    expect(loosened).toBeGreaterThan(3 * late);
  });
});
