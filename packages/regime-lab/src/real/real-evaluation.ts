import { type Agreement, agreementOf, confusionOf } from './agreement.ts';
import {
  BASELINE_NAMES,
  type BaselineInputs,
  type BaselineName,
  baselineCalls,
  baselineInputs,
} from './baseline-calls.ts';
import { blockBootstrap, type Interval95 } from './block-bootstrap.ts';
import { chainLabels, type ChainModel, fitChainModel } from './chain-labels.ts';
import { type EngineRun, runEngine } from './engine-run.ts';
import {
  type Factor,
  FACTOR_CLASSES,
  type FactorLabels,
  FACTORS,
  LABEL_HALF_WINDOW_CANDLES,
  UNLABELED,
  windowLabels,
} from './factor-labels.ts';
import { jumpLabels } from './jump-labels.ts';
import { type LabelFreeReport, labelFreeReport } from './label-free.ts';
import type { RealSeries } from './real-series.ts';
import { PURGED_CANDLES, renamed, TRAIN_CANDLES } from './walk-forward.ts';

/** Three ways to say afterwards what it had been. */
export const LABEL_FAMILIES = ['chain', 'jump', 'window'] as const;
export type LabelFamily = (typeof LABEL_FAMILIES)[number];

const BLOCK_CANDLES = 250;
const REGIME_IDS = 18;
/** Fifths of a centered trend that a causal method can call right on a random walk, and a margin for the sample. */
const RANDOM_WALK_TREND_RATIO = 0.41;
const RANDOM_WALK_MARGIN = 0.04;

/** How much two families say the same of one factor. */
export interface LabelAgreement extends Agreement {
  readonly factor: Factor;
  readonly families: readonly [LabelFamily, LabelFamily];
}

export interface MethodScore extends Agreement {
  readonly method: string;
}

/** One factor by one family of labels. */
export interface SkillRow {
  readonly family: LabelFamily;
  readonly factor: Factor;
  /** How much the nearer of the other two families agrees with this one: no method can be asked for more. */
  readonly labelCeilingRatio: number;
  /**
   * The published class, the likeliest, the published regimes named by past labels as the baselines' states are, and the published class
   * of an engine that was not calibrated on the candles before the first that is judged.
   */
  readonly engine: readonly MethodScore[];
  readonly baselines: readonly MethodScore[];
  readonly bestBaseline: BaselineName;
  /** Accuracy of the published regime less that of the best baseline. */
  readonly lead: number;
  readonly leadInterval: Interval95 | null;
  /** (accuracy - best baseline) / (label ceiling - best baseline) of the published regime; null where that room is under two points. */
  readonly skill: number | null;
  readonly skillInterval: Interval95 | null;
  /** The same of the engine's regimes named by past labels. */
  readonly renamedSkill: number | null;
  readonly renamedSkillInterval: Interval95 | null;
}

export interface RealMarketReport {
  readonly name: string;
  readonly candles: number;
  readonly judgedCandles: number;
  readonly changesPer1000: number;
  readonly refused: number;
  /** What the fit behind the chain labels found; drifts and autoregressions at their bounds mean that there is little of them. */
  readonly chain: Pick<ChainModel, 'driftMild' | 'driftStrong' | 'arTrending' | 'arReverting' | 'hazard'>;
  readonly labelAgreement: readonly LabelAgreement[];
  readonly skills: readonly SkillRow[];
  readonly labelFree: LabelFreeReport;
  /** What is too good to be believed without a look for a leak. */
  readonly doubts: readonly string[];
}

/** Returns what scores the calls of one method against `labels`. */
const scorer =
  (labels: Int8Array, classes: number) =>
  (method: string, calls: Int8Array): MethodScore => ({
    method,
    ...agreementOf(confusionOf(labels, calls, { classes, from: TRAIN_CANDLES })),
  });

const hitsOf = (labels: Int8Array, calls: Int8Array): Float64Array =>
  Float64Array.from({ length: Math.max(0, labels.length - TRAIN_CANDLES) }, (_, row) => {
    const label = labels[row + TRAIN_CANDLES] ?? UNLABELED;
    return label !== UNLABELED && label === calls[row + TRAIN_CANDLES] ? 1 : 0;
  });

/** Where labels leave less room than this above the best baseline, a ratio of it says nothing. */
const LEAST_ROOM_RATIO = 0.02;

/** Accuracy of `calls` less that of `best` in resamples of the judged candles. */
const leadIntervalOf = (labels: Int8Array, calls: Int8Array, best: Int8Array): Interval95 | null => {
  const labeled = Float64Array.from({ length: Math.max(0, labels.length - TRAIN_CANDLES) }, (_, row) =>
    labels[row + TRAIN_CANDLES] === UNLABELED ? 0 : 1,
  );
  return blockBootstrap(
    [hitsOf(labels, calls), hitsOf(labels, best), labeled],
    ([own = 0, other = 0, count = 0]) => (own - other) / count,
    { blockCandles: BLOCK_CANDLES },
  );
};

const agreementsOf = (families: Readonly<Record<LabelFamily, FactorLabels>>): LabelAgreement[] =>
  FACTORS.flatMap((factor) =>
    LABEL_FAMILIES.flatMap((first, index) =>
      LABEL_FAMILIES.slice(index + 1).map((second) => {
        const classes = FACTOR_CLASSES[factor].length;
        const confusion = confusionOf(families[first][factor], families[second][factor], {
          classes,
          from: TRAIN_CANDLES,
        });
        return { factor, families: [first, second] as const, ...agreementOf(confusion) };
      }),
    ),
  );

