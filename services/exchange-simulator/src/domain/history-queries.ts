import type { Account } from './account.ts';
import { done, REFUSALS } from './refusals.ts';
import type {
  AlgoKey,
  AlgoView,
  Answer,
  FillView,
  HistoryQuery,
  IncomeQuery,
  IncomeView,
  MarginChange,
  OrderKey,
  OrderView,
} from './venue-types.ts';

const DEFAULT_LIMIT = 500;
const DAY_MS = 24 * 60 * 60_000;
/** Orders that ended without a fill are found for three days, all others for ninety. Source: documentation of GET /fapi/v1/order. */
const UNFILLED_KEPT_MS = 3 * DAY_MS;
const ORDERS_KEPT_MS = 90 * DAY_MS;
/** Six months. Source: documentation of GET /fapi/v1/userTrades. */
const FILLS_KEPT_MS = 183 * DAY_MS;
const UNFILLED_ENDS: ReadonlySet<string> = new Set(['CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH']);

const isForgotten = (ageMs: number, order: { status: string; filled: bigint }): boolean =>
  ageMs > ORDERS_KEPT_MS || (ageMs > UNFILLED_KEPT_MS && order.filled === 0n && UNFILLED_ENDS.has(order.status));

const isOrderForgotten = ({ createdMs, status, executedQuantity }: OrderView, nowMs: number): boolean =>
  isForgotten(nowMs - createdMs, { status, filled: executedQuantity });

const isAlgoForgotten = ({ createdMs, status, actualQuantity }: AlgoView, nowMs: number): boolean =>
  isForgotten(nowMs - createdMs, { status, filled: actualQuantity });

/** Returns an order, open or over. Denies: -2013, also for what is too old. */
export const orderOf = (account: Account, key: OrderKey, nowMs: number): Answer<OrderView> => {
  const byClientId = account.ordersByClientId.get(key.clientOrderId ?? '');
  const order = key.orderId === undefined ? byClientId : account.ordersById.get(key.orderId);
  if (order === undefined || order.symbol !== key.symbol) return REFUSALS.noSuchOrder;
  return isOrderForgotten(order, nowMs) && !account.openOrders.has(order.orderId)
    ? REFUSALS.noSuchOrder
    : done({ ...order });
};

/** Returns a conditional order, open or over. Denies: -2013, also for what is too old. */
export const algoOf = (account: Account, key: AlgoKey, nowMs: number): Answer<AlgoView> => {
  const byClientId = account.algosByClientId.get(key.clientAlgoId ?? '');
  const algo = key.algoId === undefined ? byClientId : account.algosById.get(key.algoId);
  if (algo === undefined) return REFUSALS.noSuchOrder;
  return isAlgoForgotten(algo, nowMs) && !account.openAlgos.has(algo.algoId) ? REFUSALS.noSuchOrder : done({ ...algo });
};

/** Keeps what matches; from the start when the query has one (a first id or time), else the newest. */
const pageOf = <T>(
  rows: readonly T[],
  query: HistoryQuery & { page?: number },
  row: { symbol: (one: T) => string; timeMs: (one: T) => number; matches: (one: T) => boolean; hasFirst: boolean },
): T[] => {
  const { startMs = 0, endMs = Number.MAX_SAFE_INTEGER, limit = DEFAULT_LIMIT } = query;
  const found = rows.filter((one) => {
    if (query.symbol !== undefined && row.symbol(one) !== query.symbol) return false;
    const timeMs = row.timeMs(one);
    return timeMs >= startMs && timeMs <= endMs && row.matches(one);
  });
  if (query.page !== undefined) return found.slice((query.page - 1) * limit, query.page * limit);
  const keepsFirst = row.hasFirst || (query.startMs !== undefined && query.keeps !== 'newest');
  return keepsFirst ? found.slice(0, limit) : found.slice(-limit);
};

/** Returns orders by time of placing, from `orderId` on when given. Shape: oldest first. */
export const ordersPage = (account: Account, query: HistoryQuery, nowMs: number): OrderView[] =>
  pageOf(account.orders, query, {
    symbol: (order) => order.symbol,
    timeMs: (order) => order.createdMs,
    matches: (order) =>
      (query.orderId === undefined || order.orderId >= query.orderId) && !isOrderForgotten(order, nowMs),
    hasFirst: query.orderId !== undefined,
  }).map((order) => ({ ...order }));

/** Returns executions, from `fromId` on or of one order when given. Shape: oldest first. */
export const fillsPage = (account: Account, query: HistoryQuery, nowMs: number): FillView[] =>
  pageOf(account.fills, query, {
    symbol: (fill) => fill.symbol,
    timeMs: (fill) => fill.timeMs,
    matches: (fill) =>
      fill.timeMs > nowMs - FILLS_KEPT_MS &&
      (query.orderId === undefined || fill.orderId === query.orderId) &&
      (query.fromId === undefined || fill.tradeId >= query.fromId),
    hasFirst: query.fromId !== undefined,
  });

/** Returns what was booked to the wallet; page 2 goes on where page 1 ended. Shape: oldest first. */
export const incomePage = (account: Account, query: IncomeQuery): IncomeView[] =>
  pageOf(account.incomes, query, {
    symbol: (income) => income.symbol,
    timeMs: (income) => income.timeMs,
    matches: (income) => query.incomeType === undefined || income.incomeType === query.incomeType,
    hasFirst: false,
  });

/** Returns conditional orders by time of placing, from `algoId` on when given. Shape: oldest first. */
export const algosPage = (account: Account, query: HistoryQuery & { algoId?: number }, nowMs: number): AlgoView[] =>
  pageOf(account.algos, query, {
    symbol: (algo) => algo.symbol,
    timeMs: (algo) => algo.createdMs,
    matches: (algo) => (query.algoId === undefined || algo.algoId >= query.algoId) && !isAlgoForgotten(algo, nowMs),
    hasFirst: query.algoId !== undefined,
  }).map((algo) => ({ ...algo }));

/** Returns changes of isolated margin. Shape: oldest first. */
export const marginChangesPage = (account: Account, query: HistoryQuery & { type?: 1 | 2 }): MarginChange[] =>
  pageOf(account.marginChanges, query, {
    symbol: (change) => change.symbol,
    timeMs: (change) => change.timeMs,
    matches: (change) => query.type === undefined || change.type === query.type,
    hasFirst: false,
  });

/** Asks for orders that the venue itself has placed. */
export interface ForcedOrderQuery extends HistoryQuery {
  /** Both when left out. */
  readonly cause?: 'LIQUIDATION' | 'ADL';
}

/** Client ids of the real venue's own orders. */
const FORCED_IDS: Readonly<Record<'LIQUIDATION' | 'ADL', string>> = { LIQUIDATION: 'autoclose-', ADL: 'adl_autoclose' };

/** Returns orders with which the venue closed positions of the account. Shape: oldest first. */
export const forcedOrdersPage = (account: Account, query: ForcedOrderQuery): OrderView[] => {
  const ids = query.cause === undefined ? Object.values(FORCED_IDS) : [FORCED_IDS[query.cause]];
  return pageOf(account.orders, query, {
    symbol: (order) => order.symbol,
    timeMs: (order) => order.createdMs,
    matches: (order) => order.origin === 'liquidation' && ids.some((id) => order.clientOrderId.startsWith(id)),
    hasFirst: false,
  }).map((order) => ({ ...order }));
};
