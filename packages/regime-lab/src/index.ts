export type { CausalClassification, CausalClassifier } from './causal-classifier.ts';
export { type CeilingKind, ceilingKindOf, informedFilter } from './ceiling/informed-filter.ts';
export { type AblationResult, ablateSeed } from './harness/ablate-seed.ts';
export { ablationReportOf } from './harness/ablation.ts';
export {
  type AblatedPart,
  type AblationPlan,
  type AblationTask,
  ablationPlan,
  ablationTasksOf,
} from './harness/ablation-plan.ts';
export {
  BASELINES,
  CLASSIFIER_NAMES,
  type ClassifierName,
  createClassifier,
  DUMMIES,
  type Entrant,
} from './harness/entrants.ts';
export { evaluateSeed, type SeedResult, type SeedTask } from './harness/evaluate-seed.ts';
export { evaluate, reportOf, tasksOf } from './harness/evaluation.ts';
export {
  type EvaluationPlan,
  GATE_PLAN,
  GATE_SCENARIOS,
  GATE_SEEDS,
  QUICK_PLAN,
} from './harness/gate-plan.ts';
export { type LabTask, runTask } from './harness/lab-task.ts';
export { HeldRegime, likeliestOf } from './held-regime.ts';
export { GENERATOR_NAMES, generateMarket } from './market/generate-market.ts';
export {
  DIFFICULTIES,
  type Difficulty,
  type GeneratorName,
  type MarketSettings,
  marketSettings,
} from './market/market-settings.ts';
export { type MarketRecipe, SYNTHETIC_INTERVAL_MS, SyntheticMarket } from './market/synthetic-market.ts';
export { type ClassificationFacts, classificationPage } from './plots/classification-page.ts';
export { evaluationPage } from './plots/evaluation-page.ts';
export { TimelineSketch } from './plots/timeline-sketch.ts';
export { evaluateReal, LEAST_REAL_CANDLES, type RealMarketReport } from './real/real-evaluation.ts';
export { type RealReport, realReportLines, type UnjudgedFile } from './real/real-report.ts';
export { type RealSeries, seriesOf } from './real/real-series.ts';
export {
  type AblationReport,
  type AblationRow,
  type AblationVerdict,
  type ClassifierRow,
  type DelayHistogram,
  type EvaluationReport,
  FIGURES_EXPLAINED,
  type GateResult,
  METRIC_NAMES,
  type MetricName,
  type PairedGain,
  type ReliabilityBin,
  type Scenario,
  type ScenarioReport,
  type SeedFigure,
  scenarioNameOf,
  type TimelineSample,
} from './report.ts';
export { bootstrapInterval } from './score/bootstrap.ts';
export { RunRecord } from './score/run-record.ts';
export { seedScoresOf, type SeedScores } from './score/seed-scores.ts';
