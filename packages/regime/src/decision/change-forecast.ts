import { FEATURE_COUNT } from './precursor-features.ts';

const { exp, log, max, min } = Math;

export interface ChangeForecastState {
  readonly seen: number;
  readonly rate: number;
  readonly weights: readonly number[];
  readonly squares: readonly number[];
  readonly logTrust: readonly number[];
}

const logitOf = (probability: number): number => log(probability / (1 - probability));
const sigmoid = (value: number): number => 1 / (1 + exp(-value));
const clampProbability = (probability: number): number => min(1 - 1e-4, max(1e-4, probability));

/** 5000 forecasts: how fast the constant rate follows. */
const RATE_STEP = 1 - 0.5 ** (1 / 5000);
const LEARNING_STEP = 0.02;
/** Pull of the weights to zero: what does not forecast is forgotten. */
const SHRINKAGE = 1e-4;
const SHARED_RATIO = 1e-4;

/**
 * Probability of an event within a horizon: a constant rate, and a logistic model of the features around that rate. Their mixture
 * follows what each predicted before; outcomes of neighboring candles overlap, so a candle counts only one part in the horizon.
 */
export class ChangeForecast {
  readonly #horizonCandles: number;
  readonly #weights = new Float64Array(FEATURE_COUNT + 1);
  readonly #squares = new Float64Array(FEATURE_COUNT + 1).fill(1);
  /** Log shares of the constant rate and of the model. */
  readonly #logTrust = Float64Array.of(log(0.9), log(0.1));
  #seen = 0;
  #rate: number;

  constructor({ horizonCandles, priorDurationCandles }: { horizonCandles: number; priorDurationCandles: number }) {
    this.#horizonCandles = horizonCandles;
    this.#rate = 1 - (1 - 1 / priorDurationCandles) ** horizonCandles;
  }

  /** Share of the model in what is said: 0 when the features forecast nothing. */
  get trust(): number {
    return exp(this.#logTrust[1] ?? 0);
  }

  probabilityOf(features: Float64Array): number {
    const { trust } = this;
    return (1 - trust) * this.#rate + trust * this.#modelOf(features);
  }

  /** Takes in whether the event followed the candle that had these features. Tested first, learned after. */
  learn(features: Float64Array, hasHappened: boolean): void {
    const outcome = hasHappened ? 1 : 0;
    const modeled = this.#modelOf(features);
    this.#judge(modeled, outcome);
    this.#descend(features, outcome - modeled);
    this.#seen += 1;
    this.#rate = clampProbability(this.#rate + max(RATE_STEP, 1 / (this.#seen + 2000)) * (outcome - this.#rate));
  }

  save(): ChangeForecastState {
    return {
      seen: this.#seen,
      rate: this.#rate,
      weights: [...this.#weights],
      squares: [...this.#squares],
      logTrust: [...this.#logTrust],
    };
  }

  restore(state: ChangeForecastState): void {
    this.#seen = state.seen;
    this.#rate = state.rate;
    this.#weights.set(state.weights);
    this.#squares.set(state.squares);
    this.#logTrust.set(state.logTrust);
  }

  #modelOf(features: Float64Array): number {
    let score = logitOf(this.#rate) + (this.#weights[FEATURE_COUNT] ?? 0);
    for (let index = 0; index < FEATURE_COUNT; index += 1)
      score += (this.#weights[index] ?? 0) * (features[index] ?? 0);
    return clampProbability(sigmoid(score));
  }

  #judge(modeled: number, outcome: number): void {
    const lossOf = (probability: number): number => -log(outcome === 1 ? probability : 1 - probability);
    const constant = exp((this.#logTrust[0] ?? 0) - lossOf(this.#rate) / this.#horizonCandles);
    const model = exp((this.#logTrust[1] ?? 0) - lossOf(modeled) / this.#horizonCandles);
    const total = constant + model;
    this.#logTrust[0] = log((1 - SHARED_RATIO) * (constant / total) + SHARED_RATIO * 0.9);
    this.#logTrust[1] = log((1 - SHARED_RATIO) * (model / total) + SHARED_RATIO * 0.1);
  }

  #descend(features: Float64Array, error: number): void {
    for (let index = 0; index <= FEATURE_COUNT; index += 1) {
      const slope = error * (index === FEATURE_COUNT ? 1 : (features[index] ?? 0));
      this.#squares[index] = (this.#squares[index] ?? 0) + slope * slope;
      const step = LEARNING_STEP;
      const weight = this.#weights[index] ?? 0;
      this.#weights[index] = weight + step * (slope / this.#horizonCandles - SHRINKAGE * weight);
    }
  }
}
