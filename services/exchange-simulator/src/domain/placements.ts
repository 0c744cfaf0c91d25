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
export const judgePlacement = ({ core, orders }: Parts, account: Account, request: PlaceOrder): Answer<Accepted> => {
  const { goodTillMs: _asked, ...rest } = request;
  if (!core.markets.has(request.symbol)) return orders.judge(account, rest);
  const goodTill = judgeGoodTill(request, core.nowMs);
  if (goodTill.kind === 'refused') return goodTill;
  const matched = withMatchedPrice(orders, rest, request.type === 'LIMIT');
  if (matched.kind === 'refused') return matched;
  const until = goodTill.value === 0 ? {} : { goodTillMs: goodTill.value };
  return orders.judge(account, { ...matched.value, ...until });
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
