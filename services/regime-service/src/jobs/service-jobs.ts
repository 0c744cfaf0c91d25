import {
  RegimeAuditRepository,
  RegimePatternRepository,
  RegimeTaskRepository,
  RegimeWalkRepository,
} from '@qt/database';
import { closedAtMs, type Queryable } from '@qt/contracts';
import type { Clock } from '@qt/kernel';
import type { Metrics } from '@qt/service-kit';
import type { BackgroundJobs, JobParts } from '../background-jobs.ts';
import { copiedPatterns } from '../heavydb/copied-patterns.ts';
import type { HeavyDb } from '../heavydb/heavydb.ts';
import { createJobMetrics } from './job-metrics.ts';
import { jobSettingsOf } from './job-settings.ts';
import { buildJobs } from './jobs.ts';
import { TASK_KINDS } from './task-kinds.ts';
import { trackRequests } from './track-requests.ts';

/** The highest urgency: somebody waits for it. */
const NOW = 5;

/** What the jobs need of the process, beside the service itself. */
export interface ServiceJobsDeps {
  /** The name under which this process publishes. */
  readonly source: string;
  readonly redisUrl: string;
  readonly database: Queryable;
  readonly clock: Clock;
  /** Candles move time. */
  readonly isMarketTime: boolean;
  readonly metrics: Metrics;
  readonly heavydb: HeavyDb | null;
}

/** Returns the service's background jobs: the scheduler and the analyzer of history, on Redis and Postgres. */
export const serviceJobs =
  (deps: ServiceJobsDeps) =>
  (parts: JobParts): BackgroundJobs => {
    const { database, heavydb, metrics } = deps;
    const { tracks, interval, loggers } = parts;
    const record = new RegimePatternRepository(database);
    const logger = loggers.historical_analyzer;
    const { scheduler, analyzer } = buildJobs({
      ...deps,
      symbols: [...tracks.keys()],
      interval,
      engines: trackRequests(tracks),
      settings: jobSettingsOf(parts.configuration.settings.tasks),
      liveMatrixView: (symbol) => tracks.get(symbol)?.engine.view('transition_matrix_analyzer') ?? null,
      walk: new RegimeWalkRepository(database),
      patterns: heavydb === null ? record : copiedPatterns(record, heavydb.patterns, logger),
      tasks: new RegimeTaskRepository(database),
      audits: new RegimeAuditRepository(database),
      metrics: createJobMetrics(metrics),
      logger: loggers.regime_optimization_scheduler,
      analyzerLogger: logger,
    });
    const looked = (one: typeof scheduler | typeof analyzer) => ({
      isCritical: false,
      look: () => one.look(),
      debug: () => one.debug(),
    });
    return {
      components: [...(heavydb === null ? [] : [heavydb.component]), scheduler],
      lookedAt: {
        regime_optimization_scheduler: looked(scheduler),
        historical_analyzer: looked(analyzer),
      },
      pausables: [
        {
          name: scheduler.name,
          tasks: TASK_KINDS,
          effect: 'no task begins; those that are due wait, and what has begun ends',
          pause: () => void scheduler.reduceLoad(),
          resume: () => scheduler.endReduction(),
        },
      ],
      queuedTasks: () => scheduler.queuedTasks,
      requestTask: ({ kind, symbol, reason }) =>
        scheduler.request({ kind, symbol, reason, origin: 'operator', urgency: NOW, slotMs: null }),
      onCommitted: (track, { candle }) => {
        for (const { kind, priority, reason } of track.takeTasks()) {
          const urgency = Math.min(5, Math.max(1, Math.ceil(priority / 2)));
          scheduler.request({ kind, reason, origin: 'feedback', symbol: track.symbol, urgency, slotMs: null });
        }
        scheduler.candleClosed(closedAtMs(candle));
      },
    };
  };
