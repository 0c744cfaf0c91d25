import type { Account, Algo } from './account.ts';
import { isLimitKind, judgeAlgo } from './algo-rules.ts';
import { AlgoTriggers } from './algo-triggers.ts';
import type { VenueCore } from './core.ts';
import { signOf } from './executions.ts';
import { type Fixed, textOf } from './fixed.ts';
import type { PlainOrders } from './plain-orders.ts';
import { done, REFUSALS } from './refusals.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { TriggerBook, type TriggerPrices } from './trigger-book.ts';
import type { AlgoKey, AlgoStatus, AlgoView, Answer, PlaceAlgo } from './venue-types.ts';

const pricesOf = ({ lastPrice, markPrice }: SymbolMarket): TriggerPrices => ({ last: lastPrice, mark: markPrice });

/** The conditional book. An order here needs no margin until its trigger; then it becomes a plain order, or is rejected. */
export class AlgoOrders {
  readonly #core: VenueCore;
  readonly #triggers: AlgoTriggers;
  readonly #books = new Map<string, TriggerBook>();

  constructor(core: VenueCore, orders: PlainOrders) {
    this.#core = core;
    for (const market of core.markets.values()) {
      this.#books.set(market.symbol, new TriggerBook(market.spec.triggerProtect));
    }
    this.#triggers = new AlgoTriggers(core, orders, (account, algo, change) => this.#move(account, algo, change));
  }

  place(account: Account, request: PlaceAlgo): Answer<AlgoView> {
    const algo = this.#judge(account, request);
    if (algo.kind === 'refused') return algo;
    const { value } = algo;
    account.registerAlgo(value);
    this.#wait(account, value);
    this.#recordPlaced(account, value);
    this.#report(account, value);
    return done({ ...value });
  }

  /** Takes the orders of an account that was put back: open ones into the book, triggered ones with what they became. */
  adopt(account: Account): void {
    for (const algo of account.openAlgos.values()) this.#wait(account, algo);
    for (const algo of account.algos) if (algo.status === 'TRIGGERED') this.#triggers.adopt(account, algo);
  }

  cancel(account: Account, key: AlgoKey): Answer<AlgoView> {
    const algo =
      key.algoId === undefined
        ? account.openAlgoClientIds.get(key.clientAlgoId ?? '')
        : account.openAlgos.get(key.algoId);
    if (algo === undefined) return REFUSALS.unknownOrder;
    this.#end(account, algo, { status: 'CANCELED' });
    return done({ ...algo });
  }

  cancelAll(account: Account, symbol: string): AlgoView[] {
    const open = [...account.openAlgos.values()].filter((algo) => algo.symbol === symbol);
    for (const algo of open) this.#end(account, algo, { status: 'CANCELED' });
    return open.map((algo) => ({ ...algo }));
  }

  /** Orders that close a whole position go with it. */
  expireOrphans(account: Account, symbol: string): void {
    for (const algo of account.openAlgos.values()) {
      if (algo.symbol !== symbol || !algo.closePosition) continue;
      const position = account.position(symbol, account.hedgeMode ? algo.positionSide : 'BOTH');
      if (-signOf(algo.side) * position.quantity <= 0n) {
        this.#end(account, algo, { status: 'EXPIRED', reason: 'Position is closed.' });
      }
    }
  }

  /** Whether a trigger lies between the prices now and those given, or a trailing stop would move on the way. */
  isTriggeredAt(symbol: string, prices: { last: Fixed; mark: Fixed }): boolean {
    return this.#books.get(symbol)?.isTouchedAt(prices) ?? false;
  }

  /** Lets trailing stops follow the market, and fires every order whose trigger it has reached. */
  fire(market: SymbolMarket): void {
    const book = this.#books.get(market.symbol);
    if (book === undefined) return;
    for (;;) {
      const prices = pricesOf(market);
      for (const { account, algo } of book.follow(prices, market.spec.priceStep)) this.#recordActive(account, algo);
      const next = book.next(prices);
      if (next === null) return;
      this.#close(next.account, next.algo);
      this.#triggers.trigger(next.account, next.algo);
    }
  }

