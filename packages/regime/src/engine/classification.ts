import type { Regime } from '@qt/contracts';
import type { CandleFault } from '../candle-quality.ts';

/** The components of the operators' guide that live in the engine; the rest belong to the service. */
export const ENGINE_COMPONENTS = [
  'base_regime_detector',
  'adaptive_scoring_layer',
  'transition_matrix_analyzer',
  'dynamic_boundary_optimizer',
  'intelligent_transition_manager',
  'regime_stability_monitor',
  'adaptive_noise_filter',
  'performance_feedback',
  'continuous_learning_engine',
] as const;
export type EngineComponent = (typeof ENGINE_COMPONENTS)[number];

/** What a component says of itself: numbers for dashboards, and its inside for whoever debugs it. Both are plain JSON. */
export interface ComponentView {
  readonly state: 'running' | 'warming' | 'degraded';
  readonly metrics: Readonly<Record<string, number | string | null>>;
  readonly debug: Readonly<Record<string, unknown>>;
}

/** What was made of the likeliest volatility level and the likeliest slot. */
export interface TransitionDecision {
  /**
   * `held`: they are the published ones. `confirmed`: one or both were taken with this candle. `tentative`: another leads, not surely
   * enough yet, or the published slot leads and none is clear. `rejected`: nothing may be taken now.
   */
  readonly kind: 'held' | 'confirmed' | 'tentative' | 'rejected';
  /** The regime that the two make. */
  readonly candidateId: number;
  /** Sentences with the numbers that decided; each begins with the factor it is about. */
  readonly reasons: readonly string[];
}

export type StabilityBand = 'very_stable' | 'stable' | 'moderate' | 'unstable' | 'critical';
export type AlertKind =
  | 'unstable_regime'
  | 'market_shock'
  | 'model_misfit'
  | 'unusual_transition'
  | 'data_gap'
  | 'long_dwell'
  | 'concept_drift';

/** Something an operator should hear of. */
export interface EngineAlert {
  readonly kind: AlertKind;
  readonly component: EngineComponent;
  readonly message: string;
}

/** What the engine tells of a candle that it took in. */
export interface EngineClassification {
  readonly kind: 'classified';
  readonly state: 'warming' | 'ready';
  /** The published regime: the likeliest level and slot, each held until a change is sure enough. Its probability is calibrated. */
  readonly regime: Regime;
  /** The published regime before this candle, when this candle changed it; null otherwise. */
  readonly previousRegimeId: number | null;
  /** Candles since the published regime changed, this one included. */
  readonly dwellCandles: number;
  /** Shape: 18, by regime id; sums to 1. Calibrated. */
  readonly probabilities: readonly number[];
  /** Shape: 30, by `10 * volatility + 2 * trend + (trending ? 0 : 1)`; folds into `probabilities`. */
  readonly cells: readonly number[];
  /** Agreement of the seven methods: 1 when all say the same. */
  readonly agreementRatio: number;
  /** Probability that the true regime changes within so many candles. */
  readonly changeWithin10Probability: number;
  readonly changeWithin30Probability: number;
  /** Regimes that hold the true one in nine of ten candles, likeliest first; empty when none is probable enough to be believed. */
  readonly conformalSet: readonly number[];
  readonly decision: TransitionDecision;
  /** 0 to 1. */
  readonly stabilityRatio: number;
  readonly stabilityBand: StabilityBand;
  readonly alerts: readonly EngineAlert[];
}

export type EngineUpdate =
  | EngineClassification
  /** The candle was not taken in and no state changed. */
  | { readonly kind: 'refused'; readonly code: CandleFault; readonly detail: string };
