import { readFileSync } from 'node:fs';
import { INTERVAL_MS } from '@qt/contracts';
import { createDatabase, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { createRedisEventBus, Heartbeat } from '@qt/event-bus';
import { createBinanceExchange } from '@qt/exchange-client';
import { SerialQueue, wallClock } from '@qt/kernel';
import { readRiskLimits } from '@qt/risk';
import { loadConfig, runService } from '@qt/service-kit';
import { crashPointAt } from './adapters/crash-point.ts';
import { venueOptions } from './adapters/venue-options.ts';
import { buildApp } from './app.ts';
import { ExecRiskConfig } from './config.ts';

const NAME = 'exec-risk-service';
const config = loadConfig(ExecRiskConfig, process.env);

await runService(NAME, ({ clock, marketClock, logger, metrics }) => {
  const database = createDatabase({ url: config.DATABASE_URL, applicationName: NAME });
  const queue = new SerialQueue();
  const bus = createRedisEventBus({
    redisUrl: config.REDIS_URL,
    source: NAME,
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger,
    queue,
  });
  const exchange = createBinanceExchange(venueOptions(config, { clock, marketClock, logger }));
  const { engine, health, routes } = buildApp({
    database,
    bus,
    exchange,
    queue,
    clock,
    marketClock,
    limits: readRiskLimits(config.RISK_LIMITS_FILE, (path) => readFileSync(path, 'utf8')),
    settings: {
      venue: config.VENUE,
      symbols: config.SYMBOLS,
      isTradingEnabled: config.TRADING_ENABLED ?? config.VENUE === 'simulator',
      recvWindowMs: config.RECV_WINDOW_MS,
      portfolioIntervalMs: INTERVAL_MS[config.INTERVAL],
      fillWaitMs: config.FILL_WAIT_MS,
    },
    logger,
    metrics,
    operatorKey: config.OPERATOR_KEY,
    crashPoint: crashPointAt(config.CRASH_AT),
  });
  const status = (): 'healthy' | 'degraded' => (engine.check().status === 'up' ? 'healthy' : 'degraded');
  const heartbeat = new Heartbeat({ bus, service: NAME, clock: wallClock, logger, status });

  // Started in this order, stopped in reverse: no signal comes before the books are clean, none after they are closed.
  return { components: [database, engine, bus, heartbeat], health, routes };
});
