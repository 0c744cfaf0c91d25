import type { Interval } from '@qt/contracts';
import type {
  RegimeAuditRepository,
  RegimePatternRepository,
  RegimeTaskRepository,
  RegimeWalkRepository,
} from '@qt/database';
import { TaskQueue } from '@qt/event-bus';
import { type Clock, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import { ROUTINES } from './due-slots.ts';
import { HistoricalAnalyzer, type HistoricalAnalyzerDeps } from './historical-analyzer.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { LoadLimits } from './load-gate.ts';
import { OptimizationScheduler, type SchedulerTiming } from './optimization-scheduler.ts';
import type { EngineRequests } from './ports.ts';
import { RecordAudit } from './record-audit.ts';
import { ResourceReadings } from './resource-readings.ts';
import { taskHandlers } from './task-handlers.ts';
import { isEngineStep } from './task-kinds.ts';

/** What an operator may set. */
export interface JobSettings {
  /** Tasks at once. */
  readonly concurrency: number;
  readonly limits: LoadLimits;
  readonly lookbackMs: number;
  readonly distanceThreshold: number;
}

export const JOB_DEFAULTS: JobSettings = {
  concurrency: 1,
  limits: { cpuRatio: 0.8, memoryRatio: 0.7 },
  lookbackMs: 90 * 86_400_000,
  distanceThreshold: 0.25,
};

export interface JobsDeps {
  /** The name under which this process publishes: each shard has a queue of its own. */
  readonly source: string;
  readonly redisUrl: string;
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly engines: EngineRequests;
  readonly liveMatrixView: HistoricalAnalyzerDeps['liveMatrixView'];
  readonly walk: Pick<RegimeWalkRepository, 'pages'>;
  readonly patterns: Pick<RegimePatternRepository, 'save' | 'listNewest'>;
  readonly tasks: Pick<RegimeTaskRepository, 'record' | 'forget'>;
  readonly audits: Pick<RegimeAuditRepository, 'audit'>;
  /** The service's clock, and whether candles move it. */
  readonly clock: Clock;
  readonly isMarketTime: boolean;
  readonly metrics: JobMetrics;
  readonly logger: Logger;
  /** Of the analyzer; the scheduler's when left out. */
  readonly analyzerLogger?: Logger;
  readonly settings?: Partial<JobSettings>;
  readonly timing?: Partial<SchedulerTiming>;
}

export interface Jobs {
  /** A component: started after Postgres, stopped before it. */
  readonly scheduler: OptimizationScheduler;
  readonly analyzer: HistoricalAnalyzer;
}

/** Binds the scheduler, the analyzer of history and the audit to their ports. */
export const buildJobs = (deps: JobsDeps): Jobs => {
  const { engines, isMarketTime, source, redisUrl, logger } = deps;
  const settings = { ...JOB_DEFAULTS, ...deps.settings };
  const analyzer = new HistoricalAnalyzer({ ...deps, ...settings, logger: deps.analyzerLogger ?? logger });
  const resources = new ResourceReadings();
  // Where candles move time, engines take their steps at candles, and no queue decides which.
  const routines = isMarketTime ? ROUTINES.filter(({ kind }) => !isEngineStep(kind)) : ROUTINES;
  const scheduler = new OptimizationScheduler({
    openQueue: (parts) =>
      new TaskQueue({ redisUrl, name: `${source}-tasks`, concurrency: settings.concurrency, logger, ...parts }),
    handlers: taskHandlers({ engines, analyzer, audit: new RecordAudit(deps) }),
    tasks: deps.tasks,
    readResources: () => resources.read(),
    limits: settings.limits,
    routines,
    routineClock: isMarketTime ? null : wallClock,
    metrics: deps.metrics,
    logger,
    ...(deps.timing === undefined ? {} : { timing: deps.timing }),
  });
  return { scheduler, analyzer };
};
