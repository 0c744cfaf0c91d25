import { TRANSITION_GATE_DEFAULTS, type TransitionGateOptions } from '../transition-gate.ts';
import { SCORING_DEFAULTS, type ScoringParameters } from '../scoring/scoring-parameters.ts';

/** Everything of the engine that an operator may set. Every field is hot: `RegimeEngine.configure` takes it in without losing state. */
export interface EngineParameters {
  readonly scoring: ScoringParameters;
  readonly transition: TransitionGateOptions;
}

export const ENGINE_DEFAULTS: EngineParameters = {
  scoring: SCORING_DEFAULTS,
  transition: TRANSITION_GATE_DEFAULTS,
};

/** Some of the parameters; the others keep the value they have. */
export type EngineParametersPatch = { readonly [Part in keyof EngineParameters]?: Partial<EngineParameters[Part]> };

/** Returns `parameters` with the values of `patch` in their places. */
export const patchedParameters = (parameters: EngineParameters, patch: EngineParametersPatch): EngineParameters => ({
  scoring: { ...parameters.scoring, ...patch.scoring },
  transition: { ...parameters.transition, ...patch.transition },
});
