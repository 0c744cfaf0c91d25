import { availableParallelism } from 'node:os';
import {
  ablationPlan,
  CLASSIFIER_NAMES,
  engineParts,
  type EvaluationPlan,
  GATE_PLAN,
  QUICK_PLAN,
  type Scenario,
  scenarioNameOf,
} from '@qt/regime-lab';
import { listOf, pathOf, refuse, wholeNumber } from '../option-values.ts';

/** As the command line gave them. */
export interface RawEvaluateOptions {
  readonly quick?: boolean;
  readonly ablate?: boolean;
  readonly reportOnly?: boolean;
  readonly seeds?: string;
  readonly candles?: string;
  readonly history?: string;
  readonly scenario?: string;
  readonly classifier?: string;
  readonly threads?: string;
  readonly out?: string;
}

export interface EvaluateOptions {
  readonly plan: EvaluationPlan;
  readonly isQuick: boolean;
  /** Misses are shown and the command ends well all the same. */
  readonly isReportOnly: boolean;
  readonly threads: number;
  /** Where the JSON goes; null for nowhere. */
  readonly outFolder: string | null;
}

const MOST_CANDLES = 1_000_000;
const MOST_SEED = 99_999;
const MOST_THREADS = 64;

/** Returns the seeds of `1,4,401-416`. Throws: BAD_OPTION. */
const seedsOf = (text: string): number[] => {
  const seeds = listOf(text).flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const from = wholeNumber('--seeds', first, MOST_SEED);
    const to = wholeNumber('--seeds', last, MOST_SEED);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  });
  return seeds.length > 0 ? seeds : refuse(`--seeds: found "${text}", expected seeds such as 1,4 or 401-416`);
};

/** Returns the scenarios whose name starts with one of the parts of `text`. Throws: BAD_OPTION. */
const scenariosOf = (text: string, known: readonly Scenario[]): Scenario[] => {
  const starts = listOf(text);
  const names = known.map(scenarioNameOf);
  const unknown = starts.find((start) => !names.some((name) => name.startsWith(start)));
  if (unknown !== undefined || starts.length === 0) {
    return refuse(`--scenario: found "${unknown ?? text}", expected the start of one of ${names.join(', ')}`);
  }
  return known.filter((scenario) => starts.some((start) => scenarioNameOf(scenario).startsWith(start)));
};

const withClassifiers = (plan: EvaluationPlan, text: string): EvaluationPlan => {
  const wanted = listOf(text);
  const unknown = wanted.find((name) => !CLASSIFIER_NAMES.some((known) => known === name));
  if (unknown !== undefined || wanted.length === 0) {
    return refuse(`--classifier: found "${unknown ?? text}", expected some of ${CLASSIFIER_NAMES.join(', ')}`);
  }
  const inPlan = plan.entrants.filter(({ classifier }) => wanted.includes(classifier));
  const others = CLASSIFIER_NAMES.filter(
    (name) => wanted.includes(name) && !inPlan.some(({ classifier }) => classifier === name),
  ).map((classifier) => ({ classifier, hasHistory: false }));
  return { ...plan, entrants: [...inPlan, ...others] };
};

/** Throws: BAD_OPTION naming the option, what was found and what was expected. */
export const readEvaluateOptions = (raw: RawEvaluateOptions): EvaluateOptions => {
  const isQuick = raw.quick === true;
  let plan = isQuick ? QUICK_PLAN : GATE_PLAN;
  if (raw.scenario !== undefined) plan = { ...plan, scenarios: scenariosOf(raw.scenario, GATE_PLAN.scenarios) };
  if (raw.seeds !== undefined) plan = { ...plan, seeds: seedsOf(raw.seeds) };
  if (raw.candles !== undefined) plan = { ...plan, candles: wholeNumber('--candles', raw.candles, MOST_CANDLES) };
  if (raw.history !== undefined) {
    plan = { ...plan, historyCandles: wholeNumber('--history', raw.history, MOST_CANDLES) };
  }
  if (plan.candles <= 2 * plan.skippedCandles) {
    refuse(`--candles: found ${plan.candles}, expected over ${2 * plan.skippedCandles}: the first are not scored`);
  }
  if (raw.ablate === true) {
    const { methods, learners } = engineParts();
    plan = ablationPlan(plan, [...methods, ...learners]);
  }
  if (raw.classifier !== undefined) plan = withClassifiers(plan, raw.classifier);
  const threads = wholeNumber('--threads', raw.threads ?? String(availableParallelism()), MOST_THREADS);
  return {
    plan,
    isQuick,
    isReportOnly: raw.reportOnly === true,
    threads: Math.max(1, threads),
    outFolder: raw.out === undefined ? null : pathOf(raw.out),
  };
};
