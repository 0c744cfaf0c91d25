import {
  OrderAccepted,
  OrderCanceled,
  OrderExpired,
  type OrderType,
  OrderRejected,
  OrderSubmitted,
  OrderUnknown,
  type Side,
} from '@qt/contracts';
import type { SubmitOutcome, VenueFill, VenueOrder } from '@qt/exchange-client';
import { type Decimal, sum, ZERO } from '@qt/kernel';
import { advanceOrder, clientOrderIdOf, type OrderNews, type OwnLeg, openInquiry } from '@qt/risk';
import { factsOf, isAtVenue, isUnknown, type Order, progressOf, stateWithin, withProgress } from './order.ts';
import type { Trading } from '../ports.ts';
import { raiseAlert } from './alerts.ts';
import type { FillBooking } from './fill-booking.ts';
import { MoneyTransaction } from './money-transaction.ts';
import { publishPortfolio } from './portfolio.ts';

// Within this much after the receive window the venue's matching engine may still take a request.
const HORIZON_MARGIN_MS = 1000;

export interface OrderPlan {
  readonly decisionId: string;
  readonly leg: OwnLeg;
  readonly attempt: number;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  /** Null: closes whatever is there. */
  readonly quantity: Decimal | null;
  /** Limit or trigger price. */
  readonly price: Decimal | null;
  readonly exitReason: string | null;
  readonly correlationId: string;
  readonly causationId: string | null;
}

/** What the venue has shown of an order: its state, and the fills that came with it. */
export interface VenueEvidence {
  readonly order: VenueOrder;
  readonly fills: readonly VenueFill[];
  readonly reason: string | null;
}

type NotPlaced = Extract<SubmitOutcome, { kind: 'not_placed' }>;

/** What came of one send: the order as it then stands, and why the venue (or our own budget) refused it. */
export interface Executed {
  readonly order: Order;
  readonly refusal: NotPlaced['reason'] | null;
}

/** Writes orders down, sends each exactly once, and books what becomes of them. */
export class OrderDesk {
  readonly #trading: Trading;
  readonly #fills: FillBooking;

  constructor(trading: Trading, fills: FillBooking) {
    this.#trading = trading;
    this.#fills = fills;
  }

