import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queryable } from '@qt/contracts';
import { consume } from '@qt/event-bus';
import { aCountEvent, aDraft, type CountEvent, type TestBus, upTo } from '../a-bus.ts';
import { Stage } from '../a-stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
}, 60_000);
afterEach(() => stage.nextTest());
afterAll(() => stage.close());

/** A consumer that notes what it handled in a committed transaction, what it wrote before the commit, and in how many transactions. */
const sharing = (event: CountEvent, isPoison: (value: number) => boolean = () => false) => {
  const consumer = stage.make('consumer', {});
  const committed: number[] = [];
  const written: number[] = [];
  const transactions = new Set<Queryable>();
  consumer.bus.subscribe(
    consume(
      event,
      async ({ payload }, { tx, beforeCommit }) => {
        await tx.query('SELECT 1');
        if (isPoison(payload.count)) throw new Error(`cannot count to ${payload.count}`);
        beforeCommit(async () => {
          await tx.query('SELECT 2');
          written.push(payload.count);
        });
        return async () => {
          transactions.add(tx);
          committed.push(payload.count);
        };
      },
      { sharesTransaction: true },
    ),
  );
  return { ...consumer, committed, written, transactions };
};

/** Says the counts of [0, to) in one transaction, so that they reach Redis together. */
const countAtOnce = ({ bus }: TestBus, event: CountEvent, to: number): Promise<void> =>
  bus.transact(async ({ publish }) => {
    for (const value of upTo(to)) publish(event, aDraft(value));
  });

/** The same, while the consumer does not read: its next read finds all of them, however slow the machine is. */
const countUnread = async (producer: TestBus, consumer: TestBus, counts: { event: CountEvent; to: number }) => {
  await consumer.bus.drain();
  await countAtOnce(producer, counts.event, counts.to);
  await producer.bus.idle();
  consumer.bus.resume();
};

describe('events that share a transaction', () => {
  it('are handled in order in one transaction when they arrive together', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = sharing(event);
    await consumer.bus.start();
    await countAtOnce(producer, event, 1);
    await stage.applied(consumer, event, 1);
    await stage.hasRead(event);
    await countUnread(producer, consumer, { event, to: 20 });
    await stage.applied(consumer, event, 21);
    expect(consumer.committed).toEqual([0, ...upTo(20)]);
    expect(consumer.written).toEqual([0, ...upTo(20)]);
    expect(consumer.transactions.size).toBeLessThan(20);
  });

  it('are handled one by one when one of them fails, which alone is parked', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = sharing(event, (value) => value === 3);
    await consumer.bus.start();
    await countAtOnce(producer, event, 6);
    await stage.applied(consumer, event, 6);
    expect(consumer.committed).toEqual([0, 1, 2, 4, 5]);
    expect(consumer.parked).toMatchObject([{ code: 'HANDLER_FAILED', type: event.type }]);
  });

  it('take effect once when each is delivered twice', async () => {
    const event = aCountEvent();
    const producer = await stage.producer();
    const consumer = sharing(event);
    await consumer.bus.start();
    await countAtOnce(producer, event, 10);
    await producer.bus.idle();
    await stage.repeatStream(event);
    await stage.applied(consumer, event, 10);
    await consumer.bus.idle();
    expect(consumer.committed).toEqual(upTo(10));
  });
});
