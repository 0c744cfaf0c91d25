import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { endOrder, execute, printTrade, signOf } from './executions.ts';
import { clamp, type Fixed, least, ONE, times } from './fixed.ts';
import { fillable } from './fill-preview.ts';
import { isBetter, type OrderBook, takenSideOf } from './order-book.ts';
import { heldAgainst } from './reduce-only.ts';
import type { Resting, RestingLevel } from './resting-orders.ts';
import { selfTradeEnd } from './self-trade.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { TradePoint } from './venue-types.ts';

/** `er` of the user event. Source: USD-M user data streams, order update, expiry reasons. */
export const EXPIRY = {
  selfTrade: '1',
  partialFill: '2',
  selfTradeAtOnce: '3',
  reduceOnly: '4',
  liquidation: '5',
  marketLeft: '9',
} as const;

/** What an order may fill still: a reducing one never more than the position, so that it cannot flip. */
export const fillCap = (account: Account, order: Order): Fixed => {
  const open = order.quantity - order.executedQuantity;
  return order.reduceOnly ? least(open, heldAgainst(account, order)) : open;
};

/** Whether an order is of the kind that never rests. */
export const isImmediate = (order: Order): boolean =>
  order.type !== 'LIMIT' || order.timeInForce === 'IOC' || order.timeInForce === 'FOK';

interface MatchingParts {
  readonly core: VenueCore;
  book(symbol: string): OrderBook;
  readonly onPositionChanged: (account: Account, symbol: string) => void;
}

/** Lets orders trade: takers with what the book shows, resting orders with what the market brings. */
export class Matching {
  readonly #parts: MatchingParts;
  readonly #printed = new Map<string, TradePoint>();

  constructor(parts: MatchingParts) {
    this.#parts = parts;
  }

  /** Returns the price that a taker will not go beyond: its limit, or how far from the mark a market order may reach. */
  limitOf(market: SymbolMarket, order: Pick<Order, 'type' | 'side' | 'price' | 'origin'>): Fixed {
    if (order.type === 'LIMIT') return order.price;
    const { maxPrice, marketTakeBound } = market.spec;
    // What the venue itself closes has to go.
    if (order.origin === 'liquidation') return order.side === 'BUY' ? maxPrice * 1_000n : 1n;
    return times(market.markPrice, ONE + signOf(order.side) * marketTakeBound);
  }

  /** Lets an order take what the book offers within its limit. */
  take(account: Account, order: Order): void {
    const { core } = this.#parts;
    const market = core.market(order.symbol);
    const book = this.#parts.book(order.symbol);
    const side = takenSideOf(order.side);
    const limit = this.limitOf(market, order);
    if (order.timeInForce === 'FOK') {
      const wanted = fillCap(account, order);
      if (wanted < order.quantity || fillable(book, { account, order, side, limit, wanted }) < wanted) return;
    }
    const kind = order.origin === 'liquidation' ? 'CALCULATED' : 'TRADE';
    while (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED') {
      const wanted = fillCap(account, order);
      const offer = wanted > 0n ? book.offer(side, limit) : null;
      if (offer === null) return;
      const { resting, price } = offer;
      const quantity = least(wanted, offer.quantity);
      if (resting !== null) {
        this.#meet(account, order, resting, quantity);
        continue;
      }
      book.takeHouse(side, quantity);
      execute(core, account, order, { price, quantity, isMaker: false, kind });
      this.#parts.onPositionChanged(account, order.symbol);
    }
  }

  /** Notes a print: what rests at its price gets its turn when the market is matched next. */
  hear(trade: TradePoint): void {
    // A print of a time in which nobody could trade gives nobody a turn later on.
    if (this.#parts.core.isTrading(trade.symbol)) this.#printed.set(trade.symbol, trade);
  }

  /** Whether a resting order would be traded through between the price now and `lastPrice`. */
  isCrossedAt(symbol: string, lastPrice: Fixed): boolean {
    const book = this.#parts.book(symbol);
    const [bid, ask] = [book.orders('bids').levelAt(0), book.orders('asks').levelAt(0)];
    return (bid !== null && lastPrice < bid.price) || (ask !== null && lastPrice > ask.price);
  }

  /** Fills resting orders that the market has traded through, then those at the printed price whose turn it is, as far as volume goes. */
  matchResting(market: SymbolMarket): void {
    const book = this.#parts.book(market.symbol);
    for (const side of ['bids', 'asks'] as const) {
      for (;;) {
        const resting = book.orders(side).levelAt(0)?.first ?? null;
        if (resting === null || !isBetter(side, resting.order.price, market.lastPrice)) break;
        const volume = market.makerVolume();
        if (volume === 0n) break;
        this.#fillFromMarket(market, resting, volume);
      }
    }
    const trade = this.#printed.get(market.symbol);
    if (trade !== undefined) this.#servePrint(market, book, trade);
    this.#uncross(book);
  }

  /** A print uses up the queue at its price, and then fills who stands behind it. */
  #servePrint(market: SymbolMarket, book: OrderBook, trade: TradePoint): void {
    this.#printed.delete(market.symbol);
    const level = book.orders(trade.isBuyerMaker ? 'bids' : 'asks').levelOf(trade.lastPrice);
    const { quantityStep } = market.spec;
    let left = (trade.quantity / quantityStep) * quantityStep;
    while (level !== null && level.first !== null && left > 0n) {
      const { first } = level;
      const ahead = least(first.houseAhead, left);
      level.serveHouse(ahead);
      left -= ahead;
      const quantity = least(least(left, first.shown), market.makerVolume());
      if (quantity === 0n) return;
      left -= quantity;
      this.#fillFromMarket(market, first, quantity);
    }
  }

