import { seededRandom } from '@qt/kernel';
import { BaseDetector } from '../src/base-detector.ts';
import type { Observation } from '../src/likelihood-filter.ts';

/** A market whose regimes are known, as observations: the chain of `synthetic-market.ts`, with what that one leaves out. */
export interface AnnouncedMarketOptions {
  readonly seed: number;
  readonly candles: number;
  readonly market?: 'easy' | 'medium' | 'hard';
  /** Student-t(4) returns of the same variance instead of Gaussian ones; the range scales with the shock. */
  readonly hasFatTails?: boolean;
  /** Lives end when they are old, instead of with the same probability at every age; volatility and autocorrelation announce it. */
  readonly hasPrecursors?: boolean;
}

export interface AnnouncedMarket {
  readonly observations: readonly Observation[];
  readonly regimeIds: Int32Array;
}

const MARKETS = {
  easy: { ratio: 2, drifts: [-0.9, -0.35, 0, 0.35, 0.9, 0], trending: 0.2, reverting: -0.5 },
  medium: { ratio: 2, drifts: [-0.6, -0.25, 0, 0.25, 0.6, 0], trending: 0.15, reverting: -0.4 },
  hard: { ratio: 1.6, drifts: [-0.35, -0.15, 0, 0.15, 0.35, 0], trending: 0.1, reverting: -0.25 },
} as const;
const MEDIUM_SIGMA = 0.01;
const DURATION_CANDLES = 300;
const PRECURSOR_CANDLES = 20;

const memoryless = (): number => 1 / DURATION_CANDLES;
const ageing = (age: number): number => Math.min(0.05, 1 / 3_000 + Math.max(0, age - 150) / 8_000);

/** Returns observations with their true regimes. Same options, same market. */
export const announcedMarket = (options: AnnouncedMarketOptions): AnnouncedMarket => {
  const { seed, candles, market = 'easy', hasFatTails = false, hasPrecursors = false } = options;
  const random = seededRandom(seed);
  const uniform = (): number => Math.max(random(), 1e-12);
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const { ratio, drifts, trending, reverting } = MARKETS[market];
  const hazard = hasPrecursors ? ageing : memoryless;
  const lifeOf = (): number => {
    let life = 1;
    while (random() >= hazard(life)) life += 1;
    return life;
  };
  let level = Math.floor(random() * 3);
  let slot = Math.floor(random() * 6);
  let left = lifeOf();
  let previous = 0;
  const regimeIds = new Int32Array(candles);
  const observations: Observation[] = [];
  for (let index = 0; index < candles; index += 1) {
    if (left === 0) {
      left = lifeOf();
      const kind = random();
      if (kind < 0.35 || kind >= 0.85) level = (level + 1 + Math.floor(random() * 2)) % 3;
      if (kind >= 0.35) slot = (slot + 1 + Math.floor(random() * 5)) % 6;
    }
    left -= 1;
    const nearness = hasPrecursors ? Math.max(0, 1 - left / PRECURSOR_CANDLES) : 0;
    const sigma = MEDIUM_SIGMA * ratio ** (level - 1) * (1 + 0.5 * nearness);
    const drift = (drifts[slot] ?? 0) * sigma;
    const autoregression = (slot === 5 ? reverting : trending) + 0.4 * nearness;
    const tail = hasFatTails ? Math.sqrt(2 / [1, 2, 3, 4].reduce((sum) => sum + normal() ** 2, 0)) : 1;
    const scale = sigma * tail;
    const move = drift + autoregression * (previous - drift) + scale * normal();
    const reach = (): number => Math.sqrt(move * move - 2 * scale * scale * Math.log(uniform()));
    const range = Math.max((move + reach()) / 2, move, 0) - Math.min((move - reach()) / 2, move, 0);
    observations.push({
      logReturn: move,
      previousLogReturn: previous,
      logRange: range > 0 ? Math.log(range) : null,
      elapsedCandles: 1,
    });
    regimeIds[index] = 6 * level + slot;
    previous = move;
  }
  return { observations, regimeIds };
};

/** Returns what the base detector thinks at each candle: 18 probabilities each. */
export const posteriorsOf = (observations: readonly Observation[]): readonly Float64Array[] => {
  const base = new BaseDetector();
  // Started before the first candle: a detector that knows nothing has no likeliest regime, and a tie mirrors to the same one.
  for (const observation of observations.slice(0, 100)) base.update(observation);
  return observations.map((observation) => {
    base.update(observation);
    return base.posterior.slice();
  });
};
