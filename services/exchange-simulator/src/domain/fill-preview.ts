import type { Account, Order } from './account.ts';
import { positionSideOf } from './executions.ts';
import { absolute, type Fixed, greatest, least } from './fixed.ts';
import { EDGE_LEVELS } from './house-ladder.ts';
import { type BookSide, isBetter, type OrderBook } from './order-book.ts';
import type { Resting } from './resting-orders.ts';
import { selfTradeEnd } from './self-trade.ts';

/**
 * Returns how much of `wanted` the book would give a taker now, changing nothing: house and customers, self-trade prevention and the
 * positions that reduce-only makers can still close considered. Beyond what the candle has shown so far no more than the
 * house's next levels count: a question that costs nothing must not tell how far the candle will go.
 */
export const fillable = (
  book: OrderBook,
  taker: {
    account: Account;
    order: Pick<Order, 'selfTradePreventionMode'>;
    side: BookSide;
    limit: Fixed;
    wanted: Fixed;
  },
): Fixed => {
  const { account, order, side, limit, wanted } = taker;
  const { low, high, seen } = book.market;
  const isSeen = (price: Fixed): boolean => price >= seen.low && price <= seen.high;
  const house = book.house(side);
  const orders = book.orders(side);
  const end = selfTradeEnd(order.selfTradePreventionMode);
  const planned = new Map<string, Fixed>();
  let total = 0n;
  let index = house.index;
  let nth = 0;
  while (total < wanted) {
    let level = orders.levelAt(nth);
    if (level !== null && !book.isShown(side, level.price)) {
      nth += 1;
      continue;
    }
    const isInside = level !== null && (side === 'asks' ? level.price <= high : level.price >= low);
    if (level !== null && (!isInside || isBetter(side, limit, level.price))) level = null;
    const shownPrice = house.priceAt(index);
    const isHouseOut =
      shownPrice === null || isBetter(side, limit, shownPrice) || !(index < EDGE_LEVELS || isSeen(shownPrice));
    const housePrice = isHouseOut ? null : shownPrice;
    if (level === null && housePrice === null) break;
    if (level === null || (housePrice !== null && isBetter(side, housePrice, level.price))) {
      total += house.quantityAt(index);
      index += 1;
      continue;
    }
    let houseLeft = housePrice === level.price ? house.quantityAt(index) : 0n;
    for (let one = level.first; one !== null; one = one.behind) {
      const ahead = least(one.houseAhead, houseLeft);
      total += ahead;
      houseLeft -= ahead;
      if (one.account !== account || end === null) total += planFill(planned, one);
      else if (end.taker) return least(total, wanted);
    }
    total += houseLeft;
    if (housePrice === level.price) index += 1;
    nth += 1;
  }
  return least(total, wanted);
};

/** What a maker can give after what was planned before for its account. */
const planFill = (planned: Map<string, Fixed>, { account, order, shown }: Resting): Fixed => {
  const positionSide = positionSideOf(account, order);
  const key = `${account.id}:${positionSide}`;
  const before = planned.get(key) ?? 0n;
  const held = absolute(account.position(order.symbol, positionSide).quantity);
  const quantity = order.reduceOnly ? least(shown, greatest(held - before, 0n)) : shown;
  planned.set(key, before + quantity);
  return quantity;
};
