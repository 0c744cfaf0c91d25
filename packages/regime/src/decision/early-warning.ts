import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import type { ComponentView } from '../engine/classification.ts';
import type { Observation } from '../likelihood-filter.ts';
import { ChangeForecast, type ChangeForecastState } from './change-forecast.ts';
import { FEATURE_COUNT, FEATURE_NAMES, PrecursorFeatures, type PrecursorFeaturesState } from './precursor-features.ts';
import { CONFIRMING_CANDLES, SmoothedPath, type SmoothedPathState } from './smoothed-path.ts';

export interface EarlyWarningOptions {
  /** Candles that hindsight lies behind: `smoothed` is about the candle so long ago. Default 20. */
  readonly smoothingLagCandles: number;
  /** Mean life of a regime before any ended. Default 300. */
  readonly priorDurationCandles: number;
}

export const EARLY_WARNING_DEFAULTS: EarlyWarningOptions = { smoothingLagCandles: 20, priorDurationCandles: 300 };

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
  /** Shape: 18; what is now known of the regime `smoothingLagCandles` ago. Null while there is none. */
  readonly smoothed: Float64Array | null;
}

export interface ChangeProbabilities {
  readonly changeWithin10Probability: number;
  readonly changeWithin30Probability: number;
}

export interface EarlyWarningState {
  readonly features: PrecursorFeaturesState;
  readonly ring: string;
  readonly candles: number;
  readonly path: SmoothedPathState;
  readonly forecasts: readonly ChangeForecastState[];
}

const HORIZONS_CANDLES = [10, 30] as const;
/** Hindsight dates a change a few candles late at times; forecasts are taught about changes no earlier than this after them. */
const GUARD_CANDLES = 3;

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
  readonly #path = new SmoothedPath();
  #candles = 0;

  constructor(options: Partial<EarlyWarningOptions> = {}) {
    const { smoothingLagCandles, priorDurationCandles } = { ...EARLY_WARNING_DEFAULTS, ...options };
    this.#lagCandles = smoothingLagCandles;
    this.#ringCandles = smoothingLagCandles + CONFIRMING_CANDLES + GUARD_CANDLES + Math.max(...HORIZONS_CANDLES);
    this.#ring = new Float64Array(this.#ringCandles * FEATURE_COUNT);
    this.#forecasts = HORIZONS_CANDLES.map(
      (horizonCandles) => new ChangeForecast({ horizonCandles, priorDurationCandles }),
    );
  }

  update(input: EarlyWarningInput): ChangeProbabilities {
    this.#candles += 1;
    const features = this.#features.update({ ...input, ageCandles: this.#ageOf(input.dwellCandles) });
    this.#ring.set(features, (this.#candles % this.#ringCandles) * FEATURE_COUNT);
    if (input.smoothed !== null) this.#learn(input.smoothed);
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
      ring: packFloats(this.#ring),
      candles: this.#candles,
      path: this.#path.save(),
      forecasts: this.#forecasts.map((forecast) => forecast.save()),
    };
  }

  restore(state: EarlyWarningState): void {
    this.#features.restore(state.features);
    unpackFloats(state.ring, this.#ring);
    this.#candles = state.candles;
    this.#path.restore(state.path);
    this.#forecasts.forEach((forecast, index) => {
      const saved = state.forecasts[index];
      if (saved !== undefined) forecast.restore(saved);
    });
  }

  /** Age of the regime: hindsight knows it better, unless the published one changed after the last candle hindsight reaches. */
  #ageOf(dwellCandles: number): number {
    const behind = this.#lagCandles + CONFIRMING_CANDLES - 1;
    const settled = this.#path.ageCandles;
    return dwellCandles <= behind || settled === null ? dwellCandles : settled + behind;
  }

  #learn(smoothed: Float64Array): void {
    this.#path.update(smoothed);
    const settledCandle = this.#candles - this.#lagCandles - CONFIRMING_CANDLES + 1;
    HORIZONS_CANDLES.forEach((horizonCandles, index) => {
      const forecastAt = settledCandle - horizonCandles - GUARD_CANDLES;
      if (forecastAt < 1) return;
      const from = (forecastAt % this.#ringCandles) * FEATURE_COUNT;
      const features = this.#ring.subarray(from, from + FEATURE_COUNT);
      this.#forecasts[index]?.learn(features, this.#path.hasChangedWithin(horizonCandles));
    });
  }

  /** What it has learned, for dashboards and for whoever debugs it. */
  view(): Pick<ComponentView, 'metrics' | 'debug'> {
    const [within10, within30] = this.#forecasts;
    return {
      metrics: { model_trust_10: within10?.trust ?? 0, model_trust_30: within30?.trust ?? 0 },
      debug: { features: FEATURE_NAMES, within10: within10?.save(), within30: within30?.save() },
    };
  }
}
