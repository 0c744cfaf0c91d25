import type { Difficulty, GeneratorName } from './market/market-settings.ts';

/** One kind of market, with the seeds it is drawn with. */
export interface Scenario {
  readonly generator: GeneratorName;
  readonly difficulty: Difficulty;
  readonly durationCandles: number;
}

/** `gaussian-easy-d300` and the like. */
export const scenarioNameOf = ({ generator, difficulty, durationCandles }: Scenario): string =>
  `${generator}-${difficulty}-d${durationCandles}`;

/** A figure over seeds. `interval`: 95 %, bootstrapped over the seeds. */
export interface SeedFigure {
  readonly mean: number;
  /** The seed with the least favorable value, and that value. */
  readonly worst: number;
  readonly worstSeed: number;
  readonly interval: readonly [low: number, high: number];
}

/** The figures of one classifier on one scenario. Names say the unit; ratios are 0 to 1. */
export const METRIC_NAMES = [
  'accuracyRatio',
  'publishedAccuracyRatio',
  'balancedAccuracyRatio',
  'macroF1Ratio',
  'shareOfCeilingRatio',
  'publishedShareOfCeilingRatio',
  'lateAccuracyRatio', // second half of the scored candles: the cold start is over
  'lateShareOfCeilingRatio',
  'volatilityAccuracyRatio',
  'slotAccuracyRatio',
  'structureAccuracyRatio',
  'nearAccuracyRatio',
  'trendSignAccuracyRatio',
  'oppositeSignRatio',
  'logLoss',
  'brier',
  'eceRatio',
  'conformalCoverageRatio',
  'conformalMeanSize',
  'transitionKeptRatio', // T1
  'volatilityChangeF1Ratio', // T2
  'changeRecallRatio', // T3
  'falseChangesPer1000', // T4
  'publishedChangesPer1000',
  'delayMedianCandles',
  'delayP90Candles',
  'volatilityEceRatio',
  'slotEceRatio',
  'structureEceRatio',
  'volatilityDelayMedianCandles',
  'slotDelayMedianCandles',
  'structureDelayMedianCandles',
  'warning10Auc',
  'warning10AucOverDuration',
  'warning10PrecisionRatio',
  'warning10BaseRatio',
  'warning10LeadSkillCandles',
  'warning30Auc',
  'warning30AucOverDuration',
  'warning30PrecisionRatio',
  'warning30BaseRatio',
  'warning30LeadSkillCandles',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/** What the columns of every table of classifiers mean, for who sees them for the first time. */
export const FIGURES_EXPLAINED = [
  'Accuracy: how often the likeliest of 18 regimes is the true one; published: how often the announced one is.',
  'Of ceiling: accuracy as a share of that of a filter told everything but the regimes.',
  'ECE: how far promised probabilities lie from what came.',
  'Sets: how often a set meant to hold the truth in 90 % of all candles does.',
  'T1: announced changes not undone within 10 candles. T2: F1 of changes of volatility.',
  'T3: true changes announced within 60 candles. T4: announced changes that answer no true one, per 1,000 candles.',
  'Delay: candles from a true change until the right regime is announced, median.',
].join(' ');

/** One bin of a reliability table: what was promised and what came. */
export interface ReliabilityBin {
  readonly candles: number;
  readonly meanProbability: number;
  readonly hitRatio: number;
}

/** Candles from a true change to the first published right regime; the last bin holds all later ones and those never found. */
export interface DelayHistogram {
  readonly binCandles: number;
  readonly counts: readonly number[];
}

/** One classifier on one scenario, all seeds together. */
export interface ClassifierRow {
  readonly classifier: string;
  /** Whether it had seen 20,000 unlabelled candles of another seed before. */
  readonly hasHistory: boolean;
  /** Figures that the classifier does not give, or that do not exist (no published change), are left out. */
  readonly figures: Partial<Readonly<Record<MetricName, SeedFigure>>>;
  /** Shape: 18 x 18, rows true, columns the likeliest regime; candles of all seeds. */
  readonly confusion: readonly (readonly number[])[];
  /** Of the likeliest regime's probability, in 15 bins of equal mass. */
  readonly reliability: readonly ReliabilityBin[];
  /** The calibration error of that table. One seed has too few regimes: there the true parameters themselves show .02 to .04. */
  readonly pooledEceRatio: number;
  readonly delays: DelayHistogram;
}

export interface ScenarioReport {
  readonly name: string;
  readonly scenario: Scenario;
  /** Whether the filter named `ceiling` is the Bayes filter itself. */
  readonly ceilingKind: 'exact' | 'lower-bound';
  readonly rows: readonly ClassifierRow[];
  /** Pieces of the first seed for timelines: what the ceiling and the engine made of it. */
  readonly timelines: readonly TimelineSample[];
}

export interface TimelineSample {
  readonly seed: number;
  readonly firstCandle: number;
  readonly closes: readonly number[];
  readonly trueIds: readonly number[];
  readonly publishedIds: readonly number[];
  readonly classifier: string;
  readonly hasHistory: boolean;
}

/** An aim and what came of it. */
export interface GateResult {
  readonly gate: string;
  readonly scenario: string;
  readonly classifier: string;
  readonly hasHistory: boolean;
  /** As read by people: `>= 0.97`. */
  readonly aim: string;
  readonly mean: number;
  readonly worst: number;
  /** Null where no seed is worse than another: what is counted over all of them. */
  readonly worstSeed: number | null;
  readonly passed: boolean;
  /** By how much the aim is missed; 0 where it is met. */
  readonly missedBy: number;
  /** Why it could not be met, where that is known of the market itself. */
  readonly note: string;
}

/** What of the engine is switched off: the base's word in the pool, another method, one learner, or all learners. */
export type PartKind = 'base' | 'method' | 'learner' | 'learners';

/** `whole`: all scored candles. `young`: those of them before the 4,000th, while the base may still doubt its levels. */
export type AblationPeriod = 'whole' | 'young';

/** A gain over seeds. */
export interface PairedGain extends SeedFigure {
  /** How often signs drawn by lot show a mean as far from 0. Two-sided, of this cell alone. */
  readonly chanceRatio: number;
}

/** What switching a part off changes: full engine minus engine without the part. Positive accuracy and negative log loss: the part helps. */
export interface AblationRow {
  readonly part: string;
  readonly kind: PartKind;
  readonly scenario: string;
  readonly hasHistory: boolean;
  readonly period: AblationPeriod;
  readonly accuracyGain: PairedGain;
  readonly logLossGain: PairedGain;
}

/** Where a part helps or harms. `isCertain`: chance would not show it anywhere among all that was looked at of the part, at 95 %. */
export interface AblationFinding {
  readonly scenario: string;
  readonly hasHistory: boolean;
  readonly period: AblationPeriod;
  readonly figure: 'accuracy' | 'log loss';
  readonly gain: PairedGain;
  readonly isCertain: boolean;
}

/** `earned`: somewhere at least .3 points or a better log loss, certainly. `doubtful`: only as chance shows it too. `nowhere`: not at all. */
export interface AblationVerdict {
  readonly part: string;
  readonly kind: PartKind;
  readonly outcome: 'earned' | 'doubtful' | 'nowhere';
  /** Where the 95 % interval is on the good side of 0, the surest first. */
  readonly helps: readonly AblationFinding[];
  /** Where it is on the bad side. */
  readonly harms: readonly AblationFinding[];
  /** As read by people. */
  readonly text: string;
}

/** Whether each part of the engine earns its place. */
export interface AblationReport {
  readonly historyCandles: number;
  readonly rows: readonly AblationRow[];
  readonly verdicts: readonly AblationVerdict[];
}

/** Everything `qt regime evaluate` found, as plain JSON. */
export interface EvaluationReport {
  readonly version: 1;
  readonly seeds: readonly number[];
  readonly candles: number;
  /** First candles of each market that are not scored. */
  readonly skippedCandles: number;
  readonly scenarios: readonly ScenarioReport[];
  readonly gates: readonly GateResult[];
  /** Null when parts were not switched off. */
  readonly ablation: AblationReport | null;
}
