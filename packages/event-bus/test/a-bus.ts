import { type DeadLetter, defineEvent, type EventDefinition } from '@qt/contracts';
import { createDatabase, type Database, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { createRedisEventBus, type EventBus, type EventBusOptions } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { silentLogger } from '@qt/testing';
import { z } from 'zod';

const Count = z.object({ count: z.int().nonnegative() });
type Count = z.infer<typeof Count>;
export type CountEvent = EventDefinition<Count>;

/** Returns the counting event of the given type. */
export const countEvent = (type: string): CountEvent => defineEvent({ type, version: 1, payload: Count });

let defined = 0;

/** Returns an event of the test's own, so that tests that share a Redis and a database do not hear each other. */
export const aCountEvent = (): CountEvent => {
  defined += 1;
  const suffix = String.fromCharCode(96 + Math.ceil(defined / 26), 97 + (defined % 26));
  return countEvent(`test.counted_${suffix}`);
};

export const aDraft = (count: number) => ({
  occurredAtMs: 1_700_000_000_000 + count,
  correlationId: 'chain',
  causationId: null,
  key: 'BTCUSDT',
  payload: { count },
});

/** One producer's or consumer's bus with its own connection pool; `close` ends both. */
export interface TestBus {
  readonly bus: EventBus;
  readonly database: Database;
  readonly parked: DeadLetter[];
  close(): Promise<void>;
}

export interface TestBusOptions extends Partial<EventBusOptions> {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly source: string;
}

export const aBus = ({ databaseUrl, ...options }: TestBusOptions): TestBus => {
  const database = createDatabase({ url: databaseUrl, applicationName: options.source, maxConnections: 4 });
  const parked: DeadLetter[] = [];
  const bus = createRedisEventBus({
    outbox: new OutboxRepository(database, wallClock),
    inbox: new InboxRepository(database, wallClock),
    deadLetters: new DeadLetterRepository(database, wallClock),
    clock: wallClock,
    logger: silentLogger,
    onParked: (letter) => parked.push(letter),
    ...options,
  });
  let isClosed = false;
  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosed = true;
    await bus.stop();
    await database.stop();
  };
  return { bus, database, parked, close };
};

/** Says the counts of [from, to), one transaction each. */
export const count = async (bus: EventBus, event: CountEvent, from: number, to: number): Promise<void> => {
  for (let value = from; value < to; value += 1) {
    await bus.transact(({ publish }) => Promise.resolve(publish(event, aDraft(value))));
  }
};

/** Returns 0, 1, … n - 1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index);
