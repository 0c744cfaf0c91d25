import type { Component } from '@qt/service-kit';
import { z } from 'zod';
import type { ComponentStates } from '../components/service-status.ts';
import { isHealthy } from '../components/service-status.ts';
import type { LiveConfiguration } from '../configuration/live-configuration.ts';
import type { LoadReduction } from '../load-reduction.ts';
import type { ProcessUsage } from '../process-usage.ts';
import { type Answer, type ApiRoute, defineRoute, failure, ok } from './api-route.ts';
import { DatabaseReply, HealthReply, ReductionReply, SystemMetricsReply } from './reply-schemas.ts';

export interface SystemRoutesDeps {
  readonly version: string;
  readonly states: ComponentStates;
  readonly usage: ProcessUsage;
  readonly database: Component;
  readonly databasePoolSize: number;
  readonly reduction: LoadReduction;
  readonly configuration: LiveConfiguration;
  readonly marketCount: number;
  readonly waitingCandles: () => number;
}

const health = async ({ states, version }: SystemRoutesDeps): Promise<Answer> => {
  const components = await states();
  const status = isHealthy(components) ? 'healthy' : 'degraded';
  return ok({ status, version, uptime_seconds: Math.floor(process.uptime()), components });
};

const hundredth = (value: number): number => Math.round(value * 100) / 100;

const systemMetrics = ({ usage, marketCount, waitingCandles }: SystemRoutesDeps): Answer => {
  const { cpuRatio, memoryBytes, memoryLimitBytes } = usage.measure();
  return ok({
    cpu_usage_percent: hundredth(cpuRatio * 100),
    memory_usage_percent: hundredth((memoryBytes / memoryLimitBytes) * 100),
    memory_usage_bytes: memoryBytes,
    memory_limit_bytes: memoryLimitBytes,
    uptime_seconds: Math.floor(process.uptime()),
    markets: marketCount,
    waiting_candles: waitingCandles(),
  });
};

const PoolCheck = z.object({
  status: z.enum(['up', 'degraded', 'down']),
  detail: z.string().optional(),
  latencyMs: z.number().optional(),
  connections: z.int().optional(),
  waiting: z.int().optional(),
});
const DATABASE_STATUS = { up: 'healthy', degraded: 'degraded', down: 'unhealthy' } as const;

const databasePage = async ({ database, databasePoolSize }: SystemRoutesDeps): Promise<Answer> => {
  const check = PoolCheck.parse((await database.check?.()) ?? { status: 'up' });
  return ok({
    status: DATABASE_STATUS[check.status],
    type: 'postgresql',
    active_connections: check.connections ?? null,
    waiting_requests: check.waiting ?? null,
    pool_size: databasePoolSize,
    latency_ms: check.latencyMs ?? null,
    detail: check.detail ?? null,
  });
};

const ReductionRequest = z
  .strictObject({ minutes: z.int().min(0).describe('0 ends a reduction') })
  .partial()
  .optional();

/** Never paused. */
const GOES_ON = ['classification', 'learning with each candle', 'publishing', 'catching up', 'snapshots'];

const reduceLoad = (
  { reduction, configuration }: SystemRoutesDeps,
  request: z.output<typeof ReductionRequest>,
): Answer => {
  const { default_minutes, max_minutes } = configuration.settings.load_reduction;
  const asked = request?.minutes;
  if (asked !== undefined && asked > max_minutes)
    return failure(
      400,
      'BAD_REQUEST',
      `minutes: found ${asked}; expected at most ${max_minutes} (load_reduction.max_minutes)`,
    );
  if (asked === 0 || (asked === undefined && reduction.isActive)) reduction.end('told to');
  else reduction.begin(asked ?? default_minutes);
  const { isActive, since, until, paused, pausedTasks } = reduction.view();
  return ok({ is_active: isActive, since, until, paused, paused_tasks: pausedTasks, goes_on: GOES_ON });
};

/** Returns the pages of the process itself. */
export const systemRoutes = (deps: SystemRoutesDeps): readonly ApiRoute[] => [
  defineRoute({
    method: 'get',
    path: '/api/v1/health',
    tag: 'health',
    summary: 'How the service and each component are',
    reply: HealthReply,
    answer: () => health(deps),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/metrics',
    tag: 'health',
    summary: 'What the process uses of the machine; Prometheus has everything at /metrics',
    reply: SystemMetricsReply,
    answer: () => systemMetrics(deps),
  }),
  defineRoute({
    method: 'get',
    path: '/api/v1/system/database',
    tag: 'health',
    summary: 'The connection to PostgreSQL, as measured now',
    reply: DatabaseReply,
    answer: () => databasePage(deps),
  }),
  defineRoute({
    method: 'post',
    path: '/api/v1/admin/reduce_load',
    tag: 'operations',
    summary:
      'Pauses background tasks for so many minutes, and says which; called again without minutes, or with 0, it ends that. Regimes are classified, learned from and published all the same',
    body: ReductionRequest,
    reply: ReductionReply,
    isChange: true,
    answer: ({ body }) => reduceLoad(deps, body),
  }),
];
