import type { Observation } from '../likelihood-filter.ts';
import type { BaseView } from '../scoring/scoring-method.ts';
import { LEVEL_COUNT, leanOfPosterior, type Orientation, PROBABILITY_FLOOR, writeMarginals } from './factors.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

/** What a learner sees of a candle. The first thirteen stay what they are when prices are mirrored; the last seven change sign. */
export const FEATURE_NAMES = [
  'range',
  'range5',
  'range20',
  'range60',
  'size20',
  'highOdds',
  'lowOdds',
  'autocorrelation20',
  'autocorrelation60',
  'pull20',
  'revertingOdds',
  'strongOdds',
  'surprise',
  'return',
  'previousReturn',
  'return5',
  'return20',
  'return60',
  'lean',
  'lean20',
] as const;
export const FEATURE_COUNT = FEATURE_NAMES.length;
const EVEN_COUNT = 13;
/** No feature is larger than this; the scaling leaves typical values near 1. */
const FEATURE_LIMIT = 4;

const decayOf = (halfLifeCandles: number): number => 0.5 ** (1 / halfLifeCandles);
const DECAY5 = decayOf(5);
const DECAY20 = decayOf(20);
const DECAY60 = decayOf(60);
/** Below this the base leans no way: rounding must not choose one. */
const LEAN_FLOOR = 1e-9;
/** A candle that did not move at all, in logarithms of the return scale. */
const MOTIONLESS_RANGE = -3;

// Positions in the memory.
const RANGE5 = 0;
const RANGE20 = 1;
const RANGE60 = 2;
const SIZE20 = 3;
const AUTOCORRELATION20 = 4;
const AUTOCORRELATION60 = 5;
const PULL20 = 6;
const DENSITY = 7;
const DENSITY_SPREAD = 8;
const RETURN5 = 9;
const RETURN20 = 10;
const RETURN60 = 11;
const LEAN20 = 12;
const LAG1 = 13; // standardized returns of the three candles before
const LAG2 = 14;
const LAG3 = 15;
const MEMORY_LENGTH = 16;

const bounded = (value: number): number => Math.min(FEATURE_LIMIT, Math.max(-FEATURE_LIMIT, value));
const logOdds = (probability: number, other: number): number =>
  Math.log(Math.max(probability, PROBABILITY_FLOOR) / Math.max(other, PROBABILITY_FLOOR));

/**
 * Makes the features of a candle from its observation and the base detector's view of it. Everything is in units of the base's
 * own return scale, which follows the market slowly and robustly, so nothing depends on the price or on the volatility of a symbol.
 */
export class FeatureMaker {
  readonly #memory = new Float64Array(MEMORY_LENGTH);
  readonly #marginals = new Float64Array(9);
  #orientation: Orientation = 0;

  /** The way the last candle was seen. */
  get orientation(): Orientation {
    return this.#orientation;
  }

