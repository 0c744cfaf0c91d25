import { z } from 'zod';
import { TASK_KINDS, TASK_TRAITS } from './task-kinds.ts';
import { importanceOf } from './task-rank.ts';

/** A task somebody wants done. */
export const TaskRequest = z.object({
  kind: z.enum(TASK_KINDS),
  /** A sentence for whoever reads the record. */
  reason: z.string().min(1),
  /** `schedule`: its time has come; `feedback`: the engine's own figures ask for it; `operator`: a person does. */
  origin: z.enum(['schedule', 'feedback', 'operator']),
  /** One market; null for all of this process. */
  symbol: z.string().nullable(),
  /** 1 some time today, 5 now; the kind's own when left out. */
  urgency: z.number().int().min(1).max(5).optional(),
  /** The moment a routine's turn stands for, UTC milliseconds; null when nothing but now is meant. */
  slotMs: z.number().int().nonnegative().nullable(),
});
export type TaskRequest = z.infer<typeof TaskRequest>;

/** While a task of this key waits or runs, another is not taken. */
export const keyOf = ({ kind, symbol }: Pick<TaskRequest, 'kind' | 'symbol'>): string => `${kind}@${symbol ?? 'all'}`;

/** 1 to 25. */
export const importanceOfRequest = ({ kind, urgency }: TaskRequest): number =>
  importanceOf(TASK_TRAITS[kind].impact, urgency ?? TASK_TRAITS[kind].urgency);
