const { exp, floor, log, max, min } = Math;

const BINS = 24;
/** Each bin's upper edge is 1.68 times the last one's: 24 bins reach 262,144 candles. */
const LOG_BIN_RATIO = 0.75 * Math.LN2;
const EDGES = Float64Array.from({ length: BINS + 1 }, (_, bin) => (bin === 0 ? 0 : exp(bin * LOG_BIN_RATIO)));
const binOf = (candles: number): number => max(0, min(BINS - 1, floor(log(candles) / LOG_BIN_RATIO)));

/** Durations assumed before any was seen: so many, exponential around the mean that is passed in. */
const PRIOR_DURATIONS = 3;

/**
 * How long something lasts, learned from the lives that ended: counts over bins of equal ratio, so a life of 5 and one of 5,000
 * candles are told apart with the same memory. What was not seen yet is filled with an exponential law, which has no memory.
 *
 * Units: candles.
 */
export class DurationHistogram {
  readonly #counts = new Float64Array(BINS);
  #total = 0;
  #sumCandles = 0;

  /** Lives that ended, older ones counting less. */
  get total(): number {
    return this.#total;
  }

  /** Takes in a life that ended after so many candles; all earlier ones then count `decay` of what they did. */
  record(candles: number, decay: number): void {
    for (let bin = 0; bin < BINS; bin += 1) this.#counts[bin] = (this.#counts[bin] ?? 0) * decay;
    const bin = binOf(candles);
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total = this.#total * decay + 1;
    this.#sumCandles = this.#sumCandles * decay + candles;
  }

  /** Returns the mean life, drawn towards `priorMean` while few were seen. */
  meanCandles(priorMean: number): number {
    return (this.#sumCandles + PRIOR_DURATIONS * priorMean) / (this.#total + PRIOR_DURATIONS);
  }

  /** Returns the probability of lasting longer than `candles`. */
  survivalProbability(candles: number, priorMean: number): number {
    let mass = PRIOR_DURATIONS * exp(-candles / priorMean);
    for (let bin = BINS - 1; bin >= 0; bin -= 1) {
      const upper = EDGES[bin + 1] ?? 0;
      if (upper <= candles) break;
      mass += (this.#counts[bin] ?? 0) * this.#shareAbove(bin, candles);
    }
    return mass / (this.#total + PRIOR_DURATIONS);
  }

  /** Returns the probability of ending within the next `horizonCandles`, for something that lasted `candles` already. */
  endProbability(candles: number, horizonCandles: number, priorMean: number): number {
    const now = this.survivalProbability(candles, priorMean);
    return now > 0 ? 1 - this.survivalProbability(candles + horizonCandles, priorMean) / now : 1;
  }

  /** Returns how many more candles something that lasted `candles` already has before it on average. */
  remainingCandles(candles: number, priorMean: number): number {
    let mass = PRIOR_DURATIONS * exp(-candles / priorMean);
    let rest = mass * priorMean;
    for (let bin = BINS - 1; bin >= 0; bin -= 1) {
      const upper = EDGES[bin + 1] ?? 0;
      if (upper <= candles) break;
      const above = (this.#counts[bin] ?? 0) * this.#shareAbove(bin, candles);
      mass += above;
      rest += above * ((max(EDGES[bin] ?? 0, candles) + upper) / 2 - candles);
    }
    return mass > 0 ? rest / mass : priorMean;
  }

  save(): readonly number[] {
    return [this.#total, this.#sumCandles, ...this.#counts];
  }

  restore(state: readonly number[]): void {
    const [total, sumCandles, ...counts] = state;
    this.#total = total ?? 0;
    this.#sumCandles = sumCandles ?? 0;
    this.#counts.set(counts);
  }

  #shareAbove(bin: number, candles: number): number {
    const lower = EDGES[bin] ?? 0;
    const upper = EDGES[bin + 1] ?? 0;
    return candles <= lower ? 1 : (upper - candles) / (upper - lower);
  }
}
