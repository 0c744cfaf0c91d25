import type { Account } from './account.ts';
import type {
  AlgoView,
  FillView,
  HistoryQuery,
  IncomeQuery,
  IncomeView,
  MarginChange,
  OrderView,
} from './venue-types.ts';

const DEFAULT_LIMIT = 500;

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
  return row.hasFirst || query.startMs !== undefined ? found.slice(0, limit) : found.slice(-limit);
};

/** Returns orders by time of placing, from `orderId` on when given. Shape: oldest first. */
export const ordersPage = (account: Account, query: HistoryQuery): OrderView[] =>
  pageOf(account.orders, query, {
    symbol: (order) => order.symbol,
    timeMs: (order) => order.createdMs,
    matches: (order) => query.orderId === undefined || order.orderId >= query.orderId,
    hasFirst: query.orderId !== undefined,
  }).map((order) => ({ ...order }));

/** Returns executions, from `fromId` on or of one order when given. Shape: oldest first. */
export const fillsPage = (account: Account, query: HistoryQuery): FillView[] =>
  pageOf(account.fills, query, {
    symbol: (fill) => fill.symbol,
    timeMs: (fill) => fill.timeMs,
    matches: (fill) =>
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
export const algosPage = (account: Account, query: HistoryQuery & { algoId?: number }): AlgoView[] =>
  pageOf(account.algos, query, {
    symbol: (algo) => algo.symbol,
    timeMs: (algo) => algo.createdMs,
    matches: (algo) => query.algoId === undefined || algo.algoId >= query.algoId,
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
