/** Ranks run from 1 to this; the lowest is taken first. */
const LAST_RANK = 2_000_000;
/** Of a task of no importance that was asked for just now. */
const NEW_RANK = 200_000;
/** One point of importance is worth so many seconds of waiting: the least important passes a fresh one of the highest after 72 minutes. */
const SECONDS_PER_POINT = 180;

/** 1 to 25: the product of what is lost without it and how soon it is wanted. */
export const importanceOf = (impact: number, urgency: number): number => impact * urgency;

/** Returns the place in the queue: by importance, and the longer a task has waited the further in front. */
export const rankOf = ({
  importance,
  waitedMs,
}: {
  readonly importance: number;
  readonly waitedMs: number;
}): number => {
  const rank = Math.round(NEW_RANK - SECONDS_PER_POINT * importance - Math.max(0, waitedMs) / 1_000);
  return Math.min(LAST_RANK, Math.max(1, rank));
};
