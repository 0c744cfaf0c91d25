import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from './regime-fold.ts';

/** What one candle tells a filter. Logarithms of price ratios, so nothing depends on the price level. */
export interface Observation {
  readonly logReturn: number;
  /** Zero after a gap: what came before is then unknown. */
  readonly previousLogReturn: number;
  /** ln of ln(high / low); null when the candle did not move. */
  readonly logRange: number | null;
  /** Candles since the last observation; 1 when none is missing. */
  readonly elapsedCandles: number;
}

/** Where a filter starts: the log range of each volatility level. */
export interface StartLevels {
  readonly low: number;
  readonly medium: number;
  readonly high: number;
}

export interface LikelihoodFilterState {
  readonly posterior: readonly number[];
  readonly parameters: readonly number[];
}

// Taken once: this is the hot path.
const { exp, log, max, min, sqrt } = Math;

// Positions in the parameter vector.
const LEVEL = 0; // 0 to 2: median log range of each volatility level, given a typical return
const LOG_SCALE_OFFSET = 3; // ln(return scale) - level
const LOG_RANGE_SPREAD = 4; // ln of the scale of the log range around its level
const RANGE_ON_RETURN = 5; // how far a large return widens the range
const DRIFT_MILD = 6; // drifts in units of the return scale; the down side mirrors the up side
const DRIFT_STRONG = 7;
const AR_TRENDING = 8;
const AR_REVERTING = 9;

// Starting values between those of markets with strong and with moderate trends; all of them adapt.
const START_PARAMETERS = [-0.48, log(0.29), 0.42, 0.33, 0.8, 0.18, -0.45];
const MIN_LEVEL_GAP = 0.35;
const RETURN_DEGREES = 6;
const RANGE_DEGREES = 7;
const HAZARD_RATIO = 1 / 300;
// How a change is shared out: volatility alone, slot alone, both. Divided by the number of states each can reach.
const TO_OTHER_VOLATILITY = 0.35 / 2;
const TO_OTHER_SLOT = 0.5 / 5;
const TO_BOTH_OTHER = 0.15 / 10;

const SLOT_DRIFT_SIGN = [-1, -1, 0, 1, 1, 0] as const;
const clamp = (value: number, low: number, high: number): number => min(high, max(low, value));

/**
 * One forward filter over the 18 regimes: a Student-t return given the last one, times the square root of a Student-t log range
 * given the size of the return. Its parameters follow the score of that likelihood with a fixed step; a step of zero never learns.
 *
 * Source: Hamilton filter; score-driven updates as in Creal, Koopman and Lucas (2013); the log range as in Alizadeh, Brandt and
 * Diebold (2002). The range term depends on the volatility level only: with the slot's own residual in it, wrong slots explain it.
 */
export class LikelihoodFilter {
  readonly #step: number;
  readonly #posterior = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #prior = new Float64Array(REGIME_COUNT);
  readonly #parameters = new Float64Array(10);
  readonly #slotSums = new Float64Array(SLOT_COUNT);
  readonly #rangeWeights = new Float64Array(3);
  readonly #rangeResiduals = new Float64Array(3);
  readonly #returnTerms = new Float64Array(3);
  readonly #standardized = new Float64Array(REGIME_COUNT);

  constructor(start: StartLevels, step: number) {
    this.#step = step;
    this.#parameters.set([start.low, start.medium, start.high, ...START_PARAMETERS]);
  }

  /** Shape: 18 probabilities by regime id. The array is the filter's own: read it before the next update. */
  get posterior(): Float64Array {
    return this.#posterior;
  }

