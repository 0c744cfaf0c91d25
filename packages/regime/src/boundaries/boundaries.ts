import { AR_REVERTING, AR_TRENDING, DRIFT_MILD, DRIFT_STRONG, LOG_SCALE } from '../base/candle-emission.ts';
import { MIN_DRIFT_GAP, MIN_LEVEL_GAP } from '../base/parameter-learner.ts';

/** The cuts between regimes. Volatility in natural log of the return scale, trend in return scales per candle. */
export interface Boundaries {
  readonly lowMedium: number;
  readonly mediumHigh: number;
  /** Between neutral and mild, and mild and strong; the down side mirrors the up side. */
  readonly mildTrend: number;
  readonly strongTrend: number;
  /** Autoregression of the return below which a market reverts. */
  readonly structure: number;
}

export const BOUNDARY_NAMES = ['lowMedium', 'mediumHigh', 'mildTrend', 'strongTrend', 'structure'] as const;

/** Gaps that hold between cuts because they hold between what they cut. */
export const MIN_BOUNDARY_GAPS = {
  volatilityLog: MIN_LEVEL_GAP,
  trendScales: MIN_DRIFT_GAP / 2,
} as const;

/** Returns the cuts halfway between neighboring levels, drifts and autoregressions of one filter. */
export const boundariesOf = (parameters: ArrayLike<number>): Boundaries => {
  const at = (index: number): number => parameters[index] ?? 0;
  return {
    lowMedium: (at(LOG_SCALE) + at(LOG_SCALE + 1)) / 2,
    mediumHigh: (at(LOG_SCALE + 1) + at(LOG_SCALE + 2)) / 2,
    mildTrend: at(DRIFT_MILD) / 2,
    strongTrend: (at(DRIFT_MILD) + at(DRIFT_STRONG)) / 2,
    structure: (at(AR_TRENDING) + at(AR_REVERTING)) / 2,
  };
};

/** The largest move of each cut in one candle: a fifth of the thing cut in 1000 candles. */
const LARGEST_MOVES: Boundaries = {
  lowMedium: Math.log(1.2) / 1_000,
  mediumHigh: Math.log(1.2) / 1_000,
  // A fifth of a typical cut, so that a small one can grow at all.
  mildTrend: 0.03 / 1_000,
  strongTrend: 0.08 / 1_000,
  structure: 0.03 / 1_000,
};

/** Returns the cuts moved towards a target, none by more than a fifth in 1000 candles. */
export const movedTowards = (current: Boundaries, target: Boundaries): Boundaries => {
  const moved = { ...current };
  for (const name of BOUNDARY_NAMES) {
    const limit = LARGEST_MOVES[name];
    moved[name] = current[name] + Math.min(limit, Math.max(-limit, target[name] - current[name]));
  }
  return moved;
};
