import { type Database, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { createRedisEventBus, type EventBus } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { silentLogger } from '@qt/testing';

/** The service's bus over real stores. */
export const busOf = (database: Database, redisUrl: string): EventBus =>
  createRedisEventBus({
    redisUrl,
    source: 'regime-service',
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger: silentLogger,
  });
