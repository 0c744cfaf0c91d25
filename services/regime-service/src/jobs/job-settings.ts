import { z } from 'zod';
import { JOB_DEFAULTS, type JobSettings } from './jobs.ts';

const DAY_MS = 86_400_000;
const { concurrency, limits, lookbackMs, distanceThreshold } = JOB_DEFAULTS;
const limit = z.number().gt(0).max(1);

/** The part of the settings file that is about tasks. */
export const TaskSettings = z.strictObject({
  concurrency: z.int().min(1).max(8).prefault(concurrency).describe('Tasks at once'),
  cpu_limit_ratio: limit
    .prefault(limits.cpuRatio)
    .describe('Above this busy share of the processors unimportant tasks wait'),
  memory_limit_ratio: limit
    .prefault(limits.memoryRatio)
    .describe('Above this used share of the memory unimportant tasks wait'),
  history_lookback_days: z
    .int()
    .min(1)
    .max(3_650)
    .prefault(lookbackMs / DAY_MS)
    .describe('How far back the daily analysis of history looks'),
  matrix_distance_ratio: limit
    .prefault(distanceThreshold)
    .describe(
      'From here on history and the live transition matrix are called different, 0 the same, 1 nothing in common',
    ),
});
export type TaskSettings = z.infer<typeof TaskSettings>;

/** Returns the settings of the jobs in their own words. */
export const jobSettingsOf = (settings: TaskSettings): JobSettings => ({
  concurrency: settings.concurrency,
  limits: { cpuRatio: settings.cpu_limit_ratio, memoryRatio: settings.memory_limit_ratio },
  lookbackMs: settings.history_lookback_days * DAY_MS,
  distanceThreshold: settings.matrix_distance_ratio,
});
