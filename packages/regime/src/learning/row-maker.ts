import type { Observation } from '../likelihood-filter.ts';
import type { BaseView } from '../scoring/scoring-method.ts';
import {
  FACTOR_COUNT,
  LEVEL_COUNT,
  leanOfPosterior,
  type Orientation,
  orientSlots,
  PROBABILITY_FLOOR,
  writeMarginals,
} from './factors.ts';
import {
  BASE_AT,
  EVEN_FEATURE_COUNT,
  FEATURE_COUNT,
  FEATURE_LIMIT,
  MEMORY_AT,
  MEMORY_COUNT,
  ROW_LENGTH,
} from './learner-row.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const decayOf = (halfLifeCandles: number): number => 0.5 ** (1 / halfLifeCandles);
const DECAY5 = decayOf(5);
const DECAY20 = decayOf(20);
const DECAY60 = decayOf(60);
const MEMORY_DECAYS = [DECAY5, DECAY20] as const;
/** Below this the base leans no way: rounding must not choose one. */
const LEAN_FLOOR = 1e-9;
/** ln(range) of a typical candle lies about this far above ln(return scale). */
const TYPICAL_RANGE = 0.4;
/** A candle that did not move at all. */
const MOTIONLESS_RANGE = -3;
/** Mean size of a standardized return. */
const TYPICAL_SIZE = 0.8;
const SURPRISE_LIMIT = 20;

// Positions in the memory.
const RANGE5 = 0;
const RANGE20 = 1;
const RANGE60 = 2;
const SIZE20 = 3;
const AUTOCORRELATION20 = 4;
const AUTOCORRELATION60 = 5;
const PULL20 = 6;
const LOSS_MEAN = 7;
const LOSS_SPREAD = 8;
const RETURN5 = 9;
const RETURN20 = 10;
const RETURN60 = 11;
const LEAN20 = 12;
const LAG1 = 13; // standardized returns of the last three candles
const LAG2 = 14;
const LAG3 = 15;
const MARGINALS = 16; // slow means of the nine marginals

const bounded = (value: number): number => Math.min(FEATURE_LIMIT, Math.max(-FEATURE_LIMIT, value));
const logOdds = (probability: number, other: number): number =>
  Math.log(Math.max(probability, PROBABILITY_FLOOR) / Math.max(other, PROBABILITY_FLOOR));

/**
 * Makes a learner's row of a candle from its observation and the base detector's view of it. Everything is in units of the base's
 * own return scale, which follows the market slowly and robustly, so nothing depends on the price or on a symbol's volatility.
 *
 * Source: mirrored prices must give mirrored answers, so every row is turned until the base leans up: learners then see each
 * example and its mirror image as one, and need half as many.
 */
export class RowMaker {
  readonly #memory = new Float64Array(MARGINALS + MEMORY_COUNT * FACTOR_COUNT);
  readonly #marginals = new Float64Array(FACTOR_COUNT);
  #orientation: Orientation = 0;
  #standardizedLoss: number | null = null;

  /** The way the last row was turned. */
  get orientation(): Orientation {
    return this.#orientation;
  }

  /** Log loss of the base's prediction of the last candle, with the scale of returns taken out; null before it has a scale. */
  get standardizedLoss(): number | null {
    return this.#standardizedLoss;
  }

