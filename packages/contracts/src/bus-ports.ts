import type { Envelope, EventDefinition, EventDraft } from './envelope.ts';

/** Where SQL can be run: a pool, or one transaction. */
export interface Queryable {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number }>;
}

/** Runs work in one database transaction: commits when it resolves, rolls back when it throws. */
export interface Transactor {
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
}

export interface StatedEvent<P = unknown> {
  readonly definition: EventDefinition<P>;
  readonly draft: EventDraft<P>;
}

/** The producer's record of what it said: rows become true with the transaction that appends them. */
export interface OutboxStore extends Transactor {
  /** Appends in order, numbering each event without a gap per source and type. Concurrent appenders of one source wait for each other. */
  append(tx: Queryable, source: string, events: readonly StatedEvent[]): Promise<Envelope[]>;
  /** Oldest first, those not yet known to be on the bus. */
  listUnrelayed(source: string, limit: number): Promise<Envelope[]>;
  markRelayed(ids: readonly string[]): Promise<void>;
  /** Highest sequence number per type that `source` has appended. */
  lastSeqByType(source: string): Promise<Readonly<Record<string, number>>>;
}

/** The consumer's record of what took effect. */
export interface InboxStore extends Transactor {
  /** Returns `duplicate` when this consumer has applied the event before. */
  claim(tx: Queryable, consumer: string, envelope: Envelope): Promise<'first' | 'duplicate'>;
  /** Claims several at once; returns the ids of those that this consumer has not applied before. */
  claimAll(tx: Queryable, consumer: string, envelopes: readonly Envelope[]): Promise<ReadonlySet<string>>;
  /** Returns events in the outbox of any source that this consumer has not applied, oldest first, recorded at least `olderThanMs` ago. */
  listMissing(consumer: string, types: readonly string[], olderThanMs: number, limit: number): Promise<Envelope[]>;
  /** Highest applied sequence number per source and type, keyed `source/type`. */
  lastAppliedSeq(consumer: string): Promise<Readonly<Record<string, number>>>;
}

export interface DeadLetter {
  readonly consumer: string;
  readonly envelopeText: string;
  readonly eventId: string | null;
  readonly type: string;
  readonly code: string;
  readonly reason: string;
}

export interface DeadLetterStore {
  park(letter: DeadLetter): Promise<void>;
  /** Returns the ids of the events that lie parked for a consumer and were not replayed. */
  listParkedIds(consumer: string): Promise<readonly string[]>;
}