  /** Runs one step in one transaction and shows it to the process when it stands. */
  async transact<T>(step: (m: MoneyTransaction) => Promise<T>): Promise<T> {
    const { bus, book, nowMs } = this.#trading;
    const [result, m] = await bus.transact(async (work) => {
      const m = new MoneyTransaction(work, book);
      const value = await step(m);
      if (m.hasFills) publishPortfolio(m, this.#trading);
      m.flush(nowMs());
      return [value, m] as const;
    });
    m.commit();
    return result;
  }

  /** Writes down what is about to be sent. Nothing may be sent before the transaction of `m` stands. */
  prepare(m: MoneyTransaction, plan: OrderPlan): Order {
    const { book, nowMs, settings } = this.#trading;
    const clientOrderId = clientOrderIdOf(plan);
    const sentAtMs = nowMs();
    const closesPosition = plan.quantity === null;
    const order: Order = {
      orderId: clientOrderId,
      clientOrderId,
      intentId: clientOrderId,
      decisionId: plan.decisionId,
      leg: plan.leg,
      attempt: plan.attempt,
      symbol: plan.symbol,
      side: plan.side,
      orderType: plan.orderType,
      book: plan.leg === 'stop' || plan.leg === 'target' ? 'conditional' : 'plain',
      quantity: plan.quantity,
      price: plan.price,
      venueOrderId: null,
      actualVenueOrderId: null,
      state: 'SENDING',
      executedQuantity: ZERO,
      averagePrice: null,
      venueExecutedQuantity: ZERO,
      createdAtMs: sentAtMs,
      updatedAtMs: sentAtMs,
      correlationId: plan.correlationId,
      horizonMs: sentAtMs + settings.recvWindowMs + HORIZON_MARGIN_MS,
      exitReason: plan.exitReason,
    };
    m.addIntent(
      {
        clientOrderId,
        decisionId: plan.decisionId,
        leg: plan.leg,
        attempt: plan.attempt,
        symbol: plan.symbol,
        side: plan.side,
        orderType: plan.orderType,
        quantity: plan.quantity,
        price: plan.price,
        isReduceOnly: plan.leg === 'exit',
        closesPosition,
        leaderEpoch: book.leaderEpoch,
        sentAtMs,
        horizonMs: order.horizonMs ?? sentAtMs,
        sentWallMs: Date.now(),
      },
      order,
    );
    m.publish(OrderSubmitted, {
      occurredAtMs: sentAtMs,
      correlationId: plan.correlationId,
      causationId: plan.causationId,
      key: plan.symbol,
      payload: factsOf(order),
    });
    return order;
  }

  /** Sends a prepared order, once, and books what came of it. */
  async execute(order: Order): Promise<Executed> {
    const { exchange, metrics, crashPoint } = this.#trading;
    crashPoint('after_intent_commit');
    const startedMs = performance.now();
    const outcome = await exchange.submit({
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      orderType: order.orderType,
      quantity: order.quantity,
      price: order.price,
      timeInForce: order.orderType === 'limit' ? 'ioc' : null,
      // A venue refuses reduceOnly together with closePosition: the second implies the first.
      isReduceOnly: order.leg === 'exit',
      closesPosition: order.quantity === null,
    });
    metrics.repliedAfter(performance.now() - startedMs);
    crashPoint('after_send');
    await this.#bookOutcome(order, outcome);
    crashPoint('after_outcome');
    const refusal = outcome.kind === 'not_placed' ? outcome.reason : null;
    const executed = { order: this.#trading.book.order(order.orderId) ?? order, refusal };
    if (order.leg === 'stop') this.#noteStop(executed);
    return executed;
  }

  /** A stop that is refused for what it says tells nothing about the venue; any other failure keeps new positions out for a while. */
  #noteStop({ order, refusal }: Executed): void {
    const { book, nowMs } = this.#trading;
    if (isAtVenue(order)) book.stopFailedAtMs = null;
    else if (refusal !== 'rejected') book.stopFailedAtMs = nowMs();
  }

  async #bookOutcome(order: Order, outcome: SubmitOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'placed': {
        const evidence = await this.gather(order, outcome.order, outcome.fills);
        await this.transact((m) => this.bookEvidence(m, order.orderId, evidence));
        return;
      }
      case 'not_placed': {
        // "Duplicate" means that an open order has this id, and only we give it out: the venue has the order.
        if (outcome.reason === 'duplicate') {
          await this.transact(async (m) => this.#markUnknown(m, order, outcome.message));
          await this.ask(order.orderId);
          return;
        }
        await this.transact(async (m) => this.#bookRefusal(m, order, outcome));
        return;
      }
      case 'unknown':
        await this.transact(async (m) => this.#markUnknown(m, order, outcome.reason));
        this.#trading.crashPoint('after_unknown');
        await this.ask(order.orderId);
        return;
      default:
        outcome satisfies never;
    }
  }

  /** Returns the venue's word on an order together with every fill it owes: from the answer, the stream, or fetched. */
  async gather(order: Order, venueOrder: VenueOrder, given: readonly VenueFill[] = []): Promise<VenueEvidence> {
    const { exchange, mailbox, settings } = this.#trading;
    const fills = new Map(given.map((fill) => [fill.venueFillId, fill]));
    let reason: string | null = null;
    const venueIds = new Set([venueOrder.venueOrderId, venueOrder.actualVenueOrderId]);
    const owed = (): Decimal =>
      venueOrder.executedQuantity.minus(order.executedQuantity).minus(sum([...fills.values()].map((f) => f.quantity)));
    const deadlineMs = performance.now() + settings.fillWaitMs;
    while (owed().gt(0)) {
      const updates = mailbox.peekOrders(
        (update) => update.order.book === 'plain' && venueIds.has(update.order.venueOrderId),
      );
      for (const update of updates) {
        reason = update.reason ?? reason;
        if (update.fill !== null && !this.#trading.book.isFillBooked(order.symbol, update.fill.venueFillId)) {
          fills.set(update.fill.venueFillId, update.fill);
        }
      }
      const leftMs = deadlineMs - performance.now();
      if (owed().lte(0)) break;
      if (leftMs > 0 && (await mailbox.untilNext(leftMs))) continue;
      const venueOrderId = venueOrder.actualVenueOrderId ?? venueOrder.venueOrderId;
      for (const fill of await exchange.fills({ symbol: order.symbol, venueOrderId }))
        fills.set(fill.venueFillId, fill);
      break;
    }
    return { order: venueOrder, fills: [...fills.values()], reason };
  }

  /** Books what the venue shows of an order: state, fills, and the events that follow. */
  async bookEvidence(m: MoneyTransaction, orderId: string, evidence: VenueEvidence): Promise<void> {
    const before = m.order(orderId);
    if (before === null) return;
    const venue = evidence.order;
    const known: Order = {
      ...before,
      venueOrderId: venue.book === before.book ? venue.venueOrderId : before.venueOrderId,
      // A triggered order's second life is in the plain book, under its own id.
      actualVenueOrderId:
        venue.book === before.book ? (venue.actualVenueOrderId ?? before.actualVenueOrderId) : venue.venueOrderId,
    };
    const news: OrderNews = {
      kind: 'reported',
      state: stateWithin(before, venue),
      executedQuantity: venue.executedQuantity,
    };
    const { progress, advance } = advanceOrder(progressOf(known), news);
    if (advance.kind === 'illegal') this.#holdForIllegal(m, before, advance.attempted);
    m.putOrder(withProgress(known, progress, venue.updatedAtMs));
    const head = {
      occurredAtMs: venue.updatedAtMs,
      correlationId: before.correlationId,
      causationId: null,
      key: before.symbol,
    };
    const isNewAtVenue = isUnknown(before) || before.state === 'ABSENT';
    if (isNewAtVenue && progress.state !== 'REJECTED') {
      m.publish(OrderAccepted, { ...head, payload: factsOf(known) });
    }
    for (const fill of await this.#fills.unbooked(m, evidence.fills)) await this.#fills.book(m, orderId, fill);
    if (before.state === 'ABSENT') this.#alertLateFound(m, before);
    if (advance.kind !== 'moved') return;
    const after = m.order(orderId) ?? known;
    const reason = evidence.reason ?? advance.state.toLowerCase();
    if (advance.state === 'CANCELED') m.publish(OrderCanceled, { ...head, payload: { ...factsOf(after), reason } });
    if (advance.state === 'EXPIRED' || advance.state === 'EXPIRED_IN_MATCH') {
      m.publish(OrderExpired, { ...head, payload: { ...factsOf(after), reason } });
    }
    if (advance.state === 'REJECTED') {
      m.publish(OrderRejected, { ...head, payload: { ...factsOf(after), venueCode: null, message: reason } });
    }
  }

  /** Returns those fills that are neither booked nor staged, oldest first. */
  unbooked(m: MoneyTransaction, fills: readonly VenueFill[]): Promise<readonly VenueFill[]> {
    return this.#fills.unbooked(m, fills);
  }

  /** Asks the venue once about an order of unknown outcome and books a positive answer. */
  async ask(orderId: string): Promise<'found' | 'not_found'> {
    const { book, exchange } = this.#trading;
    const order = book.order(orderId);
    if (order === null) return 'found';
    const lookup = await exchange.order(order);
    if (lookup.kind === 'not_found') return 'not_found';
    const evidence = await this.gather(order, lookup.order);
    await this.transact((m) => this.bookEvidence(m, orderId, evidence));
    return 'found';
  }

  /** Books that the venue no longer has an order that it once had. */
  async bookGone(order: Order, reason: string, nowMs: number): Promise<void> {
    await this.transact(async (m) => {
      const news: OrderNews = { kind: 'reported', state: 'CANCELED', executedQuantity: order.venueExecutedQuantity };
      const { progress, advance } = advanceOrder(progressOf(order), news);
      if (advance.kind !== 'moved') return;
      m.putOrder(withProgress(order, progress, nowMs));
      m.publish(OrderCanceled, {
        occurredAtMs: nowMs,
        correlationId: order.correlationId,
        causationId: null,
        key: order.symbol,
        payload: { ...factsOf(order), reason },
      });
    });
  }

  /** Books that the venue never had an order. It stays under watch. */
  async bookAbsent(order: Order): Promise<void> {
    const { nowMs, logger } = this.#trading;
    await this.transact(async (m) => {
      const { progress, advance } = advanceOrder(progressOf(order), { kind: 'absence_proven' });
      if (advance.kind !== 'moved') return;
      m.putOrder(withProgress(order, progress, nowMs()));
      m.publish(OrderExpired, {
        occurredAtMs: nowMs(),
        correlationId: order.correlationId,
        causationId: null,
        key: order.symbol,
        payload: { ...factsOf(order), reason: 'the venue never had it' },
      });
      m.onCommit(() => logger.warn('an order is proven absent', { clientOrderId: order.clientOrderId }));
    });
  }

  #markUnknown(m: MoneyTransaction, order: Order, reason: string): void {
    const { book, metrics, nowMs, logger } = this.#trading;
    const { progress, advance } = advanceOrder(progressOf(order), { kind: 'outcome_unknown' });
    if (advance.kind !== 'moved') return;
    m.putOrder(withProgress(order, progress, nowMs()));
    m.publish(OrderUnknown, {
      occurredAtMs: nowMs(),
      correlationId: order.correlationId,
      causationId: null,
      key: order.symbol,
      payload: { ...factsOf(order), reason },
    });
    m.onCommit(() => {
      metrics.count('execution_errors');
      book.inquiries.set(order.orderId, openInquiry(nowMs(), order.horizonMs ?? nowMs()));
      logger.warn('the outcome of an order is unknown', { clientOrderId: order.clientOrderId, reason });
    });
  }

  /** Makes every order that was being sent when a process ended an order of unknown outcome. */
  async markInterrupted(): Promise<void> {
    const sending = this.#trading.book.orders.filter((order) => order.state === 'SENDING');
    if (sending.length === 0) return;
    await this.transact(async (m) => {
      for (const order of sending) this.#markUnknown(m, order, 'the process ended while it was being sent');
    });
  }

  #bookRefusal(m: MoneyTransaction, order: Order, outcome: NotPlaced): void {
    const { metrics, nowMs, logger } = this.#trading;
    const { progress } = advanceOrder(progressOf(order), {
      kind: 'reported',
      state: 'REJECTED',
      executedQuantity: ZERO,
    });
    m.putOrder(withProgress(order, progress, nowMs()));
    m.publish(OrderRejected, {
      occurredAtMs: nowMs(),
      correlationId: order.correlationId,
      causationId: null,
      key: order.symbol,
      payload: { ...factsOf(order), venueCode: outcome.venueCode, message: `${outcome.reason}: ${outcome.message}` },
    });
    m.onCommit(() => {
      metrics.count('execution_errors');
      logger.warn('an order was refused', {
        clientOrderId: order.clientOrderId,
        reason: outcome.reason,
        message: outcome.message,
      });
    });
  }

  #holdForIllegal(m: MoneyTransaction, order: Order, attempted: string): void {
    const reason = `order ${order.clientOrderId} went from ${order.state} to ${attempted}`;
    raiseAlert(m, this.#trading, {
      code: 'ORDER_TRANSITION_ILLEGAL',
      severity: 'critical',
      message: reason,
      symbol: order.symbol,
    });
    m.onCommit(() => this.#trading.book.holds.set(order.symbol, reason));
  }

  #alertLateFound(m: MoneyTransaction, order: Order): void {
    raiseAlert(m, this.#trading, {
      code: 'ORDER_FOUND_LATE',
      severity: 'critical',
      message: `order ${order.clientOrderId} was proven absent and exists after all`,
      symbol: order.symbol,
    });
  }
}
