import type { ComponentView } from '../engine/classification.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { ConformalSet } from './conformal-set.ts';
import { composeInto, evenFactors, FACTORS, marginalsInto } from './factors.ts';
import { JumpModel } from './jump-model.ts';
import { KalmanTrend } from './kalman-trend.ts';
import { MarketFeatures } from './market-features.ts';
import { MultiScaleEvidence } from './multi-scale-evidence.ts';
import { OpinionPool, type OpinionPoolState } from './opinion-pool.ts';
import { RunLength } from './run-length.ts';
import type { BaseView, ScoringMethod } from './scoring-method.ts';
import type { ScoringParameters } from './scoring-parameters.ts';
import { StructureTest } from './structure-test.ts';
import { VolatilityLadder } from './volatility-ladder.ts';

export interface AdaptiveScoringInput {
  readonly observation: Observation;
  readonly base: BaseView;
  readonly filteredLogPrice: number;
  readonly logPrice: number;
  /** Shape: 18 smoothed probabilities of `LABEL_LAG_CANDLES` ago; null while there are none. */
  readonly labels: Float64Array | null;
}

export interface AdaptiveScoringState {
  readonly features: unknown;
  readonly methods: readonly unknown[];
  readonly pool: OpinionPoolState;
  readonly conformal: unknown;
}

/** The vote of whoever is not one of the seven, and how much of the pool it gets. */
export interface GuestVote {
  readonly probabilities: Float64Array;
  readonly weightRatio: number;
}

const START_WEIGHTS: number[][] = JSON.parse(process.env.SW ?? '[[0.68,0.15,0,0,0.15,0.01,0.01],[0.94,0,0,0.02,0.02,0.02,0],[0.7,0,0.1,0,0.15,0.03,0.02]]');

/** The adaptive scoring layer: seven opinions on the regime, pooled by what each adds, calibrated, with a set that holds the truth. */
export class AdaptiveScoring {
  /** Shape: 18, calibrated. */
  readonly probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #features = new MarketFeatures();
  readonly #baseFactors = evenFactors();
  readonly #runLength = new RunLength(evenFactors());
  readonly #methods: readonly ScoringMethod[] = [
    new VolatilityLadder(evenFactors()),
    new KalmanTrend(evenFactors()),
    new StructureTest(evenFactors(), this.#features),
    this.#runLength,
    new JumpModel(evenFactors(), this.#features),
    new MultiScaleEvidence(evenFactors(), this.#features),
  ];
  readonly #opinions: readonly Float64Array[] = [this.#baseFactors, ...this.#methods.map(({ factors }) => factors)];
  readonly #pool: OpinionPool;
  readonly #conformal = new ConformalSet();
  readonly #labels = evenFactors();
  #parameters: ScoringParameters;

  constructor(parameters: ScoringParameters) {
    this.#parameters = parameters;
    this.#pool = new OpinionPool(START_WEIGHTS);
  }

  get pool(): OpinionPool {
    return this.#pool;
  }
  get opinions(): readonly Float64Array[] {
    return this.#opinions;
  }
  get conformalSet(): readonly number[] {
    return this.#conformal.ids;
  }

  update({ observation, base, filteredLogPrice, logPrice, labels }: AdaptiveScoringInput): void {
    marginalsInto(this.#baseFactors, base.posterior);
    let returnScale = 0;
    for (let level = 0; level < 3; level += 1) {
      returnScale += (this.#baseFactors[level] ?? 0) * base.returnScale(level);
    }
    const input = {
      observation,
      base,
      baseFactors: this.#baseFactors,
      returnScale,
      filteredLogPrice,
      logPrice,
    };
    this.#features.update({ observation, returnScale, mediumReturnScale: base.returnScale(1), filteredLogPrice });
    for (const method of this.#methods) method.update(input);
    this.#pool.update(this.#opinions);
    composeInto(this.probabilities, {
      base: base.posterior,
      baseFactors: this.#baseFactors,
      factors: this.#pool.factors,
    });
    this.#conformal.update(this.probabilities);
    if (labels !== null) this.#learn(labels);
  }

  #learn(labels: Float64Array): void {
    marginalsInto(this.#labels, labels);
    for (const method of this.#methods) method.learn?.(this.#labels);
    this.#pool.learn(this.#labels, this.#parameters);
    this.#conformal.learn(labels, {
      coverageRatio: this.#parameters.conformalCoverageRatio,
      step: this.#parameters.conformalStep,
    });
  }

  view(): ComponentView {
    return { state: 'running', metrics: {}, debug: { factors: FACTORS } };
  }
}
