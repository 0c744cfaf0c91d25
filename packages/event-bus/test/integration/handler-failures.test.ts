import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defineEvent, streamOf } from '@qt/contracts';
import { DeadLetterRepository } from '@qt/database';
import { injectEnvelope } from '@qt/event-bus';
import { AppError, InvariantError, wallClock } from '@qt/kernel';
import { eventually } from '@qt/testing';
import { z } from 'zod';
import { aCountEvent, aDraft, count, upTo } from '../a-bus.ts';
import { Stage } from '../a-stage.ts';
import { BreakableProxy } from '../breakable-proxy.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
}, 60_000);
afterEach(() => stage.nextTest());
afterAll(() => stage.close());

describe('poison', () => {
  it('that is no envelope is parked at once and does not hold up what follows', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    await stage.probe.xadd(streamOf(event.type), '*', 'e', 'not json', 'n', '1');
    await stage.probe.xadd(streamOf(event.type), '*', 'e', '{"id":1}', 'n', '2');
    await count(producer.bus, event, 0, 1);
    await stage.applied(consumer, event, 1);
    // What has no sequence number is not waited for by `applied`: the event behind it may have come from the outbox, ahead of the stream.
    await eventually(() => consumer.parked.length >= 2);
    await consumer.bus.idle();
    expect(consumer.parked.map(({ code, envelopeText }) => ({ code, envelopeText }))).toEqual([
      { code: 'CONTRACT_VIOLATION', envelopeText: 'not json' },
      { code: 'CONTRACT_VIOLATION', envelopeText: '{"id":1}' },
    ]);
    expect(consumer.seen).toEqual([0]);
  });

  it('whose payload breaks its schema is parked at once', async () => {
    const event = aCountEvent();
    // The producer believes in another schema under the same name and version.
    const wrong = defineEvent({ ...event, payload: z.object({ count: z.string() }) });
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    await producer.bus.transact(({ publish }) =>
      Promise.resolve(publish(wrong, { ...aDraft(0), payload: { count: 'many' } })),
    );
    await count(producer.bus, event, 1, 2);
    await stage.applied(consumer, event, 2);
    expect(consumer.parked).toMatchObject([{ code: 'CONTRACT_VIOLATION', type: event.type }]);
    expect(consumer.seen).toEqual([1]);
  });

  it('of an unknown version is parked', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    await count(producer.bus, { ...event, version: 2 }, 0, 1);
    await stage.applied(consumer, event, 1);
    expect(consumer.parked).toMatchObject([{ code: 'EVENT_VERSION_UNKNOWN' }]);
  });

  it('is parked after five attempts, stays parked over a restart, and takes effect once when replayed', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    let attempts = 0;
    const fail = (value: number): Promise<void> => {
      if (value !== 1) return Promise.resolve();
      attempts += 1;
      return Promise.reject(new Error('cannot count to one'));
    };
    const broken = await stage.consumer(event, {}, fail);
    await count(producer.bus, event, 0, 3);
    await stage.applied(broken, event, 3);
    expect(attempts).toBe(5);
    expect(broken.seen).toEqual([0, 2]);
    await broken.close();
    // What Redis delivers once more is still parked: nothing but the dead letters tells, for a parked event has no inbox row.
    await stage.repeatStream(event);

    const mended = await stage.consumer(event);
    await count(producer.bus, event, 3, 4);
    await stage.applied(mended, event, 4);
    expect(mended.seen).toEqual([3]);

    const letters = new DeadLetterRepository(mended.database, wallClock);
    const [letter] = await letters.list({ consumer: stage.source('consumer') });
    expect(letter).toMatchObject({ code: 'HANDLER_FAILED', reason: 'cannot count to one', type: event.type });
    const inject = async (): Promise<void> => {
      await injectEnvelope({ redisUrl: stage.redis.url, type: event.type, envelopeText: letter!.envelopeText });
    };
    expect(await letters.replay(letter!.deadLetterId, inject)).toBe('replayed');
    expect(await letters.replay(letter!.deadLetterId, inject)).toBe('replayed_before');
    await inject();
    await count(producer.bus, event, 4, 5);
    await stage.applied(mended, event, 5);
    expect(mended.seen).toEqual([3, 1, 4]);
    expect(await letters.list({ consumer: stage.source('consumer') })).toEqual([]);
  });

  it('is refused at its source when the producer itself can see it', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const bad = producer.bus.transact(({ publish }) =>
      Promise.resolve(publish(event, { ...aDraft(0), payload: { count: -1 } })),
    );
    await expect(bad).rejects.toMatchObject({ code: 'CONTRACT_VIOLATION' });
    expect(await producer.bus.idle()).toEqual({ published: {} });
  });
});

