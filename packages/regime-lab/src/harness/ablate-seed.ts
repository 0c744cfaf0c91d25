import { generateMarket } from '../market/generate-market.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import type { AblationPeriod, Scenario } from '../report.ts';
import { type PeriodScores, PeriodTally } from '../score/period-scores.ts';
import type { AblatedPart, AblationTask } from './ablation-plan.ts';
import { EngineClassifier } from './engine-classifiers.ts';
import { HISTORY_SEED_OFFSET, runOver } from './market-run.ts';

/** What the engine did on one market, whole or less one part. Plain columns: it can be sent between threads. */
export interface AblationResult {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Null: the whole engine. */
  readonly part: AblatedPart | null;
  readonly hasHistory: boolean;
  /** `young` is left out where the run is no longer than that. */
  readonly periods: Partial<Readonly<Record<AblationPeriod, PeriodScores>>>;
}

const periodsOf = (
  task: AblationTask,
  part: AblatedPart | null,
  { market, history }: { readonly market: SyntheticMarket; readonly history: SyntheticMarket | null },
): AblationResult['periods'] => {
  const { candles, skippedCandles, youngCandles } = task;
  const whole = new PeriodTally(skippedCandles, candles);
  const young = new PeriodTally(skippedCandles, youngCandles);
  runOver(new EngineClassifier({ disabled: part?.disabled ?? [] }), {
    market,
    history,
    hear: (index, said) => {
      const trueId = market.regimeIds[index] ?? 0;
      whole.add(index, said, trueId);
      young.add(index, said, trueId);
    },
  });
  return candles > youngCandles ? { whole: whole.scores, young: young.scores } : { whole: whole.scores };
};

/** Returns what the whole engine and the engine less each part did on one market, without history and with. Nothing else runs. */
export const ablateSeed = (task: AblationTask): AblationResult[] => {
  const { scenario, seed, candles, historyCandles } = task;
  const market = generateMarket({ ...scenario, seed, candles });
  const past = generateMarket({ ...scenario, seed: seed + HISTORY_SEED_OFFSET, candles: historyCandles });
  return [null, past].flatMap((history) =>
    [null, ...task.parts].map((part) => ({
      scenario,
      seed,
      part,
      hasHistory: history !== null,
      periods: periodsOf(task, part, { market, history }),
    })),
  );
};
