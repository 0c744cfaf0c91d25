/** Everything that feedback may ask of the optimization scheduler. */
export const FEEDBACK_TASK_KINDS = [
  'optimize_boundaries',
  'refit_learners',
  'recalibrate',
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
