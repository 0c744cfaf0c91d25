import type { Observation } from '../likelihood-filter.ts';
import { ChangeForecast, type ChangeForecastState } from './change-forecast.ts';
import { FEATURE_COUNT, PrecursorFeatures, type PrecursorFeaturesState } from './precursor-features.ts';

export interface EarlyWarningOptions {
  /** Candles the smoothed path lies behind: `smoothedRegimeId` is about the candle so long ago. Default 40. */
  readonly smoothingLagCandles: number;
  /** Mean life of a regime before any ended. Default 300. */
  readonly priorDurationCandles: number;
}

export const EARLY_WARNING_DEFAULTS: EarlyWarningOptions = { smoothingLagCandles: 40, priorDurationCandles: 300 };

export interface EarlyWarningInput {
  readonly observation: Observation;
  /** Shape: 18 calibrated probabilities by regime id. */
  readonly posterior: Float64Array;
  /** Candles in the published regime, this one included. */
  readonly dwellCandles: number;
  /** Agreement of the scoring methods, 0 to 1. */
  readonly agreementRatio: number;
  /** Share of the run-length posterior on short runs, from the change-point method; null when there is none. */
  readonly shortRunProbability: number | null;
  /** The most probable regime of the candle `smoothingLagCandles` ago, now that later ones are known; null before there is one. */
  readonly smoothedRegimeId: number | null;
}

export interface ChangeProbabilities {
  readonly changeWithin10Probability: number;
  readonly changeWithin30Probability: number;
}

export interface EarlyWarningState {
  readonly features: PrecursorFeaturesState;
  readonly ring: readonly number[];
  readonly candles: number;
  readonly smoothedRegimeId: number | null;
  readonly smoothedChanges: number;
  readonly smoothedSince: number;
  readonly forecasts: readonly ChangeForecastState[];
}

const HORIZONS_CANDLES = [10, 30] as const;

/**
 * Says how probable it is that the regime changes within the next 10 and 30 candles. It learns from what the smoothed path later
 * says, with the delay that takes, and never from itself: a forecast that beats the constant one is used only as far as it did.
 *
 * A change that is already under way is no forecast. What is learned and said is about changes strictly after this candle.
 */
export class EarlyWarning {
  readonly #lagCandles: number;
  readonly #features = new PrecursorFeatures();
  readonly #ring: Float64Array;
  readonly #ringCandles: number;
  readonly #forecasts: readonly ChangeForecast[];
  #candles = 0;
  #smoothedRegimeId: number | null = null;
  #smoothedChanges = 0;
  /** Candle at which the smoothed path took its regime. */
  #smoothedSince = 0;

  constructor(options: Partial<EarlyWarningOptions> = {}) {
    const { smoothingLagCandles, priorDurationCandles } = { ...EARLY_WARNING_DEFAULTS, ...options };
    this.#lagCandles = smoothingLagCandles;
    this.#ringCandles = smoothingLagCandles + Math.max(...HORIZONS_CANDLES) + 1;
    this.#ring = new Float64Array(this.#ringCandles * FEATURE_COUNT);
    this.#forecasts = HORIZONS_CANDLES.map(
      (horizonCandles) => new ChangeForecast({ horizonCandles, priorDurationCandles }),
    );
  }

  update(input: EarlyWarningInput): ChangeProbabilities {
    this.#candles += 1;
    const features = this.#features.update(input);
    this.#ring.set(features, (this.#candles % this.#ringCandles) * FEATURE_COUNT);
    if (input.smoothedRegimeId !== null) this.#learn(input.smoothedRegimeId);
    const [within10, within30] = this.#forecasts.map((forecast) => forecast.probabilityOf(features));
    return {
      changeWithin10Probability: within10 ?? 0,
      // What happens within ten candles happens within thirty.
      changeWithin30Probability: Math.max(within10 ?? 0, within30 ?? 0),
    };
  }

  save(): EarlyWarningState {
    return {
      features: this.#features.save(),
      ring: [...this.#ring],
      candles: this.#candles,
      smoothedRegimeId: this.#smoothedRegimeId,
      smoothedChanges: this.#smoothedChanges,
      smoothedSince: this.#smoothedSince,
      forecasts: this.#forecasts.map((forecast) => forecast.save()),
    };
  }

  restore(state: EarlyWarningState): void {
    this.#features.restore(state.features);
    this.#ring.set(state.ring);
    this.#candles = state.candles;
    this.#smoothedRegimeId = state.smoothedRegimeId;
    this.#smoothedChanges = state.smoothedChanges;
    this.#smoothedSince = state.smoothedSince;
    this.#forecasts.forEach((forecast, index) => {
      const saved = state.forecasts[index];
      if (saved !== undefined) forecast.restore(saved);
    });
  }

  #learn(smoothedRegimeId: number): void {
    const smoothedAt = this.#candles - this.#lagCandles;
    if (smoothedAt < 1) return;
    if (this.#smoothedRegimeId !== null && this.#smoothedRegimeId !== smoothedRegimeId) {
      this.#smoothedChanges += 1;
      this.#smoothedSince = smoothedAt;
    }
    this.#smoothedRegimeId = smoothedRegimeId;
    HORIZONS_CANDLES.forEach((horizonCandles, index) => {
      const forecastAt = smoothedAt - horizonCandles;
      if (forecastAt < 1) return;
      const from = (forecastAt % this.#ringCandles) * FEATURE_COUNT;
      const features = this.#ring.subarray(from, from + FEATURE_COUNT);
      this.#forecasts[index]?.learn(features, this.#smoothedSince > forecastAt);
    });
  }
}
