import type { Account, Algo, Order } from './account.ts';
import { isLimitKind } from './algo-rules.ts';
import type { VenueCore } from './core.ts';
import { signOf } from './executions.ts';
import { type Fixed, textOf } from './fixed.ts';
import { watchGoodTill } from './order-expiry.ts';
import type { Accepted, PlainOrders } from './plain-orders.ts';
import { withMatchedPrice } from './price-match.ts';
import { done, REFUSALS } from './refusals.ts';
import type { AlgoStatus, Answer, PlaceOrder } from './venue-types.ts';

type Move = (account: Account, algo: Algo, change: { status: AlgoStatus; reason?: string }) => void;

/** Words of the venue for an order that has nothing to reduce. Source: documented example of ALGO_UPDATE. */
const NOTHING_TO_REDUCE = 'Reduce Only reject';

const isOver = ({ status }: Order): boolean => status !== 'NEW' && status !== 'PARTIALLY_FILLED';

/** What becomes of conditional orders at their trigger, and after it: they follow the plain order they have become to its end. */
export class AlgoTriggers {
  readonly #core: VenueCore;
  readonly #orders: PlainOrders;
  readonly #move: Move;
  /** By the order they have become. */
  readonly #triggered = new Map<number, { readonly account: Account; readonly algo: Algo }>();

  constructor(core: VenueCore, orders: PlainOrders, move: Move) {
    this.#core = core;
    this.#orders = orders;
    this.#move = move;
    core.orderMoved = (order) => this.#follow(order);
  }

  /** Takes a triggered order of an account that was put back. */
  adopt(account: Account, algo: Algo): void {
    if (algo.actualOrderId !== null) this.#triggered.set(algo.actualOrderId, { account, algo });
  }

  /** Turns an order that is due, and has left the book, into a plain one. */
  trigger(account: Account, algo: Algo): void {
    const core = this.#core;
    algo.triggeredMs = core.nowMs;
    this.#move(account, algo, { status: 'TRIGGERING' });
    if (algo.closePosition && this.#held(account, algo) <= 0n) {
      this.#move(account, algo, { status: 'EXPIRED', reason: 'Position is closed.' });
      return;
    }
    const accepted = this.#judge(account, algo);
    if (accepted.kind === 'refused') {
      const isIdle = accepted.code === REFUSALS.reduceOnly.code;
      this.#move(account, algo, { status: 'REJECTED', reason: isIdle ? NOTHING_TO_REDUCE : accepted.msg });
      return;
    }
    const orderId = core.nextOrderId();
    algo.actualOrderId = orderId;
    algo.price = accepted.value.price;
    this.#triggered.set(orderId, { account, algo });
    this.#move(account, algo, { status: 'TRIGGERED' });
    const order = this.#orders.place(account, accepted.value, orderId);
    watchGoodTill(core, this.#orders, account, order);
  }

  #judge(account: Account, algo: Algo): Answer<Accepted> {
    const { algoId, type, triggerPrice, closePosition } = algo;
    const facts = { origin: 'algo', algo: { algoId, type, triggerPrice, closePosition } } as const;
    if (!isLimitKind(type)) {
      const market = this.#judgeMarket(account, algo);
      return market.kind === 'refused' ? market : done({ ...market.value, ...facts });
    }
    const request = withMatchedPrice(this.#orders, this.#requestOf(algo), true);
    if (request.kind === 'refused') return request;
    const judged = this.#orders.judge(account, request.value);
    return judged.kind === 'refused' ? judged : done({ ...judged.value, ...facts });
  }

  /** A market order out of the conditional book passes no filter again: it reduces, or has to be affordable. */
  #judgeMarket(account: Account, algo: Algo): Answer<Omit<Accepted, 'origin'>> {
    const held = this.#held(account, algo);
    const isReducing = algo.reduceOnly || algo.closePosition || (account.hedgeMode && held > 0n);
    const quantity = algo.closePosition ? held : algo.quantity;
    const request = { ...this.#requestOf(algo), quantity: textOf(quantity), reduceOnly: isReducing };
    if (!isReducing) {
      const market = this.#core.market(algo.symbol);
      const affordable = this.#orders.judgeMargin(account, market, { side: algo.side, quantity, price: 0n });
      if (affordable.kind === 'refused') return affordable;
    } else if (!algo.closePosition && this.#orders.closable(account, algo) <= 0n) return REFUSALS.reduceOnly;
    return done({ request, quantity, price: 0n });
  }

  /** What the order's side would close; negative when it would open. */
  #held(account: Account, algo: Algo): Fixed {
    const position = account.position(algo.symbol, account.hedgeMode ? algo.positionSide : 'BOTH');
    return -signOf(algo.side) * position.quantity;
  }

  #requestOf(algo: Algo): PlaceOrder {
    const { symbol, side, positionSide, selfTradePreventionMode } = algo;
    const shared = {
      symbol,
      side,
      positionSide,
      quantity: textOf(algo.quantity),
      clientOrderId: algo.clientAlgoId,
      selfTradePreventionMode,
      ...(algo.reduceOnly ? { reduceOnly: true } : {}),
    };
    if (!isLimitKind(algo.type)) return { ...shared, type: 'MARKET' };
    const { timeInForce, goodTillMs, priceMatch } = algo;
    return {
      ...shared,
      type: 'LIMIT',
      timeInForce,
      ...(priceMatch === 'NONE' ? { price: textOf(algo.price) } : { priceMatch }),
      ...(goodTillMs === 0 ? {} : { goodTillMs }),
    };
  }

  #follow(order: Order): void {
    const found = this.#triggered.get(order.orderId);
    if (found === undefined) return;
    const { account, algo } = found;
    algo.actualPrice = order.averagePrice;
    algo.actualQuantity = order.executedQuantity;
    if (!isOver(order)) return;
    this.#triggered.delete(order.orderId);
    this.#move(account, algo, { status: 'FINISHED' });
  }
}
