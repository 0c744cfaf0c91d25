/** How the seven opinions become one, and how sure that one may sound. All hot. */
export interface ScoringParameters {
  /** First step of the weights towards what would have said the truth better; later ones are shorter. 0 freezes them. */
  readonly weightStep: number;
  /** Share of every weight that returns with each candle to where it rests, most of it with the base: none is ever lost. */
  readonly weightShareRatio: number;
  /** No weight but the base's is taken below this by learning. */
  readonly weightFloorRatio: number;
  /** Step of the temperatures that keep probabilities honest. 0 freezes them. */
  readonly temperatureStep: number;
  /** Softens every answer beyond what was learned when above 1, sharpens it below. Default 1. */
  readonly temperature: number;
  /** Share of candles whose regime the conformal set shall hold. */
  readonly conformalCoverageRatio: number;
  /** How far one miss moves the conformal level. */
  readonly conformalStep: number;
}

export const SCORING_DEFAULTS: ScoringParameters = {
  weightStep: 0.005,
  weightShareRatio: 0.0003,
  weightFloorRatio: 0.001,
  temperatureStep: 0.0015,
  temperature: 1,
  conformalCoverageRatio: 0.9,
  conformalStep: 0.005,
};
