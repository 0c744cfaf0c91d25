import type { ComponentView } from '../engine/classification.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { agreementOf } from './agreement.ts';
import { ConformalSet, type ConformalSetState } from './conformal-set.ts';
import { composeInto, evenFactors, FACTORS, marginalsInto } from './factors.ts';
import { JumpModel } from './jump-model.ts';
import { MarketFeatures } from './market-features.ts';
import { MarketPace } from './market-pace.ts';
import { MultiScaleEvidence } from './multi-scale-evidence.ts';
import { OpinionPool, type OpinionPoolState, type PoolWeights } from './opinion-pool.ts';
import { RangeMemory } from './range-memory.ts';
import { RunLength } from './run-length.ts';
import type { BaseView, ScoringMethod } from './scoring-method.ts';
import type { ScoringParameters } from './scoring-parameters.ts';
import { VolatilityLadder } from './volatility-ladder.ts';

export interface AdaptiveScoringInput {
  readonly observation: Observation;
  readonly base: BaseView;
  readonly filteredLogPrice: number;
  readonly logPrice: number;
  /** Shape: 18 smoothed probabilities of `LABEL_LAG_CANDLES` ago; null while there are none. */
  readonly labels: Float64Array | null;
  readonly guests: Guests;
}

export interface AdaptiveScoringState {
  readonly features: unknown;
  readonly methods: readonly unknown[];
  readonly pool: OpinionPoolState;
  readonly conformal: ConformalSetState;
}

/** Opinions beside the seven, and the sum that their weights may reach in each factor. */
export interface Guests {
  /** Shape: five, 10 by factor each. */
  readonly opinions: readonly Float64Array[];
  readonly weightRatio: number;
}

const BASE_NAME = 'likelihood_filter';
/**
 * Where weights start, by factor: as measured on synthetic markets in their first thousands of candles, when the base still doubts its levels.
 * Order: ladder, range memory, market pace, run length, jump model, multi-scale evidence. The base has what they leave.
 */
const START_WEIGHTS: readonly (readonly number[])[] = [
  [0.1, 0.02, 0.2, 0.05, 0.018, 0.01],
  [0.001, 0.001, 0.1, 0.008, 0.005, 0.01],
  [0.001, 0.001, 0.1, 0.01, 0.003, 0.007],
];

/** Where weights return to. The base has a model of everything, the others of a part; the market's pace starts as the base's own. */
const RESTING_WEIGHTS: readonly number[] = [0.005, 0.005, 0.15, 0.005, 0.005, 0.005];
// Of softmax regression, posterior memory, naive Bayes, trees and network. All but naive Bayes correct the base by little each: it takes
// longer steps to find what they are worth.
const GUEST_START = [0.03, 0.03, 0.005, 0.03, 0.03];
const GUEST_RESTING = [0.02, 0.02, 0.005, 0.02, 0.02];
const GUEST_STEP_RATIOS = [30, 30, 1, 30, 30];
const GUEST_COUNT = GUEST_STEP_RATIOS.length;
const POOL_WEIGHTS: PoolWeights = {
  start: START_WEIGHTS.map((weights) => [...weights, ...GUEST_START]),
  resting: [...RESTING_WEIGHTS, ...GUEST_RESTING],
  stepRatios: [...RESTING_WEIGHTS.map(() => 1), ...GUEST_STEP_RATIOS],
  guestCount: GUEST_COUNT,
};

