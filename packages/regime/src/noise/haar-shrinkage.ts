import type { PriceFilter } from './price-filter.ts';

const { abs, log, sign, sqrt } = Math;

const LEVELS = 4;
/** Averages kept of all levels: 1 + 2 + 4 + 8. */
const KEPT = 2 ** LEVELS - 1;
/** sqrt(2 ln n) of Donoho and Johnstone, for the n = 16 prices the coarsest average sees. */
const UNIVERSAL_THRESHOLD = sqrt(2 * log(2 ** LEVELS));
/** 30 candles: how fast the noise level follows. */
const NOISE_STEP = 1 - 0.5 ** (1 / 30);
/** A mean absolute deviation of 1 belongs to a Gaussian standard deviation of 1.2533. */
const DEVIATION_OF_MEAN_ABSOLUTE = sqrt(Math.PI / 2);

/**
 * Haar wavelet, à trous: each level averages now with 2^level candles ago, so only the past is used. Details smaller than what
 * noise alone would give are taken out, larger ones are shrunk by as much: a calm price is smoothed over 16 candles, a burst
 * comes through at once.
 *
 * Source: Mallat's à trous algorithm; universal soft threshold of Donoho and Johnstone (1994). The noise level is read from the
 * finest detail, cut at three times itself so that bursts do not raise it.
 */
export class HaarShrinkage implements PriceFilter {
  readonly #kept = new Float64Array(KEPT);
  readonly #details = new Float64Array(LEVELS);
  #position = 0;
  #meanAbsoluteDetail = 0;
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** The last value: a smoothed price says nothing about the next step. */
  get forecast(): number {
    return this.#value;
  }

  update(logPrice: number): void {
    let average = logPrice;
    let offset = 0;
    for (let level = 0; level < LEVELS; level += 1) {
      const lag = 1 << level;
      const at = offset + (this.#position & (lag - 1));
      const earlier = this.#kept[at] ?? average;
      this.#kept[at] = average;
      const detail = (average - earlier) / 2;
      this.#details[level] = detail;
      average -= detail;
      offset += lag;
    }
    this.#position = (this.#position + 1) & (KEPT >> 1);
    this.#learnNoise(abs(this.#details[0] ?? 0));

    // White noise of deviation s leaves s / sqrt(2) in the finest detail, and sqrt(2) less in each coarser one.
    let threshold = UNIVERSAL_THRESHOLD * DEVIATION_OF_MEAN_ABSOLUTE * this.#meanAbsoluteDetail;
    for (let level = 0; level < LEVELS; level += 1) {
      const detail = this.#details[level] ?? 0;
      const left = abs(detail) - threshold;
      if (left > 0) average += sign(detail) * left;
      threshold /= Math.SQRT2;
    }
    this.#value = average;
  }

  restart(logPrice: number): void {
    this.#kept.fill(logPrice);
    this.#value = logPrice;
  }

  save(): readonly number[] {
    return [this.#position, this.#meanAbsoluteDetail, this.#value, ...this.#kept];
  }

  restore(state: readonly number[]): void {
    const [position, meanAbsoluteDetail, value, ...kept] = state;
    this.#position = position ?? 0;
    this.#meanAbsoluteDetail = meanAbsoluteDetail ?? 0;
    this.#value = value ?? 0;
    this.#kept.set(kept);
  }

  #learnNoise(size: number): void {
    if (this.#meanAbsoluteDetail === 0) this.#meanAbsoluteDetail = size;
    const cut = Math.min(size, 3 * this.#meanAbsoluteDetail);
    this.#meanAbsoluteDetail += NOISE_STEP * (cut - this.#meanAbsoluteDetail);
  }
}
