import { hostname } from 'node:os';
import { type Envelope, type EventDefinition, type EventDraft, streamOf } from '@qt/contracts';
import { InvariantError, invariant, messageOf, uuidOf } from '@qt/kernel';
import type { Redis } from 'ioredis';
import { Acknowledgments } from './acknowledgments.ts';
import { Delivery, DeliveryStopped, envelopeOf } from './delivery.ts';
import { IdleWatch } from './idle-watch.ts';
import { MissingEvents } from './missing-events.ts';
import { OutboxRelay } from './outbox-relay.ts';
import type { BusHealth, BusIdleAnswer, BusIdleQuery, BusMetrics, EventBusOptions } from './ports.ts';
import { Publisher, stated } from './publisher.ts';
import { assertNoEviction, connect, createConnection, disconnect, isTimeout } from './redis-connection.ts';
import { SequenceTracker } from './sequence-tracker.ts';
import { lagOf, type StreamEntry, textOf } from './stream-entry.ts';
import { StreamReader } from './stream-reader.ts';
import type { Subscription, Work } from './subscription.ts';

const MEASURE_EVERY_MS = 5_000;
/** Events that one transaction may hold. */
const MAX_TOGETHER = 100;

const UNCOUNTED: BusMetrics = {
  published: () => {},
  relayed: () => {},
  handled: () => {},
  duplicate: () => {},
  failed: () => {},
  parked: () => {},
  recovered: () => {},
  busReset: () => {},
  lag: () => {},
  outboxPending: () => {},
};

const endProcess = (error: Error): void => {
  setImmediate(() => {
    throw error;
  });
};

/** Publishes and consumes the suite's events: the record is in Postgres, Redis Streams carry it. */
export class EventBus {
  readonly name = 'redis';
  readonly #options: EventBusOptions;
  readonly #consumer: string;
  readonly #metrics: BusMetrics;
  readonly #commands: Redis;
  readonly #readerConnection: Redis;
  readonly #relay: OutboxRelay;
  readonly #publisher: Publisher;
  readonly #acknowledgments: Acknowledgments;
  readonly #delivery: Delivery;
  readonly #tracker = new SequenceTracker();
  readonly #watch = new IdleWatch();
  readonly #lag = new Map<string, number>();
  #reader: StreamReader | null = null;
  #missing: MissingEvents | null = null;
  #measureTimer: NodeJS.Timeout | undefined;
  #state: 'new' | 'running' | 'drained' | 'stopped' | 'broken' = 'new';
  /** Entries read and not handled, the one in hand included. */
  #backlog = 0;
  /** Transactions under way. */
  #working = 0;
  /** Whether missing events are being applied. */
  #isRecovering = false;
  #directSeq = 0;

