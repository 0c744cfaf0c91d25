import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { judgeGoodTill } from './good-till.ts';
import { watchGoodTill } from './order-expiry.ts';
import type { Accepted, PlainOrders } from './plain-orders.ts';
import { withMatchedPrice } from './price-match.ts';
import { done } from './refusals.ts';
import type { Answer, OrderView, PlaceOrder } from './venue-types.ts';

interface Parts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
}

/** Judges an order by everything the venue checks, its price from the book and its end included. Changes nothing. */
const judgePlacement = ({ core, orders }: Parts, account: Account, request: PlaceOrder): Answer<Accepted> => {
  const { goodTillMs: _asked, ...rest } = request;
  if (!core.markets.has(request.symbol)) return orders.judge(account, rest);
  const goodTill = judgeGoodTill(request, core.nowMs);
  if (goodTill.kind === 'refused') return goodTill;
  const matched = withMatchedPrice(orders, rest, request.type === 'LIMIT');
  if (matched.kind === 'refused') return matched;
  const until = goodTill.value === 0 ? {} : { goodTillMs: goodTill.value };
  return orders.judge(account, { ...matched.value, ...until });
};

/** Judges an order as a placement would be. Returns it as it would stand, with no id, before any matching. */
export const draftOrder = (parts: Parts, account: Account, request: PlaceOrder): Answer<OrderView> => {
  const judged = judgePlacement(parts, account, request);
  if (judged.kind === 'refused') return judged;
  const { request: accepted, quantity, price, origin } = judged.value;
  const { nowMs } = parts.core;
  return done({
    accountId: account.id,
    orderId: 0,
    clientOrderId: accepted.clientOrderId ?? '',
    symbol: accepted.symbol,
    side: accepted.side,
    positionSide: accepted.positionSide ?? 'BOTH',
    type: accepted.type,
    origType: accepted.type,
    timeInForce: accepted.timeInForce ?? 'GTC',
    quantity,
    price,
    stopPrice: 0n,
    executedQuantity: 0n,
    cumulativeQuote: 0n,
    averagePrice: 0n,
    status: 'NEW',
    reduceOnly: accepted.reduceOnly ?? false,
    closePosition: false,
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: accepted.priceMatch ?? 'NONE',
    selfTradePreventionMode: accepted.selfTradePreventionMode ?? 'EXPIRE_MAKER',
    goodTillMs: accepted.goodTillMs ?? 0,
    origin,
    algoId: null,
    createdMs: nowMs,
    updatedMs: nowMs,
  });
};

/** Places an order. Returns it as it stands after matching. */
export const placeOrder = (parts: Parts, account: Account, request: PlaceOrder): Answer<OrderView> => {
  const judged = judgePlacement(parts, account, request);
  if (judged.kind === 'refused') return judged;
  const { core, orders } = parts;
  const order = orders.place(account, judged.value);
  watchGoodTill(core, orders, account, order);
  return done({ ...order });
};
