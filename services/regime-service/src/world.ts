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
import type { ServiceKit } from '@qt/service-kit';
import { TimedDatabase } from './adapters/timed-database.ts';
import type { RegimeConfig } from './config.ts';
import { sourceOfShard, symbolsOfShard } from './domain/shard.ts';
import { openHeavyDb } from './heavydb/heavydb.ts';
import { withHistory } from './heavydb/heavydb-history.ts';
import { serviceJobs } from './jobs/service-jobs.ts';
import { venueOptions } from './venue-options.ts';

const POOL_SIZE = 10;
const SHOWN_TEXT = 120;

/** Opens the ways to the stores and the venue; nothing connects before it is started. Slow queries have a line in performance.log. */
export const openWorld = (config: RegimeConfig, kit: ServiceKit, slowQueryMs: () => number) => {
  const { clock, marketClock, logger, metrics } = kit;
  const shard = { index: config.SHARD_INDEX, count: config.SHARD_COUNT };
  const source = sourceOfShard(shard);
  const plain = createDatabase({ url: config.DATABASE_URL, applicationName: source, maxConnections: POOL_SIZE });
  const database = new TimedDatabase(plain, (text, tookMs) => {
    if (tookMs < slowQueryMs()) return;
    const shown = text.replaceAll(/\s+/g, ' ').trim().slice(0, SHOWN_TEXT);
    logger.info(`Query took ${tookMs.toFixed(1)} ms: ${shown}`);
  });
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
  const heavydb = config.HEAVYDB_URL === undefined ? null : openHeavyDb(config.HEAVYDB_URL, logger);
  const exchange = createBinanceExchange(venue);
  return {
    symbols: symbolsOfShard(config.SYMBOLS, shard),
    source: heavydb === null ? exchange : withHistory({ venue: exchange, history: heavydb.history, logger }),
    bus,
    database,
    databasePoolSize: POOL_SIZE,
    candles: new CandleRepository(database),
    regimes: new RegimeHistoryRepository(database),
    jobs: serviceJobs({
      source,
      redisUrl: config.REDIS_URL,
      database,
      clock,
      isMarketTime: marketClock !== null,
      metrics,
      heavydb,
    }),
    budget: { name: 'venue_budget', start: async () => {}, stop: () => venue.weightBudget.close() },
  };
};
