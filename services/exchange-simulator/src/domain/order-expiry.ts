import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import type { PlainOrders } from './plain-orders.ts';

/** No reason of the venue's list fits an order whose time has run out. */
const NO_REASON = '0';

/** Lets an open order that is good till a date expire then. */
export const watchGoodTill = (core: VenueCore, orders: PlainOrders, account: Account, order: Order): void => {
  if (order.goodTillMs === 0 || !account.openOrders.has(order.orderId)) return;
  // What ran out while the venue was at rest ends at the next moment: time does not go back.
  core.goodTill.add(Math.max(order.goodTillMs, core.nowMs + 1), {
    isOpen: () => account.openOrders.has(order.orderId),
    expire: () => orders.expire(account, order, NO_REASON),
  });
};
