import { FEATURES_ID, type FeatureVector } from './features.ts';
import { type ModelOpinion, type SignalModel, toUnit } from './model.ts';

/** Scales at which each witness speaks with full strength. */
const FULL_SPREAD_ATR = 2;
const FULL_SLOPE_T = 20;
/** A mean strength below this is noise. */
const MIN_STRENGTH = 0.3;

/**
 * Follows the trend: spread of averages in true ranges, slope of log prices, place in the channel of the last candles.
 * All three must point the same way.
 *
 * Source: time-series momentum, T. J. Moskowitz, Y. H. Ooi, L. H. Pedersen (2012); channel breakout, R. Donchian.
 */
export const momentumModel: SignalModel = {
  id: 'momentum@1',
  name: 'momentum',
  version: 1,
  featuresId: FEATURES_ID,
  predict: (features: FeatureVector): ModelOpinion => {
    const witnesses = [
      toUnit(features.emaSpreadAtr / FULL_SPREAD_ATR),
      toUnit(features.slopeT / FULL_SLOPE_T),
      toUnit(features.channelPosition),
    ];
    const score = witnesses.reduce((total, value) => total + value, 0) / witnesses.length;
    const isAgreed = witnesses.every((value) => value > 0) || witnesses.every((value) => value < 0);
    if (!isAgreed || Math.abs(score) < MIN_STRENGTH) return { direction: 'hold', score };
    return { direction: score > 0 ? 'long' : 'short', score };
  },
};
