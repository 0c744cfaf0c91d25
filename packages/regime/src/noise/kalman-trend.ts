import type { PriceFilter } from './price-filter.ts';

const { abs, log, max, min, sign, sqrt, exp } = Math;

/** Variance of the slope's own steps, as a share of the noise variance: where it starts, and its bounds as logarithms. */
const START_LOG_RATIO = log(0.02);
const MIN_LOG_RATIO = log(1e-3);
const MAX_LOG_RATIO = log(0.2);
/** 50 candles: how fast the noise variance follows. */
const NOISE_STEP = 1 - 0.5 ** (1 / 50);
const RATIO_STEP = 0.01;
/** Innovations beyond this many standard deviations are cut: one shock must not bend the trend. */
const HUBER_DEVIATIONS = 2.5;
/** A cut one raises the noise variance faster and may count twice as far: when shocks stay, they are the market. */
const CUT_NOISE_STEP = 0.1;
const CUT_DEVIATIONS = 2 * HUBER_DEVIATIONS;
/** Below any real price noise, in squared log-return units: keeps a price that never moves from dividing by zero. */
const MIN_VARIANCE = 1e-20;
/** The first uncertainty, in noise variances: the price is known, the slope is not. */
const START_LEVEL_VARIANCE = 1;
const START_SLOPE_VARIANCE = 0.1;

/**
 * Kalman filter of a local linear trend: the price is a level that moves by a slowly turning slope, plus noise. Every variance is a
 * multiple of the noise variance, which is learned from the innovations, so mirrored prices give a mirrored trend and nothing
 * depends on the size of the moves.
 *
 * Source: Harvey, Forecasting, Structural Time Series Models (1989), with Huber's cut of the innovation. The ratio of slope to noise
 * follows the sign of innovations that come in a row: alike means too slow, alternating means too fast.
 */
export class KalmanTrend implements PriceFilter {
  #level = 0;
  #slope = 0;
  #noiseVariance = 0;
  #logRatio = START_LOG_RATIO;
  #previousInnovation = 0;
  // Covariance of level and slope, in noise variances.
  #levelVariance = START_LEVEL_VARIANCE;
  #covariance = 0;
  #slopeVariance = START_SLOPE_VARIANCE;

  get value(): number {
    return this.#level;
  }

  get forecast(): number {
    return this.#level + this.#slope;
  }

  /** Drift per candle as the filter sees it, in log-return units. */
  get slope(): number {
    return this.#slope;
  }

  update(logPrice: number): void {
    const predictedLevel = this.#level + this.#slope;
    const innovation = logPrice - predictedLevel;
    if (this.#noiseVariance <= MIN_VARIANCE) this.#noiseVariance = max(MIN_VARIANCE, 0.5 * innovation * innovation);
    const levelVariance = this.#levelVariance + 2 * this.#covariance + this.#slopeVariance;
    const covariance = this.#covariance + this.#slopeVariance;
    const slopeVariance = this.#slopeVariance + exp(this.#logRatio);

    const spread = levelVariance + 1;
    const deviation = sqrt(spread * this.#noiseVariance);
    const cut = sign(innovation) * min(abs(innovation), HUBER_DEVIATIONS * deviation);
    const levelGain = levelVariance / spread;
    const slopeGain = covariance / spread;
    this.#level = predictedLevel + levelGain * cut;
    this.#slope += slopeGain * cut;
    this.#levelVariance = levelVariance * (1 - levelGain);
    this.#covariance = covariance * (1 - levelGain);
    this.#slopeVariance = slopeVariance - slopeGain * covariance;

    const standardized = cut / deviation;
    const ratioChange = RATIO_STEP * standardized * this.#previousInnovation;
    this.#logRatio = min(MAX_LOG_RATIO, max(MIN_LOG_RATIO, this.#logRatio + ratioChange));
    this.#previousInnovation = standardized;
    this.#learnNoise(innovation, deviation, levelGain);
  }

  restart(logPrice: number): void {
    this.#level = logPrice;
    this.#slope = 0;
    this.#previousInnovation = 0;
    this.#levelVariance = START_LEVEL_VARIANCE;
    this.#covariance = 0;
    this.#slopeVariance = START_SLOPE_VARIANCE;
  }

  save(): readonly number[] {
    return [
      this.#level,
      this.#slope,
      this.#noiseVariance,
      this.#logRatio,
      this.#previousInnovation,
      this.#levelVariance,
      this.#covariance,
      this.#slopeVariance,
    ];
  }

  restore(state: readonly number[]): void {
    const [level, slope, noiseVariance, logRatio, previousInnovation, levelVariance, covariance, slopeVariance] = state;
    this.#level = level ?? 0;
    this.#slope = slope ?? 0;
    this.#noiseVariance = noiseVariance ?? 0;
    this.#logRatio = logRatio ?? START_LOG_RATIO;
    this.#previousInnovation = previousInnovation ?? 0;
    this.#levelVariance = levelVariance ?? START_LEVEL_VARIANCE;
    this.#covariance = covariance ?? 0;
    this.#slopeVariance = slopeVariance ?? START_SLOPE_VARIANCE;
  }

  /** For a filter that fits, the mean of innovation times what is left of it after the correction is the noise variance. */
  #learnNoise(innovation: number, deviation: number, levelGain: number): void {
    const step = abs(innovation) > HUBER_DEVIATIONS * deviation ? CUT_NOISE_STEP : NOISE_STEP;
    const size = min(abs(innovation), CUT_DEVIATIONS * deviation);
    const seen = size * size * (1 - levelGain);
    this.#noiseVariance = max(MIN_VARIANCE, this.#noiseVariance + step * (seen - this.#noiseVariance));
  }
}
