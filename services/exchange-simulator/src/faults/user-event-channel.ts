import type { FaultBook, Strike } from './fault-book.ts';

/** A user event as JSON text, with what faults and the ledger need to know of it. */
export interface UserEvent {
  readonly accountId: string;
  readonly eventType: string;
  readonly payload: string;
  readonly clientOrderId?: string | undefined;
}

interface UserEventChannelDeps {
  readonly faults: FaultBook;
  readonly deliver: (event: UserEvent) => void;
  readonly nowMs: () => number;
  readonly recordFault: (strike: Strike, event: UserEvent) => void;
}

const USER_EVENT_FAULTS = [
  'user_event_delay',
  'user_event_duplicate',
  'user_event_reorder',
  'user_event_drop',
] as const;
const DEFAULT_DELAY_MS = 1_000;

interface Held {
  readonly event: UserEvent;
  readonly dueMs: number;
}

/** The way of user events to the sockets, with its scripted faults. What is not dropped arrives in the end. */
export class UserEventChannel {
  readonly #deps: UserEventChannelDeps;
  readonly #delayed: Held[] = [];
  readonly #overtaken: UserEvent[] = [];
  #sent = 0;

  constructor(deps: UserEventChannelDeps) {
    this.#deps = deps;
  }

  /** Events that have left for the sockets so far. */
  get sent(): number {
    return this.#sent;
  }

  send(event: UserEvent): void {
    const strike = this.#deps.faults.strike({
      kinds: USER_EVENT_FAULTS,
      path: event.eventType,
      accountIds: [event.accountId],
    });
    if (strike !== undefined) this.#deps.recordFault(strike, event);
    if (strike?.kind === 'user_event_drop') return;
    if (strike?.kind === 'user_event_delay') {
      this.#delayed.push({ event, dueMs: this.#deps.nowMs() + (strike.delayMs ?? DEFAULT_DELAY_MS) });
      return;
    }
    if (strike?.kind === 'user_event_reorder') {
      this.#overtaken.push(event);
      return;
    }
    this.#deliver(event);
    if (strike?.kind === 'user_event_duplicate') this.#deliver(event);
    this.releaseOvertaken();
  }

  /** Sends the delayed events whose market time has come. */
  releaseDue(): void {
    const nowMs = this.#deps.nowMs();
    const due = this.#delayed.filter((held) => held.dueMs <= nowMs);
    const rest = this.#delayed.filter((held) => held.dueMs > nowMs);
    this.#delayed.splice(0, this.#delayed.length, ...rest);
    for (const held of due) this.#deliver(held.event);
  }

  /** Sends the events that waited for another to overtake them. */
  releaseOvertaken(): void {
    for (const event of this.#overtaken.splice(0)) this.#deliver(event);
  }

  /** Sends all that is still held: the market has ended and no later moment will come. */
  releaseAll(): void {
    this.releaseOvertaken();
    for (const held of this.#delayed.splice(0)) this.#deliver(held.event);
  }

  #deliver(event: UserEvent): void {
    this.#sent += 1;
    this.#deps.deliver(event);
  }
}
