import type { PartKind, Scenario } from '../report.ts';
import { type EngineParts, engineParts } from './engine-classifiers.ts';
import { SKIPPED_CANDLES } from './evaluate-seed.ts';
import { GATE_SEEDS } from './gate-plan.ts';

/** What is switched off together. */
export interface AblatedPart {
  readonly name: string;
  readonly kind: PartKind;
  /** Names that the engine itself gives its methods and learners. */
  readonly disabled: readonly string[];
}

/** One market on which the engine is compared with itself less one part at a time. */
export interface AblationTask {
  readonly kind: 'ablate';
  readonly scenario: Scenario;
  readonly seed: number;
  readonly candles: number;
  readonly skippedCandles: number;
  /** Candles before this one are young. */
  readonly youngCandles: number;
  readonly historyCandles: number;
  readonly parts: readonly AblatedPart[];
}

export interface AblationPlan extends Omit<AblationTask, 'kind' | 'scenario' | 'seed'> {
  readonly scenarios: readonly Scenario[];
  readonly seeds: readonly number[];
}

/** Returns every part of the engine: the base's word, six more methods, five learners, and all five at once. */
export const ablatedParts = ({ methods, learners }: EngineParts = engineParts()): AblatedPart[] => [
  ...methods.map((name, place): AblatedPart => ({ name, kind: place === 0 ? 'base' : 'method', disabled: [name] })),
  ...learners.map((name): AblatedPart => ({ name, kind: 'learner', disabled: [name] })),
  { name: 'all learners', kind: 'learners', disabled: learners },
];

const D300 = { durationCandles: 300 } as const;

/** Markets that differ in what they are hard on: the drifts, the level, its swings, the ages of regimes. */
const ABLATION_SCENARIOS: readonly Scenario[] = [
  { generator: 'gaussian', difficulty: 'hard', ...D300 },
  { generator: 'student-t4', difficulty: 'hard', ...D300 },
  { generator: 'garch-jumps', difficulty: 'easy', ...D300 },
  { generator: 'garch-jumps', difficulty: 'hard', ...D300 },
  { generator: 'semi-markov', difficulty: 'hard', ...D300 },
  { generator: 'stochastic-volatility', difficulty: 'medium', ...D300 },
];

/** Returns what `--ablate` runs when nothing else is asked for: some fifty minutes of one core. */
export const ablationPlan = (): AblationPlan => ({
  scenarios: ABLATION_SCENARIOS,
  seeds: GATE_SEEDS,
  candles: 8_000,
  skippedCandles: SKIPPED_CANDLES,
  youngCandles: 4_000,
  historyCandles: 6_000,
  parts: ablatedParts(),
});

/** Returns the tasks of a plan, scenario by scenario: each can run by itself, on any thread. */
export const ablationTasksOf = ({ scenarios, seeds, ...rest }: AblationPlan): AblationTask[] =>
  scenarios.flatMap((scenario) => seeds.map((seed) => ({ ...rest, kind: 'ablate' as const, scenario, seed })));
