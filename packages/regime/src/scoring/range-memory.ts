import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { type Factor, FACTORS, normalizeFactor, VOLATILITY_AT } from './factors.ts';
import { type BaseView, LABEL_LAG_CANDLES, type ScoringInput, type ScoringMethod } from './scoring-method.ts';

interface RangeMemoryState {
  readonly learned: string;
  readonly ripening: string;
  readonly candles: number;
}

const { exp, log, max, min } = Math;
const LEVELS = 3;
const HALF_LIVES_CANDLES = [7, 21, 63];
const WIDTH = HALF_LIVES_CANDLES.length;
const GAINS = HALF_LIVES_CANDLES.map((candles) => 1 - 0.5 ** (1 / candles));
/** ln(range) of a typical candle lies about this far above ln(return scale). */
const TYPICAL_RANGE = 0.36;
const RANGE_LIMIT = 2;
const START_VARIANCE = 0.15;
const LEAST_VARIANCE = 0.01;
const STEP = 1 / 500;
/** The means repeat each other: together they say as much as so many independent ones. */
const INDEPENDENT_SHARE = 0.5;
const RIPENING = LABEL_LAG_CANDLES + 1;
// Positions in what is learned: the means of the range now, then how far each lies from its level and how widely, by level.
const MEANS = 0;
const OFFSETS = MEANS + WIDTH;
const VARIANCES = OFFSETS + LEVELS * WIDTH;
const SIZE = VARIANCES + LEVELS * WIDTH;

/**
 * The volatility level from how wide candles have been over 7, 21 and 63 candles: where these means lie when the market is in a level,
 * and how widely, is learned from labels that ripened. It is slow and knows how slow: bursts that pass do not move it.
 *
 * Source: Gaussian discriminant on exponential means of the log range, which is nearly normal, Alizadeh, Brandt and Diebold (2002).
 */
export class RangeMemory implements ScoringMethod {
  readonly name = 'range_memory';
  readonly factors: Float64Array;
  readonly #learned = new Float64Array(SIZE).fill(START_VARIANCE, VARIANCES);
  readonly #ripening = new Float32Array(RIPENING * WIDTH);
  readonly #levels = new Float64Array(LEVELS);
  #candles = 0;

  constructor(factors: Float64Array) {
    this.factors = factors;
  }

  update({ observation, base, baseFactors }: ScoringInput): void {
    this.factors.set(baseFactors);
    const learned = this.#learned;
    this.#place(base);
    if (observation.logRange !== null) {
      const middle = log(base.returnScale(1)) + TYPICAL_RANGE;
      const range = max(-RANGE_LIMIT, min(RANGE_LIMIT, observation.logRange - middle));
      for (let mean = 0; mean < WIDTH; mean += 1) {
        const known = learned[MEANS + mean] ?? 0;
        learned[MEANS + mean] = known + max(GAINS[mean] ?? 0, 1 / (this.#candles + 1)) * (range - known);
      }
    }
    const at = (this.#candles % RIPENING) * WIDTH;
    for (let mean = 0; mean < WIDTH; mean += 1) this.#ripening[at + mean] = learned[MEANS + mean] ?? 0;
    this.#candles += 1;
    this.#classify();
  }

  learn(labels: Float64Array): void {
    if (this.#candles <= LABEL_LAG_CANDLES) return;
    const learned = this.#learned;
    const at = (this.#candles % RIPENING) * WIDTH;
    for (let level = 0; level < LEVELS; level += 1) {
      const step = STEP * (labels[VOLATILITY_AT + level] ?? 0);
      for (let mean = 0; mean < WIDTH; mean += 1) {
        const index = level * WIDTH + mean;
        const offset = learned[OFFSETS + index] ?? 0;
        const apart = (this.#ripening[at + mean] ?? 0) - (this.#levels[level] ?? 0) - offset;
        learned[OFFSETS + index] = offset + step * apart;
        const variance = learned[VARIANCES + index] ?? 0;
        learned[VARIANCES + index] = max(LEAST_VARIANCE, variance + step * (apart * apart - variance));
      }
    }
  }

  save(): RangeMemoryState {
    return { learned: packFloats(this.#learned), ripening: packFloats(this.#ripening), candles: this.#candles };
  }

  restore(state: unknown): void {
    const { learned, ripening, candles } = state as RangeMemoryState;
    unpackFloats(learned, this.#learned);
    unpackFloats(ripening, this.#ripening);
    this.#candles = candles;
  }

  #place(base: BaseView): void {
    const medium = log(base.returnScale(1));
    for (let level = 0; level < LEVELS; level += 1) this.#levels[level] = log(base.returnScale(level)) - medium;
  }

  #classify(): void {
    const learned = this.#learned;
    const { factors } = this;
    let best = Number.NEGATIVE_INFINITY;
    for (let level = 0; level < LEVELS; level += 1) {
      let logDensity = 0;
      for (let mean = 0; mean < WIDTH; mean += 1) {
        const index = level * WIDTH + mean;
        const variance = learned[VARIANCES + index] ?? START_VARIANCE;
        const apart = (learned[MEANS + mean] ?? 0) - (this.#levels[level] ?? 0) - (learned[OFFSETS + index] ?? 0);
        logDensity -= 0.5 * ((apart * apart) / variance + log(variance));
      }
      factors[VOLATILITY_AT + level] = INDEPENDENT_SHARE * logDensity;
      best = max(best, INDEPENDENT_SHARE * logDensity);
    }
    for (let level = 0; level < LEVELS; level += 1) {
      factors[VOLATILITY_AT + level] = exp((factors[VOLATILITY_AT + level] ?? 0) - best);
    }
    normalizeFactor(factors, FACTORS[0] as Factor);
  }
}
