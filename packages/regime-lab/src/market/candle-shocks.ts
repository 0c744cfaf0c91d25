import type { MarketRandom } from './market-random.ts';
import type { GeneratorName, MarketSettings } from './market-settings.ts';
import { PRECURSOR_CANDLES, type RegimePath } from './regime-path.ts';

// Taken once: this is the hot path.
const { exp, max, min, sqrt } = Math;

/** What a candle's return is drawn from, and how wide its inside swings. In log-return units. */
export interface CandleShock {
  /** Deviation of the return from its conditional mean. */
  readonly deviation: number;
  /** Standard deviation of the price's path inside the candle. */
  readonly pathSigma: number;
  /** Added to the slot's autoregression. */
  readonly autoregressionShift: number;
}

export type ShockSource = (path: RegimePath) => CandleShock;

/** The GARCH(1,1) recursion around each level's variance, and the jumps. */
export const GARCH = {
  onShock: 0.06,
  onVariance: 0.9,
  jumpRatio: 0.005,
  /** Standard deviation of a jump, in units of the level's sigma. */
  jumpSigmas: 4,
} as const;

/**
 * The log volatility around its level: an AR(1) whose median is the level's sigma and which a change of regime leaves as it is.
 *
 * Daily estimates of such models find a persistence of .95 to .98 and a deviation of ln sigma of .2 to .35. Swings of 23 candles' half-life
 * and .22 are long enough to look like another level (a level is .69 away, .47 on hard markets) and short enough beside 300 candles to tell apart.
 * Source: Taylor (1986); Kim, Shephard and Chib (1998); leverage as in Harvey and Shephard (1996).
 */
export const STOCHASTIC_VOLATILITY = {
  persistence: 0.97,
  /** Standard deviation of ln sigma around the level's. */
  logSigmaDeviation: 0.22,
  /** Correlation of a candle's shock with the log volatility's next step: what falls gets wilder. */
  leverage: -0.4,
  /** Larger shocks, in sigmas of the candle, move the volatility no more than this one. */
  largestLeveredShock: 3,
  /** Jumps come in bursts, of 20 candles in the mean, 500 apart. */
  burstStartRatio: 1 / 500,
  burstEndRatio: 1 / 20,
  /** Share of the candles of a burst that jump. */
  jumpRatio: 0.2,
  /** Standard deviation of a jump, in units of the candle's sigma. */
  jumpSigmas: 3,
} as const;

/** Standard deviation of one step of the log volatility, shock and noise together. */
export const LOG_SIGMA_STEP =
  STOCHASTIC_VOLATILITY.logSigmaDeviation * sqrt(1 - STOCHASTIC_VOLATILITY.persistence ** 2);
/** Of the noise alone: the part that no return tells of. */
export const LOG_SIGMA_NOISE = LOG_SIGMA_STEP * sqrt(1 - STOCHASTIC_VOLATILITY.leverage ** 2);

/** Returns the mean of the log volatility's next value, over its level. `shock`: the candle's deviation in sigmas of that candle. */
export const nextLogSigmaMean = (logSigma: number, shock: number): number => {
  const { persistence, leverage, largestLeveredShock } = STOCHASTIC_VOLATILITY;
  const levered = max(-largestLeveredShock, min(largestLeveredShock, shock));
  return persistence * logSigma + leverage * LOG_SIGMA_STEP * levered;
};

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

const garchJumps = ({ sigmas }: MarketSettings, random: MarketRandom): ShockSource => {
  let variance = 0;
  let lastSquare = 0;
  return ({ level }) => {
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

const stochasticVolatility = ({ sigmas }: MarketSettings, random: MarketRandom): ShockSource => {
  const { logSigmaDeviation, burstStartRatio, burstEndRatio, jumpRatio, jumpSigmas } = STOCHASTIC_VOLATILITY;
  let logSigma = logSigmaDeviation * random.normal();
  let lastShock = 0;
  let isBurst = false;
  return ({ level }) => {
    logSigma = nextLogSigmaMean(logSigma, lastShock) + LOG_SIGMA_NOISE * random.normal();
    isBurst = random.uniform() < (isBurst ? 1 - burstEndRatio : burstStartRatio);
    const isJump = isBurst && random.uniform() < jumpRatio;
    lastShock = random.normal() + (isJump ? jumpSigmas * random.normal() : 0);
    const pathSigma = (sigmas[level] ?? 0) * exp(logSigma);
    return plain(pathSigma * lastShock, pathSigma);
  };
};

/** Returns the source of shocks of a generator. The t shocks are scaled to the sigma of their level. */
export const shockSourceOf = (
  generator: GeneratorName,
  settings: MarketSettings,
  random: MarketRandom,
): ShockSource => {
  const sigmaOf = ({ level }: RegimePath): number => settings.sigmas[level] ?? 0;
  const t4 = (): number => sqrt(random.mixingVarianceOfT4() * T4_SCALE) * random.normal();
  switch (generator) {
    case 'gaussian':
      return (path) => plain(sigmaOf(path) * random.normal(), sigmaOf(path));
    case 'student-t4':
      return (path) => {
        const size = t4();
        return plain(sigmaOf(path) * size, sigmaOf(path) * sqrt(0.5 + 0.5 * size * size));
      };
    case 'shared-scale-t4':
      return (path) => {
        const scale = sigmaOf(path) * sqrt(random.mixingVarianceOfT4() * T4_SCALE);
        return plain(scale * random.normal(), scale);
      };
    case 'untied-range-t4':
      return (path) => plain(sigmaOf(path) * t4(), sigmaOf(path));
    case 'garch-jumps':
      return garchJumps(settings, random);
    case 'semi-markov':
      return (path) => {
        const share = precursorShare(path.candlesLeft);
        const sigma = sigmaOf(path) * (1 + PRECURSOR.volatilityGrowthRatio * share);
        return {
          deviation: sigma * random.normal(),
          pathSigma: sigma,
          autoregressionShift: path.isSlotEnding ? PRECURSOR.autoregressionGrowth * share : 0,
        };
      };
    case 'stochastic-volatility':
      return stochasticVolatility(settings, random);
  }
};

/** Brings the variance of a Student-t with 4 degrees of freedom, which is 2, to 1. */
export const T4_SCALE = 0.5;
