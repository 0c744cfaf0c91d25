import { mkdirSync, writeFileSync } from 'node:fs';
import { defineEvent, type EventDefinition } from '@qt/contracts';
import { createDatabase, DeadLetterRepository, InboxRepository, OutboxRepository } from '@qt/database';
import { consume, createMemoryStores, createRedisEventBus, type EventBus } from '@qt/event-bus';
import { wallClock } from '@qt/kernel';
import { aDatabase, type RunningStore, silentLogger, startRedis } from '@qt/testing';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';

// How long it takes to publish an event, handle it and acknowledge it: our bus against what Redis can do at all and against BullMQ, same
// payload, same Redis, same run; and the transactional path, which is what the services use.

const ROUNDS = 3;
const EVENTS = 20_000;
// Slower ways are given fewer events; a rate is a rate.
const QUEUED_EVENTS = 4_000;
const RECORDED_EVENTS = 1_000;
const LATENCIES = 300;
const IN_FLIGHT = 100;

const Payload = z.object({
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  quantity: z.string(),
  price: z.string(),
  clientOrderId: z.string(),
  occurredAtMs: z.int(),
});
const PAYLOAD: z.infer<typeof Payload> = {
  symbol: 'BTCUSDT',
  side: 'buy',
  quantity: '0.125',
  price: '61234.50',
  clientOrderId: 'q1-01JAR3Q4Z5N6M7K8J9H0G1F2E3-E0',
  occurredAtMs: 1_730_000_000_000,
};
const aDraft = (index: number) => ({
  occurredAtMs: PAYLOAD.occurredAtMs + index,
  correlationId: '01JAR3Q4Z5N6M7K8J9H0G1F2E3',
  causationId: null,
  key: PAYLOAD.symbol,
  payload: PAYLOAD,
});

