import { messageOf } from '@qt/kernel';
import { isAbsenceProven, isInquiryDue, noteAsked, noteNegative, openInquiry } from '@qt/risk';
import { isUnknown, type Order, owesFills } from './order.ts';
import type { Trading } from '../ports.ts';
import type { ModeDesk } from './mode-desk.ts';
import type { OrderDesk } from './order-desk.ts';
import type { PositionKeeper } from './position-keeper.ts';

export interface InquiriesDeps {
  readonly trading: Trading;
  readonly desk: OrderDesk;
  readonly keeper: PositionKeeper;
  readonly modes: ModeDesk;
}

const COLLECT_AGAIN_AFTER_MS = 1000;

/**
 * Asks the venue about orders of unknown outcome until it has answered, or until their absence is proven, and about fills that it owes.
 * Nothing is ever resent.
 */
export class Inquiries {
  readonly #deps: InquiriesDeps;

  #collectedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: InquiriesDeps) {
    this.#deps = deps;
  }

  /** Asks about every order whose next question is due. */
  async run(): Promise<void> {
    const { book, limits, nowMs } = this.#deps.trading;
    const unknown = book.unknownOrders;
    for (const order of unknown) {
      const inquiry = book.inquiries.get(order.orderId) ?? openInquiry(nowMs(), order.horizonMs ?? nowMs());
      if (isInquiryDue(inquiry, nowMs())) await this.#ask(order);
    }
    if (unknown.length > limits.orders.max_unknown_orders) {
      const message = `${unknown.length} orders have no known outcome`;
      await this.#deps.modes.restrict('HALT', { code: 'TOO_MANY_UNKNOWN_ORDERS', message });
    }
  }

  /** Fetches the fills of ended orders that neither answer, stream nor list has shown yet: what they opened has no stop until then. */
  async collectOwed(): Promise<void> {
    const { trading, desk, keeper } = this.#deps;
    const owing = trading.book.orders.filter(owesFills);
    if (owing.length === 0 || trading.nowMs() - this.#collectedAtMs < COLLECT_AGAIN_AFTER_MS) return;
    this.#collectedAtMs = trading.nowMs();
    for (const order of owing) {
      await desk.ask(order.orderId);
      await keeper.attend(order.symbol);
    }
  }

  async #ask(order: Order): Promise<void> {
    const { trading, desk, keeper } = this.#deps;
    const { book, nowMs, logger } = trading;
    const inquiry = book.inquiries.get(order.orderId) ?? openInquiry(nowMs(), order.horizonMs ?? nowMs());
    try {
      const answer = await desk.ask(order.orderId);
      if (answer === 'found') {
        logger.info('the venue has told about an order of unknown outcome', { clientOrderId: order.clientOrderId });
        await keeper.attend(order.symbol);
        return;
      }
      const noted = noteNegative(inquiry, nowMs());
      book.inquiries.set(order.orderId, noted);
      if (isAbsenceProven(noted, nowMs()) && !(await this.#isListed(order))) {
        await desk.bookAbsent(order);
        await keeper.attend(order.symbol);
      }
    } catch (error) {
      const current = book.order(order.orderId);
      if (current !== null && isUnknown(current)) book.inquiries.set(order.orderId, noteAsked(inquiry, nowMs()));
      logger.warn('the venue did not answer about an order of unknown outcome', {
        clientOrderId: order.clientOrderId,
        reason: messageOf(error),
      });
    }
  }

  /** Looks through the lists of open orders as well: the query by id has been seen to lag behind them. */
  async #isListed(order: Order): Promise<boolean> {
    const open = await this.#deps.trading.exchange.openOrders();
    return open.some((one) => one.book === order.book && one.clientOrderId === order.clientOrderId);
  }
}
