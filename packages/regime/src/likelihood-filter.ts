import { CandleEmission, LOG_SCALE, PARAMETER_COUNT, STEADY_PARAMETER_COUNT } from './base/candle-emission.ts';
import { BLOCK_CANDLES, type CandleWindow, WINDOW_CANDLES } from './base/candle-window.ts';
import { ParameterLearner, type ParameterLearnerState } from './base/parameter-learner.ts';
import { TransitionLaw } from './base/transition-law.ts';
import { SWING_VALUES, VarianceSwing } from './base/variance-swing.ts';
import { REGIME_COUNT, SLOT_COUNT } from './regime-fold.ts';

/** What one candle tells the detector. Logarithms of price ratios, so nothing depends on the price level. */
export interface Observation {
  readonly logReturn: number;
  /** Zero after a gap: what came before is then unknown. */
  readonly previousLogReturn: number;
  /** ln of ln(high / low); null when the candle did not move. */
  readonly logRange: number | null;
  /**
   * Rogers-Satchell variance, ln(H/O)·ln(H/C) + ln(L/O)·ln(L/C): how far the candle went beside its own body. Left out, it is
   * estimated from range and return, which loses where in the range the body lay.
   */
  readonly pathVariance?: number;
  /** Candles since the last observation; 1 when none is missing. */
  readonly elapsedCandles: number;
}

export interface LikelihoodFilterStart {
  /** Shape: 14, in the order of `CandleEmission`. */
  readonly parameters: readonly number[];
  /** Whether the variance of a level swings around the level's own. Default false. */
  readonly isSwinging?: boolean;
  /** Candle within a block of 32 at which the filter learns. Default 0. */
  readonly phase?: number;
}

export interface LikelihoodFilterState {
  /** Candle within a block of 32 at which the filter learns: filters of one bank take turns. */
  readonly phase: number;
  /** Posterior just before the candles that are still to be learnt from. */
  readonly anchor: readonly number[];
  /** Swings after the candle of the anchor; null for a filter whose levels do not swing. */
  readonly swings: readonly number[] | null;
  /** In force over the last two whole blocks and now, oldest first; 14 each, 12 where levels do not swing. */
  readonly parameters: readonly (readonly number[])[];
  readonly learner: ParameterLearnerState;
}

const { exp, log, max, min } = Math;
const PAST_BLOCKS = WINDOW_CANDLES / BLOCK_CANDLES - 1;

/**
 * One forward filter over the 18 regimes that learns its own parameters. Every 32 candles it smooths its window backwards and learns from
 * the oldest block, by then judged with 64 candles of hindsight: a filter that learns from its first guesses teaches itself its own errors.
 *
 * Source: Hamilton filter, Kim (1994) smoother; see `CandleEmission` and `ParameterLearner`.
 */
export class LikelihoodFilter {
  readonly #window: CandleWindow;
  #phase: number;
  readonly #law = new TransitionLaw();
  readonly #emission: CandleEmission;
  readonly #learner: ParameterLearner;
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly #densities = new Float64Array(REGIME_COUNT);
  readonly #backward = new Float64Array(REGIME_COUNT);
  /** Filtered posteriors of the window's candles, at the window's places. */
  readonly #filtered = Array.from({ length: WINDOW_CANDLES }, () => new Float64Array(REGIME_COUNT));
  readonly #isSwinging: boolean;
  readonly #swing: VarianceSwing;
  /** Of the window's candles, at the window's places: swings as predicted for each, and after it. */
  readonly #swingsPredicted: readonly Float64Array[];
  readonly #swingsAfter: readonly Float64Array[];
  readonly #pastParameters: readonly Float64Array[];
  readonly #scores = new Float64Array(PARAMETER_COUNT);
  readonly #informations = new Float64Array(PARAMETER_COUNT);
  readonly #levelCandles = new Float64Array(REGIME_COUNT / SLOT_COUNT);

