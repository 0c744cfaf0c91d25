import {
  ClassifiedCandleRepository,
  createDatabase,
  DeadLetterRepository,
  InboxRepository,
  ModelStateRepository,
  OutboxRepository,
  PredictionRepository,
  SignalRepository,
} from '@qt/database';
import { createRedisEventBus, Heartbeat } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { loadConfig, runService } from '@qt/service-kit';
import { builtInModels } from '@qt/signals';
import { aiMetricsOf, busMetricsOf } from './adapters/prometheus-metrics.ts';
import { buildApp } from './app.ts';
import { AiConfig } from './config.ts';

const NAME = 'ai-service';
const config = loadConfig(AiConfig, process.env);

await runService(NAME, ({ clock, marketClock, logger, metrics }) => {
  const database = createDatabase({ url: config.DATABASE_URL, applicationName: NAME });
  const bus = createRedisEventBus({
    redisUrl: config.REDIS_URL,
    source: NAME,
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock,
    logger,
    metrics: busMetricsOf(metrics),
  });
  const app = buildApp({
    db: database,
    signals: new SignalRepository(),
    predictions: new PredictionRepository(),
    states: new ModelStateRepository(),
    history: new ClassifiedCandleRepository(),
    registry: builtInModels,
    metrics: aiMetricsOf(metrics),
    clock,
    marketClock,
    horizonCandles: config.HORIZON_CANDLES,
    minConfidenceRatio: config.MIN_CONFIDENCE_RATIO,
    snapshotEveryCandles: config.SNAPSHOT_EVERY_CANDLES,
  });
  bus.subscribe(...app.subscriptions);
  const status = () => (bus.health().isConnected ? app.status() : 'degraded');
  const heartbeat = new Heartbeat({ bus, service: NAME, clock: wallClock, logger, status });
  // Started in this order, stopped in reverse: the bus ends consuming before the database goes away.
  return { components: [database, app.models, bus, heartbeat], health: app.health, routes: app.routes };
});
