import { REGIME_COUNT } from '@qt/regime';
import { type Agreement, agreementOf, confusionOf } from './agreement.ts';
import { BASELINE_NAMES, type BaselineInputs, type BaselineName, baselineCalls, type Calls } from './baseline-calls.ts';
import type { Interval95 } from './block-bootstrap.ts';
import { type DefinitionGap, definitionGap } from './definition-gap.ts';
import type { EngineRun } from './engine-run.ts';
import { type Factor, FACTOR_CLASSES } from './factor-labels.ts';
import type { LabelFamily } from './label-families.ts';
import { leadIntervalOf } from './lead-interval.ts';
import { type Readouts, readoutCalls } from './readout-calls.ts';
import { type FactorScores, UNSUPERVISED_NAMES, unsupervisedCalls } from './unsupervised-calls.ts';
import { renamed, TRAIN_CANDLES } from './walk-forward.ts';

/** Where labels leave less room than this above the best baseline, a ratio of it says nothing. */
const LEAST_ROOM_RATIO = 0.02;

export interface MethodScore extends Agreement {
  readonly method: string;
}

/** A method against the best baseline. */
export interface EntrantScore extends MethodScore {
  /** Accuracy less that of the best baseline. */
  readonly lead: number;
  readonly leadInterval: Interval95 | null;
  /** (accuracy - best baseline) / (label ceiling - best baseline); null where that room is under two points. */
  readonly skill: number | null;
  readonly skillInterval: Interval95 | null;
}

/** Two methods that know the same: both no label, or both what the past labels said. */
export interface Contrast {
  readonly method: string;
  readonly rival: string;
  /** Accuracy of the method less that of the rival. */
  readonly lead: number;
  readonly leadInterval: Interval95 | null;
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
  /** Readouts of the engine, of what the baselines read, and of both; and averages that see no label. */
  readonly entrants: readonly EntrantScore[];
  readonly contrasts: readonly Contrast[];
  readonly definition: DefinitionGap;
}

/** What all rows of one market are made of. */
export interface MarketCalls {
  readonly run: EngineRun;
  readonly cold: EngineRun;
  readonly inputs: BaselineInputs;
  readonly readouts: Readonly<Record<Factor, Readouts>>;
  readonly averages: FactorScores;
}

/** What one row is about. */
export interface SkillQuestion {
  readonly family: LabelFamily;
  readonly factor: Factor;
  readonly labels: Int8Array;
  readonly ceiling: number;
}

/** A method with its calls and how they did. */
interface Called {
  readonly score: MethodScore;
  readonly calls: Calls;
}

const bestOf = (methods: readonly Called[]): Called | undefined =>
  methods.reduce<Called | undefined>(
    (best, one) => (best !== undefined && best.score.accuracyRatio >= one.score.accuracyRatio ? best : one),
    undefined,
  );

/** Returns how every method did on one factor by one family of labels. */
export const skillRow = ({ family, factor, labels, ceiling }: SkillQuestion, market: MarketCalls): SkillRow => {
  const { run, cold, inputs, averages } = market;
  const readouts = market.readouts[factor];
  const classes = FACTOR_CLASSES[factor].length;
  const called = (method: string, calls: Calls): Called => ({
    score: { method, ...agreementOf(confusionOf(labels, calls, { classes, from: TRAIN_CANDLES })) },
    calls,
  });
  const ofBaselines = baselineCalls(inputs, factor, labels);
  const baselines = BASELINE_NAMES.map((name) => called(name, ofBaselines[name]));
  const best = bestOf(baselines) ?? called(BASELINE_NAMES[0], ofBaselines[BASELINE_NAMES[0]]);
  const bestBaseline = BASELINE_NAMES.find((name) => name === best.score.method) ?? BASELINE_NAMES[0];
  const room = ceiling - best.score.accuracyRatio;
  const ofRoom = (value: number): number | null => (room < LEAST_ROOM_RATIO ? null : value / room);
  const againstBest = ({ score, calls }: Called): EntrantScore => {
    const lead = score.accuracyRatio - best.score.accuracyRatio;
    const leadInterval = leadIntervalOf(labels, calls, best.calls);
    const hasRoom = leadInterval !== null && room >= LEAST_ROOM_RATIO;
    const skillInterval = hasRoom ? { low: leadInterval.low / room, high: leadInterval.high / room } : null;
    return { ...score, lead, leadInterval, skill: ofRoom(lead), skillInterval };
  };
  const contrast = (own: Called, rival: Called): Contrast => ({
    method: own.score.method,
    rival: rival.score.method,
    lead: own.score.accuracyRatio - rival.score.accuracyRatio,
    leadInterval: leadIntervalOf(labels, own.calls, rival.calls),
  });

  const published = called('engine, published', run.published[factor]);
  const likeliest = called('engine, likeliest', run.likeliest[factor]);
  const named = called('engine, named by the past', renamed(run.ids, labels, { states: REGIME_COUNT, classes }));
  const coldStart = called('engine, cold start', cold.published[factor]);
  const engineRead = called('engine, read out', readoutCalls(readouts.engine, labels, classes));
  const windowsRead = called('windows, read out', readoutCalls(readouts.windows, labels, classes));
  const bothRead = called('engine and windows, read out', readoutCalls(readouts.both, labels, classes));
  const unsupervised = UNSUPERVISED_NAMES.map((name) => called(name, unsupervisedCalls(averages, name)[factor]));
  const persistence = baselines.filter(({ score }) => score.method === 'persistence');
  const blindest = bestOf([...persistence, ...unsupervised]) ?? best;
  const { lead, leadInterval, skill, skillInterval } = againstBest(published);
  const ofNamed = againstBest(named);
  return {
    family,
    factor,
    labelCeilingRatio: ceiling,
    engine: [published, likeliest, named, coldStart].map(({ score }) => score),
    baselines: baselines.map(({ score }) => score),
    bestBaseline,
    lead,
    leadInterval,
    skill,
    skillInterval,
    renamedSkill: ofNamed.skill,
    renamedSkillInterval: ofNamed.skillInterval,
    entrants: [engineRead, windowsRead, bothRead, ...unsupervised].map(againstBest),
    contrasts: [
      contrast(published, blindest),
      contrast(likeliest, blindest),
      contrast(engineRead, windowsRead),
      contrast(bothRead, windowsRead),
      contrast(bothRead, best),
    ],
    definition: definitionGap({ factor, labels, run, average: averages[factor] }),
  };
};