  /** The window is shared by all filters of a bank, which pushes each candle before they update. */
  constructor(window: CandleWindow, { parameters, isSwinging = false, phase = 0 }: LikelihoodFilterStart) {
    this.#window = window;
    this.#phase = phase;
    this.#isSwinging = isSwinging;
    this.#emission = new CandleEmission(parameters);
    this.#learner = new ParameterLearner(this.#emission.parameters, isSwinging);
    this.#swing = new VarianceSwing(this.#emission.swingLaw);
    const swingsOfWindow = (): readonly Float64Array[] =>
      Array.from({ length: isSwinging ? WINDOW_CANDLES : 1 }, () => new Float64Array(SWING_VALUES));
    this.#swingsPredicted = swingsOfWindow();
    this.#swingsAfter = swingsOfWindow();
    this.#pastParameters = Array.from({ length: PAST_BLOCKS }, () => Float64Array.from(this.#emission.parameters));
  }

  /** Shape: 18 probabilities by regime id. The array is the filter's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Returns a filter that goes on from a saved one; its window must hold the same candles as when that was saved. */
  static from(window: CandleWindow, state: LikelihoodFilterState): LikelihoodFilter {
    const parameters = state.parameters.at(-1) ?? [];
    const filter = new LikelihoodFilter(window, { parameters, isSwinging: state.swings !== null });
    filter.restore(state);
    return filter;
  }

  get isSwinging(): boolean {
    return this.#isSwinging;
  }

  /** How wide its levels swing, as a share of the smallest gap between them; both in natural log of the scale. */
  get swingRatio(): number {
    const p = this.parameters;
    const lower = (p[LOG_SCALE + 1] as number) - (p[LOG_SCALE] as number);
    const upper = (p[LOG_SCALE + 2] as number) - (p[LOG_SCALE + 1] as number);
    return this.#emission.swingWidth / min(lower, upper);
  }

  /** Shape: 14, in the order of `CandleEmission`. To be read only. */
  get parameters(): Float64Array {
    return this.#emission.parameters;
  }

  get occupancy(): Float64Array {
    return this.#learner.occupancy;
  }

  /** Takes the window's newest candle in and returns the logarithm of the density this filter had predicted for it. */
  update(): number {
    const { count } = this.#window;
    const logDensity = this.#filter(count - 1);
    if (count >= WINDOW_CANDLES && this.#blockPosition(count) === 0) this.#learn(count - WINDOW_CANDLES);
    return logDensity;
  }

  save(): LikelihoodFilterState {
    const first = this.#firstUnlearnt();
    const kept = this.#isSwinging ? PARAMETER_COUNT : STEADY_PARAMETER_COUNT;
    const anchor = first === 0 ? new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT) : this.#filteredAt(first - 1);
    return {
      phase: this.#phase,
      anchor: [...anchor],
      swings: this.#isSwinging ? this.#swingsBefore(first) : null,
      parameters: [...this.#pastParameters, this.parameters].map((values) => [...values.subarray(0, kept)]),
      learner: this.#learner.save(),
    };
  }

  /** Continues from a state by filtering the window again: the window must hold the same candles as when it was saved. */
  restore({ phase, anchor, swings, parameters, learner }: LikelihoodFilterState): void {
    this.#phase = phase;
    const { count } = this.#window;
    const first = this.#firstUnlearnt();
    if (first > 0) this.#filteredAt(first - 1).set(anchor);
    this.#swing.values.set(swings ?? []);
    if (first > 0 && swings !== null) this.#swingsAfterAt(first - 1).set(swings);
    this.#learner.restore(learner);
    this.#posterior.set(anchor);
    const lastBlock = count - this.#blockPosition(count);
    for (let candle = first; candle < count; candle += 1) {
      const block = PAST_BLOCKS - max(0, Math.ceil((lastBlock - candle) / BLOCK_CANDLES));
      if (candle === first || this.#blockPosition(candle) === 0)
        this.#useParameters(parameters[block] as readonly number[]);
      this.#filter(candle);
    }
    this.#pastParameters.forEach((past, block) => {
      past.set(parameters[block] as readonly number[]);
    });
    this.#useParameters(parameters[PAST_BLOCKS] as readonly number[]);
  }

