/** Shift that is tolerated, in standard deviations of the loss. */
const TOLERANCE = 0.15;
/** How far the sum must rise above its lowest point. With this tolerance, white noise gets there once in some 10 million values. */
const THRESHOLD = 50;
const MIN_VALUES = 100;
/** 500 candles: the mean and the deviation the loss is measured in. */
const SCALE_STEP = 1 - 0.5 ** (1 / 500);
const MAX_DEVIATIONS = 5;

/**
 * Page-Hinkley test for a lasting rise of a loss: sums what exceeds its mean and the tolerance, and tells when the sum has risen far
 * above its lowest point. The loss is measured in its own deviations, without which the test depends on units.
 *
 * Source: Page (1954), Hinkley (1971).
 */
export class PageHinkley {
  #values = 0;
  #mean = 0;
  #variance = 0;
  #sum = 0;
  #lowest = 0;

  /** How far the sum stands above its lowest point, as a share of what raises the alarm. */
  get riseRatio(): number {
    return (this.#sum - this.#lowest) / THRESHOLD;
  }

  /** Takes one loss and returns whether the rise is now beyond doubt; the test then starts anew. */
  update(loss: number): boolean {
    this.#values += 1;
    const step = Math.max(SCALE_STEP, 1 / this.#values);
    const apart = loss - this.#mean;
    const deviation = Math.sqrt(this.#variance);
    this.#mean += step * apart;
    this.#variance += step * (apart * (loss - this.#mean) - this.#variance);
    if (this.#values < MIN_VALUES || deviation === 0) return false;

    this.#sum += Math.max(-MAX_DEVIATIONS, Math.min(MAX_DEVIATIONS, apart / deviation)) - TOLERANCE;
    this.#lowest = Math.min(this.#lowest, this.#sum);
    if (this.#sum - this.#lowest <= THRESHOLD) return false;
    this.#sum = 0;
    this.#lowest = 0;
    return true;
  }

  save(): readonly number[] {
    return [this.#values, this.#mean, this.#variance, this.#sum, this.#lowest];
  }

  restore(state: readonly number[]): void {
    const [values, mean, variance, sum, lowest] = state;
    this.#values = values ?? 0;
    this.#mean = mean ?? 0;
    this.#variance = variance ?? 0;
    this.#sum = sum ?? 0;
    this.#lowest = lowest ?? 0;
  }
}
