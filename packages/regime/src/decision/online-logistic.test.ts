import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { OnlineLogistic, type OnlineLogisticState } from './online-logistic.ts';

const OFFSET = Math.log(0.1 / 0.9);
interface Outcome {
  readonly features: Float64Array;
  readonly hasHappened: boolean;
}
/** Rare outcomes that follow the first of two features with the given weight, and never the second. */
const outcomes = (seed: number, weight: number, count: number): readonly Outcome[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const features = Float64Array.of(2 * random() - 1, 2 * random() - 1);
    const probability = 1 / (1 + Math.exp(-(OFFSET + weight * features[0]!)));
    return { features, hasHappened: random() < probability };
  });
};
const learned = (seen: readonly Outcome[]): OnlineLogistic => {
  const model = new OnlineLogistic({ size: 2, outcomeWeight: 1 });
  for (const { features, hasHappened } of seen) model.learn(features, OFFSET, hasHappened);
  return model;
};

describe('OnlineLogistic', () => {
  it('starts at the offset', () => {
    const model = new OnlineLogistic({ size: 2, outcomeWeight: 1 });
    expect(model.probabilityOf(Float64Array.of(1, -1), OFFSET)).toBeCloseTo(0.1, 12);
  });

  it('learns the weight that is there and no other', () => {
    const [first, second] = learned(outcomes(1, 1.5, 8_000)).weights;
    expect(Math.abs(first! - 1.5)).toBeLessThan(0.25);
    expect(Math.abs(second!)).toBeLessThan(0.2);
  });

  it('says what then happens as often as it says', () => {
    const model = learned(outcomes(2, 1.5, 8_000));
    const fresh = outcomes(3, 1.5, 8_000);
    for (const [low, high] of [
      [0, 0.08],
      [0.08, 0.2],
      [0.2, 1],
    ] as const) {
      const said = fresh
        .map(({ features, hasHappened }) => ({ probability: model.probabilityOf(features, OFFSET), hasHappened }))
        .filter(({ probability }) => probability >= low && probability < high);
      const mean = said.reduce((sum, { probability }) => sum + probability, 0) / said.length;
      const share = said.filter(({ hasHappened }) => hasHappened).length / said.length;
      expect(Math.abs(mean - share)).toBeLessThan(0.03);
    }
  });

  it('learns the opposite when the market turns', () => {
    const [weight] = learned([...outcomes(4, 1.5, 20_000), ...outcomes(5, -1.5, 60_000)]).weights;
    expect(weight).toBeLessThan(-0.8);
  });

  it('continues bit for bit from a state saved as text', () => {
    const seen = outcomes(6, 1, 2_000);
    const second = new OnlineLogistic({ size: 2, outcomeWeight: 1 });
    second.restore(JSON.parse(JSON.stringify(learned(seen.slice(0, 700)).save())) as OnlineLogisticState);
    for (const { features, hasHappened } of seen.slice(700)) second.learn(features, OFFSET, hasHappened);
    expect(second.save()).toEqual(learned(seen).save());
  });
});
