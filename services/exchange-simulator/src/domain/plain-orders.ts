import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { endOrder, execute, positionSideOf, reportOrder, signOf } from './executions.ts';
import { absolute, clamp, type Fixed, greatest, least, ONE, textOf, times } from './fixed.ts';
import { takeFrom } from './liquidity.ts';
import { exposureOf, marginTotals, symbolInitialMargin, worstNotional } from './margin.ts';
import { levelsOf } from './market-queries.ts';
import { judgeOrder } from './order-rules.ts';
import { PriceQueue } from './price-queue.ts';
import { done, REFUSALS } from './refusals.ts';
import { maxNotionalAt } from './symbol-specs.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type {
  AlgoKind,
  Answer,
  OrderKey,
  OrderKind,
  OrderOrigin,
  OrderSide,
  OrderView,
  PlaceOrder,
} from './venue-types.ts';

/** A market order's margin is judged a little above the best price, as the venue does: 5 bp. */
const MARKET_MARGIN_RATIO = ONE + 50_000n;

interface Resting {
  readonly account: Account;
  readonly order: Order;
}

interface RestingBook {
  readonly bids: PriceQueue<Resting>;
  readonly asks: PriceQueue<Resting>;
}

/** What an amendment asks for; texts as the client sent them. What is missing stays. */
export interface OrderChange {
  readonly quantity?: string;
  readonly price?: string;
}

/** An order that passed all rules, with what only the venue knows about it. */
export interface Accepted {
  readonly request: PlaceOrder;
  readonly quantity: Fixed;
  readonly price: Fixed;
  readonly origin: OrderOrigin;
  readonly algo?: {
    readonly algoId: number;
    readonly type: AlgoKind;
    readonly triggerPrice: Fixed;
    readonly closePosition: boolean;
  };
}

/** The plain order book: judging, matching, resting and canceling. Algo orders come here once they trigger. */
export class PlainOrders {
  readonly #core: VenueCore;
  readonly #books = new Map<string, RestingBook>();
  readonly #onPositionChanged: (account: Account, symbol: string) => void;

  constructor(core: VenueCore, onPositionChanged: (account: Account, symbol: string) => void) {
    this.#core = core;
    this.#onPositionChanged = onPositionChanged;
    for (const symbol of core.markets.keys()) {
      this.#books.set(symbol, { bids: new PriceQueue('highest'), asks: new PriceQueue('lowest') });
    }
  }

  /** Judges an order by everything the venue checks, changing nothing. */
  judge(account: Account, request: PlaceOrder): Answer<Accepted> {
    const market = this.#core.markets.get(request.symbol);
    if (market === undefined) return REFUSALS.badSymbol;
    const { bid, ask } = this.bestPrices(request.symbol);
    const judged = judgeOrder(market.spec, request, { mark: market.markPrice, bid, ask });
    if (judged.kind === 'refused') return judged;
    if (request.clientOrderId !== undefined && account.openClientIds.has(request.clientOrderId))
      return REFUSALS.duplicateId;
    const side = request.positionSide ?? 'BOTH';
    if ((side === 'BOTH') === account.hedgeMode) return REFUSALS.sideMismatch;
    if (account.hedgeMode && request.reduceOnly === true) return REFUSALS.reduceOnlyNotWanted;
    const { quantity, price } = judged.value;
    const isReducing = this.#isReducing(account, request);
    if (isReducing && this.closable(account, request) <= 0n) return REFUSALS.reduceOnly;
    if (account.ordersOf(request.symbol).size >= market.spec.maxOrders) return REFUSALS.tooManyOrders;
    const crosses = request.side === 'BUY' ? price >= ask : price <= bid;
    if (request.timeInForce === 'GTX' && crosses) return REFUSALS.postOnly;
    if (!isReducing) {
      const affordable = this.judgeMargin(account, market, { side: request.side, quantity, price });
      if (affordable.kind === 'refused') return affordable;
    }
    return done({
      request: { ...request, reduceOnly: isReducing },
      quantity,
      price,
      origin: request.origin ?? 'client',
    });
  }

