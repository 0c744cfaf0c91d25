import { MEAN_REVERTING_SLOT } from '@qt/regime';

/** How far the regimes of a market lie apart. `real-like` has the drifts and autoregressions of daily equities: hardly any. */
export type Difficulty = 'easy' | 'medium' | 'hard' | 'real-like';
export const DIFFICULTIES: readonly Difficulty[] = ['easy', 'medium', 'hard', 'real-like'];

/**
 * What draws the candles inside a regime.
 *
 * `gaussian`: normal returns. `student-t4`: returns with 4 degrees of freedom, the range grows with the candle's own shock.
 * `shared-scale-t4`: a hidden scale per candle widens return and range alike. `untied-range-t4`: the range comes from a 24-step bridge that
 * knows the volatility level only. `garch-jumps`: GARCH(1,1) variance around the level, and jumps. `semi-markov`: lives that age, and
 * precursors before they end. `stochastic-volatility`: a log volatility with noise of its own, leverage, and bursts of jumps. The engine was
 * designed on the first two and made with the next three in mind; the last two are foreign to it.
 */
export type GeneratorName =
  | 'gaussian'
  | 'student-t4'
  | 'shared-scale-t4'
  | 'untied-range-t4'
  | 'garch-jumps'
  | 'semi-markov'
  | 'stochastic-volatility';

/** The true parameters of a market. Volatilities in log-return per candle, drifts in units of the volatility. */
export interface MarketSettings {
  /** Shape: 3, by volatility level. */
  readonly sigmas: readonly number[];
  /** Shape: 6, by slot. */
  readonly drifts: readonly number[];
  /** Shape: 6, by slot: autoregression of the return around its drift. */
  readonly autoregressions: readonly number[];
  /** Mean life of a regime, in candles. */
  readonly durationCandles: number;
}

interface Distances {
  readonly ratio: number;
  readonly mild: number;
  readonly strong: number;
  readonly trending: number;
  readonly reverting: number;
}

const DISTANCES: Readonly<Record<Difficulty, Distances>> = {
  easy: { ratio: 2, mild: 0.35, strong: 0.9, trending: 0.2, reverting: -0.5 },
  medium: { ratio: 2, mild: 0.25, strong: 0.6, trending: 0.15, reverting: -0.4 },
  hard: { ratio: 1.6, mild: 0.15, strong: 0.35, trending: 0.1, reverting: -0.25 },
  'real-like': { ratio: 1.5, mild: 0.05, strong: 0.12, trending: 0.03, reverting: -0.08 },
};
const MEDIUM_SIGMA = 0.01;

/** How a change is shared out: volatility alone, slot alone; both change with what is left. */
export const VOLATILITY_CHANGE_SHARE = 0.35;
export const SLOT_CHANGE_SHARE = 0.5;

/** Returns the true parameters of a market; every generator starts from them. */
export const marketSettings = (difficulty: Difficulty, durationCandles: number): MarketSettings => {
  const { ratio, mild, strong, trending, reverting } = DISTANCES[difficulty];
  const drifts = [-strong, -mild, 0, mild, strong, 0];
  return {
    sigmas: [MEDIUM_SIGMA / ratio, MEDIUM_SIGMA, MEDIUM_SIGMA * ratio],
    drifts,
    autoregressions: drifts.map((_, slot) => (slot === MEAN_REVERTING_SLOT ? reverting : trending)),
    durationCandles,
  };
};
