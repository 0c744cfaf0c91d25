import { STABILITY_MONITOR_DEFAULTS, type StabilityMonitorOptions } from '../decision/stability-monitor.ts';
import { TRANSITION_DECIDER_DEFAULTS, type TransitionDeciderOptions } from '../decision/transition-decider.ts';
import { TRANSITION_MATRIX_DEFAULTS, type TransitionMatrixOptions } from '../decision/transition-matrix.ts';
import { NOISE_FILTER_DEFAULTS, type NoiseFilterOptions } from '../noise/noise-filter.ts';
import { SCORING_DEFAULTS, type ScoringParameters } from '../scoring/scoring-parameters.ts';

/** How the learning engine may take part. */
export interface LearningParameters {
  /** The sum that the weights of the five learners may reach in each factor of the pool; 0 leaves them out. At most 0.3. Hot. Default 0.3. */
  readonly capRatio: number;
}

/** How far performance feedback may act. */
export interface FeedbackParameters {
  /** Whether feedback moves its bounded knobs, or only watches. Hot. Default true. */
  readonly isActing: boolean;
}

/**
 * Everything of the engine that an operator may set, by component, with units in the names. Hot values are taken in by
 * `RegimeEngine.configure` without losing state; the others are marked by `RESTART_PARAMETERS`.
 */
export interface EngineParameters {
  /** Adaptive scoring layer: the pool of the seven methods, its calibration, its sets. All hot. */
  readonly scoring: ScoringParameters;
  /** Intelligent transition manager: when a change is said. `confidenceThreshold` is the guide's 0.7. All hot. */
  readonly transition: TransitionDeciderOptions;
  readonly matrix: TransitionMatrixOptions;
  /** Regime stability monitor. All hot. */
  readonly stability: StabilityMonitorOptions;
  /** Adaptive noise filter. All hot. */
  readonly noise: NoiseFilterOptions;
  readonly learning: LearningParameters;
  readonly feedback: FeedbackParameters;
}

export const ENGINE_DEFAULTS: EngineParameters = {
  scoring: SCORING_DEFAULTS,
  transition: TRANSITION_DECIDER_DEFAULTS,
  matrix: TRANSITION_MATRIX_DEFAULTS,
  stability: STABILITY_MONITOR_DEFAULTS,
  noise: NOISE_FILTER_DEFAULTS,
  learning: { capRatio: 0.3 },
  feedback: { isActing: true },
};

/** Parameters that a running engine does not take in: what was learned depends on them. */
export const RESTART_PARAMETERS: readonly string[] = [
  'matrix.priorCount',
  'matrix.decayRatio',
  'matrix.priorDurationCandles',
];

/** Some of the parameters; the others keep the value they have. */
export type EngineParametersPatch = { readonly [Part in keyof EngineParameters]?: Partial<EngineParameters[Part]> };

/** Returns `parameters` with the values of `patch` in their places. */
export const patchedParameters = (parameters: EngineParameters, patch: EngineParametersPatch): EngineParameters => ({
  scoring: { ...parameters.scoring, ...patch.scoring },
  transition: { ...parameters.transition, ...patch.transition },
  matrix: { ...parameters.matrix, ...patch.matrix },
  stability: { ...parameters.stability, ...patch.stability },
  noise: { ...parameters.noise, ...patch.noise },
  learning: { ...parameters.learning, ...patch.learning },
  feedback: { ...parameters.feedback, ...patch.feedback },
});
