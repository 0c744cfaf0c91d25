import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { execute, reportOrder } from './executions.ts';
import { absolute, type Fixed, textOf } from './fixed.ts';
import type { Position } from './position.ts';

/** Hears that a position has changed: what only made sense with it goes. */
export type OnPositionChanged = (account: Account, symbol: string) => void;

/** A close that the venue itself makes at a price of its own, past the book. */
export interface VenueClose {
  readonly clientOrderId: string;
  /** Base units, at most what is held. */
  readonly quantity: Fixed;
  readonly price: Fixed;
  readonly kind: 'TRADE' | 'CALCULATED';
  /** Without commission. */
  readonly isFree?: boolean;
}

/** Closes (a part of) a position past the book: an order of the venue's that is filled at once at the given price. */
export const closeAt = (
  parts: { core: VenueCore; onPositionChanged: OnPositionChanged },
  account: Account,
  position: Position,
  close: VenueClose,
  orderId = parts.core.nextOrderId(),
): Order => {
  const { core } = parts;
  const { quantity, price } = close;
  const order: Order = {
    accountId: account.id,
    orderId,
    clientOrderId: close.clientOrderId,
    symbol: position.symbol,
    side: position.quantity > 0n ? 'SELL' : 'BUY',
    positionSide: position.positionSide,
    type: 'LIMIT',
    origType: 'LIMIT',
    timeInForce: 'IOC',
    quantity: quantity < absolute(position.quantity) ? quantity : absolute(position.quantity),
    price,
    stopPrice: 0n,
    executedQuantity: 0n,
    cumulativeQuote: 0n,
    averagePrice: 0n,
    status: 'NEW',
    reduceOnly: true,
    closePosition: false,
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    priceMatch: 'NONE',
    selfTradePreventionMode: 'NONE',
    goodTillMs: 0,
    origin: 'liquidation',
    algoId: null,
    createdMs: core.nowMs,
    updatedMs: core.nowMs,
  };
  account.register(order);
  core.record('order', {
    accountId: account.id,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    positionSide: order.positionSide,
    type: order.type,
    timeInForce: order.timeInForce,
    quantity: textOf(order.quantity),
    price: textOf(price),
    stopPrice: '0',
    reduceOnly: true,
    closePosition: false,
    origin: order.origin,
  });
  reportOrder(core, account, { order, execution: 'NEW' });
  execute(core, account, order, {
    price,
    quantity: order.quantity,
    isMaker: false,
    kind: close.kind,
    isFree: close.isFree ?? false,
  });
  parts.onPositionChanged(account, order.symbol);
  return order;
};
