import type { EvaluationReport, Scenario } from '../report.ts';
import { scenarioNameOf } from '../report.ts';
import { evaluateSeed, type SeedResult, type SeedTask } from './evaluate-seed.ts';
import type { EvaluationPlan } from './gate-plan.ts';
import { gatesOf } from './gates.ts';
import { groupsBy, summarizeScenario } from './summarize.ts';

// Taken once, as everywhere here.
const { min } = Math;

/** Returns the tasks of a plan, scenario by scenario: each can run by itself, on any thread. */
export const tasksOf = ({ scenarios, seeds, ...rest }: EvaluationPlan): SeedTask[] =>
  scenarios.flatMap((scenario) =>
    seeds.map((seed) => ({ ...rest, kind: 'evaluate' as const, scenario, seed, hasTimeline: seed === min(...seeds) })),
  );

const seedOrder = (left: SeedResult, right: SeedResult): number => left.seed - right.seed;

/** Returns the report of all results, in the plan's order whatever order they came in. */
export const reportOf = (
  plan: EvaluationPlan,
  results: readonly SeedResult[],
  options: { readonly isQuick: boolean },
): EvaluationReport => {
  const nameOf = ({ scenario }: { readonly scenario: Scenario }): string => scenarioNameOf(scenario);
  const order = plan.scenarios.map(scenarioNameOf);
  const groups = groupsBy(results, nameOf)
    .map((group) => group.toSorted(seedOrder))
    .toSorted((left, right) => order.indexOf(nameOf(left[0] ?? fail())) - order.indexOf(nameOf(right[0] ?? fail())));
  const scenarios = groups.flatMap((group) => summarizeScenario(group) ?? []);
  return {
    version: 1,
    seeds: plan.seeds,
    candles: plan.candles,
    skippedCandles: plan.skippedCandles,
    scenarios,
    gates: scenarios.flatMap((report, place) => gatesOf(report, groups[place] ?? [], options)),
    ablation: null,
  };
};

const fail = (): never => {
  throw new RangeError('a group of results is never empty');
};

/** Runs a whole plan here and now. `onTask`: told after each task, for whoever wants to show how far it is. */
export const evaluate = (
  plan: EvaluationPlan,
  options: { readonly isQuick: boolean },
  onTask: (done: number, all: number) => void = () => undefined,
): EvaluationReport => {
  const tasks = tasksOf(plan);
  const results = tasks.flatMap((task, index) => {
    const found = evaluateSeed(task);
    onTask(index + 1, tasks.length);
    return found;
  });
  return reportOf(plan, results, options);
};