interface Measured {
  readonly eventsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One way from publisher to handler. `onHandled` is called for each event when its handler has ended. */
interface Way {
  /** Publishes `count` events, as fast as the way can. */
  publish(first: number, count: number): Promise<unknown>;
  close(): Promise<void>;
}
type OpenWay = (onHandled: () => void) => Promise<Way>;

/** Publishes `count` events, at most IN_FLIGHT unanswered, and returns the rate at which they are handled; then one at a time. */
const measure = async (open: OpenWay, count: number): Promise<Measured> => {
  let handled = 0;
  let until = { count: 0, resolve: (): void => {} };
  const way = await open(() => {
    handled += 1;
    if (handled === until.count) until.resolve();
  });
  const reached = (target: number): Promise<void> =>
    new Promise((resolve) => {
      until = { count: target, resolve };
      if (handled >= target) resolve();
    });

  const warmUp = Math.ceil(count / 10);
  let published = 0;
  const publishTo = async (target: number): Promise<void> => {
    const all = reached(target);
    while (published < target) {
      const batch = Math.min(IN_FLIGHT, target - published);
      await way.publish(published, batch);
      published += batch;
    }
    await all;
  };
  await publishTo(warmUp);
  const startedMs = performance.now();
  await publishTo(warmUp + count);
  const eventsPerSecond = (count * 1_000) / (performance.now() - startedMs);

  const latencies: number[] = [];
  for (let index = 0; index < LATENCIES; index += 1) {
    const arrived = reached(published + 1);
    const sentMs = performance.now();
    await way.publish(published, 1);
    published += 1;
    await arrived;
    latencies.push(performance.now() - sentMs);
  }
  await way.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { eventsPerSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
};

const all = (first: number, count: number, one: (index: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, offset) => one(first + offset)));

let opened = 0;
const aName = (): string => `bench_${String.fromCharCode(97 + (opened++ % 26), 97 + Math.floor(opened / 26))}`;

const aRawWay =
  (url: string): OpenWay =>
  async (onHandled) => {
    const stream = `raw:${aName()}`;
    const [writer, reader] = [new Redis(url), new Redis(url)];
    await writer.xgroup('CREATE', stream, 'group', '0', 'MKSTREAM');
    let isOpen = true;
    const reading = (async () => {
      while (isOpen) {
        const reply = (await reader.xreadgroup(
          'GROUP',
          'group',
          'member',
          'COUNT',
          100,
          'BLOCK',
          500,
          'STREAMS',
          stream,
          '>',
        )) as [string, [string, string[]][]][] | null;
        const entries = reply?.[0]?.[1] ?? [];
        for (const [, fields] of entries) {
          JSON.parse(fields[1] ?? '');
          onHandled();
        }
        if (entries.length > 0) void writer.xack(stream, 'group', ...entries.map(([id]) => id));
      }
    })();
    return {
      publish: (first, count) => {
        const pipeline = writer.pipeline();
        for (let index = first; index < first + count; index += 1) {
          pipeline.xadd(stream, '*', 'e', JSON.stringify(aDraft(index)));
        }
        return pipeline.exec();
      },
      close: async () => {
        isOpen = false;
        await reading;
        writer.disconnect();
        reader.disconnect();
      },
    };
  };

const aBullWay =
  (url: string, concurrency: number): OpenWay =>
  async (onHandled) => {
    const name = aName();
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    const queue = new Queue(name, { connection, defaultJobOptions: { removeOnComplete: true } });
    const worker = new Worker(
      name,
      () => {
        onHandled();
        return Promise.resolve();
      },
      { connection, concurrency },
    );
    await worker.waitUntilReady();
    return {
      publish: (first, count) => all(first, count, (index) => queue.add('event', aDraft(index))),
      close: async () => {
        await worker.close();
        await queue.close();
        connection.disconnect();
      },
    };
  };

const aBusWay = async (
  onHandled: () => void,
  makeBus: (source: string, event: EventDefinition<z.infer<typeof Payload>>) => EventBus,
  end: () => Promise<void>,
): Promise<Way> => {
  const name = aName();
  const event = defineEvent({ type: `bench.${name}`, version: 1, payload: Payload });
  const [producer, consumer] = [makeBus(`${name}-producer`, event), makeBus(`${name}-consumer`, event)];
  consumer.subscribe(
    consume(event, () => {
      onHandled();
      return Promise.resolve();
    }),
  );
  await Promise.all([producer.start(), consumer.start()]);
  return {
    publish: async (first, count) => {
      await all(first, count, (index) =>
        producer.transact(({ publish }) => Promise.resolve(publish(event, aDraft(index)))),
      );
      // The others wait for Redis too.
      await producer.idle();
    },
    close: async () => {
      await producer.stop();
      await consumer.stop();
      await end();
    },
  };
};

/** The bus alone: its stores are in memory. */
const aDirectWay =
  (redisUrl: string): OpenWay =>
  (onHandled) => {
    const stores = createMemoryStores(wallClock, 1_000);
    const makeBus = (source: string): EventBus =>
      createRedisEventBus({ redisUrl, source, ...stores, clock: wallClock, logger: silentLogger });
    return aBusWay(onHandled, makeBus, () => Promise.resolve());
  };

/** The bus as the services use it: outbox and inbox in Postgres. */
const aRecordedWay =
  (redisUrl: string, url: string): OpenWay =>
  (onHandled) => {
    const database = createDatabase({ url, applicationName: 'bench', maxConnections: 10 });
    const stores = {
      outbox: new OutboxRepository(database, wallClock),
      inbox: new InboxRepository(database, wallClock),
      deadLetters: new DeadLetterRepository(database, wallClock),
    };
    const makeBus = (source: string): EventBus =>
      createRedisEventBus({ redisUrl, source, ...stores, clock: wallClock, logger: silentLogger });
    return aBusWay(onHandled, makeBus, () => database.stop());
  };

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const run = async (redis: RunningStore, postgres: RunningStore): Promise<void> => {
  const ways: readonly { readonly name: string; readonly open: OpenWay; readonly events: number }[] = [
    { name: 'raw XADD, XREADGROUP, XACK', open: aRawWay(redis.url), events: EVENTS },
    { name: 'event-bus, stores in memory', open: aDirectWay(redis.url), events: EVENTS },
    { name: 'BullMQ, in order', open: aBullWay(redis.url, 1), events: QUEUED_EVENTS },
    { name: 'BullMQ, 100 at once', open: aBullWay(redis.url, IN_FLIGHT), events: QUEUED_EVENTS },
    { name: 'event-bus, Postgres', open: aRecordedWay(redis.url, postgres.url), events: RECORDED_EVENTS },
  ];
  const rounds = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
  // The ways take turns, so that a slow minute of the machine is everyone's.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, open, events } of ways) rounds.get(name)?.push(await measure(open, events));
  }
  const of = (name: string | undefined): Measured => {
    const found = rounds.get(name ?? '') ?? [];
    return {
      eventsPerSecond: median(found.map((m) => m.eventsPerSecond)),
      p50Ms: median(found.map((m) => m.p50Ms)),
      p99Ms: median(found.map((m) => m.p99Ms)),
    };
  };
  const [raw, direct, bull, bullAtOnce] = ways.map(({ name }) => of(name));
  const rawRatio = (direct?.eventsPerSecond ?? 0) / (raw?.eventsPerSecond ?? 1);
  const bullRatio = (direct?.eventsPerSecond ?? 0) / (bull?.eventsPerSecond ?? 1);
  const atOnceRatio = (direct?.eventsPerSecond ?? 0) / (bullAtOnce?.eventsPerSecond ?? 1);
  const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
  const results = [
    ...ways.flatMap(({ name }) => [
      { metric: `${name}: rate`, value: Math.round(of(name).eventsPerSecond), unit: 'events/s' },
      { metric: `${name}: latency p50`, value: rounded(of(name).p50Ms, 3), unit: 'ms' },
      { metric: `${name}: latency p99`, value: rounded(of(name).p99Ms, 3), unit: 'ms' },
    ]),
    {
      metric: 'event-bus in memory / raw',
      value: rounded(rawRatio, 2),
      unit: 'ratio',
      aim: 0.5,
      meetsAim: rawRatio >= 0.5,
    },
    {
      metric: 'event-bus in memory / BullMQ in order',
      value: rounded(bullRatio, 2),
      unit: 'ratio',
      aim: 5,
      meetsAim: bullRatio >= 5,
      note: 'both handle one event at a time, in order',
    },
    {
      metric: 'event-bus in memory / BullMQ 100 at once',
      value: rounded(atOnceRatio, 2),
      unit: 'ratio',
      note: 'BullMQ without order, the bus in order',
    },
  ];
  const document = { name: 'bus', results };
  for (const { metric, value, unit } of results)
    console.log(`${metric.padEnd(44)} ${String(value).padStart(10)} ${unit}`);
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL('bus.json', folder), `${JSON.stringify(document, null, 2)}\n`);
  console.log(JSON.stringify(document));
};

const [redis, postgres] = await Promise.all([startRedis(), aDatabase()]);
try {
  await run(redis, postgres);
} finally {
  await redis.stop();
  await postgres.stop();
}
