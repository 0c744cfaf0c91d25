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
import { createRedisEventBus } from '@qt/event-bus';
import { loadConfig, runService } from '@qt/service-kit';
import { builtInModels } from '@qt/signals';
import { aiMetricsOf, busMetricsOf } from './adapters/prometheus-metrics.ts';
import { buildApp } from './app.ts';
import { AiConfig } from './config.ts';

const config = loadConfig(AiConfig, process.env);

await runService('ai-service', ({ clock, marketClock, logger, metrics }) => {
  const database = createDatabase({ url: config.DATABASE_URL, applicationName: 'ai-service' });
  const bus = createRedisEventBus({
    redisUrl: config.REDIS_URL,
    source: 'ai-service',
    outbox: new OutboxRepository(database, clock),
    inbox: new InboxRepository(database, clock),
    deadLetters: new DeadLetterRepository(database, clock),
    clock,
    logger,
    metrics: busMetricsOf(metrics),
  });
  const app = buildApp({
    db: database,
    bus,
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
  // Started in this order, stopped in reverse: the bus ends consuming before the database goes away.
  return { components: [database, app.models, bus, app.heartbeat], health: app.health, routes: app.routes };
});
