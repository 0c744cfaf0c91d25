import { availableParallelism } from 'node:os';
import {
  type AblationPlan,
  ablationPlan,
  CLASSIFIER_NAMES,
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
  /** `ablate`: the engine against itself; `evaluate`: all entrants against the ceiling and the gates. */
  readonly run: PlannedRun;
  readonly isQuick: boolean;
  /** Misses are shown and the command ends well all the same. */
  readonly isReportOnly: boolean;
  readonly threads: number;
  /** Where the JSON goes; null for nowhere. */
  readonly outFolder: string | null;
}

export type PlannedRun =
  | { readonly kind: 'evaluate'; readonly plan: EvaluationPlan }
  | { readonly kind: 'ablate'; readonly plan: AblationPlan };

const MOST_CANDLES = 1_000_000;
const MOST_SEED = 99_999;
const MOST_THREADS = 64;

/** Returns the seeds of `1,4,401-416`, each once: two runs of one seed are not two witnesses. Throws: BAD_OPTION. */
const seedsOf = (text: string): number[] => {
  const wrong = (found: string): never => refuse(`--seeds: found "${found}", expected seeds such as 1,4 or 401-416`);
  const seeds = listOf(text).flatMap((part) => {
    const [first = '', last = first, ...rest] = part.split('-');
    const from = wholeNumber('--seeds', first, MOST_SEED);
    const to = wholeNumber('--seeds', last, MOST_SEED);
    if (rest.length > 0 || to < from) return wrong(part);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return seeds.length > 0 ? [...new Set(seeds)] : wrong(text);
};

/** Throws: BAD_OPTION unless `text` is a whole number from 1 to `most`. */
const positiveNumber = (option: string, text: string, most: number): number => {
  const value = wholeNumber(option, text, most);
  return value > 0 ? value : refuse(`${option}: found "${text}", expected a whole number from 1 to ${most}`);
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

/** What both kinds of plan have. */
type Extent = Pick<EvaluationPlan, 'scenarios' | 'seeds' | 'candles' | 'skippedCandles' | 'historyCandles'>;

/** Returns the plan on the markets, seeds and candles asked for; those of the plan where nothing is asked. Throws: BAD_OPTION. */
const withExtent = <Plan extends Extent>(plan: Plan, raw: RawEvaluateOptions): Plan => {
  const scenarios = raw.scenario === undefined ? plan.scenarios : scenariosOf(raw.scenario, GATE_PLAN.scenarios);
  const seeds = raw.seeds === undefined ? plan.seeds : seedsOf(raw.seeds);
  const candles = raw.candles === undefined ? plan.candles : wholeNumber('--candles', raw.candles, MOST_CANDLES);
  const historyCandles =
    raw.history === undefined ? plan.historyCandles : positiveNumber('--history', raw.history, MOST_CANDLES);
  if (candles <= 2 * plan.skippedCandles) {
    refuse(`--candles: found ${candles}, expected over ${2 * plan.skippedCandles}: the first are not scored`);
  }
  return { ...plan, scenarios, seeds, candles, historyCandles };
};

const plannedRun = (raw: RawEvaluateOptions): PlannedRun => {
  const start = raw.quick === true ? QUICK_PLAN : GATE_PLAN;
  if (raw.ablate === true) {
    if (raw.classifier !== undefined) refuse('--classifier: found beside --ablate, which runs the engine alone');
    const { scenarios, seeds, candles, historyCandles } = start;
    const plan = ablationPlan();
    const wanted = raw.quick === true ? { ...plan, scenarios, seeds, candles, historyCandles } : plan;
    return { kind: 'ablate', plan: withExtent(wanted, raw) };
  }
  const plan = withExtent(start, raw);
  return { kind: 'evaluate', plan: raw.classifier === undefined ? plan : withClassifiers(plan, raw.classifier) };
};

/** Throws: BAD_OPTION naming the option, what was found and what was expected. */
export const readEvaluateOptions = (raw: RawEvaluateOptions): EvaluateOptions => ({
  run: plannedRun(raw),
  isQuick: raw.quick === true,
  isReportOnly: raw.reportOnly === true,
  threads: positiveNumber(
    '--threads',
    raw.threads ?? String(Math.min(MOST_THREADS, availableParallelism())),
    MOST_THREADS,
  ),
  outFolder: raw.out === undefined ? null : pathOf(raw.out),
});

/** Options of made markets, which real candles know nothing of. */
const OF_MADE_MARKETS = [
  ['quick', '--quick'],
  ['ablate', '--ablate'],
  ['reportOnly', '--report-only'],
  ['seeds', '--seeds'],
  ['candles', '--candles'],
  ['history', '--history'],
  ['scenario', '--scenario'],
  ['classifier', '--classifier'],
  ['threads', '--threads'],
] as const;

/** Throws: BAD_OPTION where an option stands beside `--real` that would do nothing there. */
export const refuseBesideReal = (raw: RawEvaluateOptions): void => {
  const found = OF_MADE_MARKETS.find(([name]) => raw[name] !== undefined);
  if (found !== undefined) refuse(`${found[1]}: found beside --real, which takes --real-candles and --out only`);
};
