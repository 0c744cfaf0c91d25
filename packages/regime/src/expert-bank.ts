import {
  AR_REVERTING,
  AR_TRENDING,
  type CandleReading,
  DRIFT_MILD,
  DRIFT_STRONG,
  LOG_SCALE,
} from './base/candle-emission.ts';
import { BLOCK_CANDLES, CandleWindow, type CandleWindowState } from './base/candle-window.ts';
import { PRIOR_MEANS, SHORT_MEMORY_CANDLES } from './base/parameter-learner.ts';
import { LikelihoodFilter, type LikelihoodFilterState } from './likelihood-filter.ts';
import { REGIME_COUNT, SLOT_COUNT } from './regime-fold.ts';

export interface ExpertBankState {
  readonly window: CandleWindowState;
  readonly experts: readonly LikelihoodFilterState[];
  readonly logWeights: readonly number[];
  readonly logDensity: number;
  readonly shadow: LikelihoodFilterState | null;
  readonly shadowGain: number;
}

// What the first candles may mean: any of the three levels, at two spacings, in a market of weak or of strong trends.
const START_POSITIONS = [0, 1, 2];
const START_SPACINGS = [0.45, 0.7];
const START_DRIFTS = [
  { mild: 0.18, strong: 0.42 },
  { mild: 0.35, strong: 0.9 },
];
/** The weight of an expert is its predictive density to this power: below 1, because experts share their mistakes. */
const WEIGHT_EXPONENT = 0.5;
const SHARED_RATIO = 1e-6;
/** Candles after which half of the experts goes on alone. */
const SELECTION_CANDLES = 5_000;
const SELECTED_EXPERTS = 6;
/** Levels this near, in natural log of the return scale, are the same reading of the market. */
const ALIKE_LOG_SCALE = 0.1;
/** Of those, the likelier go on with a long memory, as many as this. */
const LONG_MEMORY_EXPERTS = 3;
/** Twelve filters that learn every 32 candles, and no two at the same one. */
const PHASE_STEP = 5;
/** Experts with less weight than this say nothing about what is in doubt. */
const NEGLIGIBLE_WEIGHT = 0.01;

const startsAround = (logScale: number): readonly (readonly number[])[] =>
  START_SPACINGS.flatMap((spacing) =>
    START_POSITIONS.flatMap((position) =>
      START_DRIFTS.map(({ mild, strong }) => {
        const parameters = [...PRIOR_MEANS];
        for (let level = 0; level < 3; level += 1)
          parameters[LOG_SCALE + level] = logScale + (level - position) * spacing;
        parameters[DRIFT_MILD] = mild;
        parameters[DRIFT_STRONG] = strong;
        return parameters;
      }),
    ),
  );

/**
 * A mixture of filters that differ in what they took the first candles for, weighted by how well each predicted what came. One more
 * filter may run in its shadow: it is weighed, and decides nothing.
 *
 * Source: fixed share, Herbster and Warmuth (1998); starts and exponent were measured, see docs/base-detector.md.
 */
export class ExpertBank {
  readonly #window = new CandleWindow();
  #experts: readonly LikelihoodFilter[];
  #logWeights: Float64Array;
  #weights: Float64Array;
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #logDensity = 0;
  #shadow: LikelihoodFilter | null = null;
  #shadowGain = 0;

  /** `logScale`: natural log of the return scale that the first candles show. */
  constructor(logScale: number) {
    this.#experts = startsAround(logScale).map(
      (parameters, index) => new LikelihoodFilter(this.#window, parameters, (index * PHASE_STEP) % BLOCK_CANDLES),
    );
    this.#logWeights = new Float64Array(this.#experts.length).fill(-Math.log(this.#experts.length));
    this.#weights = this.#logWeights.map(Math.exp);
  }

  /** Shape: 18 probabilities by regime id, summing to 1. The array is the bank's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Logarithm of the density the mixture had predicted for the last candle. */
  get logDensity(): number {
    return this.#logDensity;
  }

  get candles(): number {
    return this.#window.count;
  }

