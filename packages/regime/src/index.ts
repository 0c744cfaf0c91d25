export { type Bar, type CandleFault, type CandleVerdict, inspectCandle } from './candle-quality.ts';
export {
  type Classification,
  RegimeDetector,
  type RegimeDetectorOptions,
  type RegimeDetectorState,
  type RegimeUpdate,
} from './regime-detector.ts';
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
export { TRANSITION_GATE_DEFAULTS, type TransitionGateOptions } from './transition-gate.ts';
