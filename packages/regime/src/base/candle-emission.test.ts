import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CandleEmission,
  type CandleReading,
  LOG_PATH_DEGREES,
  LOG_SCALE,
  LOG_SWING_FADE,
  PARAMETER_COUNT,
  SWING_GAIN,
} from './candle-emission.ts';
import { SWING_VALUES } from './variance-swing.ts';

const PARAMETERS = [
  -5.2,
  -4.6,
  -3.9,
  0.3,
  0.7,
  0.15,
  -0.4,
  Math.log(5),
  0.25,
  0.1,
  Math.log(7),
  Math.log(1.8),
  0,
  Math.log(0.05),
];
const STEADY = new Float64Array(SWING_VALUES);
const aReading = (change: Partial<CandleReading> = {}): CandleReading => ({
  logReturn: 0.008,
  previousLogReturn: -0.004,
  pathVariance: 0.0001,
  elapsedCandles: 1,
  ...change,
});
const densitiesOf = (parameters: readonly number[], reading: CandleReading): Float64Array => {
  const densities = new Float64Array(18);
  new CandleEmission(parameters).logDensities(reading, STEADY, densities);
  return densities;
};
const mirrorOf = (id: number): number => (id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6)));

describe('CandleEmission', () => {
  it.each([2, 7, 10, 17])('is a density over return and log path variance under regime %i', (id) => {
    const scale = Math.exp(PARAMETERS[Math.floor(id / 6)]!);
    const emission = new CandleEmission(PARAMETERS);
    const densities = new Float64Array(18);
    let total = 0;
    const step = 0.1;
    // Returns on a sinh grid, so that the tails are in it; log path variances from far below to far above.
    for (let u = -7; u <= 7; u += step) {
      for (let v = -12; v <= 12; v += step) {
        const reading = aReading({ logReturn: scale * Math.sinh(u), pathVariance: scale * scale * Math.exp(v) });
        emission.logDensities(reading, STEADY, densities);
        total += Math.exp(densities[id]!) * scale * Math.cosh(u) * step * step;
      }
    }
    expect(total).toBeCloseTo(1, 2);
  });

  it('has the score of its own density', () => {
    for (let id = 0; id < 18; id += 1) {
      const weights = new Float64Array(18);
      weights[id] = 1;
      const scores = new Float64Array(PARAMETER_COUNT);
      const informations = new Float64Array(PARAMETER_COUNT);
      new CandleEmission(PARAMETERS).addScores({ reading: aReading(), swings: STEADY, weights, scores, informations });
      for (let index = 0; index < PARAMETER_COUNT; index += 1) {
        const by = (change: number): number =>
          densitiesOf(PARAMETERS.with(index, PARAMETERS[index]! + change), aReading())[id]!;
        expect(scores[index]).toBeCloseTo((by(1e-5) - by(-1e-5)) / 2e-5, 4);
        expect(informations[index]).toBeCloseTo(scores[index]! ** 2, 8);
      }
    }
  });

  it('reads a swing as a larger scale of that level alone', () => {
    const swung = new Float64Array(18);
    new CandleEmission(PARAMETERS).logDensities(aReading(), Float64Array.of(0, 0.4, 0, 0, 0, 0, 0, 0, 0), swung);
    const steady = densitiesOf(PARAMETERS, aReading());
    const louder = densitiesOf(PARAMETERS.with(1, PARAMETERS[1]! + 0.2), aReading());
    for (let id = 0; id < 18; id += 1) {
      expect(swung[id]).toBeCloseTo(id >= 6 && id < 12 ? louder[id]! : steady[id]!, 12);
    }
  });

  it('is surprised by the score in ln variance, and by a jump no more than its tails allow', () => {
    const emission = new CandleEmission(PARAMETERS);
    const surprisesOf = (reading: CandleReading, swing: number): Float64Array => {
      const posterior = new Float64Array(18);
      posterior[9] = 1;
      return Float64Array.from(
        emission.surprises(
          reading,
          STEADY.map(() => swing),
          posterior,
        ),
      );
    };
    const slope = (swing: number): number => {
      const by = (change: number): number => {
        const densities = new Float64Array(18);
        emission.logDensities(
          aReading(),
          STEADY.map(() => swing + change),
          densities,
        );
        return densities[9]!;
      };
      return (by(1e-5) - by(-1e-5)) / 2e-5;
    };
    const ratio = surprisesOf(aReading(), 0)[1]! / slope(0);
    expect(ratio).toBeGreaterThan(0);
    expect(surprisesOf(aReading(), 0.7)[1]! / slope(0.7)).toBeCloseTo(ratio, 4);
    const jump = surprisesOf(aReading({ logReturn: 0.2 }), 0)[1]!;
    expect(Math.abs(surprisesOf(aReading({ logReturn: 2 }), 0)[1]! - jump)).toBeLessThan(0.02);
    expect([...surprisesOf(aReading({ logReturn: 0, pathVariance: 0 }), 0)]).toEqual([0, 0, 0]);
  });

  it('bounds what one candle says where its path has no heavy tails to do so', () => {
    const emission = new CandleEmission(PARAMETERS.with(LOG_PATH_DEGREES, Math.log(200)));
    const posterior = new Float64Array(18).fill(1 / 18);
    const unheardOf = aReading({ pathVariance: 1 });
    expect([...emission.surprises(unheardOf, STEADY, posterior)]).toEqual([5, 5, 5]);
  });

  it('gives the law of swings its score through what a swing would have been', () => {
    const swings = Float64Array.of(0.1, 0.2, 0.3, 2, 3, 4, -0.5, -0.6, -0.7);
    const weights = new Float64Array(18);
    weights[8] = 1;
    const scores = new Float64Array(PARAMETER_COUNT);
    const informations = new Float64Array(PARAMETER_COUNT);
    const emission = new CandleEmission(PARAMETERS);
    emission.addScores({ reading: aReading(), swings, weights, scores, informations });
    const by = (change: number): number => {
      const densities = new Float64Array(18);
      emission.logDensities(aReading(), swings.with(1, swings[1]! + change), densities);
      return densities[8]!;
    };
    const slope = (by(1e-5) - by(-1e-5)) / 2e-5;
    expect(scores[SWING_GAIN]).toBeCloseTo(3 * slope, 4);
    expect(scores[LOG_SWING_FADE]).toBeCloseTo(-0.6 * slope, 4);
  });

  it('counts the score of a level by what the swing leaves of it', () => {
    const weights = new Float64Array(18);
    weights[8] = 1;
    const scoreOf = (gain: number): number => {
      const scores = new Float64Array(PARAMETER_COUNT);
      const informations = new Float64Array(PARAMETER_COUNT);
      const emission = new CandleEmission(PARAMETERS.with(SWING_GAIN, gain));
      emission.addScores({ reading: aReading(), swings: STEADY, weights, scores, informations });
      return scores[LOG_SCALE + 1]!;
    };
    // A twentieth of a swing fades with each candle: of a step of the level it has answered two thirds in the long run.
    expect(scoreOf(0.1)).toBeCloseTo(scoreOf(0) / 3, 9);
  });

  it('property: a mirrored candle is as likely under the mirrored regime', () => {
    const returns = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    fc.assert(
      fc.property(returns, returns, (logReturn, previousLogReturn) => {
        const straight = densitiesOf(PARAMETERS, aReading({ logReturn, previousLogReturn }));
        const mirrored = densitiesOf(
          PARAMETERS,
          aReading({ logReturn: -logReturn, previousLogReturn: -previousLogReturn }),
        );
        for (let id = 0; id < 18; id += 1) expect(mirrored[mirrorOf(id)]).toBeCloseTo(straight[id]!, 9);
      }),
    );
  });

  it('learns nothing from a candle without any move, and stays finite on one', () => {
    const reading = aReading({ logReturn: 0, pathVariance: 0 });
    const scores = new Float64Array(PARAMETER_COUNT);
    const weights = new Float64Array(18).fill(1 / 18);
    new CandleEmission(PARAMETERS).addScores({
      reading,
      swings: STEADY,
      weights,
      scores,
      informations: new Float64Array(PARAMETER_COUNT),
    });
    expect([...scores]).toEqual(Array.from({ length: PARAMETER_COUNT }, () => 0));
    expect(densitiesOf(PARAMETERS, reading).every(Number.isFinite)).toBe(true);
  });
});
