import { AppError, invariant, messageOf } from '@qt/kernel';
import type { Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { BusLogger } from './ports.ts';

/** What is put into the queue. */
export interface TaskOrder {
  /** One that is known already is not taken again, also after it ended, for as long as the queue remembers it. */
  readonly taskId: string;
  readonly kind: string;
  /** While a task of this key waits or runs, another is not taken. */
  readonly key: string;
  /** Plain JSON. */
  readonly payload: object;
  /** Whole number from 1 (first) to 2,000,000 (last). */
  readonly rank: number;
  /** Attempts in all, the first included. */
  readonly attempts: number;
  /** Before the second attempt; doubles with each further one. */
  readonly firstBackoffMs: number;
}

/** A task as the queue knows it. */
export interface QueuedTask {
  readonly taskId: string;
  readonly kind: string;
  readonly key: string;
  readonly payload: object;
  readonly rank: number;
  /** Wall time. */
  readonly requestedAtMs: number;
  /** Attempts that ended, well or not. */
  readonly attemptsMade: number;
  readonly state: 'waiting' | 'postponed' | 'active' | 'dead' | 'done';
  /** Why the last attempt failed or why the task waits for later; null when neither is so. */
  readonly remark: string | null;
  /** Wall time; null before the task ended. */
  readonly finishedAtMs: number | null;
}

/** What became of one attempt: it did its work, or it is to be tried later without that counting as an attempt. */
export type TaskAttempt =
  | { readonly kind: 'done' }
  | { readonly kind: 'postponed'; readonly forMs: number; readonly reason: string };

export interface TaskQueueOptions {
  readonly redisUrl: string;
  /** One queue per name; `:` is not allowed in it. */
  readonly name: string;
  readonly concurrency: number;
  /**
   * Does the work of one attempt. May run twice for one task when Redis was away for long in the middle. What it throws is tried again
   * after a backoff; an AppError that is not retryable makes the task dead at once.
   */
  readonly attempt: (task: QueuedTask) => Promise<TaskAttempt>;
  /** Called once no further attempt will be made. */
  readonly onDead: (task: QueuedTask, error: Error) => void;
  readonly logger: BusLogger;
}

export interface TaskCounts {
  readonly waiting: number;
  readonly postponed: number;
  readonly active: number;
  readonly dead: number;
}

interface StoredTask {
  readonly key: string;
  readonly payload: object;
  readonly remark: string | null;
}
type TaskJob = Job<StoredTask, object, string>;

const COMMAND_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_DELAY_MS = 1_000;
/** Longer than any schedule's distance: what ran for a moment in time is known while that moment can be asked for again. */
const KEEP_DONE = { age: 3 * 86_400, count: 2_000 };
const KEEP_DEAD = { count: 500 };
const LIST_LIMIT = 1_000;
const PAUSED_MS = 1_000;

const STATE_OF: Readonly<Record<string, QueuedTask['state']>> = {
  active: 'active',
  delayed: 'postponed',
  failed: 'dead',
  completed: 'done',
};
const JOB_STATES = {
  waiting: ['wait', 'prioritized'],
  postponed: ['delayed'],
  active: ['active'],
  dead: ['failed'],
  done: ['completed'],
} as const;

/** What somebody else has put into the queue may be anything; its payload is then no task that anybody knows. */
const storedOf = (stored: unknown): StoredTask => {
  const { key, payload, remark } = (stored ?? {}) as Partial<Record<keyof StoredTask, unknown>>;
  return {
    key: typeof key === 'string' ? key : '',
    payload: typeof payload === 'object' && payload !== null ? payload : {},
    remark: typeof remark === 'string' ? remark : null,
  };
};

const taskOf = (job: TaskJob, state: QueuedTask['state']): QueuedTask => ({
  taskId: job.id ?? '',
  kind: job.name,
  key: storedOf(job.data).key,
  payload: storedOf(job.data).payload,
  rank: job.priority,
  requestedAtMs: job.timestamp,
  attemptsMade: job.attemptsMade,
  state,
  remark: job.failedReason ?? storedOf(job.data).remark,
  finishedAtMs: job.finishedOn ?? null,
});

/** A worker's commands wait for Redis to come back; everybody else's fail at once. */
const connectionTo = (url: string, name: string, role: 'worker' | 'asker'): Redis => {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    connectionName: name,
    retryStrategy: (times) => Math.min(50 * times, MAX_RECONNECT_DELAY_MS),
    ...(role === 'worker'
      ? { maxRetriesPerRequest: null }
      : { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: COMMAND_TIMEOUT_MS }),
  });
  redis.on('error', () => undefined); // each failed command says so itself
  return redis;
};

