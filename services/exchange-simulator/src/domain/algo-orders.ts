import type { Account, Algo } from './account.ts';
import type { VenueCore } from './core.ts';
import { signOf } from './executions.ts';
import { absolute, type Fixed, textOf } from './fixed.ts';
import { judgeClientId, judgePrice, judgeQuantity } from './order-rules.ts';
import type { PlainOrders } from './plain-orders.ts';
import { PriceQueue } from './price-queue.ts';
import { done, REFUSALS } from './refusals.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type {
  AlgoKey,
  AlgoKind,
  AlgoStatus,
  AlgoView,
  Answer,
  OrderSide,
  PlaceAlgo,
  WorkingType,
} from './venue-types.ts';

interface Waiting {
  readonly account: Account;
  readonly algo: Algo;
}

/** Triggers of one symbol: those that wait for a price to rise to them, and those that wait for it to fall. */
interface TriggerBook {
  readonly rising: Readonly<Record<WorkingType, PriceQueue<Waiting>>>;
  readonly falling: Readonly<Record<WorkingType, PriceQueue<Waiting>>>;
}

const WORKING_TYPES: readonly WorkingType[] = ['CONTRACT_PRICE', 'MARK_PRICE'];

const waitsForRise = (side: OrderSide, type: AlgoKind): boolean => (side === 'BUY') === (type === 'STOP_MARKET');

const newTriggerBook = (): TriggerBook => ({
  rising: { CONTRACT_PRICE: new PriceQueue('lowest'), MARK_PRICE: new PriceQueue('lowest') },
  falling: { CONTRACT_PRICE: new PriceQueue('highest'), MARK_PRICE: new PriceQueue('highest') },
});

/** The conditional book. An order here needs no margin until its trigger; then it becomes a market order, or is rejected. */
export class AlgoOrders {
  readonly #core: VenueCore;
  readonly #orders: PlainOrders;
  readonly #books = new Map<string, TriggerBook>();

  constructor(core: VenueCore, orders: PlainOrders) {
    this.#core = core;
    this.#orders = orders;
    for (const symbol of core.markets.keys()) this.#books.set(symbol, newTriggerBook());
  }

  place(account: Account, request: PlaceAlgo): Answer<AlgoView> {
    const judged = this.#judge(account, request);
    if (judged.kind === 'refused') return judged;
    const core = this.#core;
    const algoId = core.nextAlgoId();
    const algo: Algo = {
      accountId: account.id,
      algoId,
      clientAlgoId: request.clientAlgoId ?? `algo-${algoId}`,
      symbol: request.symbol,
      side: request.side,
      positionSide: request.positionSide ?? 'BOTH',
      type: request.type,
      timeInForce: request.timeInForce ?? 'GTC',
      quantity: judged.value.quantity,
      triggerPrice: judged.value.triggerPrice,
      status: 'NEW',
      workingType: request.workingType ?? 'CONTRACT_PRICE',
      reduceOnly: request.reduceOnly ?? false,
      closePosition: request.closePosition ?? false,
      priceProtect: request.priceProtect ?? false,
      priceMatch: 'NONE',
      selfTradePreventionMode: request.selfTradePreventionMode ?? 'EXPIRE_MAKER',
      goodTillMs: 0,
      actualOrderId: null,
      actualPrice: 0n,
      actualQuantity: 0n,
      createdMs: core.nowMs,
      updatedMs: core.nowMs,
      triggeredMs: 0,
      reason: '',
    };
    account.registerAlgo(algo);
    this.#queueOf(algo).add(algo.triggerPrice, algoId, { account, algo });
    core.record('algo', {
      accountId: account.id,
      algoId,
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
    });
    this.#report(account, algo);
    return done({ ...algo });
  }

  /** Takes the open orders of an account that was put back into the book. */
  adopt(account: Account): void {
    for (const algo of account.openAlgos.values()) {
      this.#queueOf(algo).add(algo.triggerPrice, algo.algoId, { account, algo });
    }
  }

  cancel(account: Account, key: AlgoKey): Answer<AlgoView> {
    const algo =
      key.algoId === undefined
        ? account.openAlgoClientIds.get(key.clientAlgoId ?? '')
        : account.openAlgos.get(key.algoId);
    if (algo === undefined) return REFUSALS.unknownOrder;
    this.#end(account, algo, 'CANCELED');
    return done({ ...algo });
  }

  cancelAll(account: Account, symbol: string): AlgoView[] {
    const open = [...account.openAlgos.values()].filter((algo) => algo.symbol === symbol);
    for (const algo of open) this.#end(account, algo, 'CANCELED');
    return open.map((algo) => ({ ...algo }));
  }

  /** Orders that close a whole position go with it. */
  expireOrphans(account: Account, symbol: string): void {
    for (const algo of account.openAlgos.values()) {
      if (algo.symbol !== symbol || !algo.closePosition) continue;
      const position = account.position(symbol, account.hedgeMode ? algo.positionSide : 'BOTH');
      if (-signOf(algo.side) * position.quantity <= 0n) this.#end(account, algo, 'EXPIRED', 'Position is closed.');
    }
  }

  /** Whether a trigger lies between the prices now and those given. */
  isTriggeredAt(symbol: string, prices: { last: Fixed; mark: Fixed }): boolean {
    return this.#nextTriggered(symbol, prices) !== null;
  }

  /** Fires every order whose trigger the market has reached. */
  fire(market: SymbolMarket): void {
    for (;;) {
      const next = this.#nextTriggered(market.symbol, { last: market.lastPrice, mark: market.markPrice });
      if (next === null) return;
      this.#trigger(next.account, next.algo);
    }
  }

