import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AppError } from '@qt/kernel';
import { eventually, type RunningStore, silentLogger, startRedis } from '@qt/testing';
import type { QueuedTask, TaskAttempt, TaskOrder } from '@qt/event-bus';
import { TaskQueue } from '@qt/event-bus';
import { Queue } from 'bullmq';
import { BreakableProxy } from '../breakable-proxy.ts';

let redis: RunningStore;
let proxy: BreakableProxy;
let names = 0;
const open: TaskQueue[] = [];

beforeAll(async () => {
  redis = await startRedis();
  proxy = await new BreakableProxy(redis.url).start();
}, 60_000);
afterEach(async () => {
  proxy.restore();
  for (const queue of open.splice(0)) await queue.stop();
});
afterAll(async () => {
  await proxy.stop();
  await redis.stop();
});

const aName = (): string => `queue-${(names += 1)}`;

interface Opened {
  readonly queue: TaskQueue;
  readonly ran: string[];
  readonly dead: { readonly task: QueuedTask; readonly error: Error }[];
}

const anOpenQueue = async ({
  name = aName(),
  redisUrl = redis.url,
  attempt = () => ({ kind: 'done' }) as TaskAttempt,
}: {
  readonly name?: string;
  readonly redisUrl?: string;
  readonly attempt?: (task: QueuedTask) => TaskAttempt | Promise<TaskAttempt>;
} = {}): Promise<Opened> => {
  const ran: string[] = [];
  const dead: Opened['dead'] = [];
  const queue = new TaskQueue({
    redisUrl,
    name,
    concurrency: 1,
    attempt: async (task) => {
      ran.push(task.taskId);
      return attempt(task);
    },
    onDead: (task, error) => dead.push({ task, error }),
    logger: silentLogger,
  });
  open.push(queue);
  await queue.start();
  await eventually(() => queue.isConnected);
  return { queue, ran, dead };
};

const anOrder = (taskId: string, change: Partial<TaskOrder> = {}): TaskOrder => ({
  taskId,
  kind: 'test',
  key: taskId,
  payload: { of: taskId },
  rank: 100,
  attempts: 3,
  firstBackoffMs: 10,
  ...change,
});

/** An attempt that holds the first task until it is let go. */
const aGate = () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  return {
    release,
    attempt: async (): Promise<TaskAttempt> => {
      await gate;
      return { kind: 'done' };
    },
  };
};

const stateOf = async (queue: TaskQueue, taskId: string): Promise<QueuedTask | undefined> =>
  (await queue.list('waiting', 'postponed', 'active', 'dead', 'done')).find((task) => task.taskId === taskId);

