import { trendClassesInto } from './factors.ts';
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

interface KalmanTrendState {
  readonly previousLogPrice: number | null;
  readonly slopes: readonly number[];
  readonly variances: readonly number[];
  readonly noises: readonly number[];
  readonly weights: readonly number[];
}

const { exp, max, min, sqrt } = Math;
// Variances of the slope's own step, in squared return scales: a slope that lasts some thousand, some hundred, some ten candles.
const SLOPE_STEPS = [1e-4, 6e-4, 4e-3];
const COUNT = SLOPE_STEPS.length;
const START_VARIANCE = 0.25;
const NOISE_GAIN = 0.02;
const HUBER = 2.5;
const SHARED_RATIO = 0.005;

/**
 * The trend as the slope of a local linear trend through the filtered log price, in units of the return scale. Three filters expect
 * the slope to change at different speeds; the one that foretells the next step best counts most.
 *
 * Source: Kalman filter with the level observed; outlying innovations are clipped as in Huber (1964).
 */
export class KalmanTrend implements ScoringMethod {
  readonly name = 'kalman_trend';
  readonly factors: Float64Array;
  readonly #slopes = new Float64Array(COUNT);
  readonly #variances = new Float64Array(COUNT).fill(START_VARIANCE);
  readonly #noises = new Float64Array(COUNT).fill(1);
  readonly #weights = new Float64Array(COUNT).fill(1 / COUNT);
  #previousLogPrice: number | null = null;

  constructor(factors: Float64Array) {
    this.factors = factors;
  }

  update({ observation, base, baseFactors, returnScale, filteredLogPrice }: ScoringInput): null {
    this.factors.set(baseFactors);
    const isContinuous = this.#previousLogPrice !== null && observation.elapsedCandles === 1;
    const move = isContinuous ? filteredLogPrice - (this.#previousLogPrice ?? 0) : observation.logReturn;
    this.#previousLogPrice = filteredLogPrice;
    this.#take(max(-50, min(50, move / returnScale)), observation.elapsedCandles);
    let mean = 0;
    for (let index = 0; index < COUNT; index += 1) mean += (this.#weights[index] ?? 0) * (this.#slopes[index] ?? 0);
    let variance = 0;
    for (let index = 0; index < COUNT; index += 1) {
      const apart = (this.#slopes[index] ?? 0) - mean;
      variance += (this.#weights[index] ?? 0) * ((this.#variances[index] ?? 0) + apart * apart);
    }
    trendClassesInto(this.factors, {
      mean,
      deviation: sqrt((variance * (1 + base.arTrending)) / (1 - base.arTrending)),
      mild: base.driftMild,
      strong: base.driftStrong,
    });
    return null;
  }

  save(): KalmanTrendState {
    return {
      previousLogPrice: this.#previousLogPrice,
      slopes: [...this.#slopes],
      variances: [...this.#variances],
      noises: [...this.#noises],
      weights: [...this.#weights],
    };
  }

  restore(state: unknown): void {
    const { previousLogPrice, slopes, variances, noises, weights } = state as KalmanTrendState;
    this.#previousLogPrice = previousLogPrice;
    this.#slopes.set(slopes);
    this.#variances.set(variances);
    this.#noises.set(noises);
    this.#weights.set(weights);
  }

  #take(move: number, elapsedCandles: number): void {
    const weights = this.#weights;
    let total = 0;
    for (let index = 0; index < COUNT; index += 1) {
      const noise = this.#noises[index] ?? 1;
      const prior = min(1, (this.#variances[index] ?? 0) + elapsedCandles * (SLOPE_STEPS[index] ?? 0));
      const expected = prior + noise;
      const deviation = sqrt(expected);
      const surprise = max(-HUBER, min(HUBER, (move - (this.#slopes[index] ?? 0)) / deviation));
      const gain = prior / expected;
      this.#slopes[index] = (this.#slopes[index] ?? 0) + gain * surprise * deviation;
      this.#variances[index] = (1 - gain) * prior;
      this.#noises[index] = max(0.05, noise + NOISE_GAIN * noise * (surprise * surprise - 1));
      weights[index] = ((weights[index] ?? 0) * exp(-0.5 * surprise * surprise)) / deviation;
      total += weights[index] ?? 0;
    }
    for (let index = 0; index < COUNT; index += 1) {
      weights[index] = (1 - SHARED_RATIO) * ((weights[index] ?? 0) / total) + SHARED_RATIO / COUNT;
    }
  }
}
