import { type ExitReason, RiskDecided } from '@qt/contracts';
import { OrderRepository, type PositionRecord, type RiskDecision, RiskDecisionRepository } from '@qt/database';
import { messageOf, toText, ulidOf } from '@qt/kernel';
import { closingSide, isLive } from '@qt/risk';
import { isAtVenue, isUnknown, type Order } from './order.ts';
import type { Trading } from '../ports.ts';
import { raiseAlert } from './alerts.ts';
import type { MoneyTransaction } from './money-transaction.ts';
import type { OrderDesk } from './order-desk.ts';

const EXIT_ROUNDS = 4;

/** `refused` when resting orders or a vanished position may be why; `withheld` when nothing here can change it for now. */
type ExitAnswer = 'sent' | 'refused' | 'withheld';

/** Why the gate leaves a position. */
export interface Leaving {
  readonly exitReason: ExitReason;
  readonly reason: string;
  readonly signalId: string | null;
  readonly causationId: string | null;
}

/** Keeps every position under a stop on the venue, leaves it when it must go, and clears away what rests for a position that is gone. */
export class PositionKeeper {
  readonly #trading: Trading;
  readonly #desk: OrderDesk;
  /** Asked when the venue refuses an exit: what is really open? Books what was missed. */
  readonly #recheck: (symbol: string) => Promise<void>;

  constructor(trading: Trading, desk: OrderDesk, recheck: (symbol: string) => Promise<void>) {
    this.#trading = trading;
    this.#desk = desk;
    this.#recheck = recheck;
  }

  /** Brings a symbol into order after anything has changed on it: protected while open, nothing resting while flat. */
  async attend(symbol: string): Promise<void> {
    const { book } = this.#trading;
    const position = book.position(symbol);
    if (position === null) {
      book.unprotectedSinceMs.delete(symbol);
      await this.#clear(symbol);
      return;
    }
    const live = book.ordersOf(symbol);
    const isLeaving = live.some((order) => order.leg === 'exit' && isLive(order.state));
    if (book.unwanted.has(symbol) && !isLeaving) {
      await this.leave(symbol, {
        exitReason: 'horizon',
        reason: 'its entry was found after it had been given up',
        signalId: null,
        causationId: null,
      });
      return;
    }
    if (this.isProtected(position)) {
      book.unprotectedSinceMs.delete(symbol);
      return;
    }
    if (!book.unprotectedSinceMs.has(symbol)) book.unprotectedSinceMs.set(symbol, this.#trading.nowMs());
    if (isLeaving) return;
    if (live.some((order) => order.leg === 'stop' && isUnknown(order))) {
      await this.leave(symbol, protectionLost('it is unknown whether its stop rests on the venue'));
      return;
    }
    // What was meant for an earlier position protects nothing, and the venue takes only one such order per side.
    const outlived = this.#resting(symbol).filter((order) => order.intentId !== null && !isOf(position, order));
    if (outlived.length > 0) await this.#cancelAll(outlived);
    await this.#protect(position);
  }

  /** Returns whether a stop of the position's own rests on the venue, as far as is booked. */
  isProtected(position: PositionRecord): boolean {
    const live = this.#trading.book.ordersOf(position.symbol);
    return live.some((order) => order.leg === 'stop' && isOf(position, order) && isAtVenue(order));
  }

  /** Returns for how long a position has been seen without a live stop. Units: ms. */
  unprotectedForMs(symbol: string): number {
    const sinceMs = this.#trading.book.unprotectedSinceMs.get(symbol);
    return sinceMs === undefined ? 0 : this.#trading.nowMs() - sinceMs;
  }

  /** Closes a position at the market, reduce-only, and then cancels what rested for it. */
  async leave(symbol: string, leaving: Leaving): Promise<void> {
    for (let round = 0; round < EXIT_ROUNDS; round += 1) {
      if (this.#trading.book.position(symbol) === null) break;
      const order = await this.#desk.transact(async (m) => this.prepareExit(m, symbol, leaving));
      if (order === null) break;
      const left = await this.#finishExit(order);
      if (left !== 'refused') break;
      await this.#makeRoom(symbol, round);
    }
    this.#noteProtection(symbol);
    if (this.#trading.book.position(symbol) === null) await this.#clear(symbol);
  }

  /** Making room may have taken the stop away: then its absence counts from now, and the next tick sees to it. */
  #noteProtection(symbol: string): void {
    const { book, nowMs } = this.#trading;
    const position = book.position(symbol);
    if (position === null || this.isProtected(position) || book.unprotectedSinceMs.has(symbol)) return;
    book.unprotectedSinceMs.set(symbol, nowMs());
  }

  /** Decides on an exit and writes its order down; null when there is nothing to leave. */
  async prepareExit(m: MoneyTransaction, symbol: string, leaving: Leaving): Promise<Order | null> {
    const position = m.position(symbol);
    if (position === null) return null;
    const decision = await this.#exitDecision(m, position, leaving);
    m.decide(decision);
    this.#publishDecision(m, decision, leaving);
    return this.#desk.prepare(m, {
      decisionId: decision.decisionId,
      leg: 'exit',
      attempt: 0,
      symbol,
      side: closingSide(position.direction),
      orderType: 'market',
      quantity: position.quantity,
      price: null,
      exitReason: leaving.exitReason,
      correlationId: position.correlationId,
      causationId: leaving.causationId,
    });
  }

