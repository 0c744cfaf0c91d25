import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { streamOf } from '@qt/contracts';
import { eventually, startRedis } from '@qt/testing';
import { aCountEvent, aDraft, count, upTo } from '../a-bus.ts';
import { Stage } from '../a-stage.ts';
import { BreakableProxy } from '../breakable-proxy.ts';

let stage: Stage;
let proxy: BreakableProxy;

beforeAll(async () => {
  stage = await Stage.open();
  proxy = await new BreakableProxy(stage.redis.url).start();
}, 60_000);
afterEach(async () => {
  await stage.nextTest();
  proxy.restore();
});
afterAll(async () => {
  await proxy.stop();
  await stage.close();
});

/** A consumer that waits with its first event until it is let go. */
const aHeldConsumer = async (event: ReturnType<typeof aCountEvent>) => {
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let isHolding = false;
  const consumer = await stage.consumer(event, {}, async (value) => {
    if (value !== 0) return;
    isHolding = true;
    await held;
  });
  return { consumer, release, untilHeld: () => eventually(() => isHolding) };
};

describe('what Redis loses', () => {
  it('is applied in order when everything is flushed in the middle', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const { consumer, release, untilHeld } = await aHeldConsumer(event);
    await count(producer.bus, event, 0, 1);
    await untilHeld();
    await count(producer.bus, event, 1, 30);
    await producer.bus.idle();
    await stage.probe.flushall();
    release();
    await stage.applied(consumer, event, 30);
    expect(consumer.seen).toEqual(upTo(30));

    await count(producer.bus, event, 30, 40);
    await stage.applied(consumer, event, 40);
    expect(consumer.seen).toEqual(upTo(40));
  });

  it('is found by the gap it leaves, and applied before what follows', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const { consumer, release, untilHeld } = await aHeldConsumer(event);
    await count(producer.bus, event, 0, 1);
    await untilHeld();
    await count(producer.bus, event, 1, 5);
    await producer.bus.idle();
    const entries = await stage.probe.xrange(streamOf(event.type), '-', '+');
    await stage.probe.xdel(streamOf(event.type), entries[2]![0], entries[3]![0]);
    release();
    await stage.applied(consumer, event, 5);
    expect(consumer.seen).toEqual(upTo(5));
  });

  it('is found at the tail, where no gap shows', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const { consumer, release, untilHeld } = await aHeldConsumer(event);
    await count(producer.bus, event, 0, 1);
    await untilHeld();
    await count(producer.bus, event, 1, 3);
    await producer.bus.idle();
    const entries = await stage.probe.xrange(streamOf(event.type), '-', '+');
    await stage.probe.xdel(streamOf(event.type), entries[1]![0], entries[2]![0]);
    release();
    const startedMs = performance.now();
    await stage.applied(consumer, event, 3);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(consumer.seen).toEqual(upTo(3));
  });

  it('was said before a new consumer was first started', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    await count(producer.bus, event, 0, 5);
    await producer.bus.idle();
    await stage.probe.del(streamOf(event.type));
    const consumer = await stage.consumer(event);
    await stage.applied(consumer, event, 5);
    expect(consumer.seen).toEqual(upTo(5));
  });
});

describe('a broken way to Redis', () => {
  it('does not apply twice an event whose reply was lost', async () => {
    const event = aCountEvent();
    const producer = await stage.producer({ redisUrl: proxy.url });
    const consumer = await stage.consumer(event);
    await count(producer.bus, event, 0, 2);
    await stage.applied(consumer, event, 2);
    proxy.loseReplyTo('xadd');
    await count(producer.bus, event, 2, 5);
    await stage.applied(consumer, event, 5);
    await producer.bus.idle(undefined, AbortSignal.timeout(5_000));
    expect(proxy.hasLostReply).toBe(true);
    expect(await stage.probe.xlen(streamOf(event.type))).toBeGreaterThan(5);
    await count(producer.bus, event, 5, 6);
    await stage.applied(consumer, event, 6);
    expect(consumer.seen).toEqual(upTo(6));
  });

  it('lets work commit while Redis is away and carries it over in order afterwards', async () => {
    const event = aCountEvent();
    const producer = await stage.producer({ redisUrl: proxy.url });
    const consumer = await stage.consumer(event, { redisUrl: proxy.url });
    await count(producer.bus, event, 0, 2);
    await stage.applied(consumer, event, 2);
    proxy.cut();
    await count(producer.bus, event, 2, 10);
    expect(producer.bus.health()).toMatchObject({ isConnected: false, outboxPending: 8 });
    expect(producer.bus.check().status).toBe('down');
    expect(producer.bus.waitingFor()).toContain('8 events to reach Redis');
    proxy.restore();
    await producer.bus.idle(undefined, AbortSignal.timeout(5_000));
    await stage.applied(consumer, event, 10);
    expect(consumer.seen).toEqual(upTo(10));
    expect(producer.bus.check().status).toBe('up');
  });

  it('relays at start what an earlier run could not', async () => {
    const event = aCountEvent();
    const first = await stage.producer({ redisUrl: proxy.url });
    proxy.cut();
    await count(first.bus, event, 0, 3);
    await first.close();
    const second = await stage.producer();
    await second.bus.idle();
    expect(await stage.probe.xlen(streamOf(event.type))).toBe(3);
    await count(second.bus, event, 3, 4);
    const consumer = await stage.consumer(event);
    await stage.applied(consumer, event, 4);
    expect(consumer.seen).toEqual(upTo(4));
  });

  it('notices connections that are open and silent', async () => {
    const event = aCountEvent();
    const producer = await stage.producer({ redisUrl: proxy.url });
    const consumer = await stage.consumer(event, { redisUrl: proxy.url });
    await count(producer.bus, event, 0, 1);
    await stage.applied(consumer, event, 1);
    proxy.freeze();
    await count(producer.bus, event, 1, 4);
    await stage.applied(consumer, event, 4);
    await producer.bus.idle(undefined, AbortSignal.timeout(8_000));
    expect(consumer.seen).toEqual(upTo(4));
  }, 20_000);
});

describe('start', () => {
  it('refuses a Redis that may evict streams, and says how to mend it', async () => {
    const evicting = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
    try {
      const { bus } = stage.make('producer', { redisUrl: evicting.url });
      await expect(bus.start()).rejects.toMatchObject({
        code: 'REDIS_EVICTION_ENABLED',
        message: expect.stringMatching(/allkeys-lru.*redis-cli CONFIG SET maxmemory-policy noeviction/),
      });
    } finally {
      await evicting.stop();
    }
  });

  it('says where no Redis answers', async () => {
    proxy.cut();
    const { bus } = stage.make('producer', { redisUrl: 'redis://user:secret@127.0.0.1:1' });
    const failure = await bus.start().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'REDIS_UNREACHABLE', retryable: true });
    expect(String(failure)).toContain('127.0.0.1:1');
    expect(String(failure)).not.toContain('secret');
  });

  it('rejects an announcement while Redis is away', async () => {
    const event = aCountEvent();
    const producer = await stage.producer({ redisUrl: proxy.url });
    proxy.cut();
    await expect(producer.bus.announce(event, aDraft(1))).rejects.toThrow();
  });
});
