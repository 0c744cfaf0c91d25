import type { Logger } from '@qt/service-kit';
import { z } from 'zod';
import type { BackgroundJobs } from '../background-jobs.ts';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import { TASK_KINDS } from '../jobs/task-kinds.ts';
import type { LoadReduction } from '../load-reduction.ts';
import { type Answer, type ApiRoute, defineRoute, failure, ok } from './api-route.ts';
import { ReductionReply, TaskReply } from './reply-schemas.ts';

export interface OperatorRoutesDeps {
  readonly reduction: LoadReduction;
  readonly configuration: LiveConfiguration;
  readonly requestTask: BackgroundJobs['requestTask'];
  readonly symbols: readonly string[];
  readonly logger: Logger;
}

const MAX_REASON_LENGTH = 200;
const reason = z.string().trim().min(1).max(MAX_REASON_LENGTH).describe('Why, for whoever reads the record');

const ReductionRequest = z
  .strictObject({
    minutes: z.int().min(0).describe('From now on; 0 ends a reduction, left out means the default of the settings'),
    reason,
  })
  .partial()
  .optional();

/** Never lowered. */
const GOES_ON = [
  'classification',
  'learning with each candle',
  'steps that engines take by the clock of the candles',
  'publishing',
  'catching up',
  'snapshots',
  'the current regime and the pages of the components',
];

const reduceLoad = (
  { reduction, configuration }: OperatorRoutesDeps,
  request: z.output<typeof ReductionRequest>,
): Answer => {
  const { default_minutes, max_minutes } = configuration.settings.load_reduction;
  const minutes = request?.minutes ?? default_minutes;
  if (minutes > max_minutes)
    return failure(
      400,
      'BAD_REQUEST',
      `minutes: found ${minutes}; expected at most ${max_minutes} (load_reduction.max_minutes)`,
    );
  if (minutes === 0) reduction.end(request?.reason ?? 'told to');
  else reduction.begin({ minutes, reason: request?.reason ?? null });
  const { isActive, pausedTasks, ...view } = reduction.view();
  return ok({ is_active: isActive, ...view, paused_tasks: pausedTasks, goes_on: GOES_ON });
};

const TaskWanted = z.strictObject({
  kind: z.enum(TASK_KINDS),
  symbol: z.string().optional().describe('One market; all of this process when left out'),
  reason: reason.optional(),
});

const askForTask = (
  { requestTask, symbols, logger }: OperatorRoutesDeps,
  { kind, symbol, reason: why = 'an operator asked for it' }: z.output<typeof TaskWanted>,
): Answer => {
  const named = symbol?.toUpperCase() ?? null;
  if (named !== null && !symbols.includes(named))
    return failure(404, 'SYMBOL_UNKNOWN', `found no market ${symbol}; this service follows ${symbols.join(', ')}`);
  if (requestTask === null) return failure(501, 'TASKS_NOT_RUN', 'this process runs no tasks');
  const answer = requestTask({ kind, symbol: named, reason: why });
  logger.info('task asked for', { kind, symbol: named, reason: why, answer, audit: true });
  return ok({ kind, symbol: named, answer });
};

/** Returns the pages with which an operator moves the work of the process. */
export const operatorRoutes = (deps: OperatorRoutesDeps): readonly ApiRoute[] => [
  defineRoute({
    method: 'post',
    path: '/api/v1/admin/reduce_load',
    tag: 'operations',
    summary:
      'Lowers what can wait for so many minutes, and says what; called again it goes on from now, with 0 it ends. Regimes are classified, learned from and published all the same',
    body: ReductionRequest,
    reply: ReductionReply,
    isChange: true,
    answer: ({ body }) => reduceLoad(deps, body),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/admin/tasks',
    tag: 'operations',
    summary:
      'Asks for a task now, such as the optimization of the boundaries; it is done as soon as there is room for it',
    body: TaskWanted,
    reply: TaskReply,
    isChange: true,
    failures: {
      404: 'The market is not followed; the message lists those that are',
      501: 'This process runs no tasks',
    },
    answer: ({ body }) => askForTask(deps, body),
  }),
];
