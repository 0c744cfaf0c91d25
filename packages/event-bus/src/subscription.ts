import type { Envelope, EventDefinition, EventDraft, Queryable } from '@qt/contracts';

/** Collects an event; it is appended to the outbox, after the work and before its transaction commits. */
export type Publish = <P>(definition: EventDefinition<P>, draft: EventDraft<P>) => void;

/** One database transaction and the events that become true with it. */
export interface Work {
  readonly tx: Queryable;
  readonly publish: Publish;
  /**
   * Runs once the work is done and before its transaction commits. Writes registered here are begun in order without waiting for each
   * other, so that they cost one round trip together; what they write cannot be read by the work itself.
   */
  readonly beforeCommit: (write: () => Promise<void>) => void;
}

export interface Delivered<P> {
  readonly payload: P;
  readonly envelope: Envelope<P>;
}

/** Runs once after the handler's transaction has committed and before the next event; a crash in between loses it. */
export type AfterCommit = () => Promise<void>;

export type Handler<P> = (event: Delivered<P>, work: Work) => Promise<void | AfterCommit>;

/** What one consumer does with one version of one event; made by `consume`. */
export interface Subscription {
  readonly type: string;
  readonly version: number;
  readonly sharesTransaction: boolean;
  /** Parses the payload and returns the handler's run on it. Throws the schema's error when the payload does not fit. */
  readonly bind: (envelope: Envelope) => (work: Work) => Promise<void | AfterCommit>;
}

export interface ConsumeOptions {
  /**
   * Lets events that arrive together be handled in one transaction, in order; each AfterCommit runs, in order, once it has committed. When
   * one of them fails, all are rolled back and handled one by one. Default false: for handlers whose AfterCommit the next event must see.
   */
  readonly sharesTransaction?: boolean;
}

/**
 * Declares how events of `definition` are handled. The inbox claim, everything the handler writes through `work.tx` and every event it
 * publishes are one transaction, so each event takes effect once however often it is delivered.
 */
export function consume<P>(
  definition: EventDefinition<P>,
  handle: Handler<P>,
  options: ConsumeOptions = {},
): Subscription {
  return {
    type: definition.type,
    version: definition.version,
    sharesTransaction: options.sharesTransaction ?? false,
    bind: (envelope) => {
      const payload = definition.payload.parse(envelope.payload);
      const delivered: Delivered<P> = { payload, envelope: { ...envelope, payload } };
      return (work) => handle(delivered, work);
    },
  };
}
