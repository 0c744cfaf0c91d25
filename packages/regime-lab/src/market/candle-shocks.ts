import type { MarketRandom } from './market-random.ts';
import type { GeneratorName, MarketSettings } from './market-settings.ts';
import { PRECURSOR_CANDLES, type RegimePath } from './regime-path.ts';

// Taken once: this is the hot path.
const { sqrt } = Math;

/** What a candle's return is drawn from, and how wide its inside swings. In log-return units. */
export interface CandleShock {
  /** Deviation of the return from its conditional mean. */
  readonly deviation: number;
  /** Standard deviation of the price's path inside the candle. */
  readonly pathSigma: number;
  /** Added to the slot's autoregression. */
  readonly autoregressionShift: number;
}

export type ShockSource = (path: RegimePath, random: MarketRandom) => CandleShock;

/** The GARCH(1,1) recursion around each level's variance, and the jumps. */
export const GARCH = {
  onShock: 0.06,
  onVariance: 0.9,
  jumpRatio: 0.005,
  /** Standard deviation of a jump, in units of the level's sigma. */
  jumpSigmas: 4,
} as const;

/** What the last candles before a change look like. */
export const PRECURSOR = {
  /** The volatility has grown by this share when the change comes. */
  volatilityGrowthRatio: 0.4,
  /** The autoregression has grown by this much when a change of the slot comes. */
  autoregressionGrowth: 0.3,
} as const;

/** Returns how far the precursor has come: 0 while no end is near, 1 at the last candle. */
export const precursorShare = (candlesLeft: number): number =>
  candlesLeft === 0 ? 0 : (PRECURSOR_CANDLES + 1 - candlesLeft) / PRECURSOR_CANDLES;

const plain = (deviation: number, pathSigma: number): CandleShock => ({ deviation, pathSigma, autoregressionShift: 0 });

const garchJumps = ({ sigmas }: MarketSettings): ShockSource => {
  let variance = 0;
  let lastSquare = 0;
  return ({ level }, random) => {
    const unconditional = (sigmas[level] ?? 0) ** 2;
    variance =
      variance === 0
        ? unconditional
        : unconditional * (1 - GARCH.onShock - GARCH.onVariance) +
          GARCH.onShock * lastSquare +
          GARCH.onVariance * variance;
    const pathSigma = sqrt(variance);
    const jump = random.uniform() < GARCH.jumpRatio ? GARCH.jumpSigmas * (sigmas[level] ?? 0) * random.normal() : 0;
    const deviation = pathSigma * random.normal() + jump;
    lastSquare = deviation * deviation;
    return plain(deviation, pathSigma);
  };
};

/** Returns the source of shocks of a generator. The t shocks are scaled to the sigma of their level. */
export const shockSourceOf = (generator: GeneratorName, settings: MarketSettings): ShockSource => {
  const sigmaOf = ({ level }: RegimePath): number => settings.sigmas[level] ?? 0;
  const t4 = (random: MarketRandom): number => sqrt(random.mixingVarianceOfT4() * T4_SCALE) * random.normal();
  switch (generator) {
    case 'gaussian':
      return (path, random) => plain(sigmaOf(path) * random.normal(), sigmaOf(path));
    case 'student-t4':
      return (path, random) => {
        const size = t4(random);
        return plain(sigmaOf(path) * size, sigmaOf(path) * sqrt(0.5 + 0.5 * size * size));
      };
    case 'shared-scale-t4':
      return (path, random) => {
        const scale = sigmaOf(path) * sqrt(random.mixingVarianceOfT4() * T4_SCALE);
        return plain(scale * random.normal(), scale);
      };
    case 'untied-range-t4':
      return (path, random) => plain(sigmaOf(path) * t4(random), sigmaOf(path));
    case 'garch-jumps':
      return garchJumps(settings);
    case 'semi-markov':
      return (path, random) => {
        const share = precursorShare(path.candlesLeft);
        const sigma = sigmaOf(path) * (1 + PRECURSOR.volatilityGrowthRatio * share);
        return {
          deviation: sigma * random.normal(),
          pathSigma: sigma,
          autoregressionShift: path.isSlotEnding ? PRECURSOR.autoregressionGrowth * share : 0,
        };
      };
  }
};

/** Brings the variance of a Student-t with 4 degrees of freedom, which is 2, to 1. */
export const T4_SCALE = 0.5;