  /** Takes a candle in and writes its row. */
  write(observation: Observation, base: BaseView, row: Float32Array): void {
    writeMarginals(base.posterior, 1, { into: this.#marginals, at: 0 });
    const lean = leanOfPosterior(base.posterior);
    this.#orientation = Math.abs(lean) < LEAN_FLOOR ? 0 : lean > 0 ? 1 : -1;
    this.#followCandle(observation, base, row);
    this.#follow(LEAN20, DECAY20, lean);
    row[18] = 2 * lean;
    this.#writeFeatures(row);
    this.#writeMarginals(row);
  }

  save(): string {
    return packFloats(this.#memory);
  }

  restore(state: string): void {
    unpackFloats(state, this.#memory);
  }

  #writeFeatures(row: Float32Array): void {
    const memory = this.#memory;
    const marginals = this.#marginals;
    const reverting = marginals[LEVEL_COUNT + 5] ?? 0;
    const strong = (marginals[LEVEL_COUNT] ?? 0) + (marginals[LEVEL_COUNT + 4] ?? 0);
    row[1] = memory[RANGE5] ?? 0;
    row[2] = memory[RANGE20] ?? 0;
    row[3] = memory[RANGE60] ?? 0;
    row[4] = 2 * ((memory[SIZE20] ?? 0) - TYPICAL_SIZE);
    row[5] = logOdds(marginals[2] ?? 0, marginals[1] ?? 0) / 3;
    row[6] = logOdds(marginals[0] ?? 0, marginals[1] ?? 0) / 3;
    row[7] = 3 * (memory[AUTOCORRELATION20] ?? 0);
    row[8] = 5 * (memory[AUTOCORRELATION60] ?? 0);
    row[9] = 2 * (memory[PULL20] ?? 0);
    row[10] = logOdds(reverting, 1 - reverting) / 3;
    row[11] = logOdds(strong, 1 - reverting - strong) / 3;
    row[15] = 2 * (memory[RETURN5] ?? 0);
    row[16] = 3 * (memory[RETURN20] ?? 0);
    row[17] = 4 * (memory[RETURN60] ?? 0);
    row[19] = 2 * (memory[LEAN20] ?? 0);
    for (let index = 0; index < EVEN_FEATURE_COUNT; index += 1) row[index] = bounded(row[index] ?? 0);
    for (let index = EVEN_FEATURE_COUNT; index < FEATURE_COUNT; index += 1)
      row[index] = this.#orientation * bounded(row[index] ?? 0);
  }

  #writeMarginals(row: Float32Array): void {
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const now = this.#marginals[factor] ?? 0;
      row[BASE_AT + factor] = now;
      for (let which = 0; which < MEMORY_COUNT; which += 1) {
        const at = which * FACTOR_COUNT + factor;
        this.#follow(MARGINALS + at, MEMORY_DECAYS[which] ?? 0, now);
        row[MEMORY_AT + at] = this.#memory[MARGINALS + at] ?? 0;
      }
    }
    for (let at = BASE_AT; at < ROW_LENGTH; at += FACTOR_COUNT) orientSlots(row, at + LEVEL_COUNT, this.#orientation);
    for (let at = BASE_AT; at < ROW_LENGTH; at += 1) row[at] = Math.log(Math.max(row[at] ?? 0, PROBABILITY_FLOOR));
  }

  #followCandle({ logReturn, logRange, elapsedCandles }: Observation, base: BaseView, row: Float32Array): void {
    const memory = this.#memory;
    const middle = base.returnScale(1);
    if (!(middle > 0)) {
      // The base has seen too little to have a scale: nothing can be measured in units of it yet.
      this.#standardizedLoss = null;
      row.fill(0, 0, FEATURE_COUNT);
      return;
    }
    let scale = 0;
    for (let level = 0; level < LEVEL_COUNT; level += 1)
      scale += (this.#marginals[level] ?? 0) * base.returnScale(level);
    const range = logRange === null ? MOTIONLESS_RANGE : bounded(logRange - Math.log(middle) - TYPICAL_RANGE);
    const size = bounded(logReturn / scale);
    if (elapsedCandles > 1) memory.fill(0, LAG1, LAG3 + 1);
    const lag1 = memory[LAG1] ?? 0;
    const lag2 = memory[LAG2] ?? 0;
    const lag3 = memory[LAG3] ?? 0;
    this.#follow(RANGE5, DECAY5, range);
    this.#follow(RANGE20, DECAY20, range);
    this.#follow(RANGE60, DECAY60, range);
    this.#follow(SIZE20, DECAY20, Math.abs(size));
    this.#follow(AUTOCORRELATION20, DECAY20, size * lag1);
    this.#follow(AUTOCORRELATION60, DECAY60, size * lag1);
    this.#follow(PULL20, DECAY20, size * (lag1 + lag2 + lag3));
    this.#follow(RETURN5, DECAY5, size);
    this.#follow(RETURN20, DECAY20, size);
    this.#follow(RETURN60, DECAY60, size);
    memory[LAG3] = lag2;
    memory[LAG2] = lag1;
    memory[LAG1] = size;
    row[0] = range;
    row[12] = this.#surpriseOf(-base.logDensity - Math.log(scale));
    row[13] = size;
    row[14] = lag1;
  }

  #surpriseOf(loss: number): number {
    const memory = this.#memory;
    this.#standardizedLoss = loss;
    const apart = Math.min(SURPRISE_LIMIT, Math.max(-SURPRISE_LIMIT, loss - (memory[LOSS_MEAN] ?? 0)));
    const surprise = apart / Math.max(0.5, memory[LOSS_SPREAD] ?? 0);
    this.#follow(LOSS_MEAN, DECAY60, (memory[LOSS_MEAN] ?? 0) + apart);
    this.#follow(LOSS_SPREAD, DECAY60, Math.abs(apart));
    return surprise;
  }

  #follow(index: number, decay: number, value: number): void {
    this.#memory[index] = decay * (this.#memory[index] ?? 0) + (1 - decay) * value;
  }
}
