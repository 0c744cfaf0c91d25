export type { CausalClassification, CausalClassifier } from './causal-classifier.ts';
export { ceilingKindOf, informedFilter } from './ceiling/informed-filter.ts';
export { HeldRegime, likeliestOf } from './held-regime.ts';
export { generateMarket } from './market/generate-market.ts';
export {
  type Difficulty,
  type GeneratorName,
  type MarketSettings,
  marketSettings,
} from './market/market-settings.ts';
export { type MarketRecipe, SYNTHETIC_INTERVAL_MS, SyntheticMarket } from './market/synthetic-market.ts';
export {
  type AblationRow,
  type ClassifierRow,
  type DelayHistogram,
  type EvaluationReport,
  type GateResult,
  METRIC_NAMES,
  type MetricName,
  type ReliabilityBin,
  type Scenario,
  type ScenarioReport,
  type SeedFigure,
  scenarioNameOf,
  type TimelineSample,
} from './report.ts';
export { evaluateReal, LEAST_REAL_CANDLES, type RealMarketReport, type SkillRow } from './real/real-evaluation.ts';
export { type RealReport, realReportLines } from './real/real-report.ts';
export { type RealSeries, seriesOf } from './real/real-series.ts';
export { type ClassificationFacts, classificationPage } from './plots/classification-page.ts';
export { evaluationPage } from './plots/evaluation-page.ts';
export { TimelineSketch } from './plots/timeline-sketch.ts';