  #fillFromMarket(market: SymbolMarket, resting: Resting, volume: Fixed): void {
    const { account, order } = resting;
    const quantity = least(fillCap(account, order), least(volume, resting.shown));
    if (quantity === 0n) {
      this.#expireReducing(account, order);
      return;
    }
    market.taken.maker += quantity;
    // A gap may leave the limit outside the candle in which it is met; nobody traded there.
    const price = clamp(order.price, market.low, market.high);
    this.#executeMaker(resting, { price, quantity });
    this.#parts.onPositionChanged(account, order.symbol);
  }

  /** A taker meets a customer: they trade at the maker's price, or self-trade prevention ends one or both. */
  #meet(account: Account, taker: Order, resting: Resting, wanted: Fixed): void {
    const { core } = this.#parts;
    const { order: maker } = resting;
    const end = resting.account === account ? selfTradeEnd(taker.selfTradePreventionMode) : null;
    if (end !== null) {
      const status = 'EXPIRED_IN_MATCH';
      if (end.maker) {
        this.#parts.book(maker.symbol).remove(maker);
        endOrder(core, account, maker, { status, expiryReason: EXPIRY.selfTrade });
      }
      const expiryReason = isImmediate(taker) ? EXPIRY.selfTradeAtOnce : EXPIRY.selfTrade;
      if (end.taker) endOrder(core, account, taker, { status, expiryReason });
      return;
    }
    const quantity = least(wanted, fillCap(resting.account, maker));
    if (quantity === 0n) {
      this.#expireReducing(resting.account, maker);
      return;
    }
    const met = { price: maker.price, quantity };
    const trade = { ...met, tradeId: printTrade(core, maker.symbol, { ...met, isBuyerMaker: maker.side === 'BUY' }) };
    execute(core, account, taker, {
      ...trade,
      isMaker: false,
      kind: taker.origin === 'liquidation' ? 'CALCULATED' : 'TRADE',
    });
    this.#executeMaker(resting, trade);
    this.#parts.onPositionChanged(account, taker.symbol);
    if (resting.account !== account) this.#parts.onPositionChanged(resting.account, taker.symbol);
  }

  #executeMaker(resting: Resting, trade: { price: Fixed; quantity: Fixed; tradeId?: number }): void {
    const { account, order } = resting;
    const book = this.#parts.book(order.symbol);
    if (order.executedQuantity + trade.quantity === order.quantity) book.remove(order);
    else book.resize(resting, resting.shown - trade.quantity);
    execute(this.#parts.core, account, order, { ...trade, isMaker: true, kind: 'TRADE' });
    if (resting.shown === 0n && book.find(order.orderId) !== null) this.#expireReducing(account, order);
  }

  #expireReducing(account: Account, order: Order): void {
    this.#parts.book(order.symbol).remove(order);
    endOrder(this.#parts.core, account, order, { status: 'EXPIRED', expiryReason: EXPIRY.reduceOnly });
  }

  /** Where a new quote shows two customers' orders that cross, the newer takes from the older. */
  #uncross(book: OrderBook): void {
    for (;;) {
      const [bids, asks] = [book.takeableLevel('bids'), book.takeableLevel('asks')];
      if (bids === null || asks === null || bids.price < asks.price) return;
      const taker = takerOf(bids, asks);
      if (taker === null) return;
      const { account, order } = taker;
      book.remove(order);
      this.take(account, order);
      if (order.status !== 'NEW' && order.status !== 'PARTIALLY_FILLED') continue;
      const shown = fillCap(account, order);
      if (shown > 0n) book.rest(account, order, shown);
      else this.#expireReducing(account, order);
    }
  }
}

/** The newer of the first two orders; a post-only one cannot take, so the other does. */
const takerOf = (bids: RestingLevel, asks: RestingLevel): Resting | null => {
  const [bid, ask] = [bids.first, asks.first];
  if (bid === null || ask === null) return null;
  const [older, newer] = bid.order.orderId < ask.order.orderId ? [bid, ask] : [ask, bid];
  return newer.order.timeInForce === 'GTX' ? older : newer;
};
