import { LOG_SIGMA_NOISE, nextLogSigmaMean, STOCHASTIC_VOLATILITY } from '../market/candle-shocks.ts';

// Taken once: this is the hot path.
const { ceil, exp, max, min, round } = Math;

/** The grid ends so many standard deviations from its middle: one candle in ninety thousand is beyond. */
const REACH_DEVIATIONS = 4.4;
/** A step's noise is cut off after so many of its own standard deviations. */
const NOISE_REACH_DEVIATIONS = 5;

/**
 * Values of a log volatility over its level, evenly apart, and the chances of a step between them. A normal law summed at points 1.25 of its
 * standard deviations apart is right to `2 exp(-2 (pi / 1.25)^2)`, which is 6e-6: nothing that a finer grid would say differently.
 */
export class LogSigmaGrid {
  readonly count: number;
  /** Shape: count, rising; ratios to the level's sigma as logarithms. */
  readonly values: Float64Array;
  /** Shape: count, summing to 1: how often each value is taken. */
  readonly stationary: Float64Array;
  readonly #spacing: number;
  readonly #reach: number;
  /** Shape: 2 reach + 1: the chances of a step whose mean lies on a point. */
  readonly #centered: Float64Array;
  readonly #chances: Float64Array;

  /** `spacingDeviations`: distance of two points, in standard deviations of a step's noise. */
  constructor(spacingDeviations = 1.25) {
    const { logSigmaDeviation } = STOCHASTIC_VOLATILITY;
    this.#spacing = spacingDeviations * LOG_SIGMA_NOISE;
    const half = ceil((REACH_DEVIATIONS * logSigmaDeviation) / this.#spacing);
    this.count = 2 * half + 1;
    this.values = Float64Array.from({ length: this.count }, (_, point) => (point - half) * this.#spacing);
    const weights = this.values.map((value) => exp(-0.5 * (value / logSigmaDeviation) ** 2));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    this.stationary = weights.map((weight) => weight / total);
    this.#reach = ceil(NOISE_REACH_DEVIATIONS / spacingDeviations);
    const steps = Array.from({ length: 2 * this.#reach + 1 }, (_, place) => place - this.#reach);
    this.#centered = Float64Array.from(steps, (step) => exp(-0.5 * (step * spacingDeviations) ** 2));
    this.#chances = new Float64Array(steps.length);
  }

  /**
   * Returns where a step from a point can lead: the first point, and the chances of it and those after it, summing to 1. The array is the
   * grid's own. `shock`: the candle's deviation in its own sigmas.
   */
  stepFrom(point: number, shock: number): { readonly first: number; readonly chances: Float64Array } {
    const mean = nextLogSigmaMean(this.values[point] ?? 0, shock);
    const place = (mean - (this.values[0] ?? 0)) / this.#spacing;
    const center = max(0, min(this.count - 1, round(place)));
    const off = max(-0.5, min(0.5, place - center));
    return { first: center - this.#reach, chances: this.#chancesAround(center, off) };
  }

  /** `off`: how far the mean lies from the point, in spacings. Points outside the grid get nothing. */
  #chancesAround(center: number, off: number): Float64Array {
    const chances = this.#chances;
    const squareOfSpacing = (this.#spacing / LOG_SIGMA_NOISE) ** 2;
    // exp(-(k - off)^2 / 2) is exp(-k^2 / 2) exp(off)^k times what all points share.
    const tilt = exp(off * squareOfSpacing);
    let power = exp(-this.#reach * off * squareOfSpacing);
    let total = 0;
    for (let place = 0; place < chances.length; place += 1) {
      const point = center - this.#reach + place;
      const chance = point < 0 || point >= this.count ? 0 : (this.#centered[place] ?? 0) * power;
      chances[place] = chance;
      total += chance;
      power *= tilt;
    }
    for (let place = 0; place < chances.length; place += 1) chances[place] = (chances[place] ?? 0) / total;
    return chances;
  }
}