  /** How far the experts are apart about the volatility level: mean share of probability that one would move to agree with all, 0 to 1. */
  get levelDoubt(): number {
    let doubt = 0;
    for (let index = 0; index < this.#experts.length; index += 1) {
      const weight = this.#weights[index] as number;
      if (weight < NEGLIGIBLE_WEIGHT) continue;
      const { posterior } = this.#experts[index] as LikelihoodFilter;
      let apart = 0;
      for (let first = 0; first < REGIME_COUNT; first += SLOT_COUNT) {
        let difference = 0;
        for (let id = first; id < first + SLOT_COUNT; id += 1) {
          difference += (posterior[id] as number) - (this.#posterior[id] as number);
        }
        apart += Math.abs(difference);
      }
      doubt += (weight * apart) / 2;
    }
    return doubt;
  }

  /** Log density won by the shadow over the mixture so far. */
  get shadowGain(): number {
    return this.#shadowGain;
  }

  get experts(): readonly { readonly weight: number; readonly filter: LikelihoodFilter }[] {
    return this.#experts.map((filter, index) => ({ filter, weight: this.#weights[index] as number }));
  }

  get leader(): LikelihoodFilter {
    return this.#experts[this.#indexOfWeight(Math.max)] as LikelihoodFilter;
  }

  /** Returns the return scale that the experts, weighted, give to one volatility level. */
  returnScale(volatility: number): number {
    return Math.exp(this.#meanOf(LOG_SCALE + volatility));
  }

  get driftMild(): number {
    return this.#meanOf(DRIFT_MILD);
  }

  get driftStrong(): number {
    return this.#meanOf(DRIFT_STRONG);
  }

  get arTrending(): number {
    return this.#meanOf(AR_TRENDING);
  }

  get arReverting(): number {
    return this.#meanOf(AR_REVERTING);
  }

  update(reading: CandleReading): void {
    this.#window.push(reading);
    const logWeights = this.#logWeights;
    const logDensities = this.#weights;
    let bestDensity = Number.NEGATIVE_INFINITY;
    let predicted = 0;
    for (let index = 0; index < this.#experts.length; index += 1) {
      const logDensity = (this.#experts[index] as LikelihoodFilter).update();
      // Summed relative to the best seen so far, so that no density underflows.
      if (logDensity > bestDensity) {
        predicted *= Math.exp(bestDensity - logDensity);
        bestDensity = logDensity;
      }
      predicted += Math.exp((logWeights[index] as number) + logDensity - bestDensity);
      logDensities[index] = logDensity;
    }
    this.#logDensity = bestDensity + Math.log(predicted);
    if (this.#shadow !== null) this.#shadowGain += this.#shadow.update() - this.#logDensity;
    for (let index = 0; index < logWeights.length; index += 1) {
      logWeights[index] = (logWeights[index] as number) + WEIGHT_EXPONENT * (logDensities[index] as number);
    }
    this.#shareWeights();
    if (this.candles === SELECTION_CANDLES) this.#select();
    this.#mixPosteriors();
  }

  /** Lets a filter run along without a say. Its window is the bank's. */
  startShadow(state: LikelihoodFilterState): void {
    this.#shadow = new LikelihoodFilter(this.#window, state.parameters.at(-1) ?? []);
    this.#shadow.restore(state);
    this.#shadowGain = 0;
  }

  /** Ends the shadow: it takes the place and share of the least likely expert and starts as likely as the leader, or is forgotten. */
  endShadow(isAccepted: boolean): void {
    const shadow = this.#shadow;
    this.#shadow = null;
    if (shadow === null || !isAccepted) return;
    const leading = Math.max(...this.#logWeights);
    const place = this.#indexOfWeight(Math.min);
    this.#experts = this.#experts.with(place, shadow);
    this.#logWeights[place] = leading;
    this.#shareWeights();
    this.#mixPosteriors();
  }

  save(): ExpertBankState {
    return {
      window: this.#window.save(),
      experts: this.#experts.map((expert) => expert.save()),
      logWeights: [...this.#logWeights],
      logDensity: this.#logDensity,
      shadow: this.#shadow?.save() ?? null,
      shadowGain: this.#shadowGain,
    };
  }

  restore(state: ExpertBankState): void {
    this.#window.restore(state.window);
    const filterOf = (saved: LikelihoodFilterState): LikelihoodFilter => {
      const filter = new LikelihoodFilter(this.#window, saved.parameters.at(-1) ?? []);
      filter.restore(saved);
      return filter;
    };
    this.#experts = state.experts.map(filterOf);
    this.#logWeights = Float64Array.from(state.logWeights);
    this.#weights = this.#logWeights.map(Math.exp);
    this.#logDensity = state.logDensity;
    this.#shadow = state.shadow === null ? null : filterOf(state.shadow);
    this.#shadowGain = state.shadowGain;
    this.#mixPosteriors();
  }

  #meanOf(parameter: number): number {
    let mean = 0;
    for (let index = 0; index < this.#experts.length; index += 1) {
      const { parameters } = this.#experts[index] as LikelihoodFilter;
      mean += (this.#weights[index] as number) * (parameters[parameter] as number);
    }
    return mean;
  }

  #indexOfWeight(pick: (...values: readonly number[]) => number): number {
    return this.#logWeights.indexOf(pick(...this.#logWeights));
  }

  #select(): void {
    const ranked = [...this.#logWeights.keys()].toSorted(
      (left, right) => (this.#logWeights[right] as number) - (this.#logWeights[left] as number),
    );
    // The likeliest of every reading first: while the market has shown one level only, all readings are as good, and one of them is true.
    const readings: number[] = [];
    for (const index of ranked) {
      if (!readings.some((kept) => this.#readAlike(kept, index))) readings.push(index);
    }
    const kept = [...new Set([...readings, ...ranked])].slice(0, SELECTED_EXPERTS);
    this.#experts = kept.map((index) => this.#experts[index] as LikelihoodFilter);
    for (const expert of this.#experts.slice(LONG_MEMORY_EXPERTS)) expert.rememberFor(SHORT_MEMORY_CANDLES);
    this.#logWeights = Float64Array.from(kept, (index) => this.#logWeights[index] as number);
    this.#weights = new Float64Array(kept.length);
    this.#shareWeights();
  }

  /** Whether two experts mean the same by low, medium and high. */
  #readAlike(left: number, right: number): boolean {
    const one = (this.#experts[left] as LikelihoodFilter).parameters;
    const other = (this.#experts[right] as LikelihoodFilter).parameters;
    return [0, 1, 2].every(
      (level) => Math.abs((one[LOG_SCALE + level] as number) - (other[LOG_SCALE + level] as number)) < ALIKE_LOG_SCALE,
    );
  }

  #shareWeights(): void {
    const logWeights = this.#logWeights;
    const weights = this.#weights;
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
