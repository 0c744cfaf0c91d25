import { FACTOR_COUNT, LEVEL_COUNT, softmaxFactors } from './factors.ts';
import { BASE_AT, FEATURE_NAMES } from './learner-row.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const positionsOf = (...names: readonly (typeof FEATURE_NAMES)[number][]): readonly number[] =>
  names.map((name) => FEATURE_NAMES.indexOf(name));
const LEVEL_FEATURES = positionsOf('range', 'range5', 'range20', 'range60', 'size20');
const SLOT_FEATURES = positionsOf(
  'autocorrelation20',
  'autocorrelation60',
  'pull20',
  'return5',
  'return20',
  'return60',
);
const featuresOf = (factor: number): readonly number[] => (factor < LEVEL_COUNT ? LEVEL_FEATURES : SLOT_FEATURES);
const WIDTH = Math.max(LEVEL_FEATURES.length, SLOT_FEATURES.length);
/** A class forgets over about this many candles spent in it. */
const MEMORY_CANDLES = 1_500;
/** Candles that a class seems to have seen before the first, all at 0 with a spread of 1: labels of neighbors are nearly one label. */
const PRIOR_CANDLES = 40;
const LEAST_VARIANCE = 0.02;
/** The features repeat each other: together they say as much as so many independent ones. */
const INDEPENDENT_RATIO = 0.4;

/** Examples after which the model has left the base by half. */
const HALF_TRUST_CANDLES = 200;

/**
 * Where the features of a class lie and how widely, learned from labels that ripened: the only model that in the end
 * does not correct what the base says of a candle, but judges the candle itself. It errs where the others do not.
 *
 * Source: Gaussian naive Bayes with decay, its evidence to a power for features that are not independent.
 */
export class NaiveBayes implements OnlineModel {
  readonly name = 'naive_bayes';
  stepFactor = 1;
  readonly #means = new Float32Array(FACTOR_COUNT * WIDTH);
  readonly #variances = new Float32Array(FACTOR_COUNT * WIDTH).fill(1);
  readonly #candles = new Float32Array(FACTOR_COUNT).fill(PRIOR_CANDLES);

  predict(row: Float32Array, into: Float32Array, at: number): void {
    const trust = this.#trust();
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const features = featuresOf(factor);
      let logDensity = 0;
      for (let index = 0; index < features.length; index += 1) {
        const variance = this.#variances[factor * WIDTH + index] ?? 1;
        const apart = (row[features[index] ?? 0] ?? 0) - (this.#means[factor * WIDTH + index] ?? 0);
        logDensity -= 0.5 * ((apart * apart) / variance + Math.log(variance));
      }
      const own = Math.log(this.#candles[factor] ?? 1) + INDEPENDENT_RATIO * logDensity;
      into[at + factor] = trust * own + (1 - trust) * (row[BASE_AT + factor] ?? 0);
    }
    softmaxFactors(into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
      const features = featuresOf(factor);
      const share = this.stepFactor * (teacher[factor] ?? 0);
      const candles = (this.#candles[factor] ?? 0) + share;
      this.#candles[factor] = candles - (share * candles) / MEMORY_CANDLES;
      const step = share / candles;
      for (let index = 0; index < features.length; index += 1) {
        const at = factor * WIDTH + index;
        const apart = (row[features[index] ?? 0] ?? 0) - (this.#means[at] ?? 0);
        this.#means[at] = (this.#means[at] ?? 0) + step * apart;
        const variance = this.#variances[at] ?? 1;
        this.#variances[at] = Math.max(LEAST_VARIANCE, variance + step * ((1 - step) * apart * apart - variance));
      }
    }
  }

  save(): ModelState {
    return {
      means: packFloats(this.#means),
      variances: packFloats(this.#variances),
      candles: packFloats(this.#candles),
    };
  }

  restore({ means = '', variances = '', candles = '' }: ModelState): void {
    unpackFloats(means, this.#means);
    unpackFloats(variances, this.#variances);
    unpackFloats(candles, this.#candles);
  }

  /** 0 before the first example, then towards 1. */
  #trust(): number {
    let seen = -LEVEL_COUNT * PRIOR_CANDLES;
    for (let level = 0; level < LEVEL_COUNT; level += 1) seen += this.#candles[level] ?? 0;
    return Math.max(0, seen) / (Math.max(0, seen) + HALF_TRUST_CANDLES);
  }
}