  /** Takes a candle in and writes its features, already seen in the orientation they decide. */
  write(observation: Observation, base: BaseView, row: Float32Array): void {
    writeMarginals(base.posterior, 1, { into: this.#marginals, at: 0 });
    this.#remember(observation, base);
    const memory = this.#memory;
    const m = this.#marginals;
    const reverting = m[LEVEL_COUNT + 5] ?? 0;
    const strong = (m[LEVEL_COUNT] ?? 0) + (m[LEVEL_COUNT + 4] ?? 0);
    row[5] = logOdds(m[2] ?? 0, m[1] ?? 0) / 3;
    row[6] = logOdds(m[0] ?? 0, m[1] ?? 0) / 3;
    row[1] = memory[RANGE5] ?? 0;
    row[2] = memory[RANGE20] ?? 0;
    row[3] = memory[RANGE60] ?? 0;
    row[4] = 2 * ((memory[SIZE20] ?? 0) - 0.8);
    row[7] = 3 * (memory[AUTOCORRELATION20] ?? 0);
    row[8] = 5 * (memory[AUTOCORRELATION60] ?? 0);
    row[9] = 2 * (memory[PULL20] ?? 0);
    row[10] = logOdds(reverting, 1 - reverting) / 3;
    row[11] = logOdds(strong, 1 - reverting - strong) / 3;
    row[15] = 2 * (memory[RETURN5] ?? 0);
    row[16] = 3 * (memory[RETURN20] ?? 0);
    row[17] = 4 * (memory[RETURN60] ?? 0);
    row[19] = 2 * (memory[LEAN20] ?? 0);
    const lean = leanOfPosterior(base.posterior);
    row[18] = 2 * lean;
    this.#orientation = Math.abs(lean) < LEAN_FLOOR ? 0 : lean > 0 ? 1 : -1;
    this.#newest(observation, base, row);
    for (let index = 0; index < EVEN_COUNT; index += 1) row[index] = bounded(row[index] ?? 0);
    for (let index = EVEN_COUNT; index < FEATURE_COUNT; index += 1)
      row[index] = this.#orientation * bounded(row[index] ?? 0);
  }

  save(): string {
    return packFloats(this.#memory);
  }

  restore(state: string): void {
    unpackFloats(state, this.#memory);
  }

  /** What the candle itself is, beside the memory of those before it. */
  #newest(_observation: Observation, _base: BaseView, row: Float32Array): void {
    row[0] = this.#range;
    row[12] = this.#surprise;
    row[13] = this.#memory[LAG1] ?? 0;
    row[14] = this.#memory[LAG2] ?? 0;
  }

  #range = 0;
  #surprise = 0;

  #remember({ logReturn, logRange, elapsedCandles }: Observation, base: BaseView): void {
    const memory = this.#memory;
    const levels = this.#marginals;
    let scale = 0;
    for (let level = 0; level < LEVEL_COUNT; level += 1) scale += (levels[level] ?? 0) * base.returnScale(level);
    const middle = base.returnScale(1);
    this.#range = logRange === null ? MOTIONLESS_RANGE : bounded(logRange - Math.log(middle) - 0.4);
    const size = scale > 0 ? bounded(logReturn / scale) : 0;
    if (elapsedCandles > 1) for (let lag = LAG1; lag <= LAG3; lag += 1) memory[lag] = 0;
    const lag1 = memory[LAG1] ?? 0;
    const lag2 = memory[LAG2] ?? 0;
    const lag3 = memory[LAG3] ?? 0;
    this.#follow(RANGE5, DECAY5, this.#range);
    this.#follow(RANGE20, DECAY20, this.#range);
    this.#follow(RANGE60, DECAY60, this.#range);
    this.#follow(SIZE20, DECAY20, Math.abs(size));
    this.#follow(AUTOCORRELATION20, DECAY20, size * lag1);
    this.#follow(AUTOCORRELATION60, DECAY60, size * lag1);
    this.#follow(PULL20, DECAY20, size * (lag1 + lag2 + lag3));
    this.#follow(RETURN5, DECAY5, size);
    this.#follow(RETURN20, DECAY20, size);
    this.#follow(RETURN60, DECAY60, size);
    this.#follow(LEAN20, DECAY20, leanOfPosterior(base.posterior));
    const unexpected = Math.min(20, Math.max(-20, base.logDensity - (memory[DENSITY] ?? 0)));
    this.#surprise = unexpected / Math.max(0.5, memory[DENSITY_SPREAD] ?? 0);
    this.#follow(DENSITY, DECAY60, (memory[DENSITY] ?? 0) + unexpected);
    this.#follow(DENSITY_SPREAD, DECAY60, Math.abs(unexpected));
    memory[LAG3] = lag2;
    memory[LAG2] = lag1;
    memory[LAG1] = size;
  }

  #follow(index: number, decay: number, value: number): void {
    this.#memory[index] = decay * (this.#memory[index] ?? 0) + (1 - decay) * value;
  }
}
