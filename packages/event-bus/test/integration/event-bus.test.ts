import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { streamOf } from '@qt/contracts';
import { consume } from '@qt/event-bus';
import { SerialQueue } from '@qt/kernel';
import { eventually } from '@qt/testing';
import { aCountEvent, aDraft, count, upTo } from '../a-bus.ts';
import { Stage } from '../a-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
}, 60_000);
afterEach(() => stage.nextTest());
afterAll(() => stage.close());

describe('the way of an event', () => {
  it('is delivered once, in order, and acknowledged', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    await count(producer.bus, event, 0, 50);
    const { published } = await producer.bus.idle();
    expect(published).toEqual({ [event.type]: 50 });
    await consumer.bus.idle({ source: stage.source('producer'), published });
    expect(consumer.seen).toEqual(upTo(50));
    await eventually(async () => {
      const [pending] = await stage.probe.xpending(streamOf(event.type), stage.source('consumer'));
      return pending === 0;
    });
  });

  it('keeps the order in which one transaction said things on different streams', async () => {
    const [first, second] = [aCountEvent(), aCountEvent()];
    const producer = await stage.producer();
    const consumer = stage.make('consumer');
    const seen: string[] = [];
    for (const event of [second, first]) {
      consumer.bus.subscribe(
        consume(event, ({ payload }) => {
          seen.push(`${event === first ? 'first' : 'second'} ${payload.count}`);
          return Promise.resolve();
        }),
      );
    }
    await consumer.bus.start();
    for (const value of upTo(10)) {
      await producer.bus.transact(({ publish }) => {
        publish(first, aDraft(value));
        publish(second, aDraft(value));
        return Promise.resolve();
      });
    }
    const { published } = await producer.bus.idle();
    await consumer.bus.idle({ source: stage.source('producer'), published });
    expect(seen).toEqual(upTo(10).flatMap((value) => [`first ${value}`, `second ${value}`]));
  });

  it('takes effect once although the whole stream is replayed twice', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    await count(producer.bus, event, 0, 20);
    await producer.bus.idle();
    await stage.repeatStream(event);
    const consumer = await stage.consumer(event);
    await stage.repeatStream(event);
    await eventually(() => consumer.bus.health().lagByType[event.type] === 0 && consumer.seen.length >= 20);
    await consumer.close();

    // A new process of the same consumer remembers nothing but the inbox.
    const again = await stage.consumer(event);
    await stage.repeatStream(event);
    await count(producer.bus, event, 20, 21);
    await eventually(() => again.seen.length > 0);
    await again.bus.idle();
    expect([...consumer.seen, ...again.seen]).toEqual(upTo(21));
  });

  it('commits the effect, the inbox row and what the handler publishes together, or none', async () => {
    const [event, answer] = [aCountEvent(), aCountEvent()];
    const producer = await stage.producer();
    const consumer = stage.make('consumer');
    await consumer.database.query(`CREATE TABLE effects_${stage.testNumber} (count int)`);
    let attempts = 0;
    consumer.bus.subscribe(
      consume(event, async ({ payload }, { tx, publish }) => {
        attempts += 1;
        await tx.query(`INSERT INTO effects_${stage.testNumber} VALUES ($1)`, [payload.count]);
        publish(answer, aDraft(payload.count));
        if (attempts === 1) throw new Error('the first attempt fails at its end');
      }),
    );
    await consumer.bus.start();
    await count(producer.bus, event, 0, 1);
    const { published } = await producer.bus.idle();
    await consumer.bus.idle({ source: stage.source('producer'), published });
    const effects = await consumer.database.query(`SELECT count FROM effects_${stage.testNumber}`);
    expect(effects.rows).toEqual([{ count: 0 }]);
    expect(await consumer.bus.idle()).toEqual({ published: { [answer.type]: 1 } });
    expect(await stage.probe.xlen(streamOf(answer.type))).toBe(1);
  });

  it('numbers without a gap although transactions run at once and some roll back', async () => {
    const [event, other] = [aCountEvent(), aCountEvent()];
    const producer = await stage.producer();
    const works = upTo(40).map((value) =>
      producer.bus
        .transact(({ publish }) => {
          // Crosswise order of types must not deadlock.
          for (const definition of value % 2 === 0 ? [event, other] : [other, event])
            publish(definition, aDraft(value));
          return value % 5 === 0 ? Promise.reject(new Error('rolled back')) : Promise.resolve();
        })
        .catch(() => {}),
    );
    await Promise.all(works);
    await producer.bus.idle();
    const { rows } = await producer.database.query<{ seq: number }>(
      'SELECT producer_seq::int AS seq FROM outbox WHERE type = $1 ORDER BY position',
      [event.type],
    );
    expect(rows.map(({ seq }) => seq)).toEqual(upTo(32).map((index) => index + 1));
  });

  it('runs AfterCommit before the next event, and acknowledges after it', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = stage.make('consumer');
    const steps: string[] = [];
    consumer.bus.subscribe(
      consume(event, ({ payload }) => {
        steps.push(`handled ${payload.count}`);
        return Promise.resolve(async () => {
          const [pending] = await stage.probe.xpending(streamOf(event.type), stage.source('consumer'));
          steps.push(`followed ${payload.count}, acknowledged: ${pending === 0}`);
        });
      }),
    );
    await consumer.bus.start();
    // The first may still come from the outbox, while the groups are being made.
    await count(producer.bus, event, 0, 1);
    await stage.applied(consumer, event, 1);
    await eventually(() => consumer.bus.health().isConnected);
    steps.length = 0;
    await count(producer.bus, event, 1, 3);
    await stage.applied(consumer, event, 3);
    expect(steps).toEqual([
      'handled 1',
      'followed 1, acknowledged: false',
      'handled 2',
      'followed 2, acknowledged: false',
    ]);
  });

  it('shares the service’s own queue', async () => {
    const event = aCountEvent();
    const queue = new SerialQueue();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event, { queue });
    let release: () => void = () => {};
    void queue.run(() => new Promise<void>((resolve) => (release = resolve)));
    await count(producer.bus, event, 0, 1);
    await eventually(() => consumer.bus.waitingFor() !== null);
    expect(consumer.seen).toEqual([]);
    release();
    await consumer.bus.idle({ source: stage.source('producer'), published: { [event.type]: 1 } });
    expect(consumer.seen).toEqual([0]);
  });

  it('passes announcements by the outbox and the inbox', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    await producer.bus.announce(event, aDraft(7));
    await eventually(() => consumer.seen.length === 1);
    await consumer.bus.idle();
    const { rows } = await consumer.database.query('SELECT 1 FROM inbox WHERE type = $1', [event.type]);
    expect(rows).toEqual([]);
  });
});

describe('idle', () => {
  it('waits for the numbers of subscribed types only, and says what it waits for', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = await stage.consumer(event);
    const query = { source: stage.source('producer'), published: { [event.type]: 1, 'test.unheard': 9 } };
    expect(consumer.bus.waitingFor(query)).toContain(`${event.type} 1 of ${stage.source('producer')}, is at 0`);
    await expect(consumer.bus.idle(query, AbortSignal.timeout(50))).rejects.toThrow();
    const idle = consumer.bus.idle(query);
    await count(producer.bus, event, 0, 1);
    await expect(idle).resolves.toEqual({ published: {} });
    expect(consumer.seen).toEqual([0]);
  });
});
