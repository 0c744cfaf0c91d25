import { invariant } from '@qt/kernel';
import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { DepthFeed } from './depth-feed.ts';
import { fillable } from './fill-preview.ts';
import { endOrder, reportOrder, signOf } from './executions.ts';
import { type Fixed, greatest, ONE, textOf, times } from './fixed.ts';
import { judgeAmendment, type OrderChange } from './amendment.ts';
import { judgeExtra } from './order-margin.ts';
import { EXPIRY, fillCap, isImmediate, Matching } from './matching.ts';
import { type BookSide, OrderBook, restingSideOf, takenSideOf } from './order-book.ts';
import { judgeOrder } from './order-rules.ts';
import { heldAgainst, shareReduceOnly } from './reduce-only.ts';
import { done, REFUSALS } from './refusals.ts';
import { restoreBooks } from './saved-books.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type {
  AlgoKind,
  Answer,
  BookTicker,
  BookView,
  OrderKey,
  OrderOrigin,
  OrderSide,
  OrderView,
  PlaceOrder,
  SavedBook,
  TradePoint,
} from './venue-types.ts';

/** A market order's margin is judged a little above the best price, as the venue does: 5 bp. */
const MARKET_MARGIN_RATIO = ONE + 50_000n;

interface SymbolBook {
  readonly book: OrderBook;
  readonly feed: DepthFeed;
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

/** The plain orders: judging, matching, resting, amending and canceling. Algo orders come here once they trigger. */
export class PlainOrders {
  readonly #core: VenueCore;
  readonly #books = new Map<string, SymbolBook>();
  readonly #matching: Matching;

