export { type Bar, CANDLE_FAULTS, type CandleFault, type CandleVerdict, inspectCandle } from './candle-quality.ts';
export { CELL_COUNT, foldCells, regimeOfCell } from './cell-fold.ts';
export {
  type AlertKind,
  type ComponentView,
  ENGINE_COMPONENTS,
  type EngineAlert,
  type EngineClassification,
  type EngineComponent,
  type EngineUpdate,
  type StabilityBand,
  type TransitionDecision,
} from './engine/classification.ts';
export {
  ENGINE_DEFAULTS,
  type EngineParameters,
  type EngineParametersPatch,
  RESTART_PARAMETERS,
} from './engine/engine-parameters.ts';
export {
  type EngineCandle,
  RegimeEngine,
  type RegimeEngineOptions,
  type RegimeEngineState,
} from './engine/regime-engine.ts';
export type { FeedbackTask, FeedbackTaskKind } from './feedback/task-list.ts';
export {
  MEAN_REVERTING_SLOT,
  REGIME_COUNT,
  regimeIdOf,
  regimeNameOf,
  regimeOf,
  type RegimeTriplet,
  SLOT_COUNT,
  tripletOf,
} from './regime-fold.ts';
