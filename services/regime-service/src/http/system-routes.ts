import type { Component } from '@qt/service-kit';
import { z } from 'zod';
import type { ComponentStates } from '../components/service-status.ts';
import { isHealthy } from '../components/service-status.ts';
import type { LoadReduction } from '../load-reduction.ts';
import type { ProcessUsage } from '../process-usage.ts';
import { type Answer, type ApiRoute, defineRoute, ok } from './api-route.ts';
import { DatabaseReply, HealthReply, SystemMetricsReply } from './reply-schemas.ts';

export interface SystemRoutesDeps {
  readonly version: string;
  readonly states: ComponentStates;
  readonly usage: ProcessUsage;
  readonly database: Component;
  readonly databasePoolSize: number;
  readonly reduction: LoadReduction;
  readonly marketCount: number;
  readonly waitingCandles: () => number;
}

const health = async ({ states, version, reduction }: SystemRoutesDeps): Promise<Answer> => {
  const components = await states();
  const status = isHealthy(components) ? 'healthy' : 'degraded';
  const { isActive, until, reason } = reduction.view();
  const load_reduction = isActive ? { until, reason } : null;
  return ok({ status, version, uptime_seconds: Math.floor(process.uptime()), components, load_reduction });
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
];