  #nextTriggered(symbol: string, prices: { last: Fixed; mark: Fixed }): Waiting | null {
    const book = this.#books.get(symbol);
    if (book === undefined) return null;
    for (const workingType of WORKING_TYPES) {
      const price = workingType === 'MARK_PRICE' ? prices.mark : prices.last;
      const rising = book.rising[workingType];
      if (rising.nextPrice !== null && price >= rising.nextPrice) return rising.next;
      const falling = book.falling[workingType];
      if (falling.nextPrice !== null && price <= falling.nextPrice) return falling.next;
    }
    return null;
  }

  #trigger(account: Account, algo: Algo): void {
    const core = this.#core;
    this.#close(account, algo);
    algo.triggeredMs = core.nowMs;
    this.#move(account, algo, 'TRIGGERING');
    const position = account.position(algo.symbol, account.hedgeMode ? algo.positionSide : 'BOTH');
    const held = -signOf(algo.side) * position.quantity;
    if (algo.closePosition && held <= 0n) {
      this.#move(account, algo, 'EXPIRED', 'Position is closed.');
      return;
    }
    const isReducing = algo.reduceOnly || algo.closePosition || (account.hedgeMode && held > 0n);
    const quantity = algo.closePosition ? absolute(held) : algo.quantity;
    if (isReducing && !algo.closePosition && this.#orders.closable(account, algo) <= 0n) {
      this.#move(account, algo, 'REJECTED', REFUSALS.reduceOnly.msg);
      return;
    }
    if (!isReducing) {
      const market = core.market(algo.symbol);
      const affordable = this.#orders.judgeMargin(account, market, { side: algo.side, quantity, price: 0n });
      if (affordable.kind === 'refused') {
        this.#move(account, algo, 'REJECTED', affordable.msg);
        return;
      }
    }
    algo.actualOrderId = core.nextOrderId();
    this.#move(account, algo, 'TRIGGERED');
    const order = this.#orders.place(
      account,
      {
        request: {
          symbol: algo.symbol,
          side: algo.side,
          positionSide: algo.positionSide,
          type: 'MARKET',
          quantity: textOf(quantity),
          reduceOnly: isReducing,
          clientOrderId: algo.clientAlgoId,
        },
        quantity,
        price: 0n,
        origin: 'algo',
        algo: {
          algoId: algo.algoId,
          type: algo.type,
          triggerPrice: algo.triggerPrice,
          closePosition: algo.closePosition,
        },
      },
      algo.actualOrderId,
    );
    algo.actualPrice = order.averagePrice;
    algo.actualQuantity = order.executedQuantity;
    this.#move(account, algo, 'FINISHED');
  }

  #judge(account: Account, request: PlaceAlgo): Answer<{ quantity: Fixed; triggerPrice: Fixed }> {
    const market = this.#core.markets.get(request.symbol);
    if (market === undefined) return REFUSALS.badSymbol;
    if (request.clientAlgoId !== undefined) {
      const id = judgeClientId(request.clientAlgoId);
      if (id.kind === 'refused') return id;
      if (account.openAlgoClientIds.has(request.clientAlgoId)) return REFUSALS.duplicateId;
    }
    if (((request.positionSide ?? 'BOTH') === 'BOTH') === account.hedgeMode) return REFUSALS.sideMismatch;
    if (request.closePosition === true && request.quantity !== undefined) return REFUSALS.quantityNotWanted;
    if (request.closePosition === true && request.reduceOnly === true) return REFUSALS.reduceOnlyNotWanted;
    if (request.closePosition !== true && request.quantity === undefined) return REFUSALS.quantityMissing;
    const triggerPrice = judgePrice(market.spec, request.triggerPrice);
    if (triggerPrice.kind === 'refused') return triggerPrice;
    const quantity = request.quantity === undefined ? done(0n) : judgeQuantity(market.spec, 'MARKET', request.quantity);
    if (quantity.kind === 'refused') return quantity;
    if (request.closePosition === true) {
      const closing = this.#judgeClosing(account, request);
      if (closing.kind === 'refused') return closing;
    }
    if (account.openAlgos.size >= market.spec.maxAlgoOrders) return REFUSALS.tooManyAlgos;
    const price = request.workingType === 'MARK_PRICE' ? market.markPrice : market.lastPrice;
    const isPassed = waitsForRise(request.side, request.type)
      ? price >= triggerPrice.value
      : price <= triggerPrice.value;
    return isPassed ? REFUSALS.wouldTrigger : done({ quantity: quantity.value, triggerPrice: triggerPrice.value });
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

  #end(account: Account, algo: Algo, status: 'CANCELED' | 'EXPIRED', reason = ''): void {
    this.#close(account, algo);
    this.#move(account, algo, status, reason);
  }

  #close(account: Account, algo: Algo): void {
    account.unregisterAlgo(algo);
    this.#queueOf(algo).remove(algo.triggerPrice, algo.algoId);
  }

  #move(account: Account, algo: Algo, status: AlgoStatus, reason = ''): void {
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
    });
    this.#report(account, algo);
  }

  #report(account: Account, algo: Algo): void {
    this.#core.emit('algo', { accountId: account.id, timeMs: this.#core.nowMs, algo: { ...algo } });
  }

  #queueOf(algo: Algo): PriceQueue<Waiting> {
    const book = this.#books.get(algo.symbol);
    if (book === undefined) throw new RangeError(`no trigger book for ${algo.symbol}`);
    return (waitsForRise(algo.side, algo.type) ? book.rising : book.falling)[algo.workingType];
  }
}