/**
 * Background work in Redis, by BullMQ: ranked, tried again with backoff, surviving restarts. Never for anything that must happen at most
 * once, and nothing that is in a hurry may wait for it.
 */
export class TaskQueue {
  readonly #options: TaskQueueOptions;
  readonly #connections: readonly Redis[];
  readonly #asker: Redis;
  readonly #workerRedis: Redis;
  #queue: Queue<StoredTask, object, string> | null = null;
  #worker: Worker<StoredTask, object, string> | null = null;
  #isPaused = false;
  #library: typeof import('bullmq') | null = null;

  constructor(options: TaskQueueOptions) {
    this.#options = options;
    this.#asker = connectionTo(options.redisUrl, `${options.name}:tasks`, 'asker');
    this.#workerRedis = connectionTo(options.redisUrl, `${options.name}:task-worker`, 'worker');
    this.#connections = [this.#asker, this.#workerRedis];
  }

  /** Begins to connect and returns: Redis being away is no reason not to start. */
  async start(): Promise<void> {
    // Here and not above: a service that runs no tasks does not read the library from disk.
    const library = await import('bullmq');
    const { Queue, Worker } = library;
    const { name, concurrency } = this.#options;
    for (const redis of this.#connections) redis.connect().catch(() => undefined); // it goes on trying by itself
    const queue = new Queue<StoredTask, object, string>(name, { connection: this.#asker, skipVersionCheck: true });
    const worker = new Worker<StoredTask, object, string>(name, (job, token) => this.#attempt(job, token), {
      connection: this.#workerRedis,
      concurrency,
      skipVersionCheck: true,
      removeOnComplete: KEEP_DONE,
      removeOnFail: KEEP_DEAD,
    });
    queue.on('error', (error) => this.#noteError(error));
    worker.on('error', (error) => this.#noteError(error));
    worker.on('failed', (job, error) => {
      if (job !== undefined && job.finishedOn !== undefined) this.#options.onDead(taskOf(job, 'dead'), error);
    });
    this.#library = library;
    this.#queue = queue;
    this.#worker = worker;
  }

  /** Waits for the attempts under way as long as Redis is there to be told of their end. */
  async stop(): Promise<void> {
    const [worker, queue] = [this.#worker, this.#queue];
    if (worker === null || queue === null) return;
    this.#worker = null;
    this.#queue = null;
    const mustAbandon = !this.isConnected;
    const ended = worker.close(mustAbandon).catch(() => undefined);
    if (!mustAbandon) await ended;
    if (!mustAbandon) await queue.close().catch(() => undefined);
    for (const redis of this.#connections) redis.disconnect();
  }

  /** Takes up no further task; those under way go on. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    await this.#worker?.pause(true);
  }

  resume(): void {
    this.#isPaused = false;
    void this.#worker?.resume();
  }

  get isConnected(): boolean {
    return this.#asker.status === 'ready' && this.#workerRedis.status === 'ready';
  }

  /**
   * Puts a task in. `known`: one of this id was taken before; `busy`: one of its key waits or runs.
   *
   * Throws: REDIS_UNREACHABLE at once, or after 2 s when Redis is silent; the task may then be in nevertheless, and adding it again is safe.
   */
  async add(order: TaskOrder): Promise<'added' | 'known' | 'busy'> {
    const { taskId, kind, key, payload, rank, attempts, firstBackoffMs } = order;
    return this.#asked(async (queue) => {
      if ((await queue.getJob(taskId)) !== undefined) return 'known';
      const job = await queue.add(
        kind,
        { key, payload, remark: null },
        {
          jobId: taskId,
          priority: rank,
          attempts,
          backoff: { type: 'exponential', delay: firstBackoffMs },
          deduplication: { id: key },
        },
      );
      return job.id === taskId ? 'added' : 'busy';
    });
  }

  /** Returns tasks in one of the states, at most 1,000 of each. Throws: REDIS_UNREACHABLE. */
  async list(...states: readonly QueuedTask['state'][]): Promise<readonly QueuedTask[]> {
    return this.#asked(async (queue) => {
      const lists = await Promise.all(
        states.map(async (state) => {
          const jobs: TaskJob[] = await queue.getJobs([...JOB_STATES[state]], 0, LIST_LIMIT - 1);
          // A job that was removed in between comes as nothing.
          return jobs.filter((job) => Boolean(job)).map((job) => taskOf(job, state));
        }),
      );
      return lists.flat();
    });
  }

  async counts(): Promise<TaskCounts> {
    return this.#asked(async (queue) => {
      const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed', 'active', 'failed');
      const sum = (names: readonly string[]): number => names.reduce((total, name) => total + (counts[name] ?? 0), 0);
      return {
        waiting: sum(JOB_STATES.waiting),
        postponed: sum(JOB_STATES.postponed),
        active: sum(JOB_STATES.active),
        dead: sum(JOB_STATES.dead),
      };
    });
  }