  #judge(account: Account, request: PlaceAlgo): Answer<Algo> {
    const market = this.#core.markets.get(request.symbol);
    if (market === undefined) return REFUSALS.badSymbol;
    const { nowMs } = this.#core;
    const judged = judgeAlgo(request, { spec: market.spec, prices: pricesOf(market), nowMs });
    if (judged.kind === 'refused') return judged;
    const clientAlgoId = request.clientAlgoId ?? null;
    if (clientAlgoId !== null && account.openAlgoClientIds.has(clientAlgoId)) return REFUSALS.duplicateId;
    if (((request.positionSide ?? 'BOTH') === 'BOTH') === account.hedgeMode) return REFUSALS.sideMismatch;
    if (account.hedgeMode && request.reduceOnly === true) return REFUSALS.reduceOnlyNotWanted;
    const closing = request.closePosition === true ? this.#judgeClosing(account, request) : done(null);
    if (closing.kind === 'refused') return closing;
    if (account.openAlgos.size >= market.spec.maxAlgoOrders) return REFUSALS.tooManyAlgos;
    const algoId = this.#core.nextAlgoId();
    return done({
      accountId: account.id,
      algoId,
      clientAlgoId: clientAlgoId ?? `algo-${algoId}`,
      symbol: request.symbol,
      side: request.side,
      positionSide: request.positionSide ?? 'BOTH',
      type: request.type,
      timeInForce: request.timeInForce ?? 'GTC',
      status: 'NEW',
      workingType: request.workingType ?? 'CONTRACT_PRICE',
      reduceOnly: request.reduceOnly ?? false,
      closePosition: request.closePosition ?? false,
      priceProtect: request.priceProtect ?? false,
      priceMatch: request.priceMatch ?? 'NONE',
      selfTradePreventionMode: request.selfTradePreventionMode ?? 'EXPIRE_MAKER',
      actualOrderId: null,
      actualPrice: 0n,
      actualQuantity: 0n,
      createdMs: nowMs,
      updatedMs: nowMs,
      triggeredMs: 0,
      reason: '',
      ...judged.value,
    });
  }

  #judgeClosing(account: Account, request: PlaceAlgo): Answer<null> {
    const position = account.position(request.symbol, account.hedgeMode ? (request.positionSide ?? 'BOTH') : 'BOTH');
    if (-signOf(request.side) * position.quantity <= 0n) return REFUSALS.closeNeedsPosition;
    for (const other of account.openAlgos.values()) {
      const isSame = other.closePosition && other.symbol === request.symbol && other.side === request.side;
      if (isSame && other.type === request.type) return REFUSALS.closeExists;
    }
    return done(null);
  }

  #wait(account: Account, algo: Algo): void {
    this.#bookOf(algo).add({ account, algo });
    if (algo.goodTillMs === 0) return;
    this.#core.goodTill.add(Math.max(algo.goodTillMs, this.#core.nowMs + 1), {
      isOpen: () => account.openAlgos.has(algo.algoId),
      expire: () => this.#end(account, algo, { status: 'EXPIRED' }),
    });
  }

  #end(account: Account, algo: Algo, change: { status: AlgoStatus; reason?: string }): void {
    this.#close(account, algo);
    this.#move(account, algo, change);
  }

  #close(account: Account, algo: Algo): void {
    account.unregisterAlgo(algo);
    this.#bookOf(algo).remove(algo);
  }

  #move(account: Account, algo: Algo, { status, reason = '' }: { status: AlgoStatus; reason?: string }): void {
    algo.status = status;
    algo.reason = reason;
    algo.updatedMs = this.#core.nowMs;
    this.#core.record('algo_update', {
      accountId: account.id,
      algoId: algo.algoId,
      clientAlgoId: algo.clientAlgoId,
      symbol: algo.symbol,
      status,
      ...(algo.actualOrderId === null ? {} : { orderId: algo.actualOrderId }),
      ...(reason === '' ? {} : { reason }),
      ...(status === 'TRIGGERING' && algo.callbackRatio > 0n ? { triggerPrice: textOf(algo.triggerPrice) } : {}),
    });
    this.#report(account, algo);
  }

  #recordPlaced(account: Account, algo: Algo): void {
    const trail = { activatePrice: textOf(algo.activatePrice), callbackRatio: textOf(algo.callbackRatio) };
    this.#core.record('algo', {
      accountId: account.id,
      algoId: algo.algoId,
      clientAlgoId: algo.clientAlgoId,
      symbol: algo.symbol,
      side: algo.side,
      positionSide: algo.positionSide,
      type: algo.type,
      quantity: textOf(algo.quantity),
      triggerPrice: textOf(algo.triggerPrice),
      workingType: algo.workingType,
      closePosition: algo.closePosition,
      reduceOnly: algo.reduceOnly,
      ...(isLimitKind(algo.type) ? { price: textOf(algo.price), timeInForce: algo.timeInForce } : {}),
      ...(algo.priceMatch === 'NONE' ? {} : { priceMatch: algo.priceMatch }),
      ...(algo.type === 'TRAILING_STOP_MARKET' ? trail : {}),
      ...(algo.priceProtect ? { priceProtect: true } : {}),
      ...(algo.goodTillMs === 0 ? {} : { goodTillMs: algo.goodTillMs }),
    });
  }

  #recordActive(account: Account, algo: Algo): void {
    this.#core.record('algo_active', {
      accountId: account.id,
      algoId: algo.algoId,
      clientAlgoId: algo.clientAlgoId,
      symbol: algo.symbol,
      extremePrice: textOf(algo.extremePrice),
      triggerPrice: textOf(algo.triggerPrice),
    });
  }

  #report(account: Account, algo: Algo): void {
    this.#core.emit('algo', { accountId: account.id, timeMs: this.#core.nowMs, algo: { ...algo } });
  }

  #bookOf(algo: Algo): TriggerBook {
    const book = this.#books.get(algo.symbol);
    if (book === undefined) throw new RangeError(`no trigger book for ${algo.symbol}`);
    return book;
  }
}
