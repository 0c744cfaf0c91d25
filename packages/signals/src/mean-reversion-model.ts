import { FEATURES_ID, type FeatureVector } from './features.ts';
import { type ModelOpinion, type SignalModel, toUnit } from './model.ts';

/** Scales at which each witness speaks with full strength. */
const FULL_Z = 3;
const FULL_RSI_OFFSET = 30;
/** The close must be this many deviations from its mean, and the index this far from 50 on the same side. */
const MIN_Z = 1;
const MIN_RSI_OFFSET = 8;

/**
 * Bets on the way back: a close far from its rolling mean, confirmed by an index that is stretched to the same side.
 *
 * Source: short-horizon reversal, B. N. Lehmann (1990); relative strength index, J. W. Wilder (1978).
 */
export const meanReversionModel: SignalModel = {
  id: 'mean-reversion@1',
  name: 'mean-reversion',
  version: 1,
  featuresId: FEATURES_ID,
  predict: ({ zScore, rsi }: FeatureVector): ModelOpinion => {
    const offset = rsi - 50;
    const score = 0 - (toUnit(zScore / FULL_Z) + toUnit(offset / FULL_RSI_OFFSET)) / 2;
    const isStretched =
      Math.abs(zScore) >= MIN_Z && Math.abs(offset) >= MIN_RSI_OFFSET && Math.sign(zScore) === Math.sign(offset);
    if (!isStretched) return { direction: 'hold', score };
    return { direction: score > 0 ? 'long' : 'short', score };
  },
};
