import { LikelihoodFilter, type LikelihoodFilterStart, type LikelihoodFilterState } from '../likelihood-filter.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { LOG_SCALE } from './candle-emission.ts';
import type { CandleWindow } from './candle-window.ts';
import { SHORT_MEMORY_CANDLES } from './parameter-learner.ts';

export interface ExpertGroupState {
  readonly experts: readonly LikelihoodFilterState[];
  readonly logWeights: readonly number[];
  readonly logDensity: number;
}

/** How many experts go on when the group is thinned. */
export interface Selection {
  readonly experts: number;
  /** Of those, the likelier go on with a long memory, as many as this. */
  readonly withLongMemory: number;
}

/** The weight of an expert is its predictive density to this power: below 1, because experts share their mistakes. */
export const WEIGHT_EXPONENT = 0.5;
const SHARED_RATIO = 1e-6;
/** Levels this near, in natural log of the return scale, are the same reading of the market. */
const ALIKE_LOG_SCALE = 0.1;

/**
 * Normalizes weights in place, given and kept as logarithms, and lets each keep a millionth: none is ever lost for good.
 *
 * Source: fixed share, Herbster and Warmuth (1998).
 */
export const shareWeights = (logWeights: Float64Array, weights: Float64Array): void => {
  let best = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < weights.length; index += 1) best = Math.max(best, logWeights[index] as number);
  let total = 0;
  for (let index = 0; index < weights.length; index += 1) total += Math.exp((logWeights[index] as number) - best);
  for (let index = 0; index < weights.length; index += 1) {
    const share = Math.exp((logWeights[index] as number) - best) / total;
    // The logarithm is what is kept and saved; the weight is read back from it so that a restored bank mixes the same bits.
    const logWeight = Math.log((1 - SHARED_RATIO) * share + SHARED_RATIO / weights.length);
    logWeights[index] = logWeight;
    weights[index] = Math.exp(logWeight);
  }
};

/** Returns ln Σ w·p, from the logarithms of weights and densities, so that no density underflows. */
export const logMixture = (logWeights: Float64Array, logDensities: Float64Array): number => {
  let best = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logDensities.length; index += 1) best = Math.max(best, logDensities[index] as number);
  let mixed = 0;
  for (let index = 0; index < logDensities.length; index += 1) {
    mixed += Math.exp((logWeights[index] as number) + (logDensities[index] as number) - best);
  }
  return best + Math.log(mixed);
};

/** Filters of one kind that differ in what they took the first candles for, weighted by how well each predicted what came. */
export class ExpertGroup {
  readonly #window: CandleWindow;
  #experts: readonly LikelihoodFilter[];
  #logWeights: Float64Array;
  #weights: Float64Array;
  #logDensities: Float64Array;
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #logDensity = 0;

  constructor(window: CandleWindow, starts: readonly LikelihoodFilterStart[]) {
    this.#window = window;
    this.#experts = starts.map((start) => new LikelihoodFilter(window, start));
    this.#logWeights = new Float64Array(starts.length).fill(-Math.log(starts.length));
    this.#weights = this.#logWeights.map(Math.exp);
    this.#logDensities = new Float64Array(starts.length);
  }

  get experts(): readonly LikelihoodFilter[] {
    return this.#experts;
  }

  /** Shape: by expert, summing to 1 but for a millionth. */
  get weights(): Float64Array {
    return this.#weights;
  }

  /** Shape: 18 probabilities by regime id, summing to 1. The array is the group's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Logarithm of the density the group had predicted for the last candle. */
  get logDensity(): number {
    return this.#logDensity;
  }

  get leader(): LikelihoodFilter {
    return this.#experts[this.#indexOfWeight(Math.max)] as LikelihoodFilter;
  }

  /** Takes the window's newest candle in. */
  update(): void {
    const logWeights = this.#logWeights;
    const logDensities = this.#logDensities;
    for (let index = 0; index < logDensities.length; index += 1) {
      logDensities[index] = (this.#experts[index] as LikelihoodFilter).update();
    }
    this.#logDensity = logMixture(logWeights, logDensities);
    for (let index = 0; index < logWeights.length; index += 1) {
      logWeights[index] = (logWeights[index] as number) + WEIGHT_EXPONENT * (logDensities[index] as number);
    }
    shareWeights(logWeights, this.#weights);
    this.#mixPosteriors();
  }

  /** Lets only the likeliest experts go on. */
  thinOut(selection: Selection): void {
    const ranked = [...this.#logWeights.keys()].toSorted(
      (left, right) => (this.#logWeights[right] as number) - (this.#logWeights[left] as number),
    );
    // The likeliest of every reading first: while the market has shown one level only, all readings are as good, and one of them is true.
    const readings: number[] = [];
    for (const index of ranked) {
      if (!readings.some((kept) => this.#readAlike(kept, index))) readings.push(index);
    }
    const kept = [...new Set([...readings, ...ranked])].slice(0, selection.experts);
    this.#experts = kept.map((index) => this.#experts[index] as LikelihoodFilter);
    for (const expert of this.#experts.slice(selection.withLongMemory)) expert.rememberFor(SHORT_MEMORY_CANDLES);
    this.#logWeights = Float64Array.from(kept, (index) => this.#logWeights[index] as number);
    this.#weights = new Float64Array(kept.length);
    this.#logDensities = new Float64Array(kept.length);
    shareWeights(this.#logWeights, this.#weights);
    this.#mixPosteriors();
  }

  /** Puts a filter in the place of the least likely expert; it starts as likely as the leader. */
  replaceLeastLikely(filter: LikelihoodFilter): void {
    const leading = Math.max(...this.#logWeights);
    const place = this.#indexOfWeight(Math.min);
    this.#experts = this.#experts.with(place, filter);
    this.#logWeights[place] = leading;
    shareWeights(this.#logWeights, this.#weights);
    this.#mixPosteriors();
  }

  save(): ExpertGroupState {
    return {
      experts: this.#experts.map((expert) => expert.save()),
      logWeights: [...this.#logWeights],
      logDensity: this.#logDensity,
    };
  }

  restore({ experts, logWeights, logDensity }: ExpertGroupState): void {
    this.#experts = experts.map((saved) => LikelihoodFilter.from(this.#window, saved));
    this.#logWeights = Float64Array.from(logWeights);
    this.#weights = this.#logWeights.map(Math.exp);
    this.#logDensities = new Float64Array(experts.length);
    this.#logDensity = logDensity;
    this.#mixPosteriors();
  }

  #indexOfWeight(pick: (...values: readonly number[]) => number): number {
    return this.#logWeights.indexOf(pick(...this.#logWeights));
  }

  /** Whether two experts mean the same by low, medium and high. */
  #readAlike(left: number, right: number): boolean {
    const one = (this.#experts[left] as LikelihoodFilter).parameters;
    const other = (this.#experts[right] as LikelihoodFilter).parameters;
    return [0, 1, 2].every(
      (level) => Math.abs((one[LOG_SCALE + level] as number) - (other[LOG_SCALE + level] as number)) < ALIKE_LOG_SCALE,
    );
  }

  #mixPosteriors(): void {
    const posterior = this.#posterior.fill(0);
    let total = 0;
    for (let index = 0; index < this.#experts.length; index += 1) {
      const weight = this.#weights[index] as number;
      const view = (this.#experts[index] as LikelihoodFilter).posterior;
      for (let id = 0; id < REGIME_COUNT; id += 1) {
        const part = weight * (view[id] as number);
        posterior[id] = (posterior[id] as number) + part;
        total += part;
      }
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] as number) / total;
  }
}
