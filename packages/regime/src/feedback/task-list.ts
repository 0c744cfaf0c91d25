/** Everything that feedback may ask of the optimization scheduler. */
export const FEEDBACK_TASK_KINDS = [
  'optimize_boundaries',
  'refit_learners',
  'update_transition_matrix',
  'audit',
] as const;
export type FeedbackTaskKind = (typeof FEEDBACK_TASK_KINDS)[number];

/** Work that the measured performance asks for. */
export interface FeedbackTask {
  readonly kind: FeedbackTaskKind;
  /** 1 can wait, 10 must not. */
  readonly priority: number;
  /** A sentence with the numbers that decided. */
  readonly reason: string;
  /** Candles the feedback had seen when it asked. */
  readonly createdAtCandle: number;
}

export interface TaskListState {
  readonly waiting: readonly FeedbackTask[];
  readonly askedAt: Readonly<Partial<Record<FeedbackTaskKind, number>>>;
}

/** Candles that must pass before the same work may be asked for again. */
const COOLDOWN_CANDLES: Readonly<Record<FeedbackTaskKind, number>> = {
  optimize_boundaries: 500,
  refit_learners: 1_000,
  update_transition_matrix: 1_000,
  audit: 5_000,
};

/** Tasks that wait to be taken: at most one of a kind. */
export class TaskList {
  #waiting: FeedbackTask[] = [];
  #askedAt: Partial<Record<FeedbackTaskKind, number>> = {};

  /** Asks for work unless the same was asked for too recently. Returns whether it was added. */
  ask(task: FeedbackTask): boolean {
    const last = this.#askedAt[task.kind];
    if (last !== undefined && task.createdAtCandle - last < COOLDOWN_CANDLES[task.kind]) return false;
    this.#askedAt[task.kind] = task.createdAtCandle;
    const priority = Math.min(10, Math.max(1, Math.round(task.priority)));
    this.#waiting = [...this.#waiting.filter(({ kind }) => kind !== task.kind), { ...task, priority }];
    return true;
  }

  get waiting(): readonly FeedbackTask[] {
    return this.#waiting;
  }

  /** Returns what waits, most urgent first, and forgets it. */
  take(): readonly FeedbackTask[] {
    const taken = this.#waiting.toSorted(
      (left, right) => right.priority - left.priority || left.createdAtCandle - right.createdAtCandle,
    );
    this.#waiting = [];
    return taken;
  }

  save(): TaskListState {
    return { waiting: [...this.#waiting], askedAt: { ...this.#askedAt } };
  }

  restore({ waiting, askedAt }: TaskListState): void {
    this.#waiting = [...waiting];
    this.#askedAt = { ...askedAt };
  }
}
