import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import fc from 'fast-check';
import { CorrectionStack, type CorrectionStackState } from './correction-stack.ts';

const CLASS_COUNT = 3;
const stackOf = (...startWeights: readonly number[]): CorrectionStack =>
  new CorrectionStack({
    startWeights,
    restingWeights: startWeights,
    stepRatios: startWeights.map(() => 1),
    classCount: CLASS_COUNT,
  });
const answerOf = (stack: CorrectionStack): readonly number[] => {
  const masses = [0, 1, 2].map((index) => Math.exp(stack.correctionOf(index)));
  const total = masses.reduce((left, right) => left + right, 0);
  return masses.map((mass) => mass / total);
};

/** Classes drawn from corrections of even odds that are added with these weights; the stack is to find the weights. */
const taught = (
  stack: CorrectionStack,
  trueWeights: readonly number[],
  { examples, isAlike = false }: { examples: number; isAlike?: boolean },
): void => {
  const random = seededRandom(7);
  const truth = stackOf(...trueWeights);
  for (let example = 0; example < examples; example += 1) {
    for (let at = 0; at < stack.corrections.length; at += 1) {
      const isCopy = isAlike && at >= CLASS_COUNT;
      stack.corrections[at] = isCopy ? (stack.corrections[at - CLASS_COUNT] ?? 0) : 3 * random() - 1.5;
    }
    truth.corrections.set(stack.corrections);
    const [first = 0, second = 0] = answerOf(truth);
    const draw = random();
    const drawn = draw < first ? 0 : draw < first + second ? 1 : 2;
    const wanted = [0, 1, 2].map((index) => (index === drawn ? 1 : 0));
    stack.learn({ answer: answerOf(stack), wanted, step: 0.01, restRatio: 0 });
  }
};

describe('CorrectionStack', () => {
  it('finds the weights of corrections that add up, and their sum may exceed one', () => {
    const stack = stackOf(0.1, 0.1, 0.1);
    taught(stack, [0.9, 0, 0.6], { examples: 6_000 });
    expect(Math.abs(stack.weights[0]! - 0.9)).toBeLessThan(0.1);
    expect(Math.abs(stack.weights[2]! - 0.6)).toBeLessThan(0.1);
    expect(stack.weights[0]! + stack.weights[2]!).toBeGreaterThan(1.2);
    expect(stack.weights[1]).toBeLessThan(0.1);
  });

  it('shares a weight between corrections that say the same', () => {
    const stack = stackOf(0.1, 0.1);
    taught(stack, [0.5, 0.3], { examples: 6_000, isAlike: true });
    expect(stack.weights[0]).toBeCloseTo(stack.weights[1]!, 9);
    expect(stack.weights[0]! + stack.weights[1]!).toBeGreaterThan(0.6);
    expect(stack.weights[0]! + stack.weights[1]!).toBeLessThan(1);
  });

  it('property: weights stay between the floor and two, whatever is asked', () => {
    const value = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 6, maxLength: 6 }), { maxLength: 30 }), (examples) => {
        const stack = stackOf(0.2, 0.2);
        for (const corrections of examples) {
          stack.corrections.set(corrections);
          stack.learn({ answer: answerOf(stack), wanted: [1, 0, 0], step: 1, restRatio: 0, leastWeight: 0.01 });
        }
        for (const weight of stack.weights) expect(weight).toBeGreaterThanOrEqual(0.01);
        for (const weight of stack.weights) expect(weight).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('is frozen by a step of 0, and returns to rest otherwise', () => {
    const stack = new CorrectionStack({ startWeights: [0.5], restingWeights: [0.1], stepRatios: [1], classCount: 3 });
    stack.learn({ answer: [1, 0, 0], wanted: [0, 1, 0], step: 0, restRatio: 0.5 });
    expect(stack.weights[0]).toBe(0.5);
    stack.learn({ answer: [1, 0, 0], wanted: [0, 1, 0], step: 0.01, restRatio: 0.5 });
    expect(stack.weights[0]).toBeCloseTo(0.3, 12);
  });

  it('continues bit for bit from a state saved as text', () => {
    const first = stackOf(0.1, 0.2);
    taught(first, [0.4, 0.4], { examples: 100 });
    const second = stackOf(0.1, 0.2);
    second.restore(JSON.parse(JSON.stringify(first.save())) as CorrectionStackState);
    taught(first, [0.4, 0.4], { examples: 50 });
    taught(second, [0.4, 0.4], { examples: 50 });
    expect(second.save()).toEqual(first.save());
  });
});
