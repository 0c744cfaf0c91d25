import { expect } from '@jest/globals';
import { streamOf } from '@qt/contracts';
import { consume } from '@qt/event-bus';
import { aDatabase, eventually, type RunningStore, startRedis } from '@qt/testing';
import { Redis } from 'ioredis';
import { aBus, type CountEvent, type TestBus, type TestBusOptions } from './a-bus.ts';

export interface CountingConsumer extends TestBus {
  /** What has been applied, in order. */
  readonly seen: number[];
}

/** A Redis and a database of one test file, and the buses of one test at a time. */
export class Stage {
  readonly postgres: RunningStore;
  readonly redis: RunningStore;
  /** A connection of the test's own, to look and to harm. */
  readonly probe: Redis;
  #buses: TestBus[] = [];
  #testNumber = 0;

  constructor(postgres: RunningStore, redis: RunningStore) {
    this.postgres = postgres;
    this.redis = redis;
    this.probe = new Redis(redis.url);
  }

  static async open(): Promise<Stage> {
    const [postgres, redis] = await Promise.all([aDatabase(), startRedis()]);
    return new Stage(postgres, redis);
  }

  get testNumber(): number {
    return this.#testNumber;
  }

  /** Returns the name a role has in the test that runs: no test hears another's buses. */
  source(role: 'producer' | 'consumer'): string {
    return `${role}-${this.#testNumber}`;
  }

  make(role: 'producer' | 'consumer', options: Partial<TestBusOptions> = {}): TestBus {
    const made = aBus({
      redisUrl: this.redis.url,
      databaseUrl: this.postgres.url,
      source: this.source(role),
      ...options,
    });
    this.#buses.push(made);
    return made;
  }

  async producer(options: Partial<TestBusOptions> = {}): Promise<TestBus> {
    const producer = this.make('producer', options);
    await producer.bus.start();
    return producer;
  }

  /** Starts a consumer that notes what it applies, after `before` has let it. */
  async consumer(
    event: CountEvent,
    options: Partial<TestBusOptions> = {},
    before: (count: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<CountingConsumer> {
    const consumer = this.make('consumer', options);
    const seen: number[] = [];
    consumer.bus.subscribe(
      consume(event, async ({ payload }) => {
        await before(payload.count);
        seen.push(payload.count);
      }),
    );
    await consumer.bus.start();
    return { ...consumer, seen };
  }

  /** Waits until a consumer has applied all of a producer's first `count` events. */
  async applied(consumer: TestBus, event: CountEvent, count: number): Promise<void> {
    const query = { source: this.source('producer'), published: { [event.type]: count } };
    await consumer.bus.idle(query, AbortSignal.timeout(8_000)).catch((cause: unknown) => {
      throw new Error(`still waiting for ${consumer.bus.waitingFor(query)}`, { cause });
    });
  }

  /** Waits until a consumer group has read from an event's stream: from then on what is said comes from there, not from the outbox. */
  async hasRead(event: CountEvent): Promise<void> {
    await eventually(async () => {
      const [group] = (await this.probe.xinfo('GROUPS', streamOf(event.type))) as (readonly unknown[])[];
      const place = group?.indexOf('last-delivered-id') ?? -1;
      expect(group?.[place + 1]).not.toBe('0-0');
    });
  }

  /** Puts every entry of an event's stream on it once more. */
  async repeatStream(event: CountEvent): Promise<void> {
    const stream = streamOf(event.type);
    for (const [, fields] of await this.probe.xrange(stream, '-', '+')) await this.probe.xadd(stream, '*', ...fields);
  }

  /** Ends the buses of the test that has run. */
  async nextTest(): Promise<void> {
    await Promise.all(this.#buses.map((bus) => bus.close()));
    this.#buses = [];
    this.#testNumber += 1;
  }

  async close(): Promise<void> {
    this.probe.disconnect();
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
  }
}