  /** Sends a prepared exit. An unknown outcome is `sent`: the stop protects, and the inquiry goes on. */
  async #finishExit(order: Order): Promise<ExitAnswer> {
    const { order: after, refusal } = await this.#desk.execute(order);
    if (after.state === 'REJECTED') return refusal === 'rejected' ? 'refused' : 'withheld';
    // Filled in part and ended: there is more to close.
    return !isLive(after.state) && this.#trading.book.position(order.symbol) !== null ? 'refused' : 'sent';
  }

  /** Goes on with an exit whose first order was prepared elsewhere. */
  async continueExit(order: Order, leaving: Leaving): Promise<void> {
    const left = await this.#finishExit(order);
    if (left === 'refused') {
      await this.#makeRoom(order.symbol, 0);
      await this.leave(order.symbol, leaving);
    } else if (this.#trading.book.position(order.symbol) === null) await this.#clear(order.symbol);
  }

  /** A reduce-only order is refused when the position is gone, or when resting orders already close all of it. */
  async #makeRoom(symbol: string, round: number): Promise<void> {
    await this.#recheck(symbol);
    if (this.#trading.book.position(symbol) === null || round === 0) return;
    const legs = round === 1 ? ['target'] : ['target', 'stop'];
    await this.#cancelAll(this.#resting(symbol).filter((order) => legs.includes(order.leg)));
  }

  async #protect(position: PositionRecord): Promise<void> {
    const { crashPoint } = this.#trading;
    if (position.stopPrice === null) {
      await this.leave(position.symbol, protectionLost('no decision says where its stop belongs'));
      return;
    }
    const stop = await this.#desk.transact((m) => this.#prepareProtection(m, position, 'stop'));
    if (stop === null) return;
    const { order: placed } = await this.#desk.execute(stop);
    crashPoint('after_stop');
    if (!isAtVenue(placed)) {
      await this.#desk.transact(async (m) =>
        raiseAlert(m, this.#trading, {
          code: 'STOP_NOT_PLACED',
          severity: 'critical',
          message: `the stop ${stop.clientOrderId} is ${placed.state}; the position is closed at the market`,
          symbol: position.symbol,
        }),
      );
      await this.leave(position.symbol, protectionLost(`its stop is ${placed.state}`));
      return;
    }
    this.#trading.book.unprotectedSinceMs.delete(position.symbol);
    // Only once the stop rests: what is written down is sent, and nothing else may come between.
    const target = await this.#desk.transact((m) => this.#prepareProtection(m, position, 'target'));
    if (target !== null) await this.#desk.execute(target);
    crashPoint('after_protection');
  }

  async #prepareProtection(
    m: MoneyTransaction,
    position: PositionRecord,
    leg: 'stop' | 'target',
  ): Promise<Order | null> {
    const { decisionId, symbol, direction, correlationId } = position;
    const price = leg === 'stop' ? position.stopPrice : position.targetPrice;
    if (decisionId === null || price === null) return null;
    const attempt = await new OrderRepository(m.work.tx).nextAttempt(decisionId, leg);
    // A target that was refused, or that is gone, is not asked for again: the horizon ends the position too.
    if (leg === 'target' && attempt > 0) return null;
    return this.#desk.prepare(m, {
      decisionId,
      leg,
      attempt,
      symbol,
      side: closingSide(direction),
      orderType: leg === 'stop' ? 'stop_market' : 'take_profit_market',
      quantity: null,
      price,
      exitReason: null,
      correlationId,
      causationId: null,
    });
  }

  #resting(symbol: string): readonly Order[] {
    return this.#trading.book.ordersOf(symbol).filter((order) => order.book === 'conditional' && isAtVenue(order));
  }

  /** Cancels what rests for a position that is gone. */
  async #clear(symbol: string): Promise<void> {
    const resting = this.#resting(symbol).filter((order) => order.intentId !== null);
    if (resting.length > 0) await this.#cancelAll(resting);
  }

  async #cancelAll(orders: readonly Order[]): Promise<void> {
    const { exchange, logger, nowMs } = this.#trading;
    for (const order of orders) {
      const outcome = await exchange.cancel(order);
      this.#trading.crashPoint('after_cancel');
      try {
        // The answer may lack the order, and "not open" may mean that it was filled: the venue's book is asked.
        const lookup =
          outcome.kind === 'canceled' && outcome.order !== null
            ? { kind: 'found' as const, order: outcome.order }
            : await exchange.order(order);
        if (lookup.kind === 'found') {
          const evidence = await this.#desk.gather(order, lookup.order);
          await this.#desk.transact((m) => this.#desk.bookEvidence(m, order.orderId, evidence));
        } else if (outcome.kind !== 'unknown') await this.#desk.bookGone(order, 'canceled', nowMs());
      } catch (error) {
        logger.warn('a resting order could not be cleared yet', {
          clientOrderId: order.clientOrderId,
          reason: messageOf(error),
        });
      }
    }
  }

  async #exitDecision(
    m: MoneyTransaction,
    position: PositionRecord,
    leaving: Leaving,
  ): Promise<RiskDecision & { outcome: 'approved' }> {
    const { nowMs, book, settings } = this.#trading;
    const decidedAtMs = nowMs();
    // Several attempts within one moment of market time are several decisions, also across a restart.
    const round = await new RiskDecisionRepository(m.work.tx).countExits(position.symbol, decidedAtMs);
    return {
      decisionId: ulidOf(decidedAtMs, 'exit', position.positionId, round),
      signalId: leaving.signalId,
      symbol: position.symbol,
      decidedAtMs,
      reason: leaving.reason,
      equityUsdt: book.view().equityUsdt,
      correlationId: position.correlationId,
      outcome: 'approved',
      action: 'exit',
      side: closingSide(position.direction),
      quantity: position.quantity,
      maxQuantity: position.quantity,
      priceLimit: null,
      stopPrice: null,
      targetPrice: null,
      leverage: position.leverage,
      validUntilMs: decidedAtMs + settings.recvWindowMs,
      horizonEndsAtMs: null,
      exitReason: leaving.exitReason,
    };
  }

  #publishDecision(m: MoneyTransaction, decision: RiskDecision & { outcome: 'approved' }, leaving: Leaving): void {
    publishApproval(m, decision, leaving.causationId);
    m.onCommit(() => this.#trading.metrics.decided('approved', leaving.exitReason));
  }
}

