import { invariant } from '@qt/kernel';

/** Right outcomes and all outcomes, in effective numbers: overlapping horizons share one. */
export interface Evidence {
  readonly right: number;
  readonly total: number;
}

export const NO_EVIDENCE: Evidence = { right: 0, total: 0 };

/** Where the strength bins begin; the first also takes everything below. */
const STRENGTH_EDGES = [0.4, 0.6, 0.8] as const;
export const STRENGTH_BINS = STRENGTH_EDGES.length + 1;

/** Returns the bin of a strength, 0 (weakest) to `STRENGTH_BINS` - 1. */
export const strengthBinOf = (strength: number): number => STRENGTH_EDGES.filter((edge) => strength >= edge).length;

export interface LearningRate {
  /** An opinion over n candles, given each candle, is one n-th of an independent outcome. */
  readonly horizonCandles: number;
  /** Effective outcomes after which old ones have faded to 1/e. */
  readonly memoryOutcomes: number;
}

/** Returns the evidence after one more outcome; old evidence fades a little. */
export const learned = (evidence: Evidence, isRight: boolean, rate: LearningRate): Evidence => {
  const share = 1 / rate.horizonCandles;
  const keep = 1 - share / rate.memoryOutcomes;
  return { right: evidence.right * keep + (isRight ? share : 0), total: evidence.total * keep + share };
};

/**
 * Returns the probability of being right that the evidence supports: the share of right outcomes, drawn to `prior` as if
 * `priorOutcomes` had confirmed it. Without evidence it is the prior; there is no floor and no bonus.
 *
 * Source: posterior mean of a beta prior with binomial outcomes.
 */
export const supported = (evidence: Evidence, prior: number, priorOutcomes: number): number => {
  invariant(evidence.total >= 0 && evidence.right >= 0, 'evidence is not negative');
  return (evidence.right + prior * priorOutcomes) / (evidence.total + priorOutcomes);
};

export type Structure = 'trending' | 'mean_reverting';

/** What has become of one model's opinions, per strength and market structure. */
export interface CalibrationState {
  readonly byStrength: readonly Evidence[];
  readonly byStructure: Readonly<Record<Structure, readonly Evidence[]>>;
}

/** How much outcomes must weigh before they outweigh what was believed. */
const PRIOR_OUTCOMES = 60;
const MEMORY_OUTCOMES = 300;

const emptyBins = (): Evidence[] => Array.from({ length: STRENGTH_BINS }, () => NO_EVIDENCE);

const replaced = (bins: readonly Evidence[], bin: number, evidence: Evidence): Evidence[] =>
  bins.map((before, index) => (index === bin ? evidence : before));

/**
 * Turns a model's strength into the probability that it is right, from what became of its earlier opinions.
 * It is asked first and told the outcome a horizon later, so no opinion is ever judged by itself.
 */
export class Calibration {
  readonly #horizonCandles: number;
  readonly #priors: readonly number[];
  #state: CalibrationState;

  /** `priors[STRENGTH_BINS]`: probability of being right per strength, before any outcome. */
  constructor(horizonCandles: number, priors: readonly number[], saved?: CalibrationState) {
    invariant(priors.length === STRENGTH_BINS, `${STRENGTH_BINS} priors, were ${priors.length}`);
    this.#horizonCandles = horizonCandles;
    this.#priors = priors;
    this.#state = saved ?? {
      byStrength: emptyBins(),
      byStructure: { trending: emptyBins(), mean_reverting: emptyBins() },
    };
  }

  /** Returns the probability that an opinion of this strength is right in this structure. */
  confidenceOf(strength: number, structure: Structure): number {
    const bin = strengthBinOf(strength);
    const overall = supported(this.#at(this.#state.byStrength, bin), this.#priors[bin] ?? 0.5, PRIOR_OUTCOMES);
    return supported(this.#at(this.#state.byStructure[structure], bin), overall, PRIOR_OUTCOMES);
  }

  learn(strength: number, structure: Structure, isRight: boolean): void {
    const bin = strengthBinOf(strength);
    const rate = { horizonCandles: this.#horizonCandles, memoryOutcomes: MEMORY_OUTCOMES };
    const { byStrength, byStructure } = this.#state;
    this.#state = {
      byStrength: replaced(byStrength, bin, learned(this.#at(byStrength, bin), isRight, rate)),
      byStructure: {
        ...byStructure,
        [structure]: replaced(
          byStructure[structure],
          bin,
          learned(this.#at(byStructure[structure], bin), isRight, rate),
        ),
      },
    };
  }

  /** All outcomes so far. */
  evidence(): Evidence {
    return this.#state.byStrength.reduce(
      (all, bin) => ({ right: all.right + bin.right, total: all.total + bin.total }),
      NO_EVIDENCE,
    );
  }

  save(): CalibrationState {
    return this.#state;
  }

  #at(bins: readonly Evidence[], bin: number): Evidence {
    return bins[bin] ?? NO_EVIDENCE;
  }
}
