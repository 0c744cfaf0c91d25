import {
  type Envelope,
  EnvelopeHead,
  type EventDefinition,
  type EventDraft,
  type OutboxStore,
  type StatedEvent,
} from '@qt/contracts';
import { AppError, invariant, messageOf } from '@qt/kernel';
import type { OutboxRelay } from './outbox-relay.ts';
import type { BusMetrics } from './ports.ts';
import type { Publish, Work } from './subscription.ts';

const DraftHead = EnvelopeHead.pick({ occurredAtMs: true, correlationId: true, causationId: true, key: true });

/** Returns the event with its payload as the schema reads it. Throws AppError CONTRACT_VIOLATION. */
export const stated = <P>(definition: EventDefinition<P>, draft: EventDraft<P>): StatedEvent => {
  const head = DraftHead.safeParse(draft);
  const payload = definition.payload.safeParse(draft.payload);
  const error = head.error ?? payload.error;
  if (error !== undefined) {
    throw new AppError('CONTRACT_VIOLATION', `${definition.type} was published with ${messageOf(error)}`, {
      retryable: false,
      cause: error,
    });
  }
  return { definition: definition as EventDefinition, draft: { ...draft, payload: payload.data } };
};

export interface PublisherOptions {
  readonly source: string;
  readonly outbox: OutboxStore;
  readonly relay: OutboxRelay;
  readonly metrics: BusMetrics;
}

/** Makes events true together with the work that caused them. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #lastSeq = new Map<string, number>();

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Last number appended per type. */
  get lastSeqByType(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#lastSeq);
  }

  async start(): Promise<void> {
    const { outbox, source } = this.#options;
    for (const [type, seq] of Object.entries(await outbox.lastSeqByType(source))) this.#lastSeq.set(type, seq);
  }

  async transact<T>(work: (w: Work) => Promise<T>): Promise<T> {
    const { outbox, source, relay } = this.#options;
    let appended: Envelope[] = [];
    const result = await outbox.transaction(async (tx) => {
      const events: StatedEvent[] = [];
      let isOpen = true;
      const publish: Publish = (definition, draft) => {
        invariant(isOpen, `${definition.type} is published before its transaction ends`);
        events.push(stated(definition, draft));
      };
      const writes: (() => Promise<void>)[] = [];
      const value = await work({ tx, publish, beforeCommit: (write) => void writes.push(write) });
      isOpen = false;
      // Begun in this order and not waited for one by one: a store that can sends them together.
      const written = writes.map((write) => write());
      const append = events.length === 0 ? [] : outbox.append(tx, source, events);
      // To the end of each, whatever became of the others: no statement may come after the rollback.
      await Promise.allSettled([...written, append]);
      await Promise.all(written);
      appended = await append;
      return value;
    });
    this.#note(appended);
    relay.send(appended);
    return result;
  }

  #note(appended: readonly Envelope[]): void {
    for (const { type, producerSeq } of appended) {
      if (producerSeq > (this.#lastSeq.get(type) ?? 0)) this.#lastSeq.set(type, producerSeq);
      this.#options.metrics.published(type, 1);
    }
  }
}