/** Whether an order was sent for this position and not for an earlier one on its symbol. */
const isOf = (position: PositionRecord, order: Order): boolean =>
  position.decisionId !== null &&
  order.decisionId === position.decisionId &&
  order.side === closingSide(position.direction);

const protectionLost = (reason: string): Leaving => ({
  exitReason: 'protection_lost',
  reason,
  signalId: null,
  causationId: null,
});

/** Publishes what an approved decision allows. */
export const publishApproval = (
  m: MoneyTransaction,
  decision: RiskDecision & { outcome: 'approved' },
  causationId: string | null,
): void => {
  const text = (value: RiskDecision['equityUsdt']): string | null => (value === null ? null : toText(value));
  m.publish(RiskDecided, {
    occurredAtMs: decision.decidedAtMs,
    correlationId: decision.correlationId,
    causationId,
    key: decision.symbol,
    payload: {
      outcome: 'approved',
      decisionId: decision.decisionId,
      signalId: decision.signalId,
      symbol: decision.symbol,
      reason: decision.reason,
      equityUsdt: text(decision.equityUsdt),
      approval: {
        action: decision.action,
        side: decision.side,
        quantity: toText(decision.quantity),
        maxQuantity: toText(decision.maxQuantity),
        priceLimit: text(decision.priceLimit),
        stopPrice: text(decision.stopPrice),
        targetPrice: text(decision.targetPrice),
        leverage: decision.leverage,
        validUntilMs: decision.validUntilMs,
      },
    },
  });
};
