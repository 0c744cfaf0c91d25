import type { Envelope, OutboxStore } from '@qt/contracts';
import { messageOf } from '@qt/kernel';
import type { Redis } from 'ioredis';
import { CommandBatch } from './command-batch.ts';
import type { BusLogger, BusMetrics } from './ports.ts';
import { isTimeout } from './redis-connection.ts';
import { additionOf, textOf } from './stream-entry.ts';

const POLL_MS = 500;
const PAGE = 500;
const MARK_AFTER_MS = 200;

export interface OutboxRelayOptions {
  readonly redis: Redis;
  readonly source: string;
  readonly outbox: OutboxStore;
  readonly logger: BusLogger;
  readonly metrics: BusMetrics;
  /** Called whenever fewer events than before wait to be relayed. */
  readonly onProgress: () => void;
}

/**
 * Carries committed events to Redis in the order of their numbers, through one connection. What could not be carried is found in the
 * outbox again; an event whose reply was lost is sent twice, which inboxes tell apart.
 */
export class OutboxRelay {
  readonly #options: OutboxRelayOptions;
  readonly #batch: CommandBatch;
  /** Committed here or found by polling, and not known to be in Redis. */
  readonly #outstanding = new Set<string>();
  readonly #inFlight = new Set<string>();
  /** In Redis, but the outbox does not say so yet. */
  readonly #unmarked = new Set<string>();
  /** Older events wait, so newer ones must: they go through the poll. */
  #isBehind = true;
  #held = 0;
  #order = 0;
  #polling: Promise<void> | null = null;
  #pollTimer: NodeJS.Timeout | undefined;
  #markTimer: NodeJS.Timeout | undefined;
  #isStopped = true;

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#batch = new CommandBatch(options.redis);
  }

  /** Events of this source that may not be in Redis yet. */
  get pending(): number {
    return this.#outstanding.size;
  }

  /** Whether everything committed is in Redis, as far as this process can know. */
  get isDone(): boolean {
    return !this.#isBehind && this.#outstanding.size === 0;
  }

  async start(): Promise<void> {
    this.#isStopped = false;
    this.#options.redis.on('ready', this.#pollNow);
    this.#pollTimer = setInterval(this.#pollNow, POLL_MS);
    await this.#poll();
  }

  /** Sends what a transaction has just committed. Never throws: what fails stays in the outbox and is found there. */
  send(envelopes: readonly Envelope[]): void {
    const fresh = envelopes.filter(({ id }) => !this.#inFlight.has(id) && !this.#unmarked.has(id));
    if (fresh.length === 0) return;
    for (const { id } of fresh) this.#outstanding.add(id);
    this.#options.metrics.outboxPending(this.#outstanding.size);
    if (this.#isBehind || this.#options.redis.status !== 'ready') {
      this.#isBehind = true;
      this.#held += 1;
      return;
    }
    void this.#carry(fresh);
  }

  /** Sends an event that no outbox holds. */
  async sendDirect(type: string, envelopeText: string): Promise<void> {
    await this.#add(type, envelopeText, 'direct');
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#pollTimer);
    clearTimeout(this.#markTimer);
    this.#options.redis.off('ready', this.#pollNow);
    await this.#polling;
    await this.#mark();
  }

  readonly #pollNow = (): void => {
    if (!this.#isStopped) void this.#poll();
  };

  #poll(): Promise<void> {
    this.#polling ??= this.#catchUp()
      .catch((error: unknown) => {
        this.#isBehind = true;
        this.#options.logger.warn('the outbox could not be read; trying again', { reason: messageOf(error) });
      })
      .finally(() => {
        this.#polling = null;
        this.#options.onProgress();
      });
    return this.#polling;
  }

  async #catchUp(): Promise<void> {
    const { outbox, source, redis } = this.#options;
    while (redis.status === 'ready') {
      await this.#mark();
      const heldBefore = this.#held;
      const found = await outbox.listUnrelayed(source, PAGE);
      const waiting = found.filter(({ id }) => !this.#inFlight.has(id) && !this.#unmarked.has(id));
      if (waiting.length > 0) {
        for (const { id } of waiting) this.#outstanding.add(id);
        if (!(await this.#carry(waiting))) return;
      } else if (found.length === PAGE) {
        // All on their way; what lies behind them is seen at the next poll.
        return;
      } else if (heldBefore === this.#held) {
        this.#isBehind = false;
        return;
      }
    }
  }

  /** Returns whether Redis took them all. */
  async #carry(envelopes: readonly Envelope[]): Promise<boolean> {
    const { metrics } = this.#options;
    const sent = envelopes.map((envelope) => {
      this.#inFlight.add(envelope.id);
      return this.#add(envelope.type, textOf(envelope), 'recorded').then(
        () => this.#settle(envelope.id, null),
        (error: unknown) => this.#settle(envelope.id, error),
      );
    });
    const taken = (await Promise.all(sent)).filter((isTaken) => isTaken).length;
    metrics.relayed(taken);
    metrics.outboxPending(this.#outstanding.size);
    if (this.#outstanding.size === 0) this.#options.onProgress();
    return taken === envelopes.length;
  }

  #add(type: string, envelopeText: string, kind: 'recorded' | 'direct'): Promise<unknown> {
    this.#order += 1;
    return this.#batch.add('xadd', ...additionOf({ type, envelopeText, relayOrder: this.#order, kind }));
  }

  /** Returns whether Redis has taken the event. */
  #settle(id: string, error: unknown): boolean {
    this.#inFlight.delete(id);
    if (error !== null) {
      this.#fail(error);
      return false;
    }
    this.#outstanding.delete(id);
    this.#unmarked.add(id);
    this.#markTimer ??= setTimeout(() => {
      this.#markTimer = undefined;
      void this.#mark();
    }, MARK_AFTER_MS);
    return true;
  }

  #fail(error: unknown): void {
    if (isTimeout(error)) this.#options.redis.disconnect(true);
    if (this.#isBehind) return;
    this.#isBehind = true;
    this.#options.logger.warn('Redis did not take an event; it waits in the outbox', { reason: messageOf(error) });
  }

  async #mark(): Promise<void> {
    const marking = this.#unmarked;
    if (marking.size === 0) return;
    try {
      const ids = [...marking];
      await this.#options.outbox.markRelayed(ids);
      for (const id of ids) marking.delete(id);
    } catch (error) {
      this.#options.logger.warn('relayed events could not be marked; they may be sent again', {
        reason: messageOf(error),
      });
    }
  }
}
