export { Calibration, type CalibrationState, type Evidence, STRENGTH_BINS } from './calibration.ts';
export {
  type CalibratedOpinion,
  type CommonOpinion,
  ENSEMBLE_ID,
  Ensemble,
  type EnsembleState,
  type MarketClass,
  marketClassOf,
  type Vote,
} from './ensemble.ts';
export {
  FEATURE_WARMUP_CANDLES,
  FEATURES_ID,
  type FeatureState,
  FeatureStream,
  type FeatureVector,
  featuresOf,
} from './features.ts';
export { type MarketCandle, marketCandleOf } from './market-candle.ts';
export { meanReversionModel } from './mean-reversion-model.ts';
export type { ModelOpinion, RegimeView, SignalModel } from './model.ts';
export { builtInModels, ModelRegistry, type RegisteredModel } from './model-registry.ts';
export { momentumModel } from './momentum-model.ts';
export {
  engineIdOf,
  type ModelHealth,
  type Settlement,
  type SignalDecision,
  SignalEngine,
  type SignalEngineOptions,
  type SignalEngineState,
} from './signal-engine.ts';
