import { describe, expect, it } from '@jest/globals';
import { InvariantError, seededRandom } from '@qt/kernel';
import { FixedLagSmoother, type FixedLagSmootherState } from './fixed-lag-smoother.ts';
import { TransitionLaw } from './transition-law.ts';

const random = seededRandom(5);
const aLikelihood = (): Float64Array => new Float64Array(18).map(() => Math.exp(4 * random()));
const normalized = (values: Float64Array): Float64Array => {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
};

/** The transition matrix, column by column, as the law itself applies it. */
const matrixOf = (elapsedCandles: number): readonly Float64Array[] => {
  const law = new TransitionLaw();
  return Array.from({ length: 18 }, (_, id) => {
    const unit = new Float64Array(18);
    unit[id] = 1;
    const column = new Float64Array(18);
    law.advance(unit, column, elapsedCandles);
    return column;
  });
};

describe('TransitionLaw', () => {
  it.each([1, 7])('is a symmetric matrix of probabilities over %i candles', (elapsed) => {
    const matrix = matrixOf(elapsed);
    for (let from = 0; from < 18; from += 1) {
      expect(matrix[from]!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
      for (let to = 0; to < 18; to += 1) expect(matrix[from]![to]).toBeCloseTo(matrix[to]![from]!, 15);
    }
  });
});

describe('FixedLagSmoother', () => {
  const elapsed = [1, 1, 3, 1];
  const likelihoods = elapsed.map(aLikelihood);
  const filtered: Float64Array[] = [];
  let prior: Float64Array<ArrayBufferLike> = new Float64Array(18).fill(1 / 18);
  likelihoods.forEach((likelihood, candle) => {
    const predicted = new Float64Array(18);
    if (candle === 0) predicted.set(prior);
    else new TransitionLaw().advance(prior, predicted, elapsed[candle]!);
    prior = normalized(predicted.map((value, id) => value * likelihood[id]!));
    filtered.push(prior);
  });

  it('says what summing over every path of regimes says', () => {
    const smoother = new FixedLagSmoother({ lagsCandles: [3, 1] });
    filtered.forEach((posterior, candle) => {
      smoother.update(posterior, elapsed[candle]!);
    });
    const matrices = elapsed.map(matrixOf);
    const first = new Float64Array(18);
    const third = new Float64Array(18);
    for (let a = 0; a < 18; a += 1) {
      for (let b = 0; b < 18; b += 1) {
        for (let c = 0; c < 18; c += 1) {
          for (let d = 0; d < 18; d += 1) {
            const moves = matrices[1]![a]![b]! * matrices[2]![b]![c]! * matrices[3]![c]![d]!;
            const joint = moves * likelihoods[0]![a]! * likelihoods[1]![b]! * likelihoods[2]![c]! * likelihoods[3]![d]!;
            first[a]! += joint;
            third[c]! += joint;
          }
        }
      }
    }
    const firstTrue = normalized(first);
    const thirdTrue = normalized(third);
    for (let id = 0; id < 18; id += 1) {
      expect(smoother.smoothed(3)![id]).toBeCloseTo(firstTrue[id]!, 6);
      expect(smoother.smoothed(1)![id]).toBeCloseTo(thirdTrue[id]!, 6);
    }
  });

  it('has nothing to say of a candle that does not exist, and refuses a lag it was not made for', () => {
    const smoother = new FixedLagSmoother({ lagsCandles: [2] });
    smoother.update(filtered[0]!, 1);
    smoother.update(filtered[1]!, 1);
    expect(smoother.smoothed(2)).toBeNull();
    smoother.update(filtered[2]!, 1);
    expect(smoother.smoothed(2)).not.toBeNull();
    expect(() => smoother.smoothed(3)).toThrow(InvariantError);
    expect(() => new FixedLagSmoother({ lagsCandles: [] })).toThrow(InvariantError);
  });

  it.each([0, 3, 11, 40])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const posteriors = Array.from({ length: 60 }, () => normalized(aLikelihood()));
    const whole = new FixedLagSmoother({ lagsCandles: [10, 5] });
    const first = new FixedLagSmoother({ lagsCandles: [10, 5] });
    const second = new FixedLagSmoother({ lagsCandles: [10, 5] });
    posteriors.slice(0, cut).forEach((posterior) => {
      whole.update(posterior, 1);
      first.update(posterior, 1);
    });
    second.restore(JSON.parse(JSON.stringify(first.save())) as FixedLagSmootherState);
    expect(second.smoothed(10)).toEqual(whole.smoothed(10));
    posteriors.slice(cut).forEach((posterior) => {
      whole.update(posterior, 1);
      second.update(posterior, 1);
      expect(second.smoothed(10)).toEqual(whole.smoothed(10));
      expect(second.smoothed(5)).toEqual(whole.smoothed(5));
    });
  });
});
