import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { observedMarket } from '../../test/observed-market.ts';
import { LikelihoodFilter } from '../likelihood-filter.ts';
import { LOG_SCALE } from './candle-emission.ts';
import { CandleWindow } from './candle-window.ts';
import { ExpertGroup, logMixture, shareWeights } from './expert-group.ts';
import { PRIOR_MEANS } from './parameter-learner.ts';

const MARKET = observedMarket({ seed: 5, candles: 300, durationCandles: 100 }).observations;
/** Levels of the market's own .005, .01 and .02, off by this much in natural log. */
const startOff = (logScale: number): { readonly parameters: readonly number[] } => {
  const parameters = [...PRIOR_MEANS];
  for (let level = 0; level < 3; level += 1) {
    parameters[LOG_SCALE + level] = Math.log(0.01) + (level - 1) * Math.LN2 + logScale;
  }
  return { parameters };
};
/** A group of filters that start off by so much each, after the whole market. */
const taughtGroup = (...offs: readonly number[]): { readonly group: ExpertGroup; readonly window: CandleWindow } => {
  const window = new CandleWindow();
  const group = new ExpertGroup(window, offs.map(startOff));
  for (const { logReturn, previousLogReturn, pathVariance = 0, elapsedCandles } of MARKET) {
    window.push({ logReturn, previousLogReturn, pathVariance, elapsedCandles });
    group.update();
  }
  return { group, window };
};
const sumOf = (values: Float64Array): number => values.reduce((left, right) => left + right, 0);

describe('shareWeights', () => {
  it('property: makes weights that sum to 1 and keep their order, none lost, whatever they had fallen to', () => {
    const logWeight = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(logWeight, { minLength: 1, maxLength: 18 }), (given) => {
        const logWeights = Float64Array.from(given);
        const weights = new Float64Array(given.length);
        shareWeights(logWeights, weights);
        expect(sumOf(weights)).toBeCloseTo(1, 9);
        given.forEach((value, index) => {
          expect(weights[index]).toBeGreaterThan(1e-8);
          expect(weights[index]).toBe(Math.exp(logWeights[index]!));
          if (value === Math.max(...given)) expect(weights[index]).toBe(Math.max(...weights));
        });
      }),
    );
  });
});

describe('logMixture', () => {
  it('is the logarithm of the weighted mean of densities', () => {
    const mixed = logMixture(
      Float64Array.of(Math.log(0.25), Math.log(0.75)),
      Float64Array.of(Math.log(2), Math.log(6)),
    );
    expect(mixed).toBeCloseTo(Math.log(0.25 * 2 + 0.75 * 6), 12);
  });

  it.each([-1e5, 1e5])('neither underflows nor overflows at log densities of %d', (logDensity) => {
    const even = Float64Array.of(Math.log(0.5), Math.log(0.5));
    expect(logMixture(even, Float64Array.of(logDensity, logDensity))).toBeCloseTo(logDensity, 6);
  });
});

describe('ExpertGroup', () => {
  it('follows the filter that predicted best, in its weights and in its posterior', () => {
    const { group } = taughtGroup(-1, 0, 1);
    const [low = 1, right = 0, high = 1] = group.weights;
    expect(right).toBeGreaterThan(0.99);
    expect(Math.max(low, high)).toBeLessThan(0.01);
    expect(group.leader).toBe(group.experts[1]);
    group.posterior.forEach((probability, id) => {
      expect(Math.abs(probability - group.leader.posterior[id]!)).toBeLessThan(0.01);
    });
    expect(sumOf(group.posterior)).toBeCloseTo(1, 12);
  });

  it('keeps the likeliest filter of every reading of the levels before a second one of the same', () => {
    const { group } = taughtGroup(0, 0.02, 0.04, 1);
    const other = group.experts[3];
    expect(group.weights[3]).toBeLessThan(Math.min(...group.weights.subarray(0, 3)));
    const leader = group.leader;
    group.thinOut({ experts: 2, withLongMemory: 1 });
    expect(group.experts).toEqual([leader, other]);
    expect(group.experts.map((expert) => expert.save().learner.memoryCandles)).toEqual([12_000, 4_000]);
    expect(sumOf(group.weights)).toBeCloseTo(1, 9);
  });

  it('gives a new filter the place of the least likely one, and the weight of the leader', () => {
    const { group, window } = taughtGroup(-1, 0, 1);
    const least = group.weights.indexOf(Math.min(...group.weights));
    const kept = group.experts.filter((_, index) => index !== least);
    const newcomer = new LikelihoodFilter(window, startOff(0.1));
    group.replaceLeastLikely(newcomer);
    expect(group.experts[least]).toBe(newcomer);
    expect(group.experts.filter((expert) => expert !== newcomer)).toEqual(kept);
    expect(group.weights[least]).toBeCloseTo(0.5, 2);
    expect(group.weights[1]).toBeCloseTo(group.weights[least]!, 12);
  });
});
