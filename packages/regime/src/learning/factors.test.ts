import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  crossEntropy,
  FACTOR_COUNT,
  LEVEL_COUNT,
  leanOfPosterior,
  orientSlots,
  softmaxFactors,
  writeJoint,
  writeMarginals,
} from './factors.ts';

const someProbabilities = fc
  .array(fc.integer({ min: 1, max: 1_000 }), { minLength: 18, maxLength: 18 })
  .map((masses) => {
    const total = masses.reduce((left, right) => left + right, 0);
    return Float64Array.from(masses, (mass) => mass / total);
  });
const mirrorOf = (probabilities: Float64Array): Float64Array =>
  probabilities.map((probability, id) => (id % 6 === 5 ? probability : probabilities[id - (id % 6) + 4 - (id % 6)]!));
const marginalsOf = (probabilities: Float64Array): Float64Array => {
  const into = new Float64Array(FACTOR_COUNT);
  writeMarginals(probabilities, 1, { into, at: 0 });
  return into;
};
const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((left, right) => left + right, 0);

describe('factors', () => {
  it('property: marginals of levels and of slots each sum to 1', () => {
    fc.assert(
      fc.property(someProbabilities, (probabilities) => {
        const marginals = marginalsOf(probabilities);
        expect(sumOf(marginals.slice(0, LEVEL_COUNT))).toBeCloseTo(1, 12);
        expect(sumOf(marginals.slice(LEVEL_COUNT))).toBeCloseTo(1, 12);
      }),
    );
  });

  it('property: turned the other way, marginals are those of the mirror image and the lean changes its sign', () => {
    fc.assert(
      fc.property(someProbabilities, (probabilities) => {
        const turned = new Float64Array(FACTOR_COUNT);
        writeMarginals(probabilities, -1, { into: turned, at: 0 });
        marginalsOf(mirrorOf(probabilities)).forEach((probability, factor) => {
          expect(turned[factor]).toBeCloseTo(probability, 12);
        });
        expect(leanOfPosterior(mirrorOf(probabilities))).toBeCloseTo(-leanOfPosterior(probabilities), 12);
      }),
    );
  });

  it('makes slots even when nothing leans', () => {
    const slots = new Float64Array([0.4, 0.1, 0.1, 0.1, 0.2, 0.1]);
    orientSlots(slots, 0, 0);
    expect(slots[0]).toBe(slots[4]);
    expect(slots[1]).toBe(slots[3]);
    expect(sumOf(slots)).toBeCloseTo(1, 12);
  });

  it('property: the joint of unchanged marginals is the base itself', () => {
    fc.assert(
      fc.property(someProbabilities, (base) => {
        const marginals = marginalsOf(base);
        const joint = new Float64Array(18);
        writeJoint({ base, baseMarginals: marginals, marginals }, joint);
        base.forEach((probability, id) => {
          expect(joint[id]).toBeCloseTo(probability, 12);
        });
      }),
    );
  });

  it('turns logits of any size into probabilities', () => {
    const values = new Float64Array([900, 0, -900, 1, 2, 3, 4, 5, -700]);
    softmaxFactors(values, 0);
    expect(sumOf(values.slice(0, 3))).toBeCloseTo(1, 12);
    expect(sumOf(values.slice(3))).toBeCloseTo(1, 12);
  });

  it('measures the cross entropy of a window, and stays finite where a probability is 0', () => {
    expect(crossEntropy([0, 1], [0.5, 0.25], { count: 2 })).toBeCloseTo(Math.log(4), 12);
    expect(crossEntropy([1, 0], [0, 1], { count: 2 })).toBeCloseTo(-Math.log(1e-6), 12);
    expect(crossEntropy([9, 1], [9, 9, 0.5], { teacherAt: 1, at: 2, count: 1 })).toBeCloseTo(Math.LN2, 12);
  });
});
