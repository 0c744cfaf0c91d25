/** Everything that can be asked of the scheduler. */
export const TASK_KINDS = [
  'optimize_boundaries',
  'update_transition_matrix',
  'refit_learners',
  'analyze_history',
  'snapshot',
  'audit',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** Steps that an engine takes itself, at a candle; the task only asks for one. */
export const ENGINE_STEPS = ['optimize_boundaries', 'update_transition_matrix', 'refit_learners'] as const;
export type EngineStep = (typeof ENGINE_STEPS)[number];

export interface TaskTraits {
  /** What the service loses while it is not done: 1 nothing much, 5 wrong regimes. */
  readonly impact: 1 | 2 | 3 | 4 | 5;
  /** How soon it should be done when nobody says otherwise: 1 some time today, 5 now. */
  readonly urgency: 1 | 2 | 3 | 4 | 5;
  /** From the end of one to the begin of the next of the same kind and market. */
  readonly cooldownMs: number;
  /** Attempts in all, the first included. */
  readonly attempts: number;
}

const MINUTE_MS = 60_000;

export const TASK_TRAITS: Readonly<Record<TaskKind, TaskTraits>> = {
  snapshot: { impact: 4, urgency: 4, cooldownMs: MINUTE_MS, attempts: 5 },
  refit_learners: { impact: 4, urgency: 3, cooldownMs: 30 * MINUTE_MS, attempts: 5 },
  optimize_boundaries: { impact: 4, urgency: 2, cooldownMs: 45 * MINUTE_MS, attempts: 5 },
  update_transition_matrix: { impact: 3, urgency: 2, cooldownMs: 15 * MINUTE_MS, attempts: 5 },
  audit: { impact: 3, urgency: 1, cooldownMs: 60 * MINUTE_MS, attempts: 3 },
  analyze_history: { impact: 2, urgency: 1, cooldownMs: 60 * MINUTE_MS, attempts: 5 },
};

/** An engine's figures may ask for more than there are tasks for. */
export const isTaskKind = (kind: string): kind is TaskKind => (TASK_KINDS as readonly string[]).includes(kind);

export const isEngineStep = (kind: TaskKind): kind is EngineStep => (ENGINE_STEPS as readonly string[]).includes(kind);
