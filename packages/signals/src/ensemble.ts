import { type Evidence, learned, NO_EVIDENCE, type Structure, supported } from './calibration.ts';
import type { RegimeView } from './model.ts';
import type { ModelRegistry, RegisteredModel } from './model-registry.ts';

/** Names the rules by which opinions become one. Part of every signal's id. */
export const ENSEMBLE_ID = 'regime-weighted@1';

/** A model's opinion together with the probability that it is right. */
export interface CalibratedOpinion {
  readonly modelId: string;
  readonly direction: 'long' | 'short' | 'hold';
  readonly score: number;
  /** Of the direction; 0.5 for a hold. Below 0.5 the model is believed to be wrong more often than right. */
  readonly confidence: number;
}

/** A model's part in the common opinion. */
export interface Vote extends CalibratedOpinion {
  /** 0 for a hold and for a model that is not believed; the weights of all models and of doubt add up to 1. */
  readonly weight: number;
}

/** What the models say together. */
export interface CommonOpinion {
  /** Probability of a rise over the horizon before experience with the ensemble itself. */
  readonly pooledUpRatio: number;
  /** The more likely way; null when nothing speaks for either. */
  readonly direction: 'long' | 'short' | null;
  /** Probability that `direction` is right, 0.5 without one. */
  readonly confidence: number;
  readonly votes: readonly Vote[];
}

/** What is remembered about a common opinion until its outcome is known. */
export interface PendingVotes {
  readonly marketClass: MarketClass;
  readonly structure: Structure;
  readonly votes: readonly Vote[];
  readonly pooledUpRatio: number;
}

export type MarketClass = `${'low' | 'medium' | 'high'}/${Structure}`;

export interface EnsembleState {
  /** Decayed sum of log scores against a coin, per market class and model. */
  readonly skill: Readonly<Record<string, number>>;
  /** What became of the common opinion, per strength. */
  readonly outcomes: readonly Evidence[];
}

/** Weight of "nobody knows": one voice among the models that always says 0.5. */
const DOUBT = 0.1;
/** A model's record can multiply its weight by at most e^2, or divide it. */
const MAX_LOG_WEIGHT = 2;
const SKILL_MEMORY_OUTCOMES = 200;
/** Share of the evidence that is dropped when volatility is certainly high. */
const HIGH_VOLATILITY_DAMPING = 0.4;
const CONFIDENCE_EDGES = [0.51, 0.52, 0.53, 0.54] as const;
const PRIOR_OUTCOMES = 60;
const MEMORY_OUTCOMES = 300;

const logOdds = (ratio: number): number => Math.log(ratio / (1 - ratio));
const fromLogOdds = (value: number): number => 1 / (1 + Math.exp(-value));
const clamp = (value: number, limit: number): number => Math.max(-limit, Math.min(limit, value));
const binOf = (confidence: number): number => CONFIDENCE_EDGES.filter((edge) => confidence >= edge).length;

/** Returns the probability of a rise that an opinion stands for: a model that is not believed says nothing, it is not turned round. */
const upRatioOf = ({ direction, confidence }: CalibratedOpinion): number => {
  if (direction === 'hold' || confidence <= 0.5) return 0.5;
  return direction === 'long' ? confidence : 1 - confidence;
};

/** Returns the class whose record is consulted. */
export const marketClassOf = ({ regime }: RegimeView): MarketClass => `${regime.volatility}/${regime.structure}`;

const sumOf = (probabilities: readonly number[], includes: (id: number) => boolean): number =>
  probabilities.reduce((total, value, id) => (includes(id) ? total + value : total), 0);

/** Ids 5, 11 and 17 are the mean-reverting regimes; 12 to 17 have high volatility. */
const meanRevertingRatioOf = ({ probabilities }: RegimeView): number => sumOf(probabilities, (id) => id % 6 === 5);
const highVolatilityRatioOf = ({ probabilities }: RegimeView): number => sumOf(probabilities, (id) => id >= 12);

