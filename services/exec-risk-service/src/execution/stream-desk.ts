import { type KnownOrder, OrderRepository } from '@qt/database';
import type { Queryable } from '@qt/contracts';
import type { VenueFill, VenueOrder } from '@qt/exchange-client';
import { ZERO } from '@qt/kernel';
import { advance, parseClientOrderId } from '@qt/risk';
import { asOrder, isUnknown, type Order, stateWithin } from './order.ts';
import type { Trading } from '../ports.ts';
import { raiseAlert } from './alerts.ts';
import type { OrderUpdate } from './mailbox.ts';
import type { ModeDesk } from './mode-desk.ts';
import type { MoneyTransaction } from './money-transaction.ts';
import type { OrderDesk } from './order-desk.ts';
import type { PositionKeeper } from './position-keeper.ts';

const LIQUIDATION_PREFIXES = ['autoclose-', 'adl_autoclose', 'settlement_autoclose-'];

export interface StreamDeskDeps {
  readonly trading: Trading;
  readonly desk: OrderDesk;
  readonly keeper: PositionKeeper;
  readonly modes: ModeDesk;
  readonly db: Queryable;
}

/** Books what the venue tells of orders, ours and others'. Nothing is dropped because it is unknown. */
export class StreamDesk {
  readonly #deps: StreamDeskDeps;

  constructor(deps: StreamDeskDeps) {
    this.#deps = deps;
  }

  /** Books one update of the user stream and brings its symbol into order. */
  async onUpdate(update: OrderUpdate): Promise<void> {
    const { book } = this.#deps.trading;
    const order = await this.identify(update.order);
    if (order !== null && this.#isOldNews(order, update)) return;
    const before = book.position(update.order.symbol);
    await this.book(order, update.order, update.fill === null ? [] : [update.fill], update.reason);
    const after = book.position(update.order.symbol);
    const hasChanged = before?.positionId !== after?.positionId || before?.quantity !== after?.quantity;
    if (hasChanged || order === null || order.book === 'conditional' || isUnknown(order)) {
      await this.#deps.keeper.attend(update.order.symbol);
    }
  }

  /** Books what the venue shows of an order that may not be known yet. */
  async book(
    order: Order | null,
    venue: VenueOrder,
    fills: readonly VenueFill[],
    reason: string | null,
  ): Promise<void> {
    const { desk, modes } = this.#deps;
    await desk.transact(async (m) => {
      const orderId = order?.orderId ?? this.#adopt(m, venue);
      if (order !== null && m.order(orderId) === null) m.putOrder(order);
      await desk.bookEvidence(m, orderId, { order: venue, fills, reason });
      if (!LIQUIDATION_PREFIXES.some((prefix) => venue.clientOrderId.startsWith(prefix))) return;
      const message = `the venue closed ${venue.symbol} by itself (${venue.clientOrderId})`;
      await modes.restrictWith(m, 'HALT', { code: 'LIQUIDATED', message });
    });
  }

  /** Returns the order that the venue speaks of, from memory or Postgres; null when nobody here has ever heard of it. */
  async identify(venue: VenueOrder): Promise<Order | null> {
    const { trading, db } = this.#deps;
    const { book } = trading;
    if (parseClientOrderId(venue.clientOrderId) !== null) {
      const own = book.order(venue.clientOrderId);
      if (own !== null) return own;
      const stored = await new OrderRepository(db).find(venue.clientOrderId);
      if (stored !== null) return asOrder(stored);
    }
    if (venue.book === 'conditional') return this.#stored(externalIdOf(venue));
    const byVenueId = book.orderByVenueId(venue.symbol, venue.venueOrderId);
    if (byVenueId !== null) return byVenueId;
    const stored = await new OrderRepository(db).findByVenueOrder(venue.symbol, venue.venueOrderId);
    return stored === null ? this.findTriggered(venue.symbol, venue.venueOrderId) : asOrder(stored);
  }

  /** Asks the venue whether one of our resting stops or targets has become the order of this id: the news of that may be on its way. */
  async findTriggered(symbol: string, venueOrderId: string): Promise<Order | null> {
    const { book, exchange } = this.#deps.trading;
    for (const order of book.ordersOf(symbol)) {
      if (order.book !== 'conditional' || order.actualVenueOrderId !== null) continue;
      const lookup = await exchange.order(order);
      if (lookup.kind === 'found' && lookup.order.actualVenueOrderId === venueOrderId) return order;
    }
    return null;
  }

  async #stored(orderId: string): Promise<Order | null> {
    const known = this.#deps.trading.book.order(orderId);
    if (known !== null) return known;
    const stored: KnownOrder | null = await new OrderRepository(this.#deps.db).find(orderId);
    return stored === null ? null : asOrder(stored);
  }

  /** Most updates repeat what the answer to our own request has said already; they cost no transaction. */
  #isOldNews(order: Order, { order: venue, fill }: OrderUpdate): boolean {
    const { book } = this.#deps.trading;
    if (book.order(order.orderId) === null) return false;
    if (fill !== null && !book.isFillBooked(fill.symbol, fill.venueFillId)) return false;
    if (venue.executedQuantity.gt(order.venueExecutedQuantity)) return false;
    const isSameBook = venue.book === order.book;
    if (isSameBook && venue.actualVenueOrderId !== null && order.actualVenueOrderId === null) return false;
    if (!isSameBook && order.actualVenueOrderId === null) return false;
    return advance(order.state, stateWithin(order, venue)).kind === 'absorbed';
  }

  /** Writes down an order that we did not send. */
  #adopt(m: MoneyTransaction, venue: VenueOrder): string {
    const orderId = externalIdOf(venue);
    const order: Order = {
      orderId,
      clientOrderId: venue.clientOrderId === '' ? `unnamed-${venue.venueOrderId}` : venue.clientOrderId,
      intentId: null,
      decisionId: null,
      leg: 'external',
      attempt: 0,
      symbol: venue.symbol,
      side: venue.side,
      orderType: venue.orderType,
      book: venue.book,
      quantity: venue.closesPosition ? null : venue.quantity,
      price: venue.price,
      venueOrderId: venue.venueOrderId,
      actualVenueOrderId: venue.actualVenueOrderId,
      state: 'SENDING',
      executedQuantity: ZERO,
      averagePrice: null,
      venueExecutedQuantity: ZERO,
      createdAtMs: venue.updatedAtMs,
      updatedAtMs: venue.updatedAtMs,
      correlationId: orderId,
      horizonMs: null,
      exitReason: null,
    };
    m.putOrder(order);
    raiseAlert(m, this.#deps.trading, {
      code: 'EXTERNAL_ORDER',
      severity: 'warning',
      message: `order ${order.clientOrderId} on ${venue.symbol} is not ours; it is booked`,
      symbol: venue.symbol,
    });
    return orderId;
  }
}

const externalIdOf = (venue: VenueOrder): string =>
  `ext-${venue.symbol}-${venue.book === 'plain' ? 'P' : 'A'}${venue.venueOrderId}`;