/** The adaptive scoring layer: seven opinions on the regime and those of guests, pooled by what each adds, calibrated, with a set that holds the truth. */
export class AdaptiveScoring {
  /** Shape: 18, calibrated. The array is the layer's own: read it before its next update. */
  readonly probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #features = new MarketFeatures();
  readonly #baseFactors = evenFactors();
  readonly #runLength = new RunLength(evenFactors());
  readonly #methods: readonly ScoringMethod[] = [
    new VolatilityLadder(evenFactors()),
    new RangeMemory(evenFactors()),
    new MarketPace(evenFactors()),
    this.#runLength,
    new JumpModel(evenFactors(), this.#features),
    new MultiScaleEvidence(evenFactors(), this.#features),
  ];
  #hasOpinions = false;
  /** Shape: one per method, the base first; 10 by factor each. */
  readonly #opinions: readonly Float64Array[] = [this.#baseFactors, ...this.#methods.map(({ factors }) => factors)];
  /** What the pool hears: the opinions and those of the guests, with the base in the place of those that are switched off. */
  readonly #heard: Float64Array[];
  readonly #pool = new OpinionPool(POOL_WEIGHTS);
  readonly #conformal = new ConformalSet();
  readonly #labels = evenFactors();
  readonly #softenedFactors = evenFactors();
  readonly #softened = new Float64Array(REGIME_COUNT);
  readonly #parameters: () => ScoringParameters;
  #agreementRatio = 1;

  /** `parameters` is asked with every candle; `disabled` names methods that the pool shall not hear. */
  constructor(parameters: () => ScoringParameters, disabled: readonly string[] = []) {
    this.#parameters = parameters;
    const base = disabled.includes(BASE_NAME) ? evenFactors() : this.#baseFactors;
    const isOff = (name: string): boolean => disabled.includes(name);
    this.#heard = [base, ...this.#methods.map(({ name, factors }) => (isOff(name) ? base : factors))];
  }

  /** 1 when all seven methods say the same. */
  get agreementRatio(): number {
    return this.#agreementRatio;
  }

  /** Ids that together hold the regime in the wanted share of candles, likeliest first. */
  get conformalSet(): readonly number[] {
    return this.#conformal.ids;
  }

  /** Probability that returns have behaved as they do for at most ten candles. */
  get shortRunProbability(): number {
    return this.#runLength.shortRunProbability;
  }

  /** Of the seven methods; the base is the first. */
  get names(): readonly string[] {
    return [BASE_NAME, ...this.#methods.map(({ name }) => name)];
  }

  update({ observation, base, filteredLogPrice, logPrice, labels, guests }: AdaptiveScoringInput): void {
    this.#hasOpinions = true;
    const baseFactors = this.#baseFactors;
    marginalsInto(baseFactors, base.posterior);
    let returnScale = 0;
    for (let level = 0; level < 3; level += 1) returnScale += (baseFactors[level] ?? 0) * base.returnScale(level);
    this.#features.update({ observation, returnScale, mediumReturnScale: base.returnScale(1), filteredLogPrice });
    const input = { observation, base, baseFactors, returnScale, filteredLogPrice, logPrice };
    for (const method of this.#methods) method.update(input);

    for (let guest = 0; guest < GUEST_COUNT; guest += 1)
      this.#heard[this.#opinions.length + guest] = guests.opinions[guest] ?? baseFactors;
    this.#pool.update(this.#heard, {
      mostGuestWeight: guests.weightRatio,
      temperature: this.#parameters().temperature,
      levelDoubt: base.levelDoubt,
    });
    composeInto(this.probabilities, { base: base.posterior, baseFactors, factors: this.#pool.factors });
    this.#agreementRatio = agreementOf(this.#opinions);
    this.#conformal.update(this.probabilities);
    if (labels !== null) this.#learn(labels);
  }

  save(): AdaptiveScoringState {
    return {
      features: this.#features.save(),
      methods: this.#methods.map((method) => method.save()),
      pool: this.#pool.save(),
      conformal: this.#conformal.save(),
    };
  }

  restore(state: AdaptiveScoringState): void {
    this.#hasOpinions = false;
    this.#features.restore(state.features);
    this.#methods.forEach((method, index) => {
      method.restore(state.methods[index]);
    });
    this.#pool.restore(state.pool);
    this.#conformal.restore(state.conformal);
  }

  view(): ComponentView {
    const metrics: Record<string, number | string | null> = {
      agreement_ratio: this.#agreementRatio,
      conformal_set_size: this.conformalSet.length,
      conformal_coverage_ratio: this.#conformal.coverageRatio,
      learner_weight_ratio: this.#guestWeightRatio,
    };
    FACTORS.forEach((factor, index) => {
      metrics[`temperature_${factor.name}`] = this.#pool.temperatureOf(index);
    });
    const byMethod = this.names.map((name, method) => {
      const weights = FACTORS.map((_, factor) => this.#pool.weightOf(factor, method));
      metrics[`weight_${name}`] = weights.reduce((left, right) => left + right, 0) / weights.length;
      const losses = FACTORS.map((_, factor) => this.#pool.lossOf(factor, method));
      metrics[`log_loss_${name}`] = losses.reduce((left, right) => left + right, 0);
      // An opinion is made anew with each candle and not saved: after a restore there is none until the next.
      const factors = this.#hasOpinions ? [...(this.#opinions[method] ?? [])] : null;
      return { name, weights, losses, factors };
    });
    return {
      state: this.#pool.isTaught ? 'running' : 'warming',
      metrics,
      debug: {
        factors: FACTORS.map(({ name }) => name),
        methods: byMethod,
        learnerWeights: GUEST_STEP_RATIOS.map((_, guest) =>
          FACTORS.map((_factor, factor) => this.#pool.weightOf(factor, this.#opinions.length + guest)),
        ),
        pooled: [...this.#pool.factors],
      },
    };
  }

  /** Of all guests together, in the mean of the factors. */
  get #guestWeightRatio(): number {
    let sum = 0;
    for (let factor = 0; factor < FACTORS.length; factor += 1) {
      for (let guest = 0; guest < GUEST_COUNT; guest += 1)
        sum += this.#pool.weightOf(factor, this.#opinions.length + guest);
    }
    return sum / FACTORS.length;
  }

  #learn(labels: Float64Array): void {
    marginalsInto(this.#labels, labels);
    for (const method of this.#methods) method.learn?.(this.#labels);
    const parameters = this.#parameters();
    this.#pool.learn(this.#labels, parameters);
    // What came after is the base's word too, and overstates as much: sets learn from the label as far as it can be believed.
    const softened = this.#softenedFactors;
    softened.set(this.#labels);
    this.#pool.soften(softened);
    composeInto(this.#softened, { base: labels, baseFactors: this.#labels, factors: softened });
    this.#conformal.learn(this.#softened, {
      coverageRatio: parameters.conformalCoverageRatio,
      step: parameters.conformalStep,
    });
  }
}
