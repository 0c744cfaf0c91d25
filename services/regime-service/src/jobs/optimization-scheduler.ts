import { randomUUID } from 'node:crypto';
import type { QueuedTask, TaskAttempt, TaskCounts, TaskQueue, TaskQueueOptions } from '@qt/event-bus';
import { AppError, type Clock, messageOf, wallClock } from '@qt/kernel';
import type { Component, ComponentCheck, Logger } from '@qt/service-kit';
import { DueSlots, type Routine } from './due-slots.ts';
import type { JobMetrics } from './job-metrics.ts';
import { type LoadLimits, waitingBecause } from './load-gate.ts';
import type { JobView, TaskRecord } from './ports.ts';
import type { ResourceReading } from './resource-readings.ts';
import { TaskBacklog } from './task-backlog.ts';
import type { TaskHandlers } from './task-handlers.ts';
import { TASK_TRAITS } from './task-kinds.ts';
import { rankOf } from './task-rank.ts';
import { importanceOfRequest, keyOf, TaskRequest } from './task-request.ts';

export interface OptimizationSchedulerDeps {
  /** Made with the attempt the scheduler gives it, so that a test can make one with its own Redis. */
  readonly openQueue: (parts: Pick<TaskQueueOptions, 'attempt' | 'onDead'>) => TaskQueue;
  readonly handlers: TaskHandlers;
  readonly tasks: TaskRecord;
  readonly readResources: () => ResourceReading;
  readonly limits: LoadLimits;
  readonly routines: readonly Routine[];
  /** The clock of the routines: the wall's, or null where candles move time and `candleClosed` says what it is. */
  readonly routineClock: Clock | null;
  readonly metrics: JobMetrics;
  readonly logger: Logger;
  readonly timing?: Partial<SchedulerTiming>;
}

/** Wall time. */
export interface SchedulerTiming {
  readonly tickMs: number;
  readonly rerankMs: number;
  readonly postponeMs: number;
  readonly firstBackoffMs: number;
}

const TIMING: SchedulerTiming = { tickMs: 1_000, rerankMs: 30_000, postponeMs: 5_000, firstBackoffMs: 5_000 };
const NO_COUNTS: TaskCounts = { waiting: 0, postponed: 0, active: 0, dead: 0 };
/** A connection being made is not a fault: before so long after the start nothing is said of it. */
const CONNECTING_MS = 5_000;
/** A task that died within this time makes the component degraded. */
const DEAD_IS_NEWS_MS = 3_600_000;

/** What became of a request, as far as it can be said at once. */
export type RequestAnswer = 'accepted' | 'waiting_already' | 'cooling_down';

/**
 * Ranks and runs everything that is not the work of one candle. Nothing waits for it: a request is noted and reaches Redis when Redis is
 * there; a task begins when the machine has room for it; one that fails is tried again and in the end stays in sight as dead.
 */
export class OptimizationScheduler implements Component {
  readonly name = 'regime_optimization_scheduler';
  readonly #deps: OptimizationSchedulerDeps;
  readonly #timing: SchedulerTiming;
  readonly #queue: TaskQueue;
  readonly #slots: DueSlots;
  readonly #backlog = new TaskBacklog();
  /** Wall time at which the last task of a key ended. */
  readonly #endedAtMs = new Map<string, number>();
  readonly #waitingSaid = new Set<string>();
  readonly #pauses = new Set<'drain' | 'load'>();
  #counts: TaskCounts = NO_COUNTS;
  #startedAtMs = 0;
  #awaySinceMs: number | null = null;
  #lastDead: { readonly atMs: number; readonly sentence: string } | null = null;
  #lastPostponed: string | null = null;
  #hasLoadedEnds = false;
  #rerankedAtMs = 0;
  #tick: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;

