import { REVERTING_AT, STRUCTURE_AT } from './factors.ts';
import {
  AUTOCORRELATION_20,
  AUTOCORRELATION_60,
  EFFICIENCY_20,
  FLIPS_20,
  type MarketFeatures,
  VARIANCE_RATIO_2,
  VARIANCE_RATIO_4,
  VARIANCE_RATIO_8,
} from './market-features.ts';
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

const { abs, exp, max, min } = Math;
const TESTS = [AUTOCORRELATION_20, AUTOCORRELATION_60, VARIANCE_RATIO_2, VARIANCE_RATIO_4, VARIANCE_RATIO_8, FLIPS_20];
// By test, then efficiency, then the constant. Where it starts: correlation and ratios below zero speak for reverting.
const START_WEIGHTS = [-3, -5, -2, -1.5, -0.7, 1.5, -1, -2.6];
const WEIGHT_COUNT = START_WEIGHTS.length;
const STEP = 0.02;
const WEIGHT_LIMIT = 12;

/**
 * Whether the market reverts to its mean: a logistic function of lag-one autocorrelations, variance ratios over two, four and eight
 * candles, turns and efficiency. Its weights follow labels that ripened.
 *
 * Source: variance ratios as in Lo and MacKinlay (1988); efficiency as in Kaufman (1995).
 */
export class StructureTest implements ScoringMethod {
  readonly name = 'structure_test';
  readonly factors: Float64Array;
  readonly #features: MarketFeatures;
  readonly #weights = Float64Array.from(START_WEIGHTS);

  constructor(factors: Float64Array, features: MarketFeatures) {
    this.factors = factors;
    this.#features = features;
  }

  update({ baseFactors }: ScoringInput): null {
    this.factors.set(baseFactors);
    const reverting = this.#revertingIn(this.#features.now);
    this.factors[REVERTING_AT] = reverting;
    this.factors[STRUCTURE_AT] = 1 - reverting;
    return null;
  }

  learn(labels: Float64Array): void {
    const ripe = this.#features.ripe;
    if (ripe === null) return;
    const step = STEP * ((labels[REVERTING_AT] ?? 0) - this.#revertingIn(ripe));
    for (let index = 0; index < WEIGHT_COUNT; index += 1) {
      const weight = (this.#weights[index] ?? 0) + step * this.#valueOf(ripe, index);
      this.#weights[index] = max(-WEIGHT_LIMIT, min(WEIGHT_LIMIT, weight));
    }
  }

  save(): readonly number[] {
    return [...this.#weights];
  }

  restore(state: unknown): void {
    this.#weights.set(state as readonly number[]);
  }

  #revertingIn(features: Float64Array): number {
    let sum = 0;
    for (let index = 0; index < WEIGHT_COUNT; index += 1) {
      sum += (this.#weights[index] ?? 0) * this.#valueOf(features, index);
    }
    return 1 / (1 + exp(-sum));
  }

  #valueOf(features: Float64Array, index: number): number {
    const test = TESTS[index];
    if (test !== undefined) return features[test] ?? 0;
    return index === TESTS.length ? abs(features[EFFICIENCY_20] ?? 0) : 1;
  }
}
