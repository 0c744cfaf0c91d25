import { SLOT_COUNT } from '@qt/regime';
import { T4_SCALE } from '../market/candle-shocks.ts';
import { BRIDGE_STEPS } from '../market/generate-market.ts';
import type { GeneratorName, MarketSettings } from '../market/market-settings.ts';
import type { CandleMove } from './candle-move.ts';

// Taken once: this is the hot path.
const { floor, log, log1p, sqrt } = Math;

/** The log density of a candle whose return deviates by `deviation` in a regime of `sigma`; constants of the candle are left out. */
export type CandleLaw = (candle: CandleMove, deviation: number, sigma: number) => number;

// How much higher the maximum of a path is than that of its 24 steps, in sigmas. Source: Broadie, Glasserman and Kou (1997).
const STEP_CORRECTION = 0.5826 / sqrt(BRIDGE_STEPS);

/** Return and both extremes normal and Brownian with one sigma. */
export const gaussianLaw: CandleLaw = ({ extremeSquare }, deviation, sigma) => {
  const variance = sigma * sigma;
  return -2.5 * log(variance) - (0.5 * deviation * deviation + extremeSquare) / variance;
};

/** Log density of a t return with 4 degrees of freedom, scaled to `sigma`. */
const t4Return = (deviation: number, sigma: number): number => {
  const size = deviation / sigma;
  return -log(sigma) - 2.5 * log1p((size * size) / (4 * T4_SCALE));
};

const studentT4Law: CandleLaw = ({ extremeSquare }, deviation, sigma) => {
  const size = deviation / sigma;
  const pathVariance = sigma * sigma * (0.5 + 0.5 * size * size);
  return t4Return(deviation, sigma) - 2 * log(pathVariance) - extremeSquare / pathVariance;
};

/** The hidden scale is integrated out: an inverse gamma against a normal and two extremes. */
const sharedScaleT4Law: CandleLaw = ({ extremeSquare }, deviation, sigma) => {
  const variance = sigma * sigma;
  const exponent = (0.5 * deviation * deviation + extremeSquare) / variance;
  return -2.5 * log(variance) - 4.5 * log1p(exponent / (2 * T4_SCALE));
};

/** The steps' extremes are moved out to those of the path between them, and taken as independent: an approximation. */
const untiedRangeT4Law: CandleLaw = ({ move, high, low }, deviation, sigma) => {
  const top = high + STEP_CORRECTION * sigma;
  const bottom = low - STEP_CORRECTION * sigma;
  const variance = sigma * sigma;
  return (
    t4Return(deviation, sigma) +
    log(((2 * top - move) * (move - 2 * bottom)) / (variance * variance)) -
    (2 * top * (top - move) + 2 * bottom * (bottom - move)) / variance
  );
};

/** Generators whose candles depend on the regime and the candle before, and on nothing else. */
export type MemorylessGenerator = Exclude<GeneratorName, 'garch-jumps' | 'semi-markov' | 'stochastic-volatility'>;

/** Returns the true law of the candles of a generator. */
export const candleLawOf = (generator: MemorylessGenerator): CandleLaw => {
  switch (generator) {
    case 'gaussian':
      return gaussianLaw;
    case 'student-t4':
      return studentT4Law;
    case 'shared-scale-t4':
      return sharedScaleT4Law;
    case 'untied-range-t4':
      return untiedRangeT4Law;
  }
};

/** Returns the deviation of a candle's return from its mean in a regime. */
export const deviationIn = (settings: MarketSettings, regimeId: number, candle: CandleMove, shift = 0): number => {
  const slot = regimeId % SLOT_COUNT;
  const drift = (settings.drifts[slot] ?? 0) * (settings.sigmas[floor(regimeId / SLOT_COUNT)] ?? 0);
  const autoregression = (settings.autoregressions[slot] ?? 0) + shift;
  return candle.move - drift - autoregression * (candle.previousMove - drift);
};
