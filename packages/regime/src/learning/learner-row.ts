import { FACTOR_COUNT } from './factors.ts';

/** What a learner sees of a candle. The first thirteen stay what they are when prices are mirrored; the last seven change sign. */
export const FEATURE_NAMES = [
  'range',
  'range5',
  'range20',
  'range60',
  'size20',
  'highOdds',
  'lowOdds',
  'autocorrelation20',
  'autocorrelation60',
  'pull20',
  'revertingOdds',
  'strongOdds',
  'surprise',
  'return',
  'previousReturn',
  'return5',
  'return20',
  'return60',
  'lean',
  'lean20',
] as const;
export const FEATURE_COUNT = FEATURE_NAMES.length;
export const EVEN_FEATURE_COUNT = 13;
/** No feature is larger than this; the scaling leaves typical values near 1. */
export const FEATURE_LIMIT = 4;

/**
 * A row is the features, then the logarithms of the base detector's nine marginals, then those of their means over about 5 and 20
 * candles; all seen in the learners' orientation.
 */
export const BASE_AT = FEATURE_COUNT;
export const MEMORY_AT = BASE_AT + FACTOR_COUNT;
export const MEMORY_COUNT = 2;
export const ROW_LENGTH = MEMORY_AT + MEMORY_COUNT * FACTOR_COUNT;
