import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { INTERVAL_MS } from '@qt/contracts';
import { CandleRepository, createDatabase, type Database, RegimeHistoryRepository } from '@qt/database';
import type { EventBus } from '@qt/event-bus';
import { buildHttpApp, type Component, Metrics } from '@qt/service-kit';
import { aDatabase, type RunningStore, silentLogger, startRedis } from '@qt/testing';
import { buildApp, type RegimeApp } from '../../src/app.ts';
import { createRegimeMetrics } from '../../src/regime-metrics.ts';
import { busOf } from './a-bus.ts';
import { type FakeVenue, SYMBOLS } from './fake-venue.ts';
import { quietParts } from './quiet-parts.ts';

/** What the outbox holds of one event. */
export interface Said {
  readonly type: string;
  readonly key: string;
  readonly seq: number;
  readonly openTimeMs: number;
  readonly regimeId: number | null;
}

/** The service in this process, at a fake venue. */
export interface RunningApp {
  readonly bus: EventBus;
  readonly tracks: RegimeApp['tracks'];
  readonly components: readonly Component[];
  readonly http: ReturnType<typeof buildHttpApp>;
  stop(): Promise<void>;
  idle(): Promise<void>;
}

export interface StartChange {
  readonly symbols?: readonly string[];
  readonly historyCandles?: number;
  readonly wrap?: (bus: EventBus) => EventBus;
  /** Another way to the same database. */
  readonly through?: Database;
}

export interface ServiceWorld {
  readonly database: Database;
  readonly postgres: RunningStore;
  start(venue: FakeVenue, change?: StartChange): Promise<RunningApp>;
  /** All that was ever said, by type. */
  said(): Promise<readonly Said[]>;
  regimesOf(symbol: string): Promise<readonly unknown[]>;
  empty(): Promise<void>;
  stopServices(): Promise<void>;
  close(): Promise<void>;
}

export const timesOf = (events: readonly Said[], type: string, symbol: string): readonly number[] =>
  events.filter((event) => event.type === type && event.key === symbol).map(({ openTimeMs }) => openTimeMs);

export const minutesFrom = (startMs: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => startMs + index * INTERVAL_MS['1m']);

const appOf = (
  venue: FakeVenue,
  { symbols = SYMBOLS, historyCandles = 300 }: StartChange,
  { store, bus, metrics }: { readonly store: Database; readonly bus: EventBus; readonly metrics: Metrics },
): RegimeApp =>
  buildApp({
    symbols,
    interval: '1m',
    historyCandles,
    source: venue,
    bus,
    database: { name: 'postgres', start: async () => {}, stop: async () => {} },
    databasePoolSize: 10,
    candles: new CandleRepository(store),
    regimes: new RegimeHistoryRepository(store),
    clock: { nowMs: () => venue.nowMs() },
    marketClock: null,
    metrics: createRegimeMetrics(metrics),
    ...quietParts(),
    operatorKey: undefined,
  });

const openServiceWorld = async (): Promise<ServiceWorld> => {
  const [redis, postgres] = [await startRedis(), await aDatabase()];
  const database = createDatabase({ url: postgres.url, applicationName: 'test' });
  await database.start();
  const running: RunningApp[] = [];

  const start = async (venue: FakeVenue, change: StartChange = {}): Promise<RunningApp> => {
    const store = change.through ?? database;
    const bus = busOf(store, redis.url);
    const metrics = new Metrics('regime-service');
    const app = appOf(venue, change, { store, bus: change.wrap?.(bus) ?? bus, metrics });
    const one: RunningApp = {
      bus,
      tracks: app.tracks,
      components: app.components,
      http: buildHttpApp({
        view: { ...app, service: 'regime-service', version: '3.0.0', state: () => 'running' },
        metrics,
        logger: silentLogger,
        ...(app.routes ? { routes: app.routes } : {}),
      }),
      idle: async () => {
        // Twice, as `/idle` does: what the feed commits on the first round gives work to the bus.
        for (const component of [...app.components, ...app.components]) await component.idle?.();
      },
      stop: async () => {
        running.splice(running.indexOf(one), 1);
        for (const component of app.components.toReversed()) await component.stop();
      },
    };
    running.push(one);
    for (const component of app.components) await component.start();
    await one.idle();
    return one;
  };
  const stopServices = async (): Promise<void> => {
    for (let last = running.at(-1); last !== undefined; last = running.at(-1)) await last.stop();
  };
  return {
    database,
    postgres,
    start,
    stopServices,
    said: async () => {
      const { rows } = await database.query<Said>(
        `SELECT type, key, producer_seq::int AS seq,
           coalesce(payload->>'openTimeMs', payload->'candle'->>'openTimeMs', ((payload->>'candleClosedAtMs')::bigint - 60000)::text)::float8 AS "openTimeMs",
           (payload->'regime'->>'id')::int AS "regimeId"
         FROM outbox ORDER BY type, producer_seq`,
      );
      return rows;
    },
    regimesOf: async (symbol) =>
      (
        await database.query(
          `SELECT open_time_ms::float8, regime_id, dwell_candles, probabilities FROM regime_history
           WHERE symbol = $1 ORDER BY open_time_ms`,
          [symbol],
        )
      ).rows,
    empty: async () => {
      await database.query(
        'TRUNCATE candles, regime_history, regime_snapshots, outbox, inbox, producer_sequences, dead_letters',
      );
    },
    close: async () => {
      await stopServices();
      for (const one of [database, postgres, redis]) await one.stop();
    },
  };
};

/** Stores of a test file's own, in which its services run one after another: empty before each test. To be asked for inside of tests. */
export const aServiceWorld = (): (() => ServiceWorld) => {
  let world: ServiceWorld;
  beforeAll(async () => {
    world = await openServiceWorld();
  }, 60_000);
  afterAll(() => world.close());
  beforeEach(() => world.empty());
  afterEach(() => world.stopServices());
  return () => world;
};