  /** Returns the return scale of one volatility level, in log-return units. */
  returnScale(volatility: number): number {
    return exp((this.#parameters[LEVEL + volatility] ?? 0) + (this.#parameters[LOG_SCALE_OFFSET] ?? 0));
  }

  get driftMild(): number {
    return this.#parameters[DRIFT_MILD] ?? 0;
  }

  get driftStrong(): number {
    return this.#parameters[DRIFT_STRONG] ?? 0;
  }

  get arTrending(): number {
    return this.#parameters[AR_TRENDING] ?? 0;
  }

  get arReverting(): number {
    return this.#parameters[AR_REVERTING] ?? 0;
  }

  /** Takes one candle in and returns the logarithm of the density this filter had predicted for it. */
  update(observation: Observation): number {
    this.#predict(observation.elapsedCandles);
    const density = this.#correct(observation);
    if (this.#step > 0) this.#learn(observation);
    return log(max(density, Number.MIN_VALUE));
  }

  save(): LikelihoodFilterState {
    return { posterior: [...this.#posterior], parameters: [...this.#parameters] };
  }

  restore(state: LikelihoodFilterState): void {
    this.#posterior.set(state.posterior);
    this.#parameters.set(state.parameters);
  }

  #predict(elapsedCandles: number): void {
    const posterior = this.#posterior;
    const prior = this.#prior;
    const slotSums = this.#slotSums.fill(0);
    const hazard = elapsedCandles === 1 ? HAZARD_RATIO : 1 - (1 - HAZARD_RATIO) ** elapsedCandles;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const slot = id % SLOT_COUNT;
      slotSums[slot] = (slotSums[slot] ?? 0) + (posterior[id] ?? 0);
    }
    for (let first = 0; first < REGIME_COUNT; first += SLOT_COUNT) {
      let levelSum = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) levelSum += posterior[first + slot] ?? 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const stay = posterior[first + slot] ?? 0;
        const sameSlot = slotSums[slot] ?? 0;
        prior[first + slot] =
          (1 - hazard) * stay +
          hazard *
            (TO_OTHER_VOLATILITY * (sameSlot - stay) +
              TO_OTHER_SLOT * (levelSum - stay) +
              TO_BOTH_OTHER * max(0, 1 - sameSlot - levelSum + stay));
      }
    }
  }

  #correct({ logReturn, previousLogReturn, logRange }: Observation): number {
    const parameters = this.#parameters;
    const posterior = this.#posterior;
    const spread = exp(parameters[LOG_RANGE_SPREAD] ?? 0);
    let density = 0;
    for (let level = 0; level < 3; level += 1) {
      const scale = this.returnScale(level);
      const size = logReturn / scale;
      const returnTerm = log(0.5 + 0.5 * size * size);
      let rangeWeight = 1;
      if (logRange !== null) {
        const expected = (parameters[LEVEL + level] ?? 0) + (parameters[RANGE_ON_RETURN] ?? 0) * returnTerm;
        const residual = (logRange - expected) / spread;
        const tail = 1 + (residual * residual) / RANGE_DEGREES;
        // A t density with 7 degrees has the exponent -4; its square root, -2.
        rangeWeight = 1 / (tail * tail * sqrt(spread));
        this.#rangeResiduals[level] = residual;
        this.#returnTerms[level] = returnTerm;
      }
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const id = level * SLOT_COUNT + slot;
        const autoregression = this.#autoregressionOf(slot);
        const drift = this.#driftOf(slot);
        const standardized = size - drift - autoregression * (previousLogReturn / scale - drift);
        const tail = 1 + (standardized * standardized) / RETURN_DEGREES;
        const likelihood = rangeWeight / (tail * tail * tail * sqrt(tail) * scale);
        this.#standardized[id] = standardized;
        posterior[id] = (this.#prior[id] ?? 0) * likelihood;
        density += posterior[id] ?? 0;
      }
    }
    if (density > 0 && Number.isFinite(density)) {
      for (let id = 0; id < REGIME_COUNT; id += 1) posterior[id] = (posterior[id] ?? 0) / density;
      return density;
    }
    // So far out that every regime's density underflows: the candle says nothing about which one it is.
    posterior.set(this.#prior);
    return 0;
  }

  #driftOf(slot: number): number {
    const size = slot === 0 || slot === 4 ? this.#parameters[DRIFT_STRONG] : this.#parameters[DRIFT_MILD];
    return (SLOT_DRIFT_SIGN[slot] ?? 0) * (size ?? 0);
  }

