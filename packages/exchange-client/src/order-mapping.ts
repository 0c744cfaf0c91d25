import type { OrderType, Side } from '@qt/contracts';
import { ZERO } from '@qt/kernel';
import type { OrderState, VenueFill, VenueOrder } from './port.ts';
import { type AlgoOrder, type PlainOrder, type UserTrade, unreadable } from './rest-shapes.ts';

const STATE_OF_STATUS: Readonly<Record<string, OrderState>> = {
  NEW: 'accepted',
  NEW_INSURANCE: 'accepted', // liquidation taken over by the insurance fund
  NEW_ADL: 'accepted', // auto-deleveraging
  PENDING_CANCEL: 'accepted',
  PARTIALLY_FILLED: 'partially_filled',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired_in_match',
  REJECTED: 'rejected',
};

const STATE_OF_ALGO_STATUS: Readonly<Record<string, OrderState>> = {
  NEW: 'accepted',
  TRIGGERING: 'accepted',
  TRIGGERED: 'triggered',
  FINISHED: 'triggered', // the order that it became tells the rest
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
};

// Types that only others send are read as the nearest of ours, so that no foreign order is ever dropped.
const TYPE_OF_VENUE_TYPE: Readonly<Record<string, OrderType>> = {
  MARKET: 'market',
  LIQUIDATION: 'market',
  LIMIT: 'limit',
  STOP: 'stop_market',
  STOP_MARKET: 'stop_market',
  TRAILING_STOP_MARKET: 'stop_market',
  TAKE_PROFIT: 'take_profit_market',
  TAKE_PROFIT_MARKET: 'take_profit_market',
};

const lookUp = <T>(map: Readonly<Record<string, T>>, word: string, what: string): T => {
  const found = map[word];
  if (found === undefined) throw unreadable('an order', `${what} ${word} is not known`);
  return found;
};

/** Throws: AppError VENUE_UNAVAILABLE on a status that the documentation does not name. */
export const stateOfStatus = (status: string): OrderState => lookUp(STATE_OF_STATUS, status, 'order status');

/** Throws: AppError VENUE_UNAVAILABLE on a status that the documentation does not name. */
export const stateOfAlgoStatus = (status: string): OrderState =>
  lookUp(STATE_OF_ALGO_STATUS, status, 'conditional order status');

/** Throws: AppError VENUE_UNAVAILABLE on a type that the documentation does not name. */
export const typeOfVenueType = (type: string): OrderType => lookUp(TYPE_OF_VENUE_TYPE, type, 'order type');

export const sideOf = (side: 'BUY' | 'SELL'): Side => (side === 'BUY' ? 'buy' : 'sell');

/** Returns the id of the order a conditional one became; the venue writes none as '', 0 or nothing. */
export const actualIdOf = (id: string | null | undefined): string | null =>
  id === null || id === undefined || id === '' || id === '0' ? null : id;

export const venueOrderOf = (order: PlainOrder): VenueOrder => {
  const orderType = typeOfVenueType(order.type);
  const price = orderType === 'limit' ? order.price : order.stopPrice;
  return {
    book: 'plain',
    clientOrderId: order.clientOrderId,
    venueOrderId: order.orderId,
    actualVenueOrderId: null,
    symbol: order.symbol,
    side: sideOf(order.side),
    orderType,
    state: stateOfStatus(order.status),
    quantity: order.origQty,
    executedQuantity: order.executedQty ?? ZERO,
    averagePrice: order.avgPrice ?? ZERO,
    price: orderType === 'market' ? null : (price ?? null),
    isReduceOnly: order.reduceOnly ?? false,
    closesPosition: order.closePosition ?? false,
    updatedAtMs: order.updateTime,
  };
};

export const conditionalOrderOf = (order: AlgoOrder): VenueOrder => ({
  book: 'conditional',
  clientOrderId: order.clientAlgoId,
  venueOrderId: order.algoId,
  actualVenueOrderId: actualIdOf(order.actualOrderId),
  symbol: order.symbol,
  side: sideOf(order.side),
  orderType: typeOfVenueType(order.orderType),
  state: stateOfAlgoStatus(order.algoStatus),
  quantity: order.quantity ?? ZERO,
  executedQuantity: order.actualQty ?? ZERO,
  averagePrice: order.actualPrice ?? ZERO,
  price: order.triggerPrice,
  isReduceOnly: order.reduceOnly ?? false,
  closesPosition: order.closePosition ?? false,
  updatedAtMs: order.updateTime,
});

export const fillOf = (trade: UserTrade): VenueFill => ({
  symbol: trade.symbol,
  venueFillId: trade.id,
  venueOrderId: trade.orderId,
  clientOrderId: null,
  side: sideOf(trade.side),
  quantity: trade.qty,
  price: trade.price,
  fee: trade.commission,
  feeAsset: trade.commissionAsset,
  realizedPnlUsdt: trade.realizedPnl,
  isMaker: trade.maker,
  occurredAtMs: trade.time,
});