describe('a task queue', () => {
  it('runs the lowest rank first, and a task moved forward before others', async () => {
    const { release, attempt } = aGate();
    const { queue, ran } = await anOpenQueue({ attempt });
    await queue.add(anOrder('first'));
    await eventually(() => ran.length === 1);
    for (const [taskId, rank] of [
      ['late', 500],
      ['soon', 5],
      ['old', 900],
    ] as const)
      await queue.add(anOrder(taskId, { rank }));
    expect(await queue.counts()).toEqual({ waiting: 3, postponed: 0, active: 1, dead: 0 });
    await queue.rerank('old', 1);
    release();
    await eventually(() => ran.length === 4);
    expect(ran).toEqual(['first', 'old', 'soon', 'late']);
  });

  it('takes a task once: by its id for good, by its key while one waits or runs', async () => {
    const { release, attempt } = aGate();
    const { queue, ran } = await anOpenQueue({ attempt });
    expect(await queue.add(anOrder('one', { key: 'k' }))).toBe('added');
    await eventually(() => ran.length === 1);
    expect(await queue.add(anOrder('two', { key: 'k' }))).toBe('busy');
    expect(await queue.add(anOrder('one', { key: 'other' }))).toBe('known');
    release();
    await eventually(async () => (await stateOf(queue, 'one'))?.state === 'done');
    expect(await queue.add(anOrder('one', { key: 'k' }))).toBe('known');
    expect(await queue.add(anOrder('three', { key: 'k' }))).toBe('added');
    await eventually(() => ran.length === 2);
    expect(ran).toEqual(['one', 'three']);
  });

  it('tries again after a backoff, then leaves a dead task in sight, which can be revived', async () => {
    let isBroken = true;
    const { queue, ran, dead } = await anOpenQueue({
      attempt: () => {
        if (isBroken) throw new Error('not yet');
        return { kind: 'done' };
      },
    });
    await queue.add(anOrder('stubborn'));
    await eventually(() => dead.length === 1);
    expect(ran).toHaveLength(3);
    expect(dead[0]).toMatchObject({ task: { taskId: 'stubborn', attemptsMade: 3 }, error: { message: 'not yet' } });
    expect(await queue.list('dead')).toMatchObject([{ taskId: 'stubborn', state: 'dead', remark: 'not yet' }]);
    isBroken = false;
    expect(await queue.revive('stubborn')).toBe(true);
    expect(await queue.revive('nothing')).toBe(false);
    await eventually(async () => (await stateOf(queue, 'stubborn'))?.state === 'done');
    expect(await queue.counts()).toMatchObject({ dead: 0 });
  });

  it('makes no second attempt where the error says that none can help', async () => {
    const { queue, ran, dead } = await anOpenQueue({
      attempt: () => {
        throw new AppError('TASK_UNKNOWN', 'no such thing', { retryable: false });
      },
    });
    await queue.add(anOrder('hopeless'));
    await eventually(() => dead.length === 1);
    expect(ran).toEqual(['hopeless']);
    expect(dead[0]!.error.message).toBe('TASK_UNKNOWN: no such thing');
    expect(await queue.dropDead()).toBe(1);
    expect(await queue.list('dead')).toEqual([]);
  });

  it.each([
    { name: 'nothing', data: null },
    { name: 'a text', data: 'boo' },
    { name: 'a list', data: [1] },
    { name: 'another shape', data: { key: 5, payload: 'x' } },
  ])('lets a task of somebody else that holds $name die in sight, and goes on', async ({ data }) => {
    const name = aName();
    const { queue, ran, dead } = await anOpenQueue({
      name,
      attempt: ({ taskId }) => {
        if (taskId === 'poison') throw new AppError('TASK_UNKNOWN', 'no such thing', { retryable: false });
        return { kind: 'done' };
      },
    });
    const { port, hostname: host } = new URL(redis.url);
    const stranger = new Queue(name, { connection: { host, port: Number(port) } });
    try {
      await stranger.add('strange', data, { jobId: 'poison', attempts: 1 });
      await eventually(() => dead.length === 1);
      expect(dead[0]!.task).toMatchObject({ taskId: 'poison', kind: 'strange' });
      await queue.add(anOrder('good'));
      await eventually(() => ran.includes('good'));
      expect((await queue.list('dead')).map(({ taskId }) => taskId)).toEqual(['poison']);
    } finally {
      await stranger.close();
    }
  });

  it('postpones without counting an attempt, and says why', async () => {
    let isBusy = true;
    const { queue, ran } = await anOpenQueue({
      attempt: () => (isBusy ? { kind: 'postponed', forMs: 20, reason: 'the machine is busy' } : { kind: 'done' }),
    });
    await queue.add(anOrder('patient', { attempts: 1 }));
    await eventually(() => ran.length >= 3);
    const [waiting] = await queue.list('postponed', 'active', 'waiting');
    expect(waiting).toMatchObject({ taskId: 'patient', attemptsMade: 0, remark: 'the machine is busy' });
    isBusy = false;
    await eventually(async () => (await stateOf(queue, 'patient'))?.state === 'done');
  });

  it('refuses at once while Redis is away and goes on when it is back', async () => {
    const { queue, ran } = await anOpenQueue({ redisUrl: proxy.url });
    await queue.add(anOrder('before'));
    await eventually(() => ran.length === 1);
    proxy.cut();
    await eventually(() => !queue.isConnected);
    await expect(queue.add(anOrder('during'))).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE', retryable: true });
    await expect(queue.counts()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    proxy.restore();
    await eventually(() => queue.isConnected);
    await queue.add(anOrder('after'));
    await eventually(() => ran.length === 2, { timeoutMs: 15_000 });
    expect(ran).toEqual(['before', 'after']);
  }, 30_000);

  it('keeps what waits when its process ends, for the next one', async () => {
    const name = aName();
    const { release, attempt } = aGate();
    const first = await anOpenQueue({ name, attempt });
    await first.queue.add(anOrder('under way'));
    await eventually(() => first.ran.length === 1);
    await first.queue.add(anOrder('waiting'));
    release();
    await first.queue.stop();
    const second = await anOpenQueue({ name });
    await eventually(() => [...first.ran, ...second.ran].length === 2);
    expect([...first.ran, ...second.ran]).toEqual(['under way', 'waiting']);
  });
});
