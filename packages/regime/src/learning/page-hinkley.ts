export interface PageHinkleyOptions {
  /** Rise that is not worth an alarm, in standard deviations. Default .1. */
  readonly tolerance?: number;
  /** Summed excess that raises the alarm, in standard deviations. Default 60. */
  readonly alarmLevel?: number;
  /** Values before the first alarm can come. Default 100. */
  readonly minValues?: number;
  /** Mean and spread forget over about this many values. Default 2000. */
  readonly memoryValues?: number;
}

export interface PageHinkleyState {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly excess: number;
}

/** Standardized values are cut here: one outlier must not raise the alarm by itself. */
const VALUE_LIMIT = 4;

/**
 * Page-Hinkley test for a rise of a mean, on values standardized by their own slow mean and spread, so that the levels hold for
 * every market.
 *
 * Source: Page (1954); the one-sided cumulative sum with reflection at zero.
 */
export class PageHinkley {
  readonly #options: Required<PageHinkleyOptions>;
  #count = 0;
  #mean = 0;
  #variance = 1;
  #excess = 0;

  constructor(options: PageHinkleyOptions = {}) {
    const { tolerance = 0.1, alarmLevel = 60, minValues = 100, memoryValues = 2_000 } = options;
    this.#options = { tolerance, alarmLevel, minValues, memoryValues };
  }

  /** How near the alarm is, 0 to 1. */
  get pressureRatio(): number {
    return Math.min(1, this.#excess / this.#options.alarmLevel);
  }

  /** Takes a value in and says whether the mean has risen. An alarm starts the test anew. */
  add(value: number): boolean {
    const { tolerance, alarmLevel, minValues, memoryValues } = this.#options;
    this.#count = Math.min(memoryValues, this.#count + 1);
    const apart = value - this.#mean;
    const standardized = Math.min(VALUE_LIMIT, Math.max(-VALUE_LIMIT, apart / Math.sqrt(this.#variance + 1e-12)));
    const gain = 1 / this.#count;
    this.#mean += gain * apart;
    if (this.#count > 1) this.#variance = (1 - gain) * (this.#variance + gain * apart * apart);
    if (this.#count < minValues) return false;
    this.#excess = Math.max(0, this.#excess + standardized - tolerance);
    if (this.#excess <= alarmLevel) return false;
    this.#excess = 0;
    this.#count = minValues;
    return true;
  }

  save(): PageHinkleyState {
    return { count: this.#count, mean: this.#mean, variance: this.#variance, excess: this.#excess };
  }

  restore({ count, mean, variance, excess }: PageHinkleyState): void {
    this.#count = count;
    this.#mean = mean;
    this.#variance = variance;
    this.#excess = excess;
  }
}
