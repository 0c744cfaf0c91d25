import type { Difficulty } from '../market/market-settings.ts';
import type { Scenario } from '../report.ts';
import { BASELINES, DUMMIES, type Entrant } from './entrants.ts';
import { HISTORY_CANDLES, SKIPPED_CANDLES } from './evaluate-seed.ts';

/** What is run: every scenario with every seed. */
export interface EvaluationPlan {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
  readonly candles: number;
  readonly skippedCandles: number;
  readonly historyCandles: number;
  readonly entrants: readonly Entrant[];
}

const DIFFICULTIES: readonly Difficulty[] = ['easy', 'medium', 'hard'];
const DURATIONS_CANDLES = [300, 600] as const;

const everyDifficulty = (generator: Scenario['generator']): Scenario[] =>
  DURATIONS_CANDLES.flatMap((durationCandles) =>
    DIFFICULTIES.map((difficulty) => ({ generator, difficulty, durationCandles })),
  );

/** The markets of the gates; the last three are only reported. */
export const GATE_SCENARIOS: readonly Scenario[] = [
  ...everyDifficulty('gaussian'),
  ...everyDifficulty('student-t4'),
  ...everyDifficulty('garch-jumps'),
  ...everyDifficulty('semi-markov'),
  ...everyDifficulty('stochastic-volatility'),
  { generator: 'shared-scale-t4', difficulty: 'medium', durationCandles: 300 },
  { generator: 'untied-range-t4', difficulty: 'medium', durationCandles: 300 },
  { generator: 'gaussian', difficulty: 'real-like', durationCandles: 300 },
];

/** Seeds on which nothing was ever tuned: only to be looked at with a finished engine. */
export const GATE_SEEDS: readonly number[] = Array.from({ length: 16 }, (_, index) => 401 + index);

const ENGINES: readonly Entrant[] = [
  { classifier: 'engine', hasHistory: false },
  { classifier: 'engine', hasHistory: true },
];
const RIVALS: readonly Entrant[] = [
  ...[...BASELINES, 'random labels' as const, ...DUMMIES].map((classifier) => ({ classifier, hasHistory: false })),
  // The others know the truth of another market; this one can only gain from having seen more.
  { classifier: 'hidden markov', hasHistory: true },
];

export const GATE_PLAN: EvaluationPlan = {
  scenarios: GATE_SCENARIOS,
  seeds: GATE_SEEDS,
  candles: 20_000,
  skippedCandles: SKIPPED_CANDLES,
  historyCandles: HISTORY_CANDLES,
  entrants: [...ENGINES, ...RIVALS],
};

/** A minute's look for a continuous integration run: loose floors that only a broken engine misses. */
export const QUICK_PLAN: EvaluationPlan = {
  ...GATE_PLAN,
  scenarios: [
    { generator: 'gaussian', difficulty: 'easy', durationCandles: 300 },
    { generator: 'student-t4', difficulty: 'easy', durationCandles: 300 },
  ],
  seeds: [1, 2],
  candles: 4_000,
  historyCandles: 4_000,
};
