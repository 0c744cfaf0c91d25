import {
  LikelihoodFilter,
  type LikelihoodFilterState,
  type Observation,
  type StartLevels,
} from './likelihood-filter.ts';
import { REGIME_COUNT } from './regime-fold.ts';

export interface ExpertBankState {
  readonly experts: readonly LikelihoodFilterState[];
  readonly logWeights: readonly number[];
}

const START_SPACINGS = [0.5, 0.7];
const STEPS = [0.001, 0.004];
/** The weight of an expert is its predictive density to this power: below 1, because experts share their mistakes. */
const WEIGHT_EXPONENT = 0.3;
const SHARED_RATIO = 1e-4;

/** Returns the six readings of one median log range: it is the low, the medium or the high level, at either spacing. */
const startsAround = (medianLogRange: number): readonly StartLevels[] =>
  START_SPACINGS.flatMap((spacing) =>
    [0, 1, 2].map((position) => {
      const low = medianLogRange - position * spacing;
      return { low, medium: low + spacing, high: low + 2 * spacing };
    }),
  );

/**
 * A mixture of filters that differ in where they start and how fast they adapt, weighted by how well each predicted what came.
 * Levels are never taken from the first candles alone: those belong to one regime, and nobody knows which.
 *
 * Source: fixed share, Herbster and Warmuth (1998); the six starts and the exponent were measured on synthetic markets.
 */
export class ExpertBank {
  readonly #experts: readonly LikelihoodFilter[];
  readonly #logWeights: Float64Array;
  readonly #weights: Float64Array;
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #logDensity = 0;

  constructor(medianLogRange: number) {
    this.#experts = startsAround(medianLogRange).flatMap((start) =>
      STEPS.map((step) => new LikelihoodFilter(start, step)),
    );
    this.#logWeights = new Float64Array(this.#experts.length);
    this.#weights = new Float64Array(this.#experts.length).fill(1 / this.#experts.length);
  }

  /** Shape: 18 probabilities by regime id, summing to 1. The array is the bank's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Returns the return scale that the experts, weighted, give to one volatility level. */
  returnScale(volatility: number): number {
    return this.#weighted((expert) => expert.returnScale(volatility));
  }

  get driftMild(): number {
    return this.#weighted((expert) => expert.driftMild);
  }

  get driftStrong(): number {
    return this.#weighted((expert) => expert.driftStrong);
  }

  get arTrending(): number {
    return this.#weighted((expert) => expert.arTrending);
  }

  get arReverting(): number {
    return this.#weighted((expert) => expert.arReverting);
  }

  /** Logarithm of the density the bank had predicted for the last candle. */
  get logDensity(): number {
    return this.#logDensity;
  }

  #weighted(pick: (expert: LikelihoodFilter) => number): number {
    let mean = 0;
    for (let index = 0; index < this.#experts.length; index += 1) {
      const expert = this.#experts[index];
      if (expert !== undefined) mean += (this.#weights[index] ?? 0) * pick(expert);
    }
    return mean;
  }

  update(observation: Observation): void {
    const logWeights = this.#logWeights;
    let best = Number.NEGATIVE_INFINITY;
    let density = 0;
    this.#experts.forEach((expert, index) => {
      const logDensity = expert.update(observation);
      density += (this.#weights[index] ?? 0) * Math.exp(logDensity);
      const logWeight = (logWeights[index] ?? 0) + WEIGHT_EXPONENT * logDensity;
      logWeights[index] = logWeight;
      best = Math.max(best, logWeight);
    });
    this.#logDensity = Math.log(Math.max(density, Number.MIN_VALUE));
    this.#shareWeights(best);
    this.#mixPosteriors();
  }

  save(): ExpertBankState {
    return { experts: this.#experts.map((expert) => expert.save()), logWeights: [...this.#logWeights] };
  }

  restore(state: ExpertBankState): void {
    this.#experts.forEach((expert, index) => {
      const saved = state.experts[index];
      if (saved !== undefined) expert.restore(saved);
    });
    this.#logWeights.set(state.logWeights);
    this.#logWeights.forEach((logWeight, index) => {
      this.#weights[index] = Math.exp(logWeight);
    });
    this.#mixPosteriors();
  }

  #shareWeights(best: number): void {
    const weights = this.#weights;
    let total = 0;
    for (let index = 0; index < weights.length; index += 1) {
      const weight = Math.exp((this.#logWeights[index] ?? 0) - best);
      weights[index] = weight;
      total += weight;
    }
    for (let index = 0; index < weights.length; index += 1) {
      const shared = (1 - SHARED_RATIO) * ((weights[index] ?? 0) / total) + SHARED_RATIO / weights.length;
      // The logarithm is what is kept and saved; the weight is read back from it so that a restored bank mixes the same bits.
      const logWeight = Math.log(shared);
      this.#logWeights[index] = logWeight;
      weights[index] = Math.exp(logWeight);
    }
  }

  #mixPosteriors(): void {
    const posterior = this.#posterior.fill(0);
    let total = 0;
    this.#experts.forEach((expert, index) => {
      const weight = this.#weights[index] ?? 0;
      const view = expert.posterior;
      for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] ?? 0) + weight * (view[id] ?? 0);
    });
    for (let id = 0; id < REGIME_COUNT; id += 1) total += posterior[id] ?? 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] ?? 0) / total;
  }
}