/**
 * Makes one opinion of many: a weighted pool of log odds. A model's weight is its affinity to the regime (by the regime's own
 * probabilities) times its record in this class of market; doubt always holds a share, high volatility dampens, and what became
 * of earlier common opinions has the last word on the confidence.
 *
 * Source: dynamic model averaging with forgetting, A. E. Raftery, M. Karny, P. Ettler (2010); logarithmic opinion pools,
 * C. Genest, J. V. Zidek (1986).
 */
export class Ensemble {
  readonly #registry: ModelRegistry;
  readonly #horizonCandles: number;
  #state: EnsembleState;

  constructor(registry: ModelRegistry, horizonCandles: number, saved?: EnsembleState) {
    this.#registry = registry;
    this.#horizonCandles = horizonCandles;
    this.#state = saved ?? {
      skill: {},
      outcomes: Array.from({ length: CONFIDENCE_EDGES.length + 1 }, () => NO_EVIDENCE),
    };
  }

  combine(opinions: readonly CalibratedOpinion[], view: RegimeView): CommonOpinion {
    const marketClass = marketClassOf(view);
    const meanReverting = meanRevertingRatioOf(view);
    const raw = opinions.map((opinion) => {
      const entry = this.#registry.find(opinion.modelId);
      return entry === null || upRatioOf(opinion) === 0.5 ? 0 : this.#weightOf(entry, marketClass, meanReverting);
    });
    const total = raw.reduce((all, weight) => all + weight, DOUBT);
    const votes = opinions.map((opinion, index) => ({ ...opinion, weight: (raw[index] ?? 0) / total }));
    const evidence = votes.reduce((all, vote) => all + vote.weight * logOdds(upRatioOf(vote)), 0);
    const pooledUpRatio = fromLogOdds(evidence * (1 - HIGH_VOLATILITY_DAMPING * highVolatilityRatioOf(view)));
    if (pooledUpRatio === 0.5) return { pooledUpRatio, direction: null, confidence: 0.5, votes };
    const pooled = Math.max(pooledUpRatio, 1 - pooledUpRatio);
    const outcomes = this.#state.outcomes[binOf(pooled)] ?? NO_EVIDENCE;
    return {
      pooledUpRatio,
      direction: pooledUpRatio > 0.5 ? 'long' : 'short',
      confidence: supported(outcomes, pooled, PRIOR_OUTCOMES),
      votes,
    };
  }

  /** Tells what became of an earlier common opinion. */
  learn(pending: PendingVotes, hasRisen: boolean): void {
    const skill = { ...this.#state.skill };
    const share = 1 / this.#horizonCandles;
    for (const vote of pending.votes) {
      const key = `${pending.marketClass}/${vote.modelId}`;
      const up = upRatioOf(vote);
      const gain = Math.log(2 * (hasRisen ? up : 1 - up));
      skill[key] = (skill[key] ?? 0) * (1 - share / SKILL_MEMORY_OUTCOMES) + share * gain;
    }
    let { outcomes } = this.#state;
    if (pending.pooledUpRatio !== 0.5) {
      const bin = binOf(Math.max(pending.pooledUpRatio, 1 - pending.pooledUpRatio));
      const rate = { horizonCandles: this.#horizonCandles, memoryOutcomes: MEMORY_OUTCOMES };
      const isRight = pending.pooledUpRatio > 0.5 === hasRisen;
      outcomes = outcomes.map((evidence, index) => (index === bin ? learned(evidence, isRight, rate) : evidence));
    }
    this.#state = { skill, outcomes };
  }

  save(): EnsembleState {
    return this.#state;
  }

  #weightOf(entry: RegisteredModel, marketClass: MarketClass, meanReverting: number): number {
    const affinity = meanReverting * entry.affinity.mean_reverting + (1 - meanReverting) * entry.affinity.trending;
    const skill = this.#state.skill[`${marketClass}/${entry.model.id}`] ?? 0;
    return affinity * Math.exp(clamp(skill, MAX_LOG_WEIGHT));
  }
}
