import type { Account, Order } from './account.ts';
import type { VenueCore } from './core.ts';
import { feeOf } from './fees.ts';
import { divideRounded, type Fixed, over, textOf, times } from './fixed.ts';
import type { ExecutionKind, FillView, OrderSide, OrderStatus, PositionSide } from './venue-types.ts';

/** Returns the sign a side gives to a quantity. */
export const signOf = (side: OrderSide): bigint => (side === 'BUY' ? 1n : -1n);

/** Tells the account what happened to an order. */
export const reportOrder = (
  core: VenueCore,
  account: Account,
  report: { order: Order; execution: ExecutionKind; fill?: FillView; expiryReason?: string },
): void => {
  if (!core.hears('order')) return;
  const { order } = report;
  const exposure = account.openNotional(order.symbol).all;
  core.emit('order', {
    accountId: account.id,
    timeMs: core.nowMs,
    execution: report.execution,
    order: { ...order },
    fill: report.fill ?? null,
    bidNotional: exposure.bids,
    askNotional: exposure.asks,
    expiryReason: report.expiryReason ?? '0',
  });
};

/** Changes an order's status, notes it and, at an end, takes the order out of the account's open ones. */
export const moveOrder = (core: VenueCore, account: Account, order: Order, status: OrderStatus): void => {
  order.status = status;
  order.updatedMs = core.nowMs;
  if (status !== 'NEW' && status !== 'PARTIALLY_FILLED') account.unregister(order);
  core.write({
    seq: core.nextSeq(),
    timeMs: core.nowMs,
    kind: 'order_update',
    accountId: account.id,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    status,
    executedQuantity: textOf(order.executedQuantity),
  });
};

/** The side of the book of positions that an order works on. */
export const positionSideOf = (account: Account, order: { positionSide: PositionSide }): PositionSide =>
  account.hedgeMode ? order.positionSide : 'BOTH';

/** One fill of one order, before it is booked. */
export interface Execution {
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly isMaker: boolean;
  /** CALCULATED when the venue itself closes the position. */
  readonly kind: 'TRADE' | 'CALCULATED';
  /** Without commission: what is taken over at the price at which nothing is left. */
  readonly isFree?: boolean;
  /** Of the trade this is one side of; missing where the house is the other. */
  readonly tradeId?: number;
}

/** Makes the public trade that an execution is, and returns its id. */
export const printTrade = (
  core: VenueCore,
  symbol: string,
  trade: { price: Fixed; quantity: Fixed; isBuyerMaker: boolean },
): number => {
  const printed = core.market(symbol).ownTrade(trade);
  core.emit('trade', printed);
  return printed.tradeId;
};

/** Executes part of an order: position, isolated margin, wallet, order, ledger and events, in that order. */
export const execute = (core: VenueCore, account: Account, order: Order, execution: Execution): FillView => {
  const { price, quantity, isMaker } = execution;
  const position = account.position(order.symbol, positionSideOf(account, order));
  const notional = times(price, quantity);
  const { bnbPrice } = core;
  const isFree = execution.isFree ?? false;
  const charged = feeOf(account, { notional: isFree ? 0n : notional, isMaker, origin: order.origin, bnbPrice });
  const fee = charged.amount;
  account.touch(position);
  const change = position.fill(signOf(order.side) * quantity, price, charged.usdt);
  position.updatedMs = core.nowMs;
  const setup = account.setup(order.symbol);
  if (setup.marginType === 'ISOLATED' && change.opened > 0n) {
    position.isolatedWallet += divideRounded(times(change.opened, price), BigInt(setup.leverage));
  }
  account.weigh(order, -1n);
  order.executedQuantity += quantity;
  account.weigh(order, 1n);
  order.cumulativeQuote += notional;
  order.averagePrice = over(order.cumulativeQuote, order.executedQuantity);
  const isBuyerMaker = isMaker === (order.side === 'BUY');
  const tradeId = execution.tradeId ?? printTrade(core, order.symbol, { price, quantity, isBuyerMaker });
  const fill: FillView = {
    accountId: account.id,
    tradeId,
    orderId: order.orderId,
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    positionSide: order.positionSide,
    quantity,
    price,
    quoteQuantity: notional,
    fee,
    feeAsset: charged.asset,
    realizedPnl: change.realizedPnl,
    isMaker,
    timeMs: core.nowMs,
  };
  account.fills.push(fill);
  core.fillCount += 1;
  core.write({
    seq: core.nextSeq(),
    timeMs: core.nowMs,
    kind: 'fill',
    accountId: account.id,
    tradeId: fill.tradeId,
    orderId: fill.orderId,
    clientOrderId: fill.clientOrderId,
    symbol: fill.symbol,
    side: fill.side,
    positionSide: fill.positionSide,
    quantity: textOf(quantity),
    price: textOf(price),
    fee: textOf(fee),
    feeAsset: fill.feeAsset,
    realizedPnl: textOf(fill.realizedPnl),
    isMaker,
    positionAfter: textOf(position.quantity),
    entryPriceAfter: textOf(position.entryPrice),
    isolatedWalletAfter: textOf(position.isolatedWallet),
  });
  const cause = { symbol: order.symbol, tradeId: fill.tradeId };
  if (change.realizedPnl !== 0n)
    core.book(account, { incomeType: 'REALIZED_PNL', amount: change.realizedPnl, ...cause });
  if (fee !== 0n) core.book(account, { incomeType: 'COMMISSION', amount: -fee, asset: charged.asset, ...cause });
  moveOrder(core, account, order, order.executedQuantity === order.quantity ? 'FILLED' : 'PARTIALLY_FILLED');
  const bnb = charged.asset === 'BNB' ? { bnbChange: 0n } : {};
  core.announce(account, { reason: 'ORDER', positions: [position], ...bnb });
  reportOrder(core, account, { order, execution: execution.kind, fill });
  if (order.algoId !== null) core.orderMoved(order);
  return fill;
};

/** Ends an order that the customer or the venue takes back; what was filled stays filled. */
export const endOrder = (
  core: VenueCore,
  account: Account,
  order: Order,
  end: { status: 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH'; expiryReason?: string },
): void => {
  moveOrder(core, account, order, end.status);
  reportOrder(core, account, {
    order,
    execution: end.status === 'CANCELED' ? 'CANCELED' : 'EXPIRED',
    ...(end.expiryReason === undefined ? {} : { expiryReason: end.expiryReason }),
  });
  if (order.algoId !== null) core.orderMoved(order);
};
