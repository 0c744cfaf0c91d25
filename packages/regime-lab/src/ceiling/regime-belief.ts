import { REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import { SLOT_CHANGE_SHARE, VOLATILITY_CHANGE_SHARE } from '../market/market-settings.ts';

// Taken once: this is the hot path.
const { exp, floor, max } = Math;

const TO_OTHER_LEVEL = VOLATILITY_CHANGE_SHARE / 2;
const TO_OTHER_SLOT = SLOT_CHANGE_SHARE / 5;
const TO_BOTH_OTHER = (1 - VOLATILITY_CHANGE_SHARE - SLOT_CHANGE_SHARE) / 10;

/** Returns the chance that a change in regime `from` leads to regime `to`. */
export const changeChance = (from: number, to: number): number => {
  const isOtherLevel = floor(from / SLOT_COUNT) !== floor(to / SLOT_COUNT);
  const isOtherSlot = from % SLOT_COUNT !== to % SLOT_COUNT;
  if (isOtherLevel && isOtherSlot) return TO_BOTH_OTHER;
  if (isOtherLevel) return TO_OTHER_LEVEL;
  return isOtherSlot ? TO_OTHER_SLOT : 0;
};

/** Turns log likelihoods and a prior into the posterior in `into`, without underflow. Shape: all of one length. */
export const correctBelief = (prior: Float64Array, logLikelihoods: Float64Array, into: Float64Array): void => {
  let largest = Number.NEGATIVE_INFINITY;
  for (let state = 0; state < prior.length; state += 1) largest = max(largest, logLikelihoods[state] ?? 0);
  let total = 0;
  for (let state = 0; state < prior.length; state += 1) {
    const weight = (prior[state] ?? 0) * exp((logLikelihoods[state] ?? 0) - largest);
    into[state] = weight;
    total += weight;
  }
  for (let state = 0; state < prior.length; state += 1) into[state] = (into[state] ?? 0) / total;
};

/** The 18 x 18 chances of one candle to the next, of a memoryless market. */
export class MemorylessTransition {
  readonly #matrix = new Float64Array(REGIME_COUNT * REGIME_COUNT);

  constructor(durationCandles: number) {
    const hazardRatio = 1 / durationCandles;
    for (let from = 0; from < REGIME_COUNT; from += 1) {
      for (let to = 0; to < REGIME_COUNT; to += 1) {
        this.#matrix[from * REGIME_COUNT + to] = from === to ? 1 - hazardRatio : hazardRatio * changeChance(from, to);
      }
    }
  }

  /** Returns the chance that regime `from` is followed by regime `to`. */
  chance(from: number, to: number): number {
    return this.#matrix[from * REGIME_COUNT + to] ?? 0;
  }

  /** Moves a belief one candle on. Shape: 18 both. */
  predict(belief: Float64Array, into: Float64Array): void {
    into.fill(0);
    for (let from = 0; from < REGIME_COUNT; from += 1) {
      const mass = belief[from] ?? 0;
      for (let to = 0; to < REGIME_COUNT; to += 1) {
        into[to] = (into[to] ?? 0) + mass * (this.#matrix[from * REGIME_COUNT + to] ?? 0);
      }
    }
  }
}

/** Returns the chance of at least one change within so many candles, of a memoryless market. */
export const memorylessChangeChance = (durationCandles: number, candles: number): number =>
  1 - (1 - 1 / durationCandles) ** candles;
