import type { Account, Order } from './account.ts';
import { signOf } from './executions.ts';
import { type Fixed, greatest, textOf, times } from './fixed.ts';
import type { MarginMarket, MarketLookup } from './margin.ts';
import { judgeExtra } from './order-margin.ts';
import { judgeOrder } from './order-rules.ts';
import { REFUSALS } from './refusals.ts';
import type { Answer, PlaceOrder } from './venue-types.ts';

/** What an amendment asks for; texts as the client sent them. What is missing stays. */
export interface OrderChange {
  readonly quantity?: string;
  readonly price?: string;
}

/** Judges an amendment as an order of its own, margin by what it adds. Refuses with -5027 when nothing would change. */
export const judgeAmendment = (
  account: Account,
  order: Order,
  change: OrderChange,
  now: { market: MarginMarket; prices: { mark: Fixed; bid: Fixed; ask: Fixed }; lookup: MarketLookup },
): Answer<{ quantity: Fixed; price: Fixed }> => {
  const { market, prices, lookup } = now;
  const asked: PlaceOrder = {
    symbol: order.symbol,
    side: order.side,
    type: 'LIMIT',
    timeInForce: order.timeInForce,
    quantity: change.quantity ?? textOf(order.quantity),
    price: change.price ?? textOf(order.price),
    reduceOnly: order.reduceOnly,
  };
  const judged = judgeOrder(market.spec, asked, prices);
  if (judged.kind === 'refused') return judged;
  const { quantity, price } = judged.value;
  if (quantity === order.quantity && price === order.price) return REFUSALS.nothingToAmend;
  const open = greatest(quantity - order.executedQuantity, 0n);
  const notional = times(open, price) - times(order.quantity - order.executedQuantity, order.price);
  if (order.reduceOnly || notional <= 0n) return judged;
  const openLoss = times(greatest(signOf(order.side) * (price - market.markPrice), 0n), open);
  const affordable = judgeExtra(account, market, { side: order.side, notional, openLoss }, lookup);
  return affordable.kind === 'refused' ? affordable : judged;
};
