import type { FaultBook, Strike } from './fault-book.ts';
import type { FaultKind } from './fault-kinds.ts';

/** An event on its way to sockets. */
export interface ChannelEvent {
  /** What rules call it: its type, or its stream. */
  readonly name: string;
  /** Whom it concerns; undefined on a market stream. */
  readonly accountId?: string;
  /** Only events of one lane overtake each other. */
  readonly lane: string;
  readonly clientOrderId?: string | undefined;
  readonly deliver: () => void;
}

/** The kinds of faults that a channel knows. */
interface ChannelKinds {
  readonly delay: FaultKind;
  readonly duplicate: FaultKind;
  readonly reorder: FaultKind;
  readonly drop: FaultKind;
}

/** Faults of user events. */
export const USER_EVENTS: ChannelKinds = {
  delay: 'user_event_delay',
  duplicate: 'user_event_duplicate',
  reorder: 'user_event_reorder',
  drop: 'user_event_drop',
};
/** Faults of market events. */
export const MARKET_EVENTS: ChannelKinds = {
  delay: 'market_event_delay',
  duplicate: 'market_event_duplicate',
  reorder: 'market_event_reorder',
  drop: 'market_event_drop',
};

interface EventChannelDeps {
  readonly kinds: ChannelKinds;
  readonly faults: FaultBook;
  readonly nowMs: () => number;
  readonly recordFault: (strike: Strike, event: ChannelEvent) => void;
}

const DEFAULT_DELAY_MS = 1_000;

interface Held {
  readonly event: ChannelEvent;
  readonly dueMs: number;
}

/** The way of events to the sockets, with its scripted faults. What is not dropped arrives in the end. */
export class EventChannel {
  readonly #deps: EventChannelDeps;
  readonly #kinds: readonly FaultKind[];
  #delayed: Held[] = [];
  #overtaken: ChannelEvent[] = [];
  #sent = 0;

  constructor(deps: EventChannelDeps) {
    this.#deps = deps;
    this.#kinds = Object.values(deps.kinds);
  }

  /** Events that have left for the sockets so far. */
  get sent(): number {
    return this.#sent;
  }

  send(event: ChannelEvent): void {
    const { kinds } = this.#deps;
    const struck = this.#strike(event)?.kind;
    if (struck === kinds.drop || struck === kinds.delay) return;
    if (struck === kinds.reorder) {
      this.#overtaken.push(event);
      return;
    }
    this.#deliver(event);
    if (struck === kinds.duplicate) this.#deliver(event);
    if (this.#overtaken.length > 0) this.#releaseOvertaken((held) => held.lane === event.lane);
  }

  /** Sends the delayed events whose market time has come. */
  releaseDue(): void {
    if (this.#delayed.length === 0) return;
    const nowMs = this.#deps.nowMs();
    const due = this.#delayed.filter((held) => held.dueMs <= nowMs);
    this.#delayed = this.#delayed.filter((held) => held.dueMs > nowMs);
    for (const held of due) this.#deliver(held.event);
  }

  /** Sends the events that waited for another to overtake them. */
  releaseOvertaken(): void {
    this.#releaseOvertaken(() => true);
  }

  /** Sends all that is still held: the market has ended and no later moment will come. */
  releaseAll(): void {
    this.releaseOvertaken();
    for (const held of this.#delayed.splice(0)) this.#deliver(held.event);
  }

  #strike(event: ChannelEvent): Strike | undefined {
    const { faults, kinds, nowMs, recordFault } = this.#deps;
    if (faults.isEmpty) return undefined;
    const accountIds = event.accountId === undefined ? [] : [event.accountId];
    const strike = faults.strike({ kinds: this.#kinds, path: event.name, accountIds });
    if (strike === undefined) return undefined;
    recordFault(strike, event);
    if (strike.kind === kinds.delay) {
      this.#delayed.push({ event, dueMs: nowMs() + (strike.delayMs ?? DEFAULT_DELAY_MS) });
    }
    return strike;
  }

  #releaseOvertaken(isDue: (event: ChannelEvent) => boolean): void {
    const due = this.#overtaken.filter(isDue);
    this.#overtaken = this.#overtaken.filter((event) => !isDue(event));
    for (const event of due) this.#deliver(event);
  }

  #deliver(event: ChannelEvent): void {
    this.#sent += 1;
    event.deliver();
  }
}
