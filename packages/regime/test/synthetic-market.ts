import type { Candle } from '@qt/contracts';
import { dec, seededRandom } from '@qt/kernel';

/** A market whose regimes are known: 18-state chain, drift and autoregression by slot, range from the Brownian-bridge maximum law. */
export interface SyntheticMarket {
  readonly seed: number;
  readonly candles: number;
  /** Mean life of a regime, in candles. */
  readonly durationCandles: number;
  readonly market?: 'easy' | 'medium' | 'hard';
}

export interface TrueCandle {
  readonly candle: Candle;
  readonly regimeId: number;
}

const MARKETS = {
  easy: { ratio: 2, drifts: [-0.9, -0.35, 0, 0.35, 0.9, 0], trending: 0.2, reverting: -0.5 },
  medium: { ratio: 2, drifts: [-0.6, -0.25, 0, 0.25, 0.6, 0], trending: 0.15, reverting: -0.4 },
  hard: { ratio: 1.6, drifts: [-0.35, -0.15, 0, 0.15, 0.35, 0], trending: 0.1, reverting: -0.25 },
} as const;
const MEDIUM_SIGMA = 0.01;

/** Returns candles with their true regimes. Same seed, same market. Gaussian shocks. */
export const syntheticMarket = ({
  seed,
  candles,
  durationCandles,
  market = 'easy',
}: SyntheticMarket): readonly TrueCandle[] => {
  const random = seededRandom(seed);
  const uniform = (): number => Math.max(random(), 1e-12);
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const { ratio, drifts, trending, reverting } = MARKETS[market];
  let level = Math.floor(random() * 3);
  let slot = Math.floor(random() * 6);
  let logPrice = Math.log(30_000);
  let previous = 0;
  const made: TrueCandle[] = [];
  for (let index = 0; index < candles; index += 1) {
    if (random() < 1 / durationCandles) {
      const kind = random();
      if (kind < 0.35 || kind >= 0.85) level = (level + 1 + Math.floor(random() * 2)) % 3;
      if (kind >= 0.35) slot = (slot + 1 + Math.floor(random() * 5)) % 6;
    }
    const sigma = MEDIUM_SIGMA * ratio ** (level - 1);
    const drift = (drifts[slot] ?? 0) * sigma;
    const autoregression = slot === 5 ? reverting : trending;
    const move = drift + autoregression * (previous - drift) + sigma * normal();
    const reach = (): number => Math.sqrt(move * move - 2 * sigma * sigma * Math.log(uniform()));
    const high = logPrice + (move + reach()) / 2;
    const low = logPrice + (move - reach()) / 2;
    const text = (log: number): string => dec(Math.exp(log)).toFixed();
    made.push({
      regimeId: 6 * level + slot,
      candle: {
        symbol: 'BTCUSDT',
        interval: '1m',
        openTimeMs: index * 60_000,
        open: text(logPrice),
        high: text(Math.max(high, logPrice, logPrice + move)),
        low: text(Math.min(low, logPrice, logPrice + move)),
        close: text(logPrice + move),
        volume: '1',
      },
    });
    previous = move;
    logPrice += move;
  }
  return made;
};
