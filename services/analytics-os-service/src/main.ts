import {
  AlertRepository,
  createDatabase,
  DeadLetterRepository,
  EventStoreRepository,
  InboxRepository,
  OutboxRepository,
  PerformanceRepository,
} from '@qt/database';
import { createRedisEventBus, Heartbeat } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { loadConfig, runService } from '@qt/service-kit';
import { buildApp } from './app.ts';
import { AnalyticsConfig } from './config.ts';

const NAME = 'analytics-os-service';
const config = loadConfig(AnalyticsConfig, process.env);

await runService(NAME, ({ clock, marketClock, logger, metrics }) => {
  const database = createDatabase({ url: config.DATABASE_URL, applicationName: NAME });
  const eventsReceived = metrics.counter({ name: 'events_received_total', help: 'Events stored.' });
  const bus = createRedisEventBus({
    redisUrl: config.REDIS_URL,
    source: NAME,
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock,
    logger,
  });
  const { view, ...app } = buildApp({
    bus,
    database,
    events: new EventStoreRepository(),
    performance: new PerformanceRepository(),
    alerts: new AlertRepository(),
    clock,
    operatorKey: config.OPERATOR_KEY,
    onStored: (occurredAtMs) => {
      marketClock?.advanceTo(occurredAtMs);
      eventsReceived.inc();
    },
  });
  const heartbeat = new Heartbeat({
    bus,
    service: NAME,
    clock: wallClock,
    logger,
    status: () => (bus.health().isConnected ? 'healthy' : 'degraded'),
  });

  // Started in this order, stopped in reverse: the bus drains before the database goes away.
  return { ...app, components: [database, view, bus, heartbeat] };
});