  #autoregressionOf(slot: number): number {
    return this.#parameters[slot === MEAN_REVERTING_SLOT ? AR_REVERTING : AR_TRENDING] ?? 0;
  }

  #learn({ previousLogReturn, logRange }: Observation): void {
    const parameters = this.#parameters;
    const step = this.#step;
    let scaleScore = -1;
    let mild = 0;
    let strong = 0;
    let trending = 0;
    let reverting = 0;
    const levelWeights = this.#rangeWeights.fill(0);
    for (let level = 0; level < 3; level += 1) {
      const previousSize = previousLogReturn / this.returnScale(level);
      for (let slot = 0; slot < SLOT_COUNT; slot += 1) {
        const id = level * SLOT_COUNT + slot;
        const weight = this.#posterior[id] ?? 0;
        const standardized = this.#standardized[id] ?? 0;
        const score = ((RETURN_DEGREES + 1) * standardized) / (RETURN_DEGREES + standardized * standardized);
        levelWeights[level] = (levelWeights[level] ?? 0) + weight;
        scaleScore += weight * score * standardized;
        const pull = weight * score;
        if (slot === 0 || slot === 4) strong += pull * (SLOT_DRIFT_SIGN[slot] ?? 0);
        else if (slot === 1 || slot === 3) mild += pull * (SLOT_DRIFT_SIGN[slot] ?? 0);
        // Clipped: one outlier must not decide what the candle after it means.
        const lagged = clamp(previousSize - this.#driftOf(slot), -3, 3);
        if (slot === MEAN_REVERTING_SLOT) reverting += pull * lagged;
        else trending += pull * lagged;
      }
    }
    const add = (index: number, change: number, low: number, high: number): void => {
      parameters[index] = clamp((parameters[index] ?? 0) + step * change, low, high);
    };
    add(LOG_SCALE_OFFSET, 0.5 * scaleScore, -2, 1);
    add(DRIFT_MILD, mild, 0.08, 1.2);
    add(DRIFT_STRONG, strong, 0.25, 2.5);
    parameters[DRIFT_STRONG] = max(parameters[DRIFT_STRONG] ?? 0, (parameters[DRIFT_MILD] ?? 0) + 0.2);
    add(AR_TRENDING, trending, -0.05, 0.5);
    add(AR_REVERTING, reverting, -0.9, -0.1);
    if (logRange !== null) this.#learnRange();
  }

  #learnRange(): void {
    const parameters = this.#parameters;
    const step = this.#step;
    const spread = exp(parameters[LOG_RANGE_SPREAD] ?? 0);
    let spreadScore = -1;
    let slope = 0;
    for (let level = 0; level < 3; level += 1) {
      const weight = this.#rangeWeights[level] ?? 0;
      const residual = this.#rangeResiduals[level] ?? 0;
      const score = ((RANGE_DEGREES + 1) * residual) / (RANGE_DEGREES + residual * residual);
      parameters[LEVEL + level] = (parameters[LEVEL + level] ?? 0) + step * weight * score * spread;
      spreadScore += weight * score * residual;
      slope += weight * score * (this.#returnTerms[level] ?? 0);
    }
    parameters[LOG_RANGE_SPREAD] = clamp((parameters[LOG_RANGE_SPREAD] ?? 0) + step * 0.5 * spreadScore, -3, 0.5);
    parameters[RANGE_ON_RETURN] = clamp((parameters[RANGE_ON_RETURN] ?? 0) + step * spread * slope, 0, 1);
    this.#keepApart(LEVEL, LEVEL + 1);
    this.#keepApart(LEVEL + 1, LEVEL + 2);
    this.#keepApart(LEVEL, LEVEL + 1);
  }

  #keepApart(lower: number, upper: number): void {
    const parameters = this.#parameters;
    const missing = MIN_LEVEL_GAP - ((parameters[upper] ?? 0) - (parameters[lower] ?? 0));
    if (missing <= 0) return;
    parameters[lower] = (parameters[lower] ?? 0) - missing / 2;
    parameters[upper] = (parameters[upper] ?? 0) + missing / 2;
  }
}
