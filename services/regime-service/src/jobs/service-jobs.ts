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
import { buildJobs, type JobSettings } from './jobs.ts';
import type { EngineRequests, TakenTask } from './ports.ts';

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
  readonly settings?: Partial<JobSettings>;
  readonly heavydb: HeavyDb | null;
  /** How tasks reach the engines; see `EngineRequests`. */
  readonly enginesOf: (parts: JobParts) => EngineRequests;
  /** What the engines' own figures have asked for since they were last looked at. */
  readonly feedbackOf: (symbol: string) => readonly TakenTask[];
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
      engines: deps.enginesOf(parts),
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
          pause: () => void scheduler.drain(),
          resume: () => scheduler.resume(),
        },
      ],
      queuedTasks: () => scheduler.queuedTasks,
      onCommitted: (track, { candle }) => {
        for (const { kind, priority, reason } of deps.feedbackOf(track.symbol)) {
          const urgency = Math.min(5, Math.max(1, Math.ceil(priority / 2)));
          scheduler.request({ kind, reason, origin: 'feedback', symbol: track.symbol, urgency, slotMs: null });
        }
        scheduler.candleClosed(closedAtMs(candle));
      },
    };
  };
