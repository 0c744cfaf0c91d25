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
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

const { exp, floor, log, max, min, round } = Math;
const USED = [DETAIL_4, DETAIL_8, DETAIL_16, VOTES_20, VOTES_60, FLIPS_20, RANGE_5, MEAN_5];
const WIDTH = USED.length;
const BINS = 12;
// The value at the outer edge of the bins, by feature; beyond it everything is in the last bin.
const EDGES = [1, 1.4, 2, 0.9, 0.6, 1, 1.2, 1.5];
const START_COUNT = 1;
const TEACHINGS_PER_DECAY = 100;
const DECAY_RATIO = 0.9995 ** TEACHINGS_PER_DECAY;
// Counts are whole multiples of this: short in text, and the same bits after it.
const QUANTUM = 1 / 256;
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
  readonly #counts = new Float64Array(FACTOR_CLASS_COUNT * WIDTH * BINS).fill(START_COUNT);
  readonly #totals = new Float64Array(FACTOR_CLASS_COUNT);
  #teachings = 0;

  constructor(factors: Float64Array, features: MarketFeatures) {
    this.factors = factors;
    this.#features = features;
    this.#sum();
  }

  update(_input: ScoringInput): null {
    const { factors } = this;
    const { now } = this.#features;
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) factors[at] = log(this.#totals[at] ?? 1);
    for (let index = 0; index < WIDTH; index += 1) {
      const bin = binOf(now, index);
      for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
        const count = this.#counts[(at * WIDTH + index) * BINS + bin] ?? START_COUNT;
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
    return null;
  }

  learn(labels: Float64Array): void {
    const ripe = this.#features.ripe;
    if (ripe === null) return;
    const trending = labels[3] ?? 0;
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
      // The trends are those of a trending market: they learn as much as it is one.
      const share = (labels[at] ?? 0) * (at < 5 ? 1 : trending);
      const amount = round(share / QUANTUM) * QUANTUM;
      if (amount === 0) continue;
      this.#totals[at] = (this.#totals[at] ?? 0) + amount;
      for (let index = 0; index < WIDTH; index += 1) {
        const cell = (at * WIDTH + index) * BINS + binOf(ripe, index);
        this.#counts[cell] = (this.#counts[cell] ?? 0) + amount;
      }
    }
    this.#teachings += 1;
    if (this.#teachings % TEACHINGS_PER_DECAY === 0) this.#forget();
  }

  save(): { readonly counts: readonly number[]; readonly teachings: number } {
    return { counts: Array.from(this.#counts, (count) => round(count / QUANTUM)), teachings: this.#teachings };
  }

  restore(state: unknown): void {
    const { counts, teachings } = state as ReturnType<MultiScaleEvidence['save']>;
    for (let cell = 0; cell < this.#counts.length; cell += 1) this.#counts[cell] = (counts[cell] ?? 0) * QUANTUM;
    this.#teachings = teachings;
    this.#sum();
  }

  #forget(): void {
    const counts = this.#counts;
    for (let cell = 0; cell < counts.length; cell += 1) {
      const kept = START_COUNT + ((counts[cell] ?? 0) - START_COUNT) * DECAY_RATIO;
      counts[cell] = round(kept / QUANTUM) * QUANTUM;
    }
    this.#sum();
  }

  // The mean of a class over its features: after forgetting, rounding leaves them a little apart.
  #sum(): void {
    for (let at = 0; at < FACTOR_CLASS_COUNT; at += 1) {
      let total = 0;
      for (let cell = at * WIDTH * BINS; cell < (at + 1) * WIDTH * BINS; cell += 1) total += this.#counts[cell] ?? 0;
      this.#totals[at] = total / WIDTH;
    }
  }
}

const binOf = (features: Float64Array, index: number): number => {
  const scaled = (features[USED[index] ?? 0] ?? 0) / (EDGES[index] ?? 1);
  return max(0, min(BINS - 1, floor((scaled + 1) * (BINS / 2))));
};
