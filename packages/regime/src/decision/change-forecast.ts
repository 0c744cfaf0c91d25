import { OnlineLogistic, type OnlineLogisticState } from './online-logistic.ts';
import { FEATURE_COUNT } from './precursor-features.ts';

const { exp, log, max, min } = Math;

export interface ChangeForecastState {
  readonly seen: number;
  readonly rate: number;
  readonly model: OnlineLogisticState;
  readonly logTrust: readonly number[];
}

const clampRate = (rate: number): number => min(0.9, max(1e-4, rate));
const logitOf = (probability: number): number => log(probability / (1 - probability));

/** The constant rate starts as if so many candles had been seen at the prior one, and ends as a mean over so many. */
const PRIOR_CANDLES = 3_000;
const RATE_CANDLES = 20_000;
/** Trust before anything was seen: the constant rate, and the model. */
const START_TRUST = [0.9, 0.1] as const;
const SHARED_RATIO = 1e-4;

/**
 * Probability of an event within a horizon: a constant rate, and a logistic model of the features around that rate. Their mixture
 * follows what each predicted before; outcomes of neighboring candles overlap, so a candle counts only one part in the horizon.
 */
export class ChangeForecast {
  readonly #horizonCandles: number;
  readonly #model: OnlineLogistic;
  /** Log shares of the constant rate and of the model. */
  readonly #logTrust = Float64Array.from(START_TRUST, log);
  #seen = 0;
  #rate: number;

  constructor({ horizonCandles, priorDurationCandles }: { horizonCandles: number; priorDurationCandles: number }) {
    this.#horizonCandles = horizonCandles;
    this.#model = new OnlineLogistic({ size: FEATURE_COUNT, outcomeWeight: 1 / horizonCandles });
    this.#rate = clampRate(1 - (1 - 1 / priorDurationCandles) ** horizonCandles);
  }

  /** Share of the model in what is said: near 0 when the features forecast nothing. */
  get trust(): number {
    return exp(this.#logTrust[1] ?? 0);
  }

  /** Shape: one weight per feature. */
  get weights(): Float64Array {
    return this.#model.weights;
  }

  probabilityOf(features: Float64Array): number {
    const { trust } = this;
    return (1 - trust) * this.#rate + trust * this.#model.probabilityOf(features, logitOf(this.#rate));
  }

  /** Takes in whether the event followed the candle that had these features. Tested first, learned after. */
  learn(features: Float64Array, hasHappened: boolean): void {
    const offsetLogit = logitOf(this.#rate);
    this.#judge(this.#model.probabilityOf(features, offsetLogit), hasHappened);
    this.#model.learn(features, offsetLogit, hasHappened);
    this.#seen += 1;
    const step = 1 / min(RATE_CANDLES, this.#seen + PRIOR_CANDLES);
    this.#rate = clampRate(this.#rate + step * ((hasHappened ? 1 : 0) - this.#rate));
  }

  save(): ChangeForecastState {
    return { seen: this.#seen, rate: this.#rate, model: this.#model.save(), logTrust: [...this.#logTrust] };
  }

  restore(state: ChangeForecastState): void {
    this.#seen = state.seen;
    this.#rate = state.rate;
    this.#model.restore(state.model);
    this.#logTrust.set(state.logTrust);
  }

  #judge(modeled: number, hasHappened: boolean): void {
    const densityOf = (probability: number): number =>
      (hasHappened ? probability : 1 - probability) ** (1 / this.#horizonCandles);
    const constant = exp(this.#logTrust[0] ?? 0) * densityOf(this.#rate);
    const model = exp(this.#logTrust[1] ?? 0) * densityOf(modeled);
    const total = constant + model;
    this.#logTrust[0] = log((1 - SHARED_RATIO) * (constant / total) + SHARED_RATIO * START_TRUST[0]);
    this.#logTrust[1] = log((1 - SHARED_RATIO) * (model / total) + SHARED_RATIO * START_TRUST[1]);
  }
}
