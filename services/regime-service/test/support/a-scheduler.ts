import {
  type Database,
  RegimeAuditRepository,
  RegimePatternRepository,
  RegimeTaskRepository,
  RegimeWalkRepository,
} from '@qt/database';
import { wallClock } from '@qt/kernel';
import { Metrics } from '@qt/service-kit';
import { silentLogger } from '@qt/testing';
import { createJobMetrics } from '../../src/jobs/job-metrics.ts';
import { buildJobs, type Jobs, type JobsDeps } from '../../src/jobs/jobs.ts';

export interface RunningJobs extends Jobs {
  /** Steps that engines were asked for, in order. */
  readonly asked: string[];
  readonly metrics: Metrics;
}

/** Builds the service's jobs on real stores with engines that note what they are asked; nothing waits for long. */
export const someJobs = (
  parts: { readonly database: Database; readonly redisUrl: string; readonly source: string } & Partial<JobsDeps>,
): RunningJobs => {
  const { database, ...rest } = parts;
  const asked: string[] = [];
  const metrics = new Metrics('regime-service');
  const jobs = buildJobs({
    symbols: ['BTCUSDT'],
    interval: '1m',
    engines: {
      ask: (step, symbol) => {
        asked.push(`${step} ${symbol ?? 'all'}`);
        return ['BTCUSDT'];
      },
    },
    liveMatrixView: () => null,
    walk: new RegimeWalkRepository(database),
    patterns: new RegimePatternRepository(database),
    tasks: new RegimeTaskRepository(database),
    audits: new RegimeAuditRepository(database),
    clock: wallClock,
    isMarketTime: true,
    metrics: createJobMetrics(metrics),
    logger: silentLogger,
    timing: { tickMs: 20, rerankMs: 20, postponeMs: 20, firstBackoffMs: 10 },
    ...rest,
    // The machine of the tests is always busy; what a busy machine does has tests of its own.
    settings: { limits: { cpuRatio: 1, memoryRatio: 1 }, ...rest.settings },
  });
  return { ...jobs, asked, metrics };
};
