import {
  CandleRepository,
  createDatabase,
  DeadLetterRepository,
  InboxRepository,
  OutboxRepository,
  RegimeHistoryRepository,
} from '@qt/database';
import { createRedisEventBus } from '@qt/event-bus';
import { createBinanceExchange } from '@qt/exchange-client';
import { wallClock } from '@qt/kernel';
import { loadConfig, runService } from '@qt/service-kit';
import { buildApp } from './app.ts';
import { RegimeConfig } from './config.ts';
import { sourceOfShard, symbolsOfShard } from './domain/shard.ts';
import { createRegimeMetrics } from './regime-metrics.ts';
import { venueOptions } from './venue-options.ts';

const config = loadConfig(RegimeConfig, process.env);

await runService('regime-service', ({ clock, marketClock, logger, metrics }) => {
  const shard = { index: config.SHARD_INDEX, count: config.SHARD_COUNT };
  const source = sourceOfShard(shard);
  const database = createDatabase({ url: config.DATABASE_URL, applicationName: source });
  const bus = createRedisEventBus({
    redisUrl: config.REDIS_URL,
    source,
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock,
    logger,
  });
  const venue = venueOptions(config, { clock, marketClock, logger });
  const app = buildApp({
    symbols: symbolsOfShard(config.SYMBOLS, shard),
    interval: config.INTERVAL,
    historyCandles: config.HISTORY_CANDLES,
    source: createBinanceExchange(venue),
    bus,
    database,
    candles: new CandleRepository(database),
    regimes: new RegimeHistoryRepository(database),
    clock,
    marketClock,
    metrics: createRegimeMetrics(metrics),
    logger,
  });
  const budget = { name: 'venue_budget', start: async () => {}, stop: () => venue.weightBudget.close() };
  return { ...app, components: [budget, ...app.components] };
});
