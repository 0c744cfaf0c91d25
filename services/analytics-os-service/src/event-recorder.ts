import type { Envelope, Queryable } from '@qt/contracts';
import type { Work } from '@qt/event-bus';
import type { EventStore } from './ports.ts';

/** Stores the events of one transaction with one statement, before it commits. */
export class EventRecorder {
  readonly #events: EventStore;
  readonly #waiting = new WeakMap<Queryable, Envelope[]>();

  constructor(events: EventStore) {
    this.#events = events;
  }

  add({ tx, beforeCommit }: Work, envelope: Envelope): void {
    const waiting = this.#waiting.get(tx);
    if (waiting !== undefined) {
      waiting.push(envelope);
      return;
    }
    const envelopes = [envelope];
    this.#waiting.set(tx, envelopes);
    beforeCommit(() => this.#append(tx, envelopes));
  }

  async #append(tx: Queryable, envelopes: readonly Envelope[]): Promise<void> {
    try {
      await this.#events.append(tx, envelopes);
    } catch (error) {
      // A partition made here is rolled back with everything else.
      this.#events.forgetPartitions();
      throw error;
    }
  }
}