const ceilingOf = (agreements: readonly LabelAgreement[], family: LabelFamily, factor: Factor): number => {
  const own = agreements.filter((one) => one.factor === factor && one.families.includes(family));
  return Math.max(...own.map(({ accuracyRatio }) => accuracyRatio));
};

const skillRow = (input: {
  readonly family: LabelFamily;
  readonly factor: Factor;
  readonly labels: Int8Array;
  readonly run: EngineRun;
  readonly cold: EngineRun;
  readonly inputs: BaselineInputs;
  readonly ceiling: number;
}): SkillRow => {
  const { family, factor, labels, run, cold, inputs, ceiling } = input;
  const classes = FACTOR_CLASSES[factor].length;
  const scoreOf = scorer(labels, classes);
  const baselines = baselineCalls(inputs, factor, labels);
  const scores = BASELINE_NAMES.map((name) => scoreOf(name, baselines[name]));
  const bestScore = scores.reduce((best, score) => (score.accuracyRatio > best.accuracyRatio ? score : best));
  const bestBaseline = BASELINE_NAMES.find((name) => name === bestScore.method) ?? BASELINE_NAMES[0];
  const best = baselines[bestBaseline];
  const named = renamed(run.ids, labels, { states: REGIME_IDS, classes });
  const engine = [
    scoreOf('engine, published', run.published[factor]),
    scoreOf('engine, likeliest', run.likeliest[factor]),
    scoreOf('engine, named by the past', named),
    scoreOf('engine, cold start', cold.published[factor]),
  ];
  const published = engine[0]?.accuracyRatio ?? 0;
  const renamedScore = engine[2]?.accuracyRatio ?? 0;
  const room = ceiling - bestScore.accuracyRatio;
  const lead = published - bestScore.accuracyRatio;
  const leadInterval = leadIntervalOf(labels, run.published[factor], best);
  const ofRoom = (value: number): number | null => (room < LEAST_ROOM_RATIO ? null : value / room);
  const intervalOfRoom = (interval: Interval95 | null): Interval95 | null =>
    interval === null || room < LEAST_ROOM_RATIO ? null : { low: interval.low / room, high: interval.high / room };
  return {
    family,
    factor,
    labelCeilingRatio: ceiling,
    engine,
    baselines: scores,
    bestBaseline,
    lead,
    leadInterval,
    skill: ofRoom(lead),
    skillInterval: intervalOfRoom(leadInterval),
    renamedSkill: ofRoom(renamedScore - bestScore.accuracyRatio),
    renamedSkillInterval: intervalOfRoom(leadIntervalOf(labels, named, best)),
  };
};

const doubtsOf = (skills: readonly SkillRow[]): string[] =>
  skills.flatMap(({ family, factor, engine, baselines }) =>
    factor !== 'trend' || family !== 'window'
      ? []
      : [...engine, ...baselines]
          .filter(({ accuracyRatio }) => accuracyRatio > RANDOM_WALK_TREND_RATIO + RANDOM_WALK_MARGIN)
          .map(
            ({ method, accuracyRatio }) =>
              `${method} calls ${(100 * accuracyRatio).toFixed(1)} % of the centered trend fifths; a random walk allows ${100 * RANDOM_WALK_TREND_RATIO} %: a real trend, or a leak`,
          ),
  );

/** Candles that the protocol needs: to learn from, and a few folds to judge. */
export const LEAST_REAL_CANDLES = TRAIN_CANDLES + 4 * PURGED_CANDLES + LABEL_HALF_WINDOW_CANDLES;

/**
 * Judges a new engine on real candles: against three families of hindsight labels with five baselines beside it, walking forward with
 * purge and embargo, and against what came without any label.
 *
 * Shape: `series.bars[n]`, n >= LEAST_REAL_CANDLES.
 */
export const evaluateReal = (series: RealSeries): RealMarketReport => {
  const run = runEngine(series, TRAIN_CANDLES);
  const cold = runEngine(series, 0);
  const inputs = baselineInputs(series);
  const chain = fitChainModel(series);
  const families = { chain: chainLabels(series, chain), jump: jumpLabels(series), window: windowLabels(series) };
  const labelAgreement = agreementsOf(families);
  const skills = LABEL_FAMILIES.flatMap((family) =>
    FACTORS.map((factor) => {
      const ceiling = ceilingOf(labelAgreement, family, factor);
      return skillRow({ family, factor, labels: families[family][factor], run, cold, inputs, ceiling });
    }),
  );
  return {
    name: series.name,
    candles: series.bars.length,
    judgedCandles: series.bars.length - TRAIN_CANDLES,
    changesPer1000: (1_000 * run.changes) / (series.bars.length - TRAIN_CANDLES),
    refused: run.refused,
    chain: {
      driftMild: chain.driftMild,
      driftStrong: chain.driftStrong,
      arTrending: chain.arTrending,
      arReverting: chain.arReverting,
      hazard: chain.hazard,
    },
    labelAgreement,
    skills,
    labelFree: labelFreeReport(series, run, cold),
    doubts: doubtsOf(skills),
  };
};
