import type { Account, Order } from './account.ts';
import { positionSideOf, signOf } from './executions.ts';
import { type Fixed, greatest, least } from './fixed.ts';
import { isBetter, type OrderBook, restingSideOf } from './order-book.ts';
import type { Resting } from './resting-orders.ts';

/** Returns the base units of the position that an order of that side would close. */
export const heldAgainst = (account: Account, order: Pick<Order, 'symbol' | 'side' | 'positionSide'>): Fixed => {
  const { quantity } = account.position(order.symbol, positionSideOf(account, order));
  return greatest(-signOf(order.side) * quantity, 0n);
};

/**
 * Shares a position among the reduce-only orders that rest against it: the best price first, then the oldest. Each shows no more than what
 * is left for it; those for which nothing is left are returned, for the venue to take back.
 */
export const shareReduceOnly = (account: Account, symbol: string, book: OrderBook): Order[] => {
  const excess: Order[] = [];
  const groups = new Map<string, Resting[]>();
  for (const order of account.ordersOf(symbol)) {
    const resting = order.reduceOnly ? book.find(order.orderId) : null;
    if (resting === null) continue;
    const key = `${order.side}:${positionSideOf(account, order)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [resting]);
    else group.push(resting);
  }
  for (const group of groups.values()) {
    const [head] = group;
    if (head === undefined) continue;
    let left = heldAgainst(account, head.order);
    const side = restingSideOf(head.order.side);
    // Sorting keeps the age of equals.
    group.sort((one, two) =>
      isBetter(side, one.order.price, two.order.price) ? -1 : isBetter(side, two.order.price, one.order.price) ? 1 : 0,
    );
    for (const resting of group) {
      const { order } = resting;
      const shown = least(order.quantity - order.executedQuantity, left);
      left -= shown;
      if (shown === 0n) excess.push(order);
      else book.resize(resting, shown);
    }
  }
  return excess;
};