describe('failures that pass', () => {
  it('are tried again for as long as they say so, and in order', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    let attempts = 0;
    const consumer = await stage.consumer(event, {}, (value) => {
      if (value !== 0 || attempts === 6) return Promise.resolve();
      attempts += 1;
      return attempts === 6
        ? Promise.resolve()
        : Promise.reject(new AppError('VENUE_BUSY', 'the venue is busy', { retryable: true }));
    });
    await count(producer.bus, event, 0, 2);
    await stage.applied(consumer, event, 2);
    expect(consumer.parked).toEqual([]);
    expect(consumer.seen).toEqual([0, 1]);
  });

  it('include a Postgres that is away: nothing is parked, nothing is lost', async () => {
    const event = aCountEvent();
    const proxy = await new BreakableProxy(stage.postgres.url).start();
    try {
      const producer = await stage.producer();
      const consumer = await stage.consumer(event, { databaseUrl: proxy.url });
      await count(producer.bus, event, 0, 1);
      await stage.applied(consumer, event, 1);
      proxy.cut();
      await count(producer.bus, event, 1, 4);
      await eventually(() => consumer.bus.waitingFor() !== null);
      proxy.restore();
      await stage.applied(consumer, event, 4);
      expect(consumer.parked).toEqual([]);
      expect(consumer.seen).toEqual(upTo(4));
      await consumer.close();
    } finally {
      await proxy.stop();
    }
  });

  it('do not hold up a stop', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    let attempts = 0;
    const consumer = await stage.consumer(event, {}, () => {
      attempts += 1;
      return Promise.reject(new AppError('VENUE_BUSY', 'the venue is busy', { retryable: true }));
    });
    await count(producer.bus, event, 0, 1);
    await eventually(() => attempts > 3);
    await consumer.bus.drain();
    await consumer.close();
    const next = await stage.consumer(event);
    await stage.applied(next, event, 1);
    expect(next.seen).toEqual([0]);
  });
});

describe('a broken invariant', () => {
  it('ends the process twice and is parked the third time', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    await count(producer.bus, event, 0, 1);
    for (const attempt of [1, 2, 3]) {
      const fatal: Error[] = [];
      const consumer = await stage.consumer(event, { onFatal: (error) => fatal.push(error) }, () =>
        Promise.reject(new InvariantError('expected: a count above zero')),
      );
      if (attempt < 3) {
        await eventually(() => fatal.length === 1);
        expect(fatal[0]).toBeInstanceOf(InvariantError);
        expect(consumer.bus.check().status).toBe('down');
        expect(consumer.parked).toEqual([]);
      } else {
        await stage.applied(consumer, event, 1);
        expect(consumer.parked).toMatchObject([{ code: 'INVARIANT_BROKEN' }]);
        expect(fatal).toEqual([]);
      }
      await consumer.close();
    }
  });
});

describe('a killed consumer', () => {
  let child: ChildProcess | null = null;

  const run = (source: string, type: string, table: string): ChildProcess => {
    const script = new URL('../counting-process.ts', import.meta.url).pathname;
    const args = [script, stage.redis.url, stage.postgres.url, source, type, table];
    child = spawn(process.execPath, args, { stdio: 'inherit', env: {} });
    return child;
  };

  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('leaves no event half done, undone or done twice', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const table = `killed_${stage.testNumber}`;
    await producer.database.query(`CREATE TABLE ${table} (at bigint GENERATED ALWAYS AS IDENTITY, count int)`);
    const applied = async (): Promise<number[]> => {
      const { rows } = await producer.database.query<{ count: number }>(`SELECT count FROM ${table} ORDER BY at`);
      return rows.map((row) => row.count);
    };
    await count(producer.bus, event, 0, 120);
    for (const atLeast of [20, 60]) {
      const victim = run(stage.source('consumer'), event.type, table);
      await eventually(async () => (await applied()).length >= atLeast, { timeoutMs: 10_000, intervalMs: 5 });
      const ended = new Promise((resolve) => victim.once('exit', resolve));
      victim.kill('SIGKILL');
      await ended;
    }
    run(stage.source('consumer'), event.type, table);
    await eventually(async () => (await applied()).length >= 120, { timeoutMs: 10_000 });
    expect(await applied()).toEqual(upTo(120));
  }, 40_000);
});
