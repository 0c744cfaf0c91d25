import type { EventDefinition, EventDraft } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import type { BusHealth, BusIdleAnswer, BusIdleQuery, EventBusOptions } from './ports.ts';
import type { Subscription, Work } from './subscription.ts';

/** Publishes and consumes the suite's events: the record is in Postgres, Redis Streams carry it. */
export class EventBus {
  readonly name = 'redis';
  readonly #options: EventBusOptions;

  constructor(options: EventBusOptions) {
    this.#options = options;
  }

  /** Adds subscriptions. Throws InvariantError after `start`. */
  subscribe(...subscriptions: readonly Subscription[]): void {
    this.#unready(subscriptions);
  }

  /**
   * Runs work in one transaction and appends what it published to the outbox in the same transaction; the events are sent to Redis
   * right after the commit, and later if Redis is away.
   */
  transact<T>(work: (w: Work) => Promise<T>): Promise<T> {
    return this.#unready(work);
  }

  /** Sends an event past the outbox: it may be lost and is applied without an inbox row. For `service.heartbeat` only. */
  announce<P>(definition: EventDefinition<P>, draft: EventDraft<P>): Promise<void> {
    return this.#unready([definition, draft]);
  }

  start(): Promise<void> {
    return this.#unready(0);
  }

  stop(): Promise<void> {
    return this.#unready(0);
  }

  /** Ends consuming after the current event and waits until everything published is in Redis. */
  drain(): Promise<void> {
    return this.#unready(0);
  }

  /** Resolves once nothing is being handled, everything published is in Redis, and `query` (if any) has been applied. */
  idle(query?: BusIdleQuery, signal?: AbortSignal): Promise<BusIdleAnswer> {
    return this.#unready([query, signal]);
  }

  /** Returns in words what `idle` would wait for, or null when it would not. */
  waitingFor(query?: BusIdleQuery): string | null {
    return this.#unready(query);
  }

  health(): BusHealth {
    return this.#unready(0);
  }

  /** The bus as a component of a service: up when connected and consuming. */
  check(): { readonly status: 'up' | 'degraded' | 'down'; readonly detail?: string } & BusHealth {
    return this.#unready(0);
  }

  #unready(_: unknown): never {
    throw new AppError('BUS_NOT_BUILT', `the bus of ${this.#options.source} is not built yet`, { retryable: false });
  }
}

/** Returns a bus on Redis Streams. It connects in `start`. */
export const createRedisEventBus = (options: EventBusOptions): EventBus => new EventBus(options);