  constructor(core: VenueCore, onPositionChanged: (account: Account, symbol: string) => void) {
    this.#core = core;
    for (const [symbol, market] of core.markets) {
      const book = new OrderBook(market);
      this.#books.set(symbol, { book, feed: new DepthFeed(core, book) });
    }
    this.#matching = new Matching({ core, onPositionChanged, book: (symbol) => this.#bookOf(symbol).book });
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
    if (request.timeInForce === 'GTX' && this.#wouldTake(request, price)) return REFUSALS.postOnly;
    if (request.timeInForce === 'FOK' && !this.#wouldFill(account, request, judged.value)) return REFUSALS.fillOrKill;
    if (!isReducing) {
      const affordable = this.judgeMargin(account, market, { side: request.side, quantity, price });
      if (affordable.kind === 'refused') return affordable;
    }
    return done({
      request: isReducing === (request.reduceOnly ?? false) ? request : { ...request, reduceOnly: isReducing },
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
    const price = order.price === 0n ? this.#marketPrice(market.symbol, order.side) : order.price;
    const openLoss = times(greatest(signOf(order.side) * (price - market.markPrice), 0n), order.quantity);
    const extra = { side: order.side, notional: times(order.quantity, price), openLoss };
    return judgeExtra(account, market, extra, this.#core.lookup);
  }

  #marketPrice(symbol: string, side: OrderSide): Fixed {
    const { ask, bid } = this.bestPrices(symbol);
    return side === 'BUY' ? times(ask, MARKET_MARGIN_RATIO) : bid;
  }

  /** Base units that a reducing order of that side could still close, resting reduce-only orders taken off. */
  closable(
    account: Account,
    order: { symbol: string; side: 'BUY' | 'SELL'; positionSide?: Order['positionSide'] },
  ): Fixed {
    const positionSide = order.positionSide ?? 'BOTH';
    let free = heldAgainst(account, { ...order, positionSide });
    if (free === 0n || account.openNotional(order.symbol).reducing === 0) return free;
    for (const resting of account.ordersOf(order.symbol)) {
      const isSame = resting.side === order.side && (!account.hedgeMode || resting.positionSide === positionSide);
      if (resting.reduceOnly && isSame) free -= resting.quantity - resting.executedQuantity;
    }
    return greatest(free, 0n);
  }

  /** Whether the book still has anything for a taker of that side at this point of the path. */
  hasLiquidity(market: SymbolMarket, side: OrderSide): boolean {
    const limit = this.#matching.limitOf(market, { type: 'MARKET', side, price: 0n, origin: 'liquidation' });
    return this.#bookOf(market.symbol).book.offer(takenSideOf(side), limit) !== null;
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
    const line = {
      seq: core.nextSeq(),
      timeMs: core.nowMs,
      kind: 'order',
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
    };
    core.write(algo === undefined ? line : { ...line, algoId: algo.algoId });
    reportOrder(core, account, { order, execution: 'NEW' });
    this.#matching.take(account, order);
    this.#settle(account, order);
    this.#flush(order.symbol);
    return order;
  }

  /** Returns what customers have left in the books. */
  save(): SavedBook[] {
    return [...this.#books.values()].map(({ book }) => book.save());
  }

  /** Takes the open orders of the accounts that were put back into the books. */
  adopt(accounts: readonly Account[], books: readonly SavedBook[], isSameMoment: boolean): void {
    restoreBooks(this.#books, { accounts, books, isSameMoment });
    for (const account of accounts) for (const symbol of this.#books.keys()) this.expireReduceOnly(account, symbol);
  }

  cancel(account: Account, key: OrderKey): Answer<OrderView> {
    const order =
      key.orderId === undefined
        ? account.openClientIds.get(key.clientOrderId ?? '')
        : account.openOrders.get(key.orderId);
    if (order === undefined || order.symbol !== key.symbol) return REFUSALS.unknownOrder;
    this.#withdraw(account, order, { status: 'CANCELED' });
    this.#flush(order.symbol);
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
    const { book } = this.#bookOf(key.symbol);
    const resting = order === undefined ? null : book.find(order.orderId);
    if (order === undefined || resting === null) return REFUSALS.noSuchOrder;
    const market = this.#core.market(order.symbol);
    const prices = { mark: market.markPrice, ...this.bestPrices(order.symbol) };
    const judged = judgeAmendment(account, order, change, { market, prices, lookup: this.#core.lookup });
    if (judged.kind === 'refused') return judged;
    const { quantity, price } = judged.value;
    if (quantity <= order.executedQuantity || (order.timeInForce === 'GTX' && this.#wouldTake(order, price))) {
      return this.cancel(account, key);
    }
    const keepsPlace = price === order.price && quantity < order.quantity;
    if (!keepsPlace) book.remove(order);
    account.weigh(order, -1n);
    order.quantity = quantity;
    order.price = price;
    account.weigh(order, 1n);
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
    if (keepsPlace) book.resize(resting, fillCap(account, order));
    else {
      this.#matching.take(account, order);
      this.#settle(account, order);
    }
    this.expireReduceOnly(account, order.symbol);
    this.#flush(order.symbol);
    return done({ ...order });
  }

  /** Ends an open order on the venue's own account: its time has run out. `reason` is the `er` of the user event. */
  expire(account: Account, order: Order, reason: string): void {
    this.#withdraw(account, order, { status: 'EXPIRED', expiryReason: reason });
    this.#flush(order.symbol);
  }

  /** Best prices shown, house and customers together; the house's own where a side is eaten up. */
  bestPrices(symbol: string): { readonly bid: Fixed; readonly ask: Fixed } {
    const { book } = this.#bookOf(symbol);
    const { bid, ask } = book.market.quote();
    return { bid: book.bestPrice('bids') ?? bid, ask: book.bestPrice('asks') ?? ask };
  }

  /** The book as it is shown, best levels first. */
  view(symbol: string, levels: number): BookView {
    const { book, feed } = this.#bookOf(symbol);
    const [bids, asks] = [book.levels('bids', levels), book.levels('asks', levels)];
    return { symbol, timeMs: this.#core.nowMs, updateId: feed.updateId, bids, asks };
  }

  ticker(symbol: string): BookTicker {
    return this.#bookOf(symbol).feed.ticker();
  }

  /** Notes all books as they stand, for a listener who has just come. */
  startDepth(): void {
    for (const { feed } of this.#books.values()) feed.start();
  }

  /** Price of the `nth` level (1 is the best) that an order of that side would take from; null where the book is thinner. */
  oppositeLevel(symbol: string, side: OrderSide, nth: number): Fixed | null {
    return this.#levelPrice(symbol, takenSideOf(side), nth);
  }

  /** Price of the `nth` level (1 is the best) that an order of that side would rest at; null where the book is thinner. */
  queueLevel(symbol: string, side: OrderSide, nth: number): Fixed | null {
    return this.#levelPrice(symbol, restingSideOf(side), nth);
  }

  cancelAll(account: Account, symbol: string | null, end: 'CANCELED' | 'EXPIRED' = 'CANCELED'): OrderView[] {
    const open = [...account.openOrders.values()].filter((order) => symbol === null || order.symbol === symbol);
    const expiry = end === 'EXPIRED' ? { expiryReason: EXPIRY.liquidation } : {};
    for (const order of open) this.#withdraw(account, order, { status: end, ...expiry });
    for (const changed of new Set(open.map((order) => order.symbol))) this.#flush(changed);
    return open.map((order) => ({ ...order }));
  }

  /** Shares what is left of a position among its reduce-only orders; those that come away empty are taken back by the venue. */
  expireReduceOnly(account: Account, symbol: string): void {
    if (account.openNotional(symbol).reducing === 0) return;
    for (const order of shareReduceOnly(account, symbol, this.#bookOf(symbol).book)) {
      this.#withdraw(account, order, { status: 'EXPIRED', expiryReason: EXPIRY.reduceOnly });
    }
    this.#flush(symbol);
  }

  /** Whether a resting order would be traded through between the price now and `lastPrice`. */
  isCrossedAt(symbol: string, lastPrice: Fixed): boolean {
    return this.#matching.isCrossedAt(symbol, lastPrice);
  }

  /** Fills resting orders that the market has traded through, and those at the printed price whose turn it is, as far as volume goes. */
  matchResting(market: SymbolMarket): void {
    this.#matching.matchResting(market);
    this.#flush(market.symbol);
  }

  /** The market has come to a point of its path; `trade` is what was printed there. The house shows new levels. */
  arrived(market: SymbolMarket, trade: TradePoint | null): void {
    const { book, feed } = this.#bookOf(market.symbol);
    if (trade !== null && book.hasOrders) this.#matching.hear(trade);
    book.requote();
    feed.flush('point');
  }

  /** The market is on its way between two points, and the house's levels with it. */
  traveled(market: SymbolMarket): void {
    const { book, feed } = this.#bookOf(market.symbol);
    book.requote();
    feed.flush('travel');
  }

  /** What is not filled rests (GTC, GTX) or expires. */
  #settle(account: Account, order: Order): void {
    if (!account.openOrders.has(order.orderId)) return;
    const end = (expiryReason: string): void =>
      endOrder(this.#core, account, order, { status: 'EXPIRED', expiryReason });
    if (isImmediate(order)) end(order.type === 'MARKET' ? EXPIRY.marketLeft : EXPIRY.partialFill);
    else if (fillCap(account, order) === 0n) end(EXPIRY.reduceOnly);
    else {
      this.#bookOf(order.symbol).book.rest(account, order, fillCap(account, order));
      if (order.reduceOnly) this.expireReduceOnly(account, order.symbol);
    }
  }

  #isReducing(account: Account, request: PlaceOrder): boolean {
    if (!account.hedgeMode) return request.reduceOnly ?? false;
    return request.positionSide === 'LONG' ? request.side === 'SELL' : request.side === 'BUY';
  }

  #withdraw(account: Account, order: Order, end: { status: 'CANCELED' | 'EXPIRED'; expiryReason?: string }): void {
    this.#bookOf(order.symbol).book.remove(order);
    endOrder(this.#core, account, order, end);
  }

  #wouldTake(order: { symbol: string; side: OrderSide }, price: Fixed): boolean {
    const best = this.#bookOf(order.symbol).book.bestPrice(takenSideOf(order.side));
    return best !== null && (order.side === 'BUY' ? price >= best : price <= best);
  }

  #wouldFill(account: Account, request: PlaceOrder, { quantity, price }: { quantity: Fixed; price: Fixed }): boolean {
    const { symbol, side, positionSide = 'BOTH', selfTradePreventionMode = 'EXPIRE_MAKER' } = request;
    if (request.reduceOnly === true && heldAgainst(account, { symbol, side, positionSide }) < quantity) return false;
    const taker = { account, order: { selfTradePreventionMode }, side: takenSideOf(side), limit: price };
    return fillable(this.#bookOf(symbol).book, { ...taker, wanted: quantity }) === quantity;
  }

  #levelPrice(symbol: string, side: BookSide, nth: number): Fixed | null {
    return this.#bookOf(symbol).book.levels(side, nth)[nth - 1]?.price ?? null;
  }

  #flush(symbol: string): void {
    this.#bookOf(symbol).feed.flush('order');
  }

  #bookOf(symbol: string): SymbolBook {
    const found = this.#books.get(symbol);
    if (found === undefined) invariant(false, `${symbol} has a book`);
    return found;
  }
}
