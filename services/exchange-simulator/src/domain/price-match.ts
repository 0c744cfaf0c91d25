import { textOf } from './fixed.ts';
import type { PlainOrders } from './plain-orders.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer, OrderSide, PriceMatch } from './venue-types.ts';

/** Which level of which side of the book: 1 is the best. */
const LEVELS: Readonly<Record<PriceMatch, { readonly isOwnSide: boolean; readonly level: number }>> = {
  OPPONENT: { isOwnSide: false, level: 1 },
  OPPONENT_5: { isOwnSide: false, level: 5 },
  OPPONENT_10: { isOwnSide: false, level: 10 },
  OPPONENT_20: { isOwnSide: false, level: 20 },
  QUEUE: { isOwnSide: true, level: 1 },
  QUEUE_5: { isOwnSide: true, level: 5 },
  QUEUE_10: { isOwnSide: true, level: 10 },
  QUEUE_20: { isOwnSide: true, level: 20 },
};

/**
 * Returns the price an order takes from the book now, as the text a client would have sent.
 *
 * Denies: -5041 when the book is not that deep.
 */
export const matchedPrice = (
  orders: PlainOrders,
  { symbol, side, priceMatch }: { symbol: string; side: OrderSide; priceMatch: PriceMatch },
): Answer<string> => {
  const { isOwnSide, level } = LEVELS[priceMatch];
  const price = isOwnSide ? orders.queueLevel(symbol, side, level) : orders.oppositeLevel(symbol, side, level);
  return price === null ? REFUSALS.noDepth : done(textOf(price));
};

/**
 * Returns the order with the price that its `priceMatch` stands for; as it is when it has none.
 *
 * Denies: -1106 for a price beside it, -5038 for orders without a limit, -5041.
 */
export const withMatchedPrice = <
  T extends { symbol: string; side: OrderSide; price?: string; priceMatch?: PriceMatch },
>(
  orders: PlainOrders,
  order: T,
  isLimit: boolean,
): Answer<T> => {
  const { symbol, side, priceMatch } = order;
  if (priceMatch === undefined) return done(order);
  if (!isLimit) return REFUSALS.matchUnsupported;
  if (order.price !== undefined) return REFUSALS.priceNotWanted;
  const price = matchedPrice(orders, { symbol, side, priceMatch });
  return price.kind === 'refused' ? price : done({ ...order, price: price.value });
};
