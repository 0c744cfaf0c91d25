import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CandleRepository, type Database, RegimeHistoryRepository } from '@qt/database';
import { wallClock } from '@qt/kernel';
import { buildHttpApp, Metrics } from '@qt/service-kit';
import { silentLogger } from '@qt/testing';
import { buildApp } from '../../src/app.ts';
import { serviceJobs } from '../../src/jobs/service-jobs.ts';
import { createRegimeMetrics } from '../../src/regime-metrics.ts';
import { busOf } from './a-bus.ts';
import { FakeVenue } from './fake-venue.ts';
import { quietParts } from './quiet-parts.ts';

export const OPERATOR_KEY = 'an-operator-key-of-the-tests';

/** Starts the app in this process against a fake venue, with a configuration file of its own. */
export const startApi = async (parts: {
  readonly database: Database;
  readonly redisUrl: string;
  readonly symbols: readonly string[];
  readonly settings?: string;
  readonly operatorKey?: string | undefined;
  /** Whether the jobs run too. */
  readonly hasJobs?: boolean;
}) => {
  const { database, redisUrl, symbols, settings = '', operatorKey, hasJobs = false } = parts;
  const settingsPath = join(mkdtempSync(join(tmpdir(), 'qt-regime-')), 'config.yaml');
  writeFileSync(settingsPath, settings);
  const venue = new FakeVenue(symbols);
  const quiet = quietParts(settingsPath);
  const metrics = new Metrics('regime-service');
  const app = buildApp({
    symbols,
    interval: '1m',
    historyCandles: 300,
    source: venue,
    bus: busOf(database, redisUrl),
    database: { name: 'postgres', start: async () => {}, stop: async () => {}, check: () => database.check() },
    databasePoolSize: 10,
    candles: new CandleRepository(database),
    regimes: new RegimeHistoryRepository(database),
    clock: { nowMs: () => venue.nowMs() },
    marketClock: null,
    metrics: createRegimeMetrics(metrics),
    operatorKey,
    ...(hasJobs
      ? {
          jobs: serviceJobs({
            source: 'regime-service',
            redisUrl,
            database,
            clock: wallClock,
            isMarketTime: true,
            metrics,
            heavydb: null,
          }),
        }
      : {}),
    ...quiet,
  });
  const http = buildHttpApp({
    view: { ...app, service: 'regime-service', version: '3.0.0', state: () => 'running' },
    metrics,
    logger: silentLogger,
    ...(app.routes ? { routes: app.routes } : {}),
  });
  for (const component of app.components) await component.start();
  const idle = async (): Promise<void> => {
    for (const component of [...app.components, ...app.components]) await component.idle?.();
  };
  await idle();
  return {
    venue,
    http,
    reduction: app.reduction,
    idle,
    settingsPath,
    ...quiet,
    stop: async () => {
      for (const component of app.components.toReversed()) await component.stop();
    },
  };
};
export type RunningApi = Awaited<ReturnType<typeof startApi>>;
