import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT } from '../regime-fold.ts';

const { log, max, min, sqrt, tanh } = Math;

/** What may announce a change, each about -2 to 2. The names are the order of the features. */
export const FEATURE_NAMES = [
  'age',
  'entropy_slope',
  'disagreement',
  'short_run',
  'range_ramp',
  'autocorrelation_shift',
] as const;
export const FEATURE_COUNT = FEATURE_NAMES.length;

export interface PrecursorFeaturesState {
  readonly averages: readonly number[];
  readonly candles: number;
}

const stepOf = (halfLifeCandles: number): number => 1 - 0.5 ** (1 / halfLifeCandles);
const FAST_STEP = stepOf(5);
const SLOW_STEP = stepOf(60);
const AUTOCORRELATION_FAST_STEP = stepOf(15);
const AUTOCORRELATION_SLOW_STEP = stepOf(120);
const MIN_VARIANCE = 1e-20;

// Positions of the running averages.
const ENTROPY_FAST = 0;
const ENTROPY_SLOW = 1;
const RANGE_FAST = 2;
const RANGE_SLOW = 3;
const RANGE_VARIANCE = 4;
const PRODUCT_FAST = 5;
const PRODUCT_SLOW = 6;
const VARIANCE = 7;
const DISAGREEMENT_SLOW = 8;
const AVERAGES = 9;

const normalizedEntropyOf = (posterior: Float64Array): number => {
  let entropy = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const probability = posterior[id] ?? 0;
    if (probability > 0) entropy -= probability * log(probability);
  }
  return entropy / log(REGIME_COUNT);
};

/** Turns what the engine knows at a candle into the features of a coming change. Signs of returns never enter. */
export class PrecursorFeatures {
  readonly #averages = new Float64Array(AVERAGES);
  readonly #features = new Float64Array(FEATURE_COUNT);
  #candles = 0;

  /** Returns the features of this candle. The array is its own: read it before the next update. */
  update(input: {
    readonly observation: Observation;
    readonly posterior: Float64Array;
    readonly ageCandles: number;
    readonly agreementRatio: number;
    readonly shortRunProbability: number | null;
  }): Float64Array {
    const { observation, posterior, ageCandles, agreementRatio, shortRunProbability } = input;
    const isFirst = this.#candles === 0;
    this.#candles += 1;
    const features = this.#features;
    const entropy = normalizedEntropyOf(posterior);
    const disagreement = 1 - agreementRatio;
    features[0] = log(ageCandles / 100);
    features[1] =
      4 *
      (this.#average(ENTROPY_FAST, entropy, { step: FAST_STEP, isFirst }) -
        this.#average(ENTROPY_SLOW, entropy, { step: SLOW_STEP, isFirst }));
    features[2] = 4 * (disagreement - this.#average(DISAGREEMENT_SLOW, disagreement, { step: SLOW_STEP, isFirst }));
    features[3] = shortRunProbability ?? 0;
    features[4] = this.#rangeRamp(observation.logRange, isFirst);
    features[5] = this.#autocorrelationShift(observation, isFirst);
    for (let index = 0; index < FEATURE_COUNT; index += 1) features[index] = min(3, max(-3, features[index] ?? 0)) + 0;
    return features;
  }

  save(): PrecursorFeaturesState {
    return { averages: [...this.#averages], candles: this.#candles };
  }

  restore(state: PrecursorFeaturesState): void {
    this.#averages.set(state.averages);
    this.#candles = state.candles;
  }

  #average(index: number, value: number, { step, isFirst }: { step: number; isFirst: boolean }): number {
    const before = this.#averages[index] ?? 0;
    const after = isFirst ? value : before + step * (value - before);
    this.#averages[index] = after;
    return after;
  }

  /** How far the log range of the last candles stands above that of the last hundred, in its own deviations. */
  #rangeRamp(logRange: number | null, isFirst: boolean): number {
    const slow = this.#averages[RANGE_SLOW] ?? 0;
    const value = logRange ?? slow;
    const variance = this.#average(RANGE_VARIANCE, (value - slow) ** 2, { step: SLOW_STEP, isFirst });
    const ramp =
      this.#average(RANGE_FAST, value, { step: FAST_STEP, isFirst }) -
      this.#average(RANGE_SLOW, value, { step: SLOW_STEP, isFirst });
    return variance > MIN_VARIANCE ? ramp / sqrt(variance) : 0;
  }

  #autocorrelationShift({ logReturn, previousLogReturn }: Observation, isFirst: boolean): number {
    const variance = this.#average(VARIANCE, logReturn * logReturn, { step: SLOW_STEP, isFirst });
    if (variance < MIN_VARIANCE) return 0;
    const product = tanh((logReturn * previousLogReturn) / variance);
    const fast = this.#average(PRODUCT_FAST, product, { step: AUTOCORRELATION_FAST_STEP, isFirst });
    const slow = this.#average(PRODUCT_SLOW, product, { step: AUTOCORRELATION_SLOW_STEP, isFirst });
    return 4 * (fast - slow);
  }
}
