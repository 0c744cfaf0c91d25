import { SerialQueue } from '@qt/kernel';
import type { VenueState } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { EventChannel } from '../faults/event-channel.ts';
import type { MarketPublisher } from '../websocket/market-publisher.ts';
import type { SocketHub } from '../websocket/socket-hub.ts';
import type { Agenda } from './agenda.ts';

interface MarketDriveDeps {
  readonly venue: Venue;
  readonly hub: SocketHub;
  readonly publisher: MarketPublisher;
  readonly userEvents: EventChannel;
  readonly marketEvents: EventChannel;
  readonly agenda: Agenda;
  /** Called whenever accounts may have changed. */
  readonly onMoved: () => void;
  /** Writes what is buffered of the ledger. */
  readonly flushLedger: () => void;
}

/** Moves the market, one movement at a time. A movement ends when all that it caused has been sent, and with `settle` received. */
export class MarketDrive {
  readonly #deps: MarketDriveDeps;
  readonly #queue = new SerialQueue();
  #steppedFromMs: number;

  constructor(deps: MarketDriveDeps) {
    this.#deps = deps;
    this.#steppedFromMs = deps.venue.nowMs;
  }

  /** Market time before the last step. */
  get steppedFromMs(): number {
    return this.#steppedFromMs;
  }

  /**
   * Plays the market up to `untilMs` and waits until every listening socket has received what happened. What happened to an account
   * on the way is received before the prices at the end: they go over different sockets, and only waiting keeps their order.
   */
  advance(untilMs: number): Promise<VenueState> {
    return this.#queue.run(async () => {
      const { venue, hub, userEvents } = this.#deps;
      this.#steppedFromMs = venue.nowMs;
      const sentBefore = userEvents.sent;
      this.#play(untilMs);
      if (userEvents.sent > sentBefore) await hub.flush();
      this.#show();
      return await this.#settle();
    });
  }

  /** Sends the candles that closed at the present moment and waits for the sockets. */
  close(): Promise<VenueState> {
    return this.#queue.run(async () => {
      this.closeCandles();
      return await this.#settle();
    });
  }

  /** Waits until every listening socket has received all that was sent. */
  settle(): Promise<VenueState> {
    return this.#queue.run(() => this.#settle());
  }

  /** Does something to the venue between two movements, and waits until every listening socket has heard of it. */
  act<T>(run: () => T): Promise<T> {
    return this.#queue.run(async () => {
      const result = run();
      this.#deps.onMoved();
      this.#deps.flushLedger();
      await this.#settle();
      return result;
    });
  }

  /** Moves without waiting for anybody: for a market that runs by itself. */
  moveTo(untilMs: number): void {
    this.#play(untilMs);
    this.#show();
  }

  closeCandles(): void {
    this.#deps.venue.closeCandles();
    this.#deps.flushLedger();
  }

  #play(untilMs: number): void {
    const { venue, userEvents, marketEvents, agenda, onMoved, flushLedger } = this.#deps;
    for (let next = agenda.nextMs; next !== null && next <= untilMs; next = agenda.nextMs) {
      venue.advance(next);
      onMoved();
      // The market may have ended before.
      if (venue.nowMs < next) break;
      agenda.runDue(venue.nowMs);
    }
    venue.advance(untilMs);
    onMoved();
    for (const channel of [userEvents, marketEvents]) {
      channel.releaseDue();
      channel.releaseOvertaken();
    }
    flushLedger();
  }

  #show(): void {
    this.#deps.publisher.publishMoment();
  }

  async #settle(): Promise<VenueState> {
    const { venue, hub, userEvents, marketEvents } = this.#deps;
    const { isFinished } = venue.state();
    for (const channel of [userEvents, marketEvents]) {
      channel.releaseOvertaken();
      if (isFinished) channel.releaseAll();
    }
    await hub.flush();
    return venue.state();
  }
}
