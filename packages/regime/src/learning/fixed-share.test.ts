import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FixedShare } from './fixed-share.ts';

describe('FixedShare', () => {
  it('property: weights are positive and sum to 1 whatever the losses', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))), (losses) => {
        const share = new FixedShare(2);
        for (const pair of losses) {
          share.losses.set(pair);
          share.update(0.01);
        }
        expect((share.weights[0] ?? 0) + (share.weights[1] ?? 0)).toBeCloseTo(1, 9);
        expect(Math.min(...share.weights)).toBeGreaterThan(0);
      }),
    );
  });

  it('is Bayes rule when nothing is shared out', () => {
    const share = new FixedShare(2);
    share.losses.set([Math.log(2), Math.log(8)]);
    share.update(0);
    expect(share.weights[0]).toBeCloseTo(0.8, 12);
  });

  it.each([
    { shareRatio: 0.002, within: 25 },
    { shareRatio: 0.05, within: 12 },
  ])('with a share of $shareRatio changes its mind within $within losses of 1', ({ shareRatio, within }) => {
    const share = new FixedShare(2);
    share.losses.set([0, 1]);
    for (let index = 0; index < 500; index += 1) share.update(shareRatio);
    expect(share.weights[0]).toBeGreaterThan(0.9);
    share.losses.set([1, 0]);
    for (let index = 0; index < within; index += 1) share.update(shareRatio);
    expect(share.weights[1]).toBeGreaterThan(0.9);
  });
});
