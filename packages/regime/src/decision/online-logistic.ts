const { exp, max, min } = Math;

/** Variance of every weight before anything was learned. */
const PRIOR_VARIANCE = 0.15;
/** What is added to it with each outcome: the past is forgotten so fast that a market may change its ways over months. */
const DRIFT_VARIANCE = 1e-6;
const MAX_VARIANCE = 0.3;
const MIN_PROBABILITY = 1e-4;

const clampProbability = (probability: number): number => min(1 - MIN_PROBABILITY, max(MIN_PROBABILITY, probability));

export interface OnlineLogisticState {
  readonly weights: readonly number[];
  readonly covariance: readonly number[];
}

/**
 * Logistic regression learned one outcome at a time, with the uncertainty of its weights: rare events teach it as much as they can,
 * and weights nothing speaks for stay near zero.
 *
 * Source: the extended Kalman filter of a logistic model with slowly drifting weights (Penny and Roberts, 1999).
 */
export class OnlineLogistic {
  readonly #size: number;
  readonly #outcomeWeight: number;
  readonly #weights: Float64Array;
  readonly #covariance: Float64Array;
  readonly #gain: Float64Array;

  /** `outcomeWeight` is what one outcome counts: below 1 when neighboring outcomes overlap. */
  constructor({ size, outcomeWeight }: { size: number; outcomeWeight: number }) {
    this.#size = size;
    this.#outcomeWeight = outcomeWeight;
    this.#weights = new Float64Array(size);
    this.#covariance = new Float64Array(size * size);
    this.#gain = new Float64Array(size);
    for (let index = 0; index < size; index += 1) this.#covariance[index * size + index] = PRIOR_VARIANCE;
  }

  get weights(): Float64Array {
    return this.#weights;
  }

  /** Returns the probability of the event; `offsetLogit` is what it would be if no feature said anything. */
  probabilityOf(features: Float64Array, offsetLogit: number): number {
    let score = offsetLogit;
    for (let index = 0; index < this.#size; index += 1) score += (this.#weights[index] ?? 0) * (features[index] ?? 0);
    return clampProbability(1 / (1 + exp(-score)));
  }

  learn(features: Float64Array, offsetLogit: number, hasHappened: boolean): void {
    const size = this.#size;
    const probability = this.probabilityOf(features, offsetLogit);
    const slope = probability * (1 - probability);
    let spread = 1 / (slope * this.#outcomeWeight);
    for (let row = 0; row < size; row += 1) {
      let sum = 0;
      for (let column = 0; column < size; column += 1) {
        sum += (this.#covariance[row * size + column] ?? 0) * (features[column] ?? 0);
      }
      this.#gain[row] = sum;
      spread += sum * (features[row] ?? 0);
    }
    const miss = ((hasHappened ? 1 : 0) - probability) / slope;
    for (let row = 0; row < size; row += 1) {
      const gain = this.#gain[row] ?? 0;
      this.#weights[row] = (this.#weights[row] ?? 0) + (gain * miss) / spread;
      for (let column = 0; column < size; column += 1) {
        const cell = row * size + column;
        this.#covariance[cell] = (this.#covariance[cell] ?? 0) - (gain * (this.#gain[column] ?? 0)) / spread;
      }
      const own = row * size + row;
      this.#covariance[own] = min(MAX_VARIANCE, (this.#covariance[own] ?? 0) + DRIFT_VARIANCE);
    }
  }

  save(): OnlineLogisticState {
    return { weights: [...this.#weights], covariance: [...this.#covariance] };
  }

  restore(state: OnlineLogisticState): void {
    this.#weights.set(state.weights);
    this.#covariance.set(state.covariance);
  }
}
