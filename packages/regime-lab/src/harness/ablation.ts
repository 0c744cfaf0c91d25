import {
  type AblationPeriod,
  type AblationReport,
  type AblationRow,
  type EvaluationReport,
  type PairedGain,
  scenarioNameOf,
} from '../report.ts';
import { seedFigureOf } from '../score/bootstrap.ts';
import type { PeriodScores } from '../score/period-scores.ts';
import { signFlipChance } from '../score/sign-test.ts';
import type { AblationResult } from './ablate-seed.ts';
import type { AblatedPart, AblationPlan } from './ablation-plan.ts';
import { verdictOn } from './ablation-verdict.ts';

const PERIODS: readonly AblationPeriod[] = ['whole', 'young'];

interface Pair {
  readonly seed: number;
  readonly whole: PeriodScores;
  readonly without: PeriodScores;
}

const gainOf = (pairs: readonly Pair[], figure: keyof PeriodScores): PairedGain => {
  const gains = pairs.map(({ whole, without }) => whole[figure] - without[figure]);
  const seeds = pairs.map(({ seed }) => seed);
  const isGood = figure === 'accuracyRatio' ? 'high' : 'low';
  return { ...seedFigureOf(gains, seeds, isGood), chanceRatio: signFlipChance(gains) };
};

/** Returns the whole engine beside the engine without the part, on the seeds that both ran on. */
const pairsOf = (results: readonly AblationResult[], part: string, period: AblationPeriod): Pair[] =>
  results.flatMap((lesser) => {
    if (lesser.part?.name !== part) return [];
    const full = results.find(({ part: none, seed }) => none === null && seed === lesser.seed);
    const whole = full?.periods[period];
    const without = lesser.periods[period];
    return whole === undefined || without === undefined ? [] : [{ seed: lesser.seed, whole, without }];
  });

const rowsOf = (results: readonly AblationResult[], { name, kind }: AblatedPart): AblationRow[] =>
  PERIODS.flatMap((period) => {
    const pairs = pairsOf(results, name, period);
    const [first] = results;
    if (first === undefined || pairs.length === 0) return [];
    const { scenario, hasHistory } = first;
    return [
      {
        part: name,
        kind,
        scenario: scenarioNameOf(scenario),
        hasHistory,
        period,
        accuracyGain: gainOf(pairs, 'accuracyRatio'),
        logLossGain: gainOf(pairs, 'logLoss'),
      },
    ];
  });

/** Returns what each part adds on each market, and whether it earns its place, in the plan's order whatever order results came in. */
export const ablationOf = (plan: AblationPlan, results: readonly AblationResult[]): AblationReport => {
  const ordered = results.toSorted((left, right) => left.seed - right.seed);
  const groups = plan.scenarios.flatMap((scenario) =>
    [false, true].map((hasHistory) =>
      ordered.filter(
        (result) => result.hasHistory === hasHistory && scenarioNameOf(result.scenario) === scenarioNameOf(scenario),
      ),
    ),
  );
  const rows = plan.parts.flatMap((part) => groups.flatMap((group) => rowsOf(group, part)));
  const verdicts = plan.parts.map((part) =>
    verdictOn(
      part,
      rows.filter((row) => row.part === part.name),
      plan.seeds.length,
    ),
  );
  return { historyCandles: plan.historyCandles, rows, verdicts };
};

/** Returns the report of an ablation: nothing but what each part is worth. */
export const ablationReportOf = (plan: AblationPlan, results: readonly AblationResult[]): EvaluationReport => ({
  version: 1,
  seeds: plan.seeds,
  candles: plan.candles,
  skippedCandles: plan.skippedCandles,
  scenarios: [],
  gates: [],
  ablation: ablationOf(plan, results),
});
