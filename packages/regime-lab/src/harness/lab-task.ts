import { type AblationResult, ablateSeed } from './ablate-seed.ts';
import type { AblationTask } from './ablation-plan.ts';
import { evaluateSeed, type SeedResult, type SeedTask } from './evaluate-seed.ts';

/** One market's work, for any thread. */
export type LabTask = SeedTask | AblationTask;

/** Returns the results of a task of either kind. */
export const runTask = (task: LabTask): SeedResult[] | AblationResult[] =>
  task.kind === 'ablate' ? ablateSeed(task) : evaluateSeed(task);