  /** Sets after how many candles what was learnt counts for a third. */
  rememberFor(memoryCandles: number): void {
    this.#learner.memoryCandles = memoryCandles;
  }

  /** Makes the filter learn as if it had seen so much less. */
  loosen(ratio: number): void {
    this.#learner.loosen(ratio);
  }

  /** Candles since the last block ended. */
  #blockPosition(count: number): number {
    return (count + BLOCK_CANDLES - this.#phase) % BLOCK_CANDLES;
  }

  #firstUnlearnt(): number {
    const { count } = this.#window;
    return max(0, count - this.#blockPosition(count) - PAST_BLOCKS * BLOCK_CANDLES);
  }

  #filteredAt(candle: number): Float64Array {
    return this.#filtered[candle % WINDOW_CANDLES] as Float64Array;
  }

  #swingsAfterAt(candle: number): Float64Array {
    return this.#swingsAfter[candle % this.#swingsAfter.length] as Float64Array;
  }

  #swingsPredictedAt(candle: number): Float64Array {
    return this.#swingsPredicted[candle % this.#swingsPredicted.length] as Float64Array;
  }

  #swingsBefore(candle: number): readonly number[] {
    const swings = candle === 0 ? new Float64Array(SWING_VALUES) : this.#swingsAfterAt(candle - 1);
    // A zero with a sign would come back from JSON without it.
    return Array.from(swings, (value) => value + 0);
  }

  #useParameters(values: readonly number[]): void {
    this.parameters.set(values);
    this.#emission.refresh();
  }

  #filter(candle: number): number {
    const posterior = this.#posterior;
    const densities = this.#densities;
    const prior = this.#prior;
    const reading = this.#window.at(candle);
    const swings = this.#swing.predicted;
    this.#law.advance(posterior, prior, reading.elapsedCandles);
    if (this.#isSwinging) {
      const levelChange = this.#law.levelChangeRatio(reading.elapsedCandles);
      this.#swing.advance(posterior, levelChange, reading.elapsedCandles);
    }
    this.#emission.logDensities(reading, swings, densities);
    let best = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < REGIME_COUNT; id += 1) best = max(best, densities[id] as number);
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const joint = (prior[id] as number) * exp((densities[id] as number) - best);
      posterior[id] = joint;
      total += joint;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] as number) / total;
    this.#filteredAt(candle).set(posterior);
    if (this.#isSwinging) {
      this.#swing.hear(this.#emission.surprises(reading, swings, posterior));
      this.#swingsPredictedAt(candle).set(swings);
      this.#swingsAfterAt(candle).set(this.#swing.values);
    }
    return best + log(total);
  }

  /** Smooths back to the window's oldest block and learns from it. */
  #learn(oldest: number): void {
    const backward = this.#backward;
    const scores = this.#scores.fill(0);
    const informations = this.#informations.fill(0);
    const levelCandles = this.#levelCandles.fill(0);
    const newest = oldest + WINDOW_CANDLES - 1;
    backward.set(this.#filteredAt(newest));
    for (let candle = newest - 1; candle >= oldest; candle -= 1) {
      this.#law.smooth({
        filtered: this.#filteredAt(candle),
        later: backward,
        elapsedCandles: this.#window.at(candle + 1).elapsedCandles,
      });
      if (candle >= oldest + BLOCK_CANDLES) continue;
      this.#emission.addScores({
        reading: this.#window.at(candle),
        swings: this.#swingsPredictedAt(candle),
        weights: backward,
        scores,
        informations,
      });
      for (let id = 0; id < REGIME_COUNT; id += 1) {
        const level = (id - (id % SLOT_COUNT)) / SLOT_COUNT;
        levelCandles[level] = (levelCandles[level] as number) + (backward[id] as number);
      }
    }
    for (let block = 0; block < PAST_BLOCKS - 1; block += 1) {
      this.#pastParameters[block]?.set(this.#pastParameters[block + 1] as Float64Array);
    }
    this.#pastParameters[PAST_BLOCKS - 1]?.set(this.parameters);
    this.#learner.step(scores, informations, levelCandles);
    this.#emission.refresh();
  }
}