  /** Moves a waiting task to another rank; one that has begun or ended meanwhile is left as it is. */
  async rerank(taskId: string, rank: number): Promise<void> {
    await this.#asked(async (queue) => {
      const job = await queue.getJob(taskId);
      if (job !== undefined && (await job.getState()) === 'prioritized') await job.changePriority({ priority: rank });
    });
  }

  /** Gives a dead task its attempts anew; returns whether there was one. */
  async revive(taskId: string): Promise<boolean> {
    return this.#asked(async (queue) => {
      const job = await queue.getJob(taskId);
      if (job === undefined || STATE_OF[await job.getState()] !== 'dead') return false;
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    });
  }

  /** Forgets dead tasks and returns how many there were. */
  async dropDead(): Promise<number> {
    return this.#asked(async (queue) => (await queue.clean(0, LIST_LIMIT, 'failed')).length);
  }

  async #asked<T>(ask: (queue: Queue<StoredTask, object, string>) => Promise<T>): Promise<T> {
    const queue = this.#queue;
    // The library itself would wait for a connection for ever.
    if (queue === null || this.#asker.status !== 'ready') throw this.#unreachable('no connection is open');
    try {
      return await ask(queue);
    } catch (error) {
      throw this.#unreachable(messageOf(error), error);
    }
  }

  #unreachable(reason: string, cause?: unknown): AppError {
    return new AppError('REDIS_UNREACHABLE', `the task queue ${this.#options.name} cannot be reached: ${reason}`, {
      retryable: true,
      cause,
    });
  }

  async #attempt(job: TaskJob, token: string | undefined): Promise<object> {
    const attempt = await this.#tried(job);
    if (attempt.kind === 'done') return {};
    await job.updateData({ ...storedOf(job.data), remark: attempt.reason });
    await job.moveToDelayed(Date.now() + attempt.forMs, token);
    throw new (this.#started().DelayedError)();
  }

  async #tried(job: TaskJob): Promise<TaskAttempt> {
    // A worker that waits for a task when it is paused takes that one nevertheless.
    if (this.#isPaused) return { kind: 'postponed', forMs: PAUSED_MS, reason: 'the queue is paused' };
    try {
      return await this.#options.attempt(taskOf(job, 'active'));
    } catch (error) {
      if (!(error instanceof AppError) || error.retryable) throw error;
      throw new (this.#started().UnrecoverableError)(`${error.code}: ${error.message}`);
    }
  }

  #started(): typeof import('bullmq') {
    invariant(this.#library !== null, 'tasks are worked on after the start');
    return this.#library;
  }

  #noteError(error: Error): void {
    // While Redis is away the library says so with every attempt to reach it.
    if (this.isConnected)
      this.#options.logger.warn('the task queue met an error', { code: 'TASK_QUEUE_ERROR', reason: error.message });
  }
}
