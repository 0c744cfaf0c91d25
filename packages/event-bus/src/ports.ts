import type { DeadLetter, DeadLetterStore, InboxStore, OutboxStore } from '@qt/contracts';
import type { Clock, SerialQueue } from '@qt/kernel';

/** Where the bus says what it met; facts are plain values, never secrets. */
export interface BusLogger {
  info(message: string, facts?: Record<string, unknown>): unknown;
  warn(message: string, facts?: Record<string, unknown>): unknown;
  error(message: string, facts?: Record<string, unknown>): unknown;
}

/** What the bus counts; a service maps it to its metrics registry. Every method must be cheap and must not throw. */
export interface BusMetrics {
  /** Events appended to the outbox by this process. */
  published(type: string, count: number): void;
  /** Entries accepted by Redis. */
  relayed(count: number): void;
  /** One event took effect; `durationMs` from read to commit and AfterCommit. */
  handled(type: string, durationMs: number): void;
  duplicate(type: string): void;
  /** A handler threw; `code` is the AppError's code or HANDLER_FAILED. */
  failed(type: string, code: string): void;
  parked(type: string, code: string): void;
  /** Events fetched from the outbox because Redis did not deliver them. */
  recovered(type: string, count: number): void;
  /** The streams or groups were gone and have been made anew. */
  busReset(): void;
  /** Entries of a type that the group has not acknowledged yet. */
  lag(type: string, entries: number): void;
  /** Events of this source not known to be in Redis. */
  outboxPending(count: number): void;
}

export interface EventBusOptions {
  readonly redisUrl: string;
  /** Who publishes, such as `ai-service`. */
  readonly source: string;
  /** Consumer group and name in the inbox; defaults to `source`. */
  readonly consumer?: string;
  /** Name of this process within the group; defaults to the consumer and the host's name, so that a restart finds what it left pending. */
  readonly member?: string;
  readonly outbox: OutboxStore;
  readonly inbox: InboxStore;
  readonly deadLetters: DeadLetterStore;
  /** The clock of direct events' `recordedAtMs`. Timeouts and backoffs are wall time whatever it says. */
  readonly clock: Clock;
  readonly logger: BusLogger;
  readonly metrics?: BusMetrics;
  /** Give the service's own queue to handle bus events in one line with its other events. */
  readonly queue?: SerialQueue;
  /** Called when a handler broke an invariant; the bus has stopped consuming. Default: throws out of the event loop, which ends the process. */
  readonly onFatal?: (error: Error) => void;
  /** Called after an event has been parked. */
  readonly onParked?: (letter: DeadLetter) => void;
}

export interface BusIdleQuery {
  readonly source: string;
  /** Sequence number per type that must have been applied; types without a subscription are ignored. */
  readonly published: Readonly<Record<string, number>>;
}

export interface BusIdleAnswer {
  /** Last sequence number per type that this bus's source has appended; all are in Redis. */
  readonly published: Readonly<Record<string, number>>;
}

export interface BusHealth {
  readonly isConnected: boolean;
  readonly isConsuming: boolean;
  /** Entries per subscribed type that the group has not acknowledged, as last measured. */
  readonly lagByType: Readonly<Record<string, number>>;
  readonly outboxPending: number;
  /** Wall time. */
  readonly lastHandledAtMs: number | null;
  readonly parkedCount: number;
}
