import type { TaskKind } from './task-kinds.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Something to be done again and again. Times are UTC. */
export interface Routine {
  readonly kind: TaskKind;
  readonly everyMs: number;
  /** After the begin of the hour or day. */
  readonly offsetMs: number;
}

/** A routine's turn; `atMs` names it, so that the same turn is not taken twice. */
export interface DueSlot {
  readonly kind: TaskKind;
  readonly atMs: number;
}

/** History at 03:00 each day, as the guide says, and the record is audited before it; boundaries each hour. */
export const ROUTINES: readonly Routine[] = [
  { kind: 'audit', everyMs: DAY_MS, offsetMs: 2.5 * HOUR_MS },
  { kind: 'analyze_history', everyMs: DAY_MS, offsetMs: 3 * HOUR_MS },
  { kind: 'optimize_boundaries', everyMs: HOUR_MS, offsetMs: 0 },
];

/** Returns the last turn of each routine at or before `nowMs`. */
export const slotsAt = (routines: readonly Routine[], nowMs: number): readonly DueSlot[] =>
  routines.map(({ kind, everyMs, offsetMs }) => ({
    kind,
    atMs: Math.floor((nowMs - offsetMs) / everyMs) * everyMs + offsetMs,
  }));

/** Tells each routine's turn once as time goes on. Time that goes back tells nothing. */
export class DueSlots {
  readonly #routines: readonly Routine[];
  readonly #told = new Map<TaskKind, number>();

  constructor(routines: readonly Routine[]) {
    this.#routines = routines;
  }

  /** Returns the turns reached since it was last asked; of several missed turns of a routine only the last. */
  reached(nowMs: number): readonly DueSlot[] {
    const due = slotsAt(this.#routines, nowMs).filter(({ kind, atMs }) => atMs > (this.#told.get(kind) ?? -1));
    for (const { kind, atMs } of due) this.#told.set(kind, atMs);
    return due;
  }
}
