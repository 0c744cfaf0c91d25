import { DRIFT_MILD, LOG_SCALE, PARAMETER_COUNT, STEADY_PARAMETER_COUNT } from './candle-emission.ts';
import { BLOCK_CANDLES } from './candle-window.ts';

/** What a filter believes before any candle; the three levels are set by whoever starts it. In the order of the parameters. */
export const PRIOR_MEANS: readonly number[] = [
  0,
  0,
  0,
  0.25,
  0.6,
  0.15,
  -0.4,
  Math.log(10),
  0.1,
  0,
  Math.log(20),
  Math.log(2),
  0,
  Math.log(0.05),
];
/** How firmly, as the information of so many units of squared score. */
const PRIOR_PRECISIONS: readonly number[] = [200, 200, 200, 100, 40, 100, 60, 20, 300, 100, 20, 100, 500, 20];
// A reverting market has an autoregression below -.1, a trending one above -.05; a mild drift is worth a name from .08 scales on.
const LOWEST: readonly number[] = [
  -30,
  -30,
  -30,
  0.08,
  0.25,
  -0.05,
  -0.9,
  Math.log(2.2),
  0,
  -3,
  Math.log(2.2),
  Math.log(0.5),
  0,
  Math.log(0.02),
];
const HIGHEST: readonly number[] = [
  5,
  5,
  5,
  0.8,
  2,
  0.5,
  -0.1,
  Math.log(200),
  0.7,
  3,
  Math.log(200),
  Math.log(6),
  0.5,
  Math.log(0.3),
];
/** Neighboring volatility levels are never closer than a factor of 1.28. */
export const MIN_LEVEL_GAP = 0.25;
/** The strong drift is never closer to the mild one, in return scales. */
export const MIN_DRIFT_GAP = 0.1;
/** Candles after which what was learnt counts for a third: markets change, a filter that stops learning does not notice. */
export const LONG_MEMORY_CANDLES = 12_000;
export const SHORT_MEMORY_CANDLES = 4_000;
const LARGEST_STEP = 0.15;
const OCCUPANCY_MEMORY_CANDLES = 4_000;
const STARVED_RATIO = 0.01;
/** A fifth in 1000 candles. */
const RESCUE_STEP = (Math.log(1.2) * BLOCK_CANDLES) / 1_000;
const OCCUPANCY_SHARE = BLOCK_CANDLES / OCCUPANCY_MEMORY_CANDLES;

export interface ParameterLearnerState {
  readonly memoryCandles: number;
  readonly precisions: readonly number[];
  readonly occupancy: readonly number[];
}

/**
 * Moves the parameters of one filter along the smoothed score of its candles, each by the information gathered on it: fast where
 * little is known, slow where much is, and never to a standstill. A level that the market has not visited for long is brought back
 * towards its neighbor until it is used again.
 *
 * Source: recursive estimation with complete-data information, Titterington (1984); fixed-lag smoothed scores as in online EM, Cappé (2011).
 */
export class ParameterLearner {
  readonly #parameters: Float64Array;
  readonly #precisions = Float64Array.from(PRIOR_PRECISIONS);
  readonly #occupancy = new Float64Array(3).fill(1 / 3);
  /** Candles after which what was learnt counts for a third. */
  memoryCandles = LONG_MEMORY_CANDLES;
  readonly #learntCount: number;

  /** The array is the filter's own and is changed in place. A filter whose levels do not swing leaves the law of swings alone. */
  constructor(parameters: Float64Array, isSwinging = false) {
    this.#parameters = parameters;
    this.#learntCount = isSwinging ? PARAMETER_COUNT : STEADY_PARAMETER_COUNT;
  }

  /** Share of the last thousands of candles spent in each volatility level. */
  get occupancy(): Float64Array {
    return this.#occupancy;
  }

  /** Takes the summed scores and informations of one block, and the candles it spent in each level. */
  step(scores: Float64Array, informations: Float64Array, levelCandles: Float64Array): void {
    const p = this.#parameters;
    const keep = Math.exp(-BLOCK_CANDLES / this.memoryCandles);
    for (let index = 0; index < this.#learntCount; index += 1) {
      const prior = (1 - keep) * (PRIOR_PRECISIONS[index] as number);
      const precision = keep * (this.#precisions[index] as number) + prior + (informations[index] as number);
      this.#precisions[index] = precision;
      let score = scores[index] as number;
      if (index >= DRIFT_MILD) score += prior * ((PRIOR_MEANS[index] as number) - (p[index] as number));
      const change = Math.min(LARGEST_STEP, Math.max(-LARGEST_STEP, score / precision));
      const next = (p[index] as number) + change;
      p[index] = Math.min(HIGHEST[index] as number, Math.max(LOWEST[index] as number, next));
    }
    this.#rescueStarved(levelCandles);
    this.#keepApart(LOG_SCALE, MIN_LEVEL_GAP);
    this.#keepApart(LOG_SCALE + 1, MIN_LEVEL_GAP);
    this.#keepApart(LOG_SCALE, MIN_LEVEL_GAP);
    // What the last line may have taken from the upper gap.
    p[LOG_SCALE + 2] = Math.max(p[LOG_SCALE + 2] as number, (p[LOG_SCALE + 1] as number) + MIN_LEVEL_GAP);
    this.#keepApart(DRIFT_MILD, MIN_DRIFT_GAP);
  }

  /** Makes the filter learn as if it had seen so much less. */
  loosen(ratio: number): void {
    for (let index = 0; index < PARAMETER_COUNT; index += 1) {
      const looser = ratio * (this.#precisions[index] as number);
      this.#precisions[index] = Math.max(looser, PRIOR_PRECISIONS[index] as number);
    }
  }

  save(): ParameterLearnerState {
    return { memoryCandles: this.memoryCandles, precisions: [...this.#precisions], occupancy: [...this.#occupancy] };
  }

  restore(state: ParameterLearnerState): void {
    this.memoryCandles = state.memoryCandles;
    this.#precisions.set(state.precisions);
    this.#occupancy.set(state.occupancy);
  }

  #rescueStarved(levelCandles: Float64Array): void {
    const p = this.#parameters;
    const occupancy = this.#occupancy;
    for (let level = 0; level < 3; level += 1) {
      const now = (levelCandles[level] as number) / BLOCK_CANDLES;
      const seen = occupancy[level] as number;
      occupancy[level] = seen + OCCUPANCY_SHARE * (now - seen);
      if (seen >= STARVED_RATIO) continue;
      // The outer levels come inwards; the middle one goes to where more candles are.
      const outward = (occupancy[2] as number) > (occupancy[0] as number);
      const isUpward = level === 0 || (level === 1 && outward);
      p[LOG_SCALE + level] = (p[LOG_SCALE + level] as number) + (isUpward ? RESCUE_STEP : -RESCUE_STEP);
    }
  }

  #keepApart(lower: number, gap: number): void {
    const p = this.#parameters;
    const missing = gap - ((p[lower + 1] as number) - (p[lower] as number));
    if (missing <= 0) return;
    // The one less is known of gives way: a starved level must not push the one in use.
    const below = this.#precisions[lower] as number;
    const above = this.#precisions[lower + 1] as number;
    p[lower] = (p[lower] as number) - (missing * above) / (below + above);
    p[lower + 1] = (p[lower + 1] as number) + (missing * below) / (below + above);
  }
}
