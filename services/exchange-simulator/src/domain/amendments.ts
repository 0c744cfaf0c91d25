import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { textOf } from './fixed.ts';
import type { PlainOrders } from './plain-orders.ts';
import { withMatchedPrice } from './price-match.ts';
import { amendedNotionalTooSmall, done, REFUSALS } from './refusals.ts';
import type { AmendOrder, AmendmentView, Answer, HistoryQuery, OrderKey, OrderView } from './venue-types.ts';

/** How often one order may be changed. Source: documentation of PUT /fapi/v1/order. */
const MOST_AMENDMENTS = 10_000;
const BELOW_NOTIONAL = -4164;

interface Parts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
}

const openOrder = (account: Account, key: OrderKey): Order | undefined => {
  const order =
    key.orderId === undefined
      ? account.openClientIds.get(key.clientOrderId ?? '')
      : account.openOrders.get(key.orderId);
  return order?.symbol === key.symbol ? order : undefined;
};

/**
 * Changes price and quantity of a resting order, and remembers it.
 *
 * Denies: -1121, -5024 while the symbol is not traded, -2013, -1117 for another side than the order's, -5025, -5026, -5027, -5029, -5041, and what a placement would be denied for.
 */
export const amendOrder = ({ core, orders }: Parts, account: Account, request: AmendOrder): Answer<OrderView> => {
  const market = core.markets.get(request.symbol);
  if (market === undefined) return REFUSALS.badSymbol;
  if (!core.isTrading(request.symbol)) return REFUSALS.amendNotAllowed;
  const order = openOrder(account, request);
  if (order === undefined) return REFUSALS.noSuchOrder;
  if (order.side !== request.side) return REFUSALS.badSide;
  const matched = withMatchedPrice(orders, request, order.type === 'LIMIT');
  if (matched.kind === 'refused') return matched;
  if (order.type !== 'LIMIT') return REFUSALS.limitOnly;
  const earlier = account.amendments.get(order.orderId) ?? [];
  if (earlier.length >= MOST_AMENDMENTS) return REFUSALS.tooManyAmendments;
  const before = { price: order.price, quantity: order.quantity, priceMatch: order.priceMatch };
  // Known before the event that tells of the change.
  order.priceMatch = request.priceMatch ?? 'NONE';
  const { quantity, price } = matched.value;
  const key = { symbol: order.symbol, orderId: order.orderId };
  const answer = orders.amend(account, key, { quantity, ...(price === undefined ? {} : { price }) });
  if (answer.kind === 'refused') {
    order.priceMatch = before.priceMatch;
    return answer.code === BELOW_NOTIONAL ? amendedNotionalTooSmall(textOf(market.spec.minNotional)) : answer;
  }
  const hasChanged = order.price !== before.price || order.quantity !== before.quantity;
  if (hasChanged) {
    account.noteAmendment({
      amendmentId: account.amendmentCount + 1,
      orderId: order.orderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      timeMs: core.nowMs,
      price: { before: before.price, after: order.price },
      quantity: { before: before.quantity, after: order.quantity },
      count: earlier.length + 1,
      priceMatch: order.priceMatch,
    });
  }
  return done(answer.value);
};

/** Returns the changes of one order. Shape: newest first. */
export const amendmentsPage = (account: Account, key: OrderKey, query: HistoryQuery): AmendmentView[] => {
  const { startMs = 0, endMs = Number.MAX_SAFE_INTEGER, limit } = query;
  const orderId = key.orderId ?? account.ordersByClientId.get(key.clientOrderId ?? '')?.orderId ?? 0;
  const found = (account.amendments.get(orderId) ?? []).filter(
    ({ symbol, timeMs }) => symbol === key.symbol && timeMs >= startMs && timeMs <= endMs,
  );
  return found.reverse().slice(0, limit);
};
