import { closedAtMs, type Queryable, RegimeClassified, type RegimeClassified as Classified } from '@qt/contracts';
import {
  ClassifiedCandleRepository,
  createDatabase,
  type Database,
  DeadLetterRepository,
  InboxRepository,
  ModelStateRepository,
  OutboxRepository,
  PredictionRepository,
  SignalRepository,
} from '@qt/database';
import { createRedisEventBus, type EventBus } from '@qt/event-bus';
import { MarketClock, wallClock } from '@qt/kernel';
import { buildHttpApp, Metrics } from '@qt/service-kit';
import { builtInModels } from '@qt/signals';
import { aDatabase, silentLogger, startRedis } from '@qt/testing';
import { aiMetricsOf, busMetricsOf } from '../../src/adapters/prometheus-metrics.ts';
import { buildApp } from '../../src/app.ts';
import type { SignalStore } from '../../src/ports.ts';

/** One running ai-service inside the test's process. */
export interface RunningAi {
  readonly bus: EventBus;
  readonly http: ReturnType<typeof buildHttpApp>;
  stop(): Promise<void>;
}

/** Stores of the test's own and a stand-in for the regime service. */
export interface Stage {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly database: Database;
  readonly producer: EventBus;
  /** Publishes in order and returns the last sequence number. */
  say(events: readonly Classified[]): Promise<number>;
  startAi(change?: { readonly signals?: SignalStore; readonly horizonCandles?: number }): Promise<RunningAi>;
  close(): Promise<void>;
}

const BATCH = 200;

const busOf = (source: string, redisUrl: string, database: Database, metrics?: Metrics): EventBus =>
  createRedisEventBus({
    redisUrl,
    source,
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger: silentLogger,
    ...(metrics ? { metrics: busMetricsOf(metrics) } : {}),
  });

export const aStage = async (): Promise<Stage> => {
  const [redis, postgres] = await Promise.all([startRedis(), aDatabase()]);
  const database = createDatabase({ url: postgres.url, applicationName: 'ai-service-test', maxConnections: 8 });
  const producer = busOf('regime-service', redis.url, database);
  await producer.start();
  const running: RunningAi[] = [];
  let said = 0;

  const say = async (events: readonly Classified[]): Promise<number> => {
    for (let start = 0; start < events.length; start += BATCH) {
      await producer.transact(async ({ publish }) => {
        for (const payload of events.slice(start, start + BATCH)) {
          publish(RegimeClassified, {
            occurredAtMs: closedAtMs(payload.candle),
            correlationId: `${payload.candle.symbol}-${payload.candle.openTimeMs}`,
            causationId: null,
            key: payload.candle.symbol,
            payload,
          });
        }
      });
    }
    said += events.length;
    return said;
  };

  const startAi: Stage['startAi'] = async (change = {}) => {
    const metrics = new Metrics('ai-service');
    const bus = busOf('ai-service', redis.url, database, metrics);
    const marketClock = new MarketClock();
    const app = buildApp({
      db: database,
      signals: change.signals ?? new SignalRepository(),
      predictions: new PredictionRepository(),
      states: new ModelStateRepository(),
      history: new ClassifiedCandleRepository(),
      registry: builtInModels,
      metrics: aiMetricsOf(metrics),
      clock: marketClock,
      marketClock,
      horizonCandles: change.horizonCandles ?? 12,
      minConfidenceRatio: 0.52,
      snapshotEveryCandles: 100,
    });
    bus.subscribe(...app.subscriptions);
    await bus.start();
    const view = {
      ...app,
      service: 'ai-service',
      version: '3.0.0',
      components: [app.models],
      state: () => 'running' as const,
    };
    let isStopped = false;
    const one: RunningAi = {
      bus,
      http: buildHttpApp({ view, metrics, logger: silentLogger, routes: app.routes }),
      stop: async () => {
        if (!isStopped) await bus.stop();
        isStopped = true;
      },
    };
    running.push(one);
    return one;
  };

  const close = async (): Promise<void> => {
    for (const one of running) await one.stop();
    await producer.stop();
    await database.stop();
    await Promise.all([redis.stop(), postgres.stop()]);
  };
  return { redisUrl: redis.url, databaseUrl: postgres.url, database, producer, say, startAi, close };
};

/** Resolves once everything said has been applied. */
export const applied = (bus: EventBus, seq: number) =>
  bus.idle({ source: 'regime-service', published: { 'regime.classified': seq } });

/** Returns all rows that ai-service wrote about candles, in a fixed order. */
export const rowsOf = async (db: Queryable) => {
  const read = async (sql: string) => (await db.query(sql)).rows;
  return {
    signals: await read('SELECT * FROM signals ORDER BY symbol, candle_closed_at_ms'),
    decisions: await read('SELECT * FROM signal_decisions ORDER BY symbol, candle_closed_at_ms'),
    predictions: await read('SELECT * FROM predictions ORDER BY symbol, candle_closed_at_ms, model_id'),
    outcomes: await read('SELECT * FROM prediction_outcomes ORDER BY symbol, candle_closed_at_ms'),
    said: await read(
      `SELECT id, occurred_at_ms, correlation_id, key, producer_seq, payload FROM outbox WHERE source = 'ai-service' ORDER BY producer_seq`,
    ),
  };
};