  constructor(options: EventBusOptions) {
    const { redisUrl: url, source, outbox, inbox, deadLetters, logger } = options;
    this.#options = options;
    this.#consumer = options.consumer ?? source;
    this.#metrics = options.metrics ?? UNCOUNTED;
    this.#commands = createConnection({ url, name: `${source}:commands`, isReader: false });
    this.#readerConnection = createConnection({ url, name: `${source}:reader`, isReader: true });
    this.#acknowledgments = new Acknowledgments(this.#commands, this.#consumer);
    const shared = { source, outbox, logger, metrics: this.#metrics };
    const onProgress = (): void => this.#watch.notify();
    this.#relay = new OutboxRelay({ ...shared, redis: this.#commands, onProgress });
    this.#publisher = new Publisher({ ...shared, relay: this.#relay });
    this.#delivery = new Delivery({
      consumer: this.#consumer,
      inbox,
      deadLetters,
      publisher: this.#publisher,
      tracker: this.#tracker,
      logger,
      metrics: this.#metrics,
      onParked: (letter) => options.onParked?.(letter),
      countBreak: (eventId) => this.#commands.hincrby(`quantum:broken:${this.#consumer}`, eventId, 1),
    });
  }

  /** Adds subscriptions, one per event and version. Throws InvariantError after `start`. */
  subscribe(...subscriptions: readonly Subscription[]): void {
    invariant(this.#state === 'new', 'subscriptions are made before the bus starts');
    for (const subscription of subscriptions) this.#delivery.subscribe(subscription);
  }

  /**
   * Runs work in one transaction and appends what it published to the outbox in the same transaction; the events are sent to Redis
   * right after the commit, and later if Redis is away.
   */
  async transact<T>(work: (w: Work) => Promise<T>): Promise<T> {
    this.#working += 1;
    try {
      return await this.#publisher.transact(work);
    } finally {
      this.#working -= 1;
      this.#watch.notify();
    }
  }

  /** Sends an event past the outbox: it may be lost and is applied without an inbox row. For `service.heartbeat` only. */
  async announce<P>(definition: EventDefinition<P>, draft: EventDraft<P>): Promise<void> {
    const { source, clock } = this.#options;
    const { draft: checked } = stated(definition, draft);
    this.#directSeq += 1;
    const envelope: Envelope = {
      id: uuidOf(draft.occurredAtMs, source, definition.type, 'direct', clock.nowMs(), this.#directSeq),
      type: definition.type,
      version: definition.version,
      occurredAtMs: draft.occurredAtMs,
      recordedAtMs: clock.nowMs(),
      source,
      correlationId: draft.correlationId,
      causationId: draft.causationId,
      key: draft.key,
      producerSeq: this.#directSeq,
      payload: checked.payload,
    };
    await this.#relay.sendDirect(definition.type, textOf(envelope));
  }

  /**
   * Connects, relays what an earlier run has left behind and starts to consume.
   *
   * Throws: AppError REDIS_UNREACHABLE, REDIS_EVICTION_ENABLED.
   */
  async start(): Promise<void> {
    const { redisUrl, inbox, deadLetters, source, member } = this.#options;
    invariant(this.#state === 'new', 'a bus starts once');
    await connect(this.#commands, redisUrl);
    try {
      await assertNoEviction(this.#commands, redisUrl);
      await this.#publisher.start();
      this.#tracker.seed(await inbox.lastAppliedSeq(this.#consumer));
      this.#delivery.remember(await deadLetters.listParkedIds(this.#consumer));
      await this.#relay.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#state = 'running';
    const types = this.#delivery.types;
    this.#measureTimer = setInterval(() => void this.#measure(types), MEASURE_EVERY_MS);
    if (types.length === 0) return;
    this.#missing = new MissingEvents({
      consumer: this.#consumer,
      types,
      inbox,
      apply: (envelope) => this.#delivery.apply(envelope),
      inLine: (job) => this.#recovering(job),
      onRecovered: (type, count) => this.#metrics.recovered(type, count),
    });
    this.#reader = new StreamReader({
      reader: this.#readerConnection,
      commands: this.#commands,
      types,
      group: this.#consumer,
      member: member ?? `${source}@${hostname()}`,
      logger: this.#options.logger,
      onEntries: (entries) => this.#handleSome(entries),
      onRound: async (isCaughtUp) => await this.#missing?.sweep(isCaughtUp),
      onReset: async () => await this.#missing?.recoverAll(),
      onLost: () => this.#metrics.busReset(),
      onBacklog: (entries) => {
        this.#backlog = entries;
        if (entries === 0) this.#watch.notify();
      },
    });
    this.#reader.start((error) => this.#break(error));
  }

  /** Ends consuming after the current event and waits until everything published is in Redis. */
  async drain(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'drained';
    this.#delivery.stop();
    await this.#reader?.pause();
    await this.#acknowledgments.flush();
    await this.#watch.until(() => this.#working === 0 && this.#relay.isDone);
  }

  /** Consumes again after a drain, from where it left off. */
  resume(): void {
    if (this.#state !== 'drained') return;
    this.#state = 'running';
    this.#delivery.resume();
    this.#reader?.resume();
  }

  async stop(): Promise<void> {
    if (this.#state !== 'broken') this.#state = 'stopped';
    clearInterval(this.#measureTimer);
    this.#delivery.stop();
    await this.#stopReading();
    await this.#relay.stop();
    disconnect(this.#commands);
    disconnect(this.#readerConnection);
  }

  /** Resolves once nothing is being handled, everything published is in Redis, and `query` (if any) has been applied. */
  async idle(query?: BusIdleQuery, signal?: AbortSignal): Promise<BusIdleAnswer> {
    await this.#watch.until(() => this.waitingFor(query) === null, signal);
    return { published: this.#publisher.lastSeqByType };
  }

  /** Returns in words what `idle` would wait for, or null when it would not. */
  waitingFor(query?: BusIdleQuery): string | null {
    if (this.#state === 'new') return 'the bus to start';
    if (this.#state === 'broken') return 'a restart: a handler broke an invariant';
    if (query !== undefined) {
      for (const [type, seq] of Object.entries(query.published)) {
        const handled = this.#tracker.handledSeq(query.source, type);
        if (this.#delivery.isSubscribed(type) && handled < seq)
          return `${type} ${seq} of ${query.source}, is at ${handled}`;
      }
    }
    if (this.#backlog > 0) return `${this.#backlog} events read and not handled`;
    if (this.#isRecovering) return 'events that were missing';
    if (this.#working > 0) return `${this.#working} transactions`;
    return this.#relay.isDone ? null : `${this.#relay.pending} events to reach Redis`;
  }

  health(): BusHealth {
    const types = this.#delivery.types;
    const isReading = types.length === 0 || this.#readerConnection.status === 'ready';
    return {
      isConnected: this.#commands.status === 'ready' && isReading,
      isConsuming: this.#state === 'running' && this.#reader !== null,
      lagByType: Object.fromEntries(types.map((type) => [type, this.#lag.get(type) ?? 0])),
      outboxPending: this.#relay.pending,
      lastHandledAtMs: this.#delivery.lastHandledAtMs,
      parkedCount: this.#delivery.parkedCount,
    };
  }

  /** The bus as a component of a service: up when connected and not broken. */
  check(): { readonly status: 'up' | 'degraded' | 'down'; readonly detail?: string } & BusHealth {
    const health = this.health();
    if (this.#state === 'broken') return { status: 'down', detail: 'a handler broke an invariant', ...health };
    if (!health.isConnected)
      return { status: 'down', detail: 'not connected to Redis; events wait in the outbox', ...health };
    if (!this.#relay.isDone) return { status: 'degraded', detail: 'events wait in the outbox', ...health };
    return { status: 'up', ...health };
  }

  /** Handles the first entries together where they allow it, the first alone otherwise. Returns how many it handled. */
  async #handleSome(entries: readonly StreamEntry[]): Promise<number> {
    const together = this.#leadingShared(entries);
    const handled = entries.slice(0, Math.max(1, together.length));
    if (together.length > 1) {
      let isDone = false;
      await this.#inLine(async () => {
        isDone = await this.#delivery.applyTogether(together);
      });
      if (isDone) {
        for (const { stream, entryId } of handled) this.#acknowledgments.add(stream, entryId);
        return handled.length;
      }
    }
    for (const entry of handled) await this.#handle(entry);
    return handled.length;
  }

  /** Returns the events of the first entries up to one that has to be looked at alone: a gap, a repetition, an order of its own. */
  #leadingShared(entries: readonly StreamEntry[]): Envelope[] {
    const together: Envelope[] = [];
    const lastSeq = new Map<string, number>();
    for (const { stream, fields } of entries.slice(0, MAX_TOGETHER)) {
      const type = stream.slice(streamOf('').length);
      if (fields === null || fields.isDirect || fields.isReplay || !this.#delivery.isShared(type)) break;
      const envelope = envelopeOf(type, fields.envelopeText);
      if (typeof envelope === 'string' || !this.#delivery.canShare(envelope)) break;
      const { source, producerSeq } = envelope;
      const name = `${source}/${type}`;
      if (producerSeq !== (lastSeq.get(name) ?? this.#tracker.handledSeq(source, type)) + 1) break;
      lastSeq.set(name, producerSeq);
      together.push(envelope);
    }
    return together;
  }

  async #handle({ stream, entryId, fields }: StreamEntry): Promise<void> {
    if (fields === null) {
      this.#options.logger.warn('an entry was trimmed before it was handled; the outbox has it', { stream, entryId });
    } else {
      const type = stream.slice(streamOf('').length);
      await this.#inLine(async () => {
        const envelope = await this.#delivery.read(type, fields.envelopeText);
        if (envelope === null) return;
        if (fields.isDirect) await this.#delivery.applyDirect(envelope);
        else await this.#applyInOrder(envelope, fields.isReplay);
      });
    }
    this.#acknowledgments.add(stream, entryId);
  }

  async #applyInOrder(envelope: Envelope, isReplay: boolean): Promise<void> {
    if (this.#tracker.isAhead(envelope)) {
      const handled = this.#tracker.handledSeq(envelope.source, envelope.type);
      const found = (await this.#missing?.recoverBefore(envelope)) ?? 0;
      this.#options.logger.warn('events were missing on the stream', {
        type: envelope.type,
        source: envelope.source,
        expectedSeq: handled + 1,
        foundSeq: envelope.producerSeq,
        recoveredCount: found,
      });
    }
    await this.#delivery.apply(envelope, isReplay);
  }

  #inLine(job: () => Promise<void>): Promise<void> {
    const { queue } = this.#options;
    return queue === undefined ? job() : queue.run(job);
  }

  async #recovering(job: () => Promise<void>): Promise<void> {
    this.#isRecovering = true;
    try {
      await this.#inLine(job);
    } finally {
      this.#isRecovering = false;
      this.#watch.notify();
    }
  }

  async #stopReading(): Promise<void> {
    await this.#reader?.stop();
    await this.#acknowledgments.flush();
    this.#reader = null;
    this.#backlog = 0;
  }

  #break(error: unknown): void {
    if (error instanceof DeliveryStopped) return;
    this.#state = 'broken';
    const fatal = error instanceof Error ? error : new InvariantError(messageOf(error));
    (this.#options.onFatal ?? endProcess)(fatal);
  }

  /** Measures the lag; also what notices a connection that is only half open. */
  async #measure(types: readonly string[]): Promise<void> {
    try {
      if (types.length === 0) await this.#commands.ping();
      for (const type of types) {
        const lag = lagOf(await this.#commands.call('XINFO', 'GROUPS', streamOf(type)), this.#consumer);
        this.#lag.set(type, lag);
        this.#metrics.lag(type, lag);
      }
    } catch (error) {
      if (isTimeout(error)) this.#commands.disconnect(true);
    }
  }
}

/** Returns a bus on Redis Streams. It connects in `start`. */
export const createRedisEventBus = (options: EventBusOptions): EventBus => new EventBus(options);
