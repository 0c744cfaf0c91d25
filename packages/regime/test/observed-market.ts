import { seededRandom } from '@qt/kernel';
import type { Observation } from '../src/likelihood-filter.ts';

/**
 * How heavy the tails are and what the path inside a candle has to do with its shock. `gaussian`: normal shock, path of the regime's own
 * scale. The others have Student-t(4) shocks of unit variance and a path whose squared scale is: `tied`: .5 + .5 times the squared shock;
 * `shared`: the same random scale that made the shock; `free`: the regime's own.
 */
export type TailKind = 'gaussian' | 'tied' | 'shared' | 'free';

export interface ObservedMarket {
  readonly seed: number;
  readonly candles: number;
  /** Mean life of a regime, in candles. */
  readonly durationCandles: number;
  readonly market?: 'easy' | 'medium' | 'hard';
  readonly tail?: TailKind;
  /** Standard deviation of ln scale around the level's own: a slow wave that a twentieth leaves with each candle. Default 0. */
  readonly swing?: number;
}

export interface TrueObservations {
  readonly observations: readonly Observation[];
  /** Shape: regime ids, one per observation. */
  readonly regimeIds: readonly number[];
}

const MARKETS = {
  easy: { ratio: 2, drifts: [-0.9, -0.35, 0, 0.35, 0.9, 0], trending: 0.2, reverting: -0.5 },
  medium: { ratio: 2, drifts: [-0.6, -0.25, 0, 0.25, 0.6, 0], trending: 0.15, reverting: -0.4 },
  hard: { ratio: 1.6, drifts: [-0.35, -0.15, 0, 0.15, 0.35, 0], trending: 0.1, reverting: -0.25 },
} as const;
const MEDIUM_SIGMA = 0.01;
const DEGREES = 4;
const SWING_PERSISTENCE = 0.95;

/** Returns the observations of a market whose regimes are known, without the detour over prices. Same seed, same market. */
export const observedMarket = ({
  seed,
  candles,
  durationCandles,
  market = 'easy',
  tail = 'gaussian',
  swing = 0,
}: ObservedMarket): TrueObservations => {
  const random = seededRandom(seed);
  const uniform = (): number => Math.max(random(), 1e-12);
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const chiSquare = (): number =>
    Array.from({ length: DEGREES }, () => normal() ** 2).reduce((sum, part) => sum + part);
  const { ratio, drifts, trending, reverting } = MARKETS[market];
  let level = Math.floor(random() * 3);
  let slot = Math.floor(random() * 6);
  let previousLogReturn = 0;
  let wave = 0;
  const observations: Observation[] = [];
  const regimeIds: number[] = [];
  for (let index = 0; index < candles; index += 1) {
    if (random() < 1 / durationCandles) {
      const kind = random();
      if (kind < 0.35 || kind >= 0.85) level = (level + 1 + Math.floor(random() * 2)) % 3;
      if (kind >= 0.35) slot = (slot + 1 + Math.floor(random() * 5)) % 6;
    }
    if (swing > 0) wave = SWING_PERSISTENCE * wave + Math.sqrt(1 - SWING_PERSISTENCE ** 2) * swing * normal();
    const sigma = MEDIUM_SIGMA * ratio ** (level - 1) * Math.exp(wave);
    const drift = (drifts[slot] ?? 0) * sigma;
    const autoregression = slot === 5 ? reverting : trending;
    // Over sqrt(2), so that the heavy-tailed shock has the variance of the normal one.
    const shockScale = tail === 'gaussian' ? 1 : Math.sqrt((DEGREES - 2) / chiSquare());
    const shock = shockScale * normal();
    const pathScale = { gaussian: 1, tied: Math.sqrt(0.5 + 0.5 * shock * shock), shared: shockScale, free: 1 }[tail];
    const move = drift + autoregression * (previousLogReturn - drift) + sigma * shock;
    const reach = (): number => Math.sqrt(move * move - 2 * (sigma * pathScale) ** 2 * Math.log(uniform()));
    const high = (move + reach()) / 2;
    const low = (move - reach()) / 2;
    observations.push({
      logReturn: move,
      previousLogReturn,
      logRange: Math.log(high - low),
      pathVariance: high * (high - move) + low * (low - move),
      elapsedCandles: 1,
    });
    regimeIds.push(6 * level + slot);
    previousLogReturn = move;
  }
  return { observations, regimeIds };
};