  /** Judges margin and the leverage cap of an order that may open something; price zero means at market. */
  judgeMargin(
    account: Account,
    market: SymbolMarket,
    order: { side: 'BUY' | 'SELL'; quantity: Fixed; price: Fixed },
  ): Answer<null> {
    const { ask, bid } = this.bestPrices(market.symbol);
    const atMarket = order.side === 'BUY' ? times(ask, MARKET_MARGIN_RATIO) : bid;
    const price = order.price === 0n ? atMarket : order.price;
    const openLoss = times(greatest(signOf(order.side) * (price - market.markPrice), 0n), order.quantity);
    return this.#judgeExtra(account, market, { side: order.side, notional: times(order.quantity, price), openLoss });
  }

  /** Judges what would be added to the notional of the account's open orders. */
  #judgeExtra(
    account: Account,
    market: SymbolMarket,
    { side, notional, openLoss }: { side: OrderSide; notional: Fixed; openLoss: Fixed },
  ): Answer<null> {
    const extra = side === 'BUY' ? { bids: notional, asks: 0n } : { bids: 0n, asks: notional };
    const setup = account.setup(market.symbol);
    const open = exposureOf(account, market.symbol, 'opening');
    const sides = account.positionsOf(market.symbol);
    const held = sides.reduce((sum, position) => sum + times(position.quantity, market.markPrice), 0n);
    const exposure = { bids: open.bids + extra.bids, asks: open.asks + extra.asks };
    const grows = worstNotional(held, exposure) > worstNotional(held, open);
    if (grows && worstNotional(held, exposure) > maxNotionalAt(market.spec, setup.leverage))
      return REFUSALS.leverageCap;
    const before = symbolInitialMargin(account, market);
    const after = symbolInitialMargin(account, market, extra);
    const margin = after.openOrderInitial - before.openOrderInitial;
    if (margin <= 0n) return done(null);
    const { available } = marginTotals(account, this.#core.lookup);
    return margin + openLoss > available ? REFUSALS.marginInsufficient : done(null);
  }

  /** Base units that a reducing order of that side could still close, resting reduce-only orders taken off. */
  closable(
    account: Account,
    order: { symbol: string; side: 'BUY' | 'SELL'; positionSide?: Order['positionSide'] },
  ): Fixed {
    const position = account.position(order.symbol, account.hedgeMode ? (order.positionSide ?? 'BOTH') : 'BOTH');
    let free = -signOf(order.side) * position.quantity;
    if (free <= 0n) return 0n;
    for (const resting of account.ordersOf(order.symbol)) {
      if (resting.reduceOnly && resting.side === order.side && resting.positionSide === position.positionSide) {
        free -= resting.quantity - resting.executedQuantity;
      }
    }
    return greatest(free, 0n);
  }

  /** Whether the book still has anything for a taker of that side at this point of the path. */
  hasLiquidity(market: SymbolMarket, side: OrderSide): boolean {
    const { minQuantity } = market.spec;
    return takeFrom(this.#takerMarket(market, side), { side, quantity: minQuantity, limit: null }).length > 0;
  }

  /** Accepts and matches an order. `orderId` is taken from the venue unless an algo order has reserved one. */
  place(account: Account, accepted: Accepted, orderId = this.#core.nextOrderId()): Order {
    const { request, quantity, price, origin, algo } = accepted;
    const core = this.#core;
    const order: Order = {
      accountId: account.id,
      orderId,
      clientOrderId: request.clientOrderId ?? `venue-${orderId}`,
      symbol: request.symbol,
      side: request.side,
      positionSide: request.positionSide ?? 'BOTH',
      type: request.type,
      origType: request.type,
      timeInForce: request.timeInForce ?? 'GTC',
      quantity,
      price,
      stopPrice: algo?.triggerPrice ?? 0n,
      executedQuantity: 0n,
      cumulativeQuote: 0n,
      averagePrice: 0n,
      status: 'NEW',
      reduceOnly: request.reduceOnly ?? false,
      closePosition: false,
      workingType: 'CONTRACT_PRICE',
      priceProtect: false,
      priceMatch: request.priceMatch ?? 'NONE',
      selfTradePreventionMode: request.selfTradePreventionMode ?? 'EXPIRE_MAKER',
      goodTillMs: request.goodTillMs ?? 0,
      origin,
      algoId: algo?.algoId ?? null,
      createdMs: core.nowMs,
      updatedMs: core.nowMs,
    };
    account.register(order);
    core.record('order', {
      accountId: account.id,
      orderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      positionSide: order.positionSide,
      type: order.type,
      timeInForce: order.timeInForce,
      quantity: textOf(quantity),
      price: textOf(price),
      stopPrice: textOf(order.stopPrice),
      reduceOnly: order.reduceOnly,
      closePosition: algo?.closePosition ?? false,
      origin,
      ...(algo === undefined ? {} : { algoId: algo.algoId }),
    });
    reportOrder(core, account, { order, execution: 'NEW' });
    this.#take(account, order);
    this.#settle(account, order);
    return order;
  }

  /** Takes the open orders of an account that was put back into the book. */
  adopt(account: Account): void {
    for (const order of account.openOrders.values()) {
      if (this.#isResting(order)) this.#queueOf(order).add(order.price, order.orderId, { account, order });
    }
  }

  cancel(account: Account, key: OrderKey): Answer<OrderView> {
    const order =
      key.orderId === undefined
        ? account.openClientIds.get(key.clientOrderId ?? '')
        : account.openOrders.get(key.orderId);
    if (order === undefined || order.symbol !== key.symbol) return REFUSALS.unknownOrder;
    this.#withdraw(account, order, { status: 'CANCELED' });
    return done({ ...order });
  }

  /**
   * Changes price or quantity of a resting order. A new price or a larger quantity loses the place in the queue, a smaller quantity keeps
   * it. Where the new quantity is no more than what is filled already, or a post-only order would take, the order is canceled.
   */
  amend(account: Account, key: OrderKey, change: OrderChange): Answer<OrderView> {
    const order =
      key.orderId === undefined
        ? account.openClientIds.get(key.clientOrderId ?? '')
        : account.openOrders.get(key.orderId);
    if (order === undefined || order.symbol !== key.symbol || !this.#isResting(order)) return REFUSALS.noSuchOrder;
    const market = this.#core.market(order.symbol);
    const judged = this.#judgeAmendment(account, market, order, change);
    if (judged.kind === 'refused') return judged;
    const { quantity, price } = judged.value;
    const { bid, ask } = this.bestPrices(order.symbol);
    const crosses = order.side === 'BUY' ? price >= ask : price <= bid;
    if (quantity <= order.executedQuantity || (order.timeInForce === 'GTX' && crosses)) {
      this.#withdraw(account, order, { status: 'CANCELED' });
      return done({ ...order });
    }
    const keepsPlace = price === order.price && quantity < order.quantity;
    if (!keepsPlace) this.#unrest(order);
    order.quantity = quantity;
    order.price = price;
    order.updatedMs = this.#core.nowMs;
    this.#core.record('amendment', {
      accountId: account.id,
      orderId: order.orderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      quantity: textOf(quantity),
      price: textOf(price),
      executedQuantity: textOf(order.executedQuantity),
    });
    reportOrder(this.#core, account, { order, execution: 'AMENDMENT' });
    if (keepsPlace) return done({ ...order });
    this.#take(account, order);
    this.#settle(account, order);
    return done({ ...order });
  }

  #judgeAmendment(
    account: Account,
    market: SymbolMarket,
    order: Order,
    change: OrderChange,
  ): Answer<{ quantity: Fixed; price: Fixed }> {
    const asked: PlaceOrder = {
      symbol: order.symbol,
      side: order.side,
      type: 'LIMIT',
      timeInForce: order.timeInForce,
      quantity: change.quantity ?? textOf(order.quantity),
      price: change.price ?? textOf(order.price),
      reduceOnly: order.reduceOnly,
    };
    const judged = judgeOrder(market.spec, asked, { mark: market.markPrice, ...this.bestPrices(order.symbol) });
    if (judged.kind === 'refused') return judged;
    const { quantity, price } = judged.value;
    if (quantity === order.quantity && price === order.price) return REFUSALS.nothingToAmend;
    if (order.reduceOnly) return judged;
    const open = greatest(quantity - order.executedQuantity, 0n);
    const before = times(order.quantity - order.executedQuantity, order.price);
    const notional = times(open, price) - before;
    if (notional <= 0n) return judged;
    const openLoss = times(greatest(signOf(order.side) * (price - market.markPrice), 0n), open);
    const affordable = this.#judgeExtra(account, market, { side: order.side, notional, openLoss });
    return affordable.kind === 'refused' ? affordable : judged;
  }

  /** Ends an open order on the venue's own account: its time has run out. `reason` is the `er` of the user event. */
  expire(account: Account, order: Order, reason: string): void {
    this.#withdraw(account, order, { status: 'EXPIRED', expiryReason: reason });
  }

  /** Best prices of the book. */
  bestPrices(symbol: string): { readonly bid: Fixed; readonly ask: Fixed } {
    const { bid, ask } = this.#core.market(symbol).quote();
    return { bid, ask };
  }

  /** Price of the `nth` level (1 is the best) that an order of that side would take from; null where the book is thinner. */
  oppositeLevel(symbol: string, side: OrderSide, nth: number): Fixed | null {
    return levelsOf(this.#core.market(symbol), side, nth)[nth - 1]?.price ?? null;
  }

  /** Price of the `nth` level (1 is the best) that an order of that side would rest at; null where the book is thinner. */
  queueLevel(symbol: string, side: OrderSide, nth: number): Fixed | null {
    return this.oppositeLevel(symbol, side === 'BUY' ? 'SELL' : 'BUY', nth);
  }

  cancelAll(account: Account, symbol: string | null, end: 'CANCELED' | 'EXPIRED' = 'CANCELED'): OrderView[] {
    const open = [...account.openOrders.values()].filter((order) => symbol === null || order.symbol === symbol);
    for (const order of open) this.#withdraw(account, order, { status: end });
    return open.map((order) => ({ ...order }));
  }

  /** Reduce-only orders with nothing left to reduce are taken back by the venue. */
  expireReduceOnly(account: Account, symbol: string): void {
    for (const order of account.ordersOf(symbol)) {
      const position = account.position(symbol, positionSideOf(account, order));
      const isIdle = -signOf(order.side) * position.quantity <= 0n;
      if (order.reduceOnly && isIdle && this.#isResting(order)) {
        this.#withdraw(account, order, { status: 'EXPIRED', expiryReason: '5' });
      }
    }
  }

  /** Whether a resting order would be traded through between the price now and `lastPrice`. */
  isCrossedAt(symbol: string, lastPrice: Fixed): boolean {
    const book = this.#books.get(symbol);
    const [bid, ask] = [book?.bids.nextPrice ?? null, book?.asks.nextPrice ?? null];
    return (bid !== null && lastPrice < bid) || (ask !== null && lastPrice > ask);
  }

  /** Fills resting orders that the price has traded through, best price and oldest first, as far as the volume goes. */
  matchResting(market: SymbolMarket): void {
    const book = this.#books.get(market.symbol);
    if (book === undefined) return;
    for (const queue of [book.bids, book.asks]) {
      for (;;) {
        const next = queue.next;
        if (next === null) break;
        const isThrough =
          next.order.side === 'BUY' ? market.lastPrice < next.order.price : market.lastPrice > next.order.price;
        const volume = market.makerVolume();
        if (!isThrough || volume === 0n) break;
        this.#fillResting(market, next, volume);
      }
    }
  }

  #fillResting(market: SymbolMarket, { account, order }: Resting, volume: Fixed): void {
    const cap = this.#fillCap(account, order);
    if (cap === 0n) {
      this.#withdraw(account, order, { status: 'EXPIRED', expiryReason: '5' });
      return;
    }
    const quantity = least(cap, volume);
    market.taken.maker += quantity;
    // A gap may leave the limit outside the candle in which it is met; nobody traded there.
    const price = clamp(order.price, market.low, market.high);
    execute(this.#core, account, order, { price, quantity, isMaker: true, kind: 'TRADE' });
    if (order.status === 'FILLED') this.#unrest(order);
    this.#onPositionChanged(account, order.symbol);
  }

  #take(account: Account, order: Order): void {
    const market = this.#core.market(order.symbol);
    const wanted = this.#fillCap(account, order);
    const limit = order.type === 'LIMIT' ? order.price : null;
    const slices = takeFrom(this.#takerMarket(market, order.side), { side: order.side, quantity: wanted, limit });
    const total = slices.reduce((sum, slice) => sum + slice.quantity, 0n);
    if (order.timeInForce === 'FOK' && total < order.quantity) return;
    const kind = order.origin === 'liquidation' ? 'CALCULATED' : 'TRADE';
    for (const slice of slices) {
      market.taken[order.side] += slice.quantity;
      execute(this.#core, account, order, { ...slice, isMaker: false, kind });
      this.#onPositionChanged(account, order.symbol);
    }
  }

  #takerMarket(market: SymbolMarket, side: OrderSide): Parameters<typeof takeFrom>[0] {
    const { spec, lastPrice: last, high, low } = market;
    return { quote: market.quote(), last, high, low, spec, taken: market.taken[side] };
  }

  /** What is not filled rests (GTC, GTX) or expires. */
  #settle(account: Account, order: Order): void {
    if (order.status === 'FILLED' || !account.openOrders.has(order.orderId)) return;
    const rests = order.type === 'LIMIT' && order.timeInForce !== 'IOC' && order.timeInForce !== 'FOK';
    if (!rests) endOrder(this.#core, account, order, { status: 'EXPIRED', expiryReason: '6' });
    else if (this.#fillCap(account, order) === 0n)
      endOrder(this.#core, account, order, { status: 'EXPIRED', expiryReason: '5' });
    else this.#queueOf(order).add(order.price, order.orderId, { account, order });
  }

  /** What may still be filled: for a reducing order never more than the position, so that it cannot flip. */
  #fillCap(account: Account, order: Order): Fixed {
    const open = order.quantity - order.executedQuantity;
    if (!order.reduceOnly) return open;
    const position = account.position(order.symbol, positionSideOf(account, order));
    const held = -signOf(order.side) * position.quantity;
    return held <= 0n ? 0n : least(open, absolute(held));
  }

  #isReducing(account: Account, request: PlaceOrder): boolean {
    if (!account.hedgeMode) return request.reduceOnly ?? false;
    return request.positionSide === 'LONG' ? request.side === 'SELL' : request.side === 'BUY';
  }

  #withdraw(account: Account, order: Order, end: { status: 'CANCELED' | 'EXPIRED'; expiryReason?: string }): void {
    this.#unrest(order);
    endOrder(this.#core, account, order, end);
  }

  #isResting(order: Order): boolean {
    return order.type === 'LIMIT' && (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED');
  }

  #unrest(order: Order): void {
    if (order.type === ('LIMIT' satisfies OrderKind)) this.#queueOf(order).remove(order.price, order.orderId);
  }

  #queueOf(order: Order): PriceQueue<Resting> {
    const book = this.#books.get(order.symbol);
    if (book === undefined) throw new RangeError(`no book for ${order.symbol}`);
    return order.side === 'BUY' ? book.bids : book.asks;
  }
}
