import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { FACTOR_CLASS_COUNT, FACTORS, normalizeFactor } from './factors.ts';
import {
  DETAIL_16,
  DETAIL_4,
  DETAIL_8,
  FLIPS_20,
  type MarketFeatures,
  MEAN_5,
  RANGE_5,
  VOTES_20,
  VOTES_60,
} from './market-features.ts';
import type { ScoringMethod } from './scoring-method.ts';

interface MultiScaleEvidenceState {
  readonly counts: string;
  readonly totals: readonly number[];
  readonly teachings: number;
}

const { exp, floor, log, max, min } = Math;
const USED = [DETAIL_4, DETAIL_8, DETAIL_16, VOTES_20, VOTES_60, FLIPS_20, RANGE_5, MEAN_5];
const WIDTH = USED.length;
const BINS = 12;
// The value at the outer edge of the bins, by feature; beyond it everything is in the last bin.
const EDGES = [1, 1.4, 2, 0.9, 0.6, 1, 1.2, 1.5];
const START_COUNT = 1;
const TEACHINGS_PER_DECAY = 100;
const DECAY_RATIO = 0.9995 ** TEACHINGS_PER_DECAY;
// Features repeat each other; together they count as so many independent ones.
const INDEPENDENT_SHARE = 0.5;

/**
 * What the path looks like at several scales: a naive Bayes over histograms of causal Haar details, of up and down votes over 20 and
 * 60 candles, of turns and of the range. Histograms are counted from labels that ripened and forget with a half-life of 1,386 candles.
 */
export class MultiScaleEvidence implements ScoringMethod {
  readonly name = 'multi_scale_evidence';
  readonly factors: Float64Array;
  readonly #features: MarketFeatures;
  readonly #counts = new Float32Array(FACTOR_CLASS_COUNT * WIDTH * BINS).fill(START_COUNT);
  readonly #totals = new Float64Array(FACTOR_CLASS_COUNT).fill(START_COUNT * BINS);
  #teachings = 0;

  constructor(factors: Float64Array, features: MarketFeatures) {
    this.factors = factors;
    this.#features = features;
  }

  update(): void {
    const { factors } = this;
    const { now } = this.#features;
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) factors[at] = log(this.#totals[at] ?? 1);
    for (let index = 0; index < WIDTH; index += 1) {
      const position = positionOf(now, index);
      const bin = min(BINS - 2, floor(position));
      const upper = position - bin;
      for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
        const cell = (at * WIDTH + index) * BINS + bin;
        const count = (1 - upper) * (this.#counts[cell] ?? 0) + upper * (this.#counts[cell + 1] ?? 0);
        factors[at] = (factors[at] ?? 0) + INDEPENDENT_SHARE * log(count / (this.#totals[at] ?? 1));
      }
    }
    for (const factor of FACTORS) {
      let best = Number.NEGATIVE_INFINITY;
      for (let at = factor.first; at < factor.first + factor.size; at += 1) best = max(best, factors[at] ?? 0);
      for (let at = factor.first; at < factor.first + factor.size; at += 1)
        factors[at] = exp((factors[at] ?? 0) - best);
      normalizeFactor(factors, factor);
    }
  }

  learn(labels: Float64Array): void {
    const ripe = this.#features.ripe;
    if (ripe === null) return;
    const trending = labels[3] ?? 0;
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
      // The trends are those of a trending market: they learn as much as it is one.
      const share = (labels[at] ?? 0) * (at < 5 ? 1 : trending);
      this.#totals[at] = (this.#totals[at] ?? 0) + share;
      for (let index = 0; index < WIDTH; index += 1) {
        const position = positionOf(ripe, index);
        const bin = min(BINS - 2, floor(position));
        const cell = (at * WIDTH + index) * BINS + bin;
        this.#counts[cell] = (this.#counts[cell] ?? 0) + share * (bin + 1 - position);
        this.#counts[cell + 1] = (this.#counts[cell + 1] ?? 0) + share * (position - bin);
      }
    }
    this.#teachings += 1;
    if (this.#teachings % TEACHINGS_PER_DECAY === 0) this.#forget();
  }

  save(): MultiScaleEvidenceState {
    return { counts: packFloats(this.#counts), totals: [...this.#totals], teachings: this.#teachings };
  }

  restore(state: unknown): void {
    const { counts, totals, teachings } = state as MultiScaleEvidenceState;
    unpackFloats(counts, this.#counts);
    this.#totals.set(totals);
    this.#teachings = teachings;
  }

  #forget(): void {
    for (let cell = 0; cell < this.#counts.length; cell += 1) {
      this.#counts[cell] = START_COUNT + ((this.#counts[cell] ?? 0) - START_COUNT) * DECAY_RATIO;
    }
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
      this.#totals[at] = START_COUNT * BINS + ((this.#totals[at] ?? 0) - START_COUNT * BINS) * DECAY_RATIO;
    }
  }
}

/** Where a feature stands among the bins, from the middle of the first (0) to that of the last. A value counts in its two nearest. */
const positionOf = (features: Float32Array | Float64Array, index: number): number => {
  const scaled = (features[USED[index] ?? 0] ?? 0) / (EDGES[index] ?? 1);
  return max(0, min(BINS - 1, (scaled + 1) * (BINS / 2) - 0.5));
};