  constructor(deps: OptimizationSchedulerDeps) {
    this.#deps = deps;
    this.#timing = { ...TIMING, ...deps.timing };
    this.#slots = new DueSlots(deps.routines);
    this.#queue = deps.openQueue({
      attempt: (task) => this.#attempt(task),
      onDead: (task, error) => this.#died(task, error),
    });
  }

  async start(): Promise<void> {
    await this.#queue.start();
    this.#startedAtMs = wallClock.nowMs();
    this.#tick = setInterval(() => this.#beat(), this.#timing.tickMs);
    this.#beat();
  }

  async stop(): Promise<void> {
    if (this.#tick !== null) clearInterval(this.#tick);
    this.#tick = null;
    await this.#round;
    await this.#queue.stop();
  }

  drain(): Promise<void> {
    return this.#pause('drain');
  }

  resume(): void {
    this.#goOn('drain');
  }

  /** Begins no task until `endReduction`: a drain that ends meanwhile does not end this. What has begun ends by itself. */
  reduceLoad(): Promise<void> {
    return this.#pause('load');
  }

  endReduction(): void {
    this.#goOn('load');
  }

  /** Notes a request and returns at once; it never throws and never waits. */
  request(request: TaskRequest): RequestAnswer {
    const { kind, origin, slotMs, symbol } = request;
    const nowMs = wallClock.nowMs();
    const key = keyOf(request);
    const coolUntilMs = (this.#endedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) + TASK_TRAITS[kind].cooldownMs;
    if (origin === 'feedback' && nowMs < coolUntilMs) return 'cooling_down';
    const isThere = this.#backlog.has(request);
    const name = slotMs === null ? randomUUID() : String(slotMs);
    this.#backlog.put({ taskId: `${kind}@${symbol ?? 'all'}@${name}`, request, requestedAtMs: nowMs });
    return isThere ? 'waiting_already' : 'accepted';
  }

  /** Tasks that wait, here or in Redis, as last counted. */
  get queuedTasks(): number {
    return this.#counts.waiting + this.#counts.postponed + this.#backlog.size;
  }

  /** Tells the time where candles move it; costs a comparison per routine. */
  candleClosed(closedAtMs: number): void {
    if (this.#deps.routineClock === null) this.#takeTurns(closedAtMs);
  }

  /** Gives a dead task its attempts anew. Throws: REDIS_UNREACHABLE. */
  revive(taskId: string): Promise<boolean> {
    return this.#queue.revive(taskId);
  }

  /** Forgets all dead tasks and returns how many. Throws: REDIS_UNREACHABLE. */
  async dropDead(): Promise<number> {
    const dropped = await this.#queue.dropDead();
    this.#lastDead = null;
    return dropped;
  }

  check(): ComponentCheck & { readonly queue: TaskCounts; readonly not_in_redis: number } {
    const facts = { queue: this.#counts, not_in_redis: this.#backlog.size };
    if (!this.#queue.isConnected) {
      const since = new Date(this.#awaySinceMs ?? wallClock.nowMs()).toISOString();
      const detail = `Redis cannot be reached since ${since}; ${this.#backlog.size} new tasks wait here, the others in Redis`;
      return { status: 'degraded', detail, ...facts };
    }
    if (this.#lastDead !== null && wallClock.nowMs() - this.#lastDead.atMs < DEAD_IS_NEWS_MS)
      return { status: 'degraded', detail: this.#lastDead.sentence, ...facts };
    return { status: 'up', ...facts };
  }

  /** As the registry of components wants it. */
  look(): JobView {
    const { status, detail: fault } = this.check();
    const detail = fault ?? (this.#pauses.has('load') ? 'no task begins: load is reduced' : undefined);
    const { active, dead } = this.#counts;
    const { cpuRatio, memoryRatio } = this.#deps.readResources();
    return {
      state: status === 'up' ? 'running' : 'degraded',
      ...(detail === undefined ? {} : { detail }),
      metrics: {
        queue_depth: this.queuedTasks,
        tasks_active: active,
        tasks_dead: dead,
        is_paused: this.#pauses.size > 0 ? 1 : 0,
        cpu_usage_ratio: cpuRatio,
        memory_usage_ratio: memoryRatio,
        last_postponed_because: this.#lastPostponed,
      },
    };
  }

  /** The queue as it is, task by task. */
  async debug(): Promise<object> {
    const { limits, routines, readResources } = this.#deps;
    const inRedis = this.#queue.isConnected
      ? await this.#queue.list('active', 'waiting', 'postponed', 'dead')
      : 'Redis cannot be reached';
    return {
      resources: readResources(),
      limits,
      routines,
      notInRedis: this.#backlog.list(),
      tasks: inRedis,
      lastEndedAtMs: Object.fromEntries(this.#endedAtMs),
    };
  }

  #pause(because: 'drain' | 'load'): Promise<void> {
    this.#pauses.add(because);
    return this.#queue.pause();
  }

  #goOn(because: 'drain' | 'load'): void {
    this.#pauses.delete(because);
    if (this.#pauses.size === 0) this.#queue.resume();
  }

  #takeTurns(nowMs: number): void {
    for (const { kind, atMs } of this.#slots.reached(nowMs)) {
      const reason = `its turn of ${new Date(atMs).toISOString()} has come`;
      this.request({ kind, reason, origin: 'schedule', symbol: null, slotMs: atMs });
    }
  }

  /** Once a second; a round that Redis holds up is not begun a second time. */
  #beat(): void {
    if (this.#deps.routineClock !== null) this.#takeTurns(this.#deps.routineClock.nowMs());
    if (this.#round !== null) return;
    this.#round = this.#keepQueue()
      .catch((error: unknown) => this.#noteFault(error))
      .finally(() => (this.#round = null));
  }

  async #keepQueue(): Promise<void> {
    const { metrics, readResources } = this.#deps;
    const { cpuRatio, memoryRatio } = readResources();
    metrics.cpuRatio.set(cpuRatio);
    metrics.memoryRatio.set(memoryRatio);
    try {
      if (!this.#hasLoadedEnds) await this.#loadEnds();
      for (const pending of this.#backlog.list()) {
        const answer = await this.#queue.add({
          taskId: pending.taskId,
          kind: pending.request.kind,
          key: keyOf(pending.request),
          payload: pending.request,
          rank: rankOf({ importance: importanceOfRequest(pending.request), waitedMs: 0 }),
          attempts: TASK_TRAITS[pending.request.kind].attempts,
          firstBackoffMs: this.#timing.firstBackoffMs,
        });
        // A routine's turn that comes while the one before it runs is kept until that has ended.
        if (answer !== 'busy' || pending.request.slotMs === null) this.#backlog.remove(pending);
      }
      this.#counts = await this.#queue.counts();
      await this.#age();
      this.#noteBack();
    } finally {
      metrics.deadTasks.set(this.#counts.dead);
    }
  }

  /** Cooldowns survive a restart: the queue remembers what ended when. */
  async #loadEnds(): Promise<void> {
    for (const { key, finishedAtMs } of await this.#queue.list('done', 'dead')) {
      if (finishedAtMs !== null) this.#endedAtMs.set(key, Math.max(finishedAtMs, this.#endedAtMs.get(key) ?? 0));
    }
    this.#hasLoadedEnds = true;
  }

  async #age(): Promise<void> {
    const nowMs = wallClock.nowMs();
    if (nowMs - this.#rerankedAtMs < this.#timing.rerankMs || this.#counts.waiting < 2) return;
    this.#rerankedAtMs = nowMs;
    for (const task of await this.#queue.list('waiting')) {
      const request = TaskRequest.safeParse(task.payload);
      if (!request.success) continue;
      const importance = importanceOfRequest(request.data);
      const rank = rankOf({ importance, waitedMs: nowMs - task.requestedAtMs });
      if (rank !== task.rank) await this.#queue.rerank(task.taskId, rank);
    }
  }

  #noteFault(error: unknown): void {
    if (!(error instanceof AppError)) throw error;
    if (this.#awaySinceMs !== null || wallClock.nowMs() - this.#startedAtMs < CONNECTING_MS) return;
    this.#awaySinceMs = wallClock.nowMs();
    this.#deps.logger.warn('tasks wait: Redis cannot be reached', { code: error.code, reason: error.message });
  }

  #noteBack(): void {
    if (this.#awaySinceMs === null) return;
    const awayMs = wallClock.nowMs() - this.#awaySinceMs;
    this.#awaySinceMs = null;
    this.#deps.logger.info('tasks go on: Redis is back', { awayMs });
  }

  async #attempt(task: QueuedTask): Promise<TaskAttempt> {
    const parsed = TaskRequest.safeParse(task.payload);
    if (!parsed.success)
      throw new AppError(
        'TASK_UNKNOWN',
        `found a task that this version does not know: ${JSON.stringify(task.payload)}`,
        {
          retryable: false,
        },
      );
    const request = parsed.data;
    const waiting = { importance: importanceOfRequest(request), waitedMs: wallClock.nowMs() - task.requestedAtMs };
    const busy = waitingBecause(waiting, this.#deps.readResources(), this.#deps.limits);
    if (busy !== null) return this.#postponed(task, request, busy);
    const startedAtMs = wallClock.nowMs();
    try {
      const detail = await this.#deps.handlers[request.kind](request);
      await this.#done({ task, request, startedAtMs, detail });
      return { kind: 'done' };
    } catch (error) {
      // A store that is away says nothing about the task: it waits, however long that takes.
      if (error instanceof AppError && error.retryable) return this.#postponed(task, request, error.message);
      throw error;
    } finally {
      this.#deps.metrics.taskSeconds.observe((wallClock.nowMs() - startedAtMs) / 1_000, { kind: request.kind });
    }
  }

  #postponed(task: QueuedTask, { kind }: TaskRequest, reason: string): TaskAttempt {
    this.#deps.metrics.postponed.inc({ kind });
    this.#lastPostponed = `${task.taskId}: ${reason}`;
    if (!this.#waitingSaid.has(task.taskId)) this.#deps.logger.info('task waits', { taskId: task.taskId, reason });
    this.#waitingSaid.add(task.taskId);
    return { kind: 'postponed', forMs: this.#timing.postponeMs, reason };
  }

  async #done(end: {
    readonly task: QueuedTask;
    readonly request: TaskRequest;
    readonly startedAtMs: number;
    readonly detail: object;
  }): Promise<void> {
    const { task, request, startedAtMs, detail } = end;
    const finishedAtMs = wallClock.nowMs();
    this.#deps.logger.info('task done', { taskId: task.taskId, tookMs: finishedAtMs - startedAtMs, ...detail });
    this.#ended(task, request.kind, 'done');
    const attempts = task.attemptsMade + 1;
    await this.#record({ task, reason: request.reason, startedAtMs, finishedAtMs, outcome: 'done', attempts, detail });
  }

  #died(task: QueuedTask, error: Error): void {
    const atMs = wallClock.nowMs();
    const sentence = `task ${task.taskId} failed for good after ${task.attemptsMade} attempts: ${error.message}`;
    this.#lastDead = { atMs, sentence };
    this.#deps.logger.error('task failed for good', { code: 'TASK_DEAD', taskId: task.taskId, reason: error.message });
    this.#ended(task, task.kind, 'dead');
    const request = TaskRequest.safeParse(task.payload);
    const reason = request.success ? request.data.reason : 'unknown';
    const attempts = Math.max(1, task.attemptsMade);
    const detail = { error: error.message };
    void this.#record({ task, reason, startedAtMs: atMs, finishedAtMs: atMs, outcome: 'dead', attempts, detail });
  }

  #ended(task: QueuedTask, kind: string, outcome: 'done' | 'dead'): void {
    this.#endedAtMs.set(task.key, wallClock.nowMs());
    this.#waitingSaid.delete(task.taskId);
    this.#deps.metrics.ended.inc({ kind, outcome });
  }

  /** A record that cannot be written must not make a task that is done run again. */
  async #record(end: {
    readonly task: QueuedTask;
    readonly reason: string;
    readonly startedAtMs: number;
    readonly finishedAtMs: number;
    readonly outcome: 'done' | 'dead';
    readonly attempts: number;
    readonly detail: object;
  }): Promise<void> {
    const { task, ...rest } = end;
    try {
      const { taskId, kind, requestedAtMs } = task;
      await this.#deps.tasks.record({ taskId, kind, requestedAtMs, ...rest });
    } catch (error) {
      const facts = { code: 'TASK_NOT_RECORDED', taskId: task.taskId, reason: messageOf(error) };
      this.#deps.logger.warn('the end of a task is not on record', facts);
    }
  }
}
