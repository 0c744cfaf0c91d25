import { AppError, dec, type Decimal, ZERO } from '@qt/kernel';
import { z } from 'zod';
import { parseExact } from './exact-json.ts';

/** An amount as the venue writes it: text, sometimes a number, sometimes empty for "none". */
export const Amount = z
  .union([z.string().regex(/^(-?\d+(\.\d+)?)?$/), z.number()])
  .transform((value): Decimal => (value === '' ? ZERO : dec(value)));

/** An id in any form: exact text beyond 2^53. */
export const VenueId = z.union([z.string(), z.int()]).transform(String);

const Flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

/** A plain order, from any of /order and /openOrders. ACK answers leave out what has not happened yet. */
export const PlainOrder = z.object({
  symbol: z.string(),
  orderId: VenueId,
  clientOrderId: z.string(),
  side: z.enum(['BUY', 'SELL']),
  type: z.string(),
  status: z.string(),
  origQty: Amount,
  executedQty: Amount.optional(),
  avgPrice: Amount.optional(),
  price: Amount.optional(),
  stopPrice: Amount.optional(),
  reduceOnly: Flag.optional(),
  closePosition: Flag.optional(),
  updateTime: z.int(),
});
export type PlainOrder = z.infer<typeof PlainOrder>;

/** A conditional order, from /algoOrder and /openAlgoOrders. */
export const AlgoOrder = z.object({
  symbol: z.string(),
  algoId: VenueId,
  clientAlgoId: z.string(),
  side: z.enum(['BUY', 'SELL']),
  orderType: z.string(),
  algoStatus: z.string(),
  quantity: Amount.nullish(),
  triggerPrice: Amount,
  actualOrderId: VenueId.nullish(),
  actualPrice: Amount.nullish(),
  actualQty: Amount.nullish(),
  reduceOnly: Flag.optional(),
  closePosition: Flag.optional(),
  updateTime: z.int(),
});
export type AlgoOrder = z.infer<typeof AlgoOrder>;

/** The short answer of DELETE /algoOrder. */
export const AlgoCanceled = z.object({ algoId: VenueId, clientAlgoId: z.string() });

export const UserTrade = z.object({
  symbol: z.string(),
  id: VenueId,
  orderId: VenueId,
  side: z.enum(['BUY', 'SELL']),
  price: Amount,
  qty: Amount,
  commission: Amount,
  commissionAsset: z.string(),
  realizedPnl: Amount,
  maker: z.boolean(),
  time: z.int(),
});
export type UserTrade = z.infer<typeof UserTrade>;

export const Account = z.object({
  totalWalletBalance: Amount,
  totalUnrealizedProfit: Amount,
  availableBalance: Amount,
  totalInitialMargin: Amount,
  totalMaintMargin: Amount,
});

export const PositionRisk = z.object({
  symbol: z.string(),
  positionAmt: Amount,
  entryPrice: Amount,
  markPrice: Amount,
  unRealizedProfit: Amount,
  liquidationPrice: Amount,
  updateTime: z.int(),
});

export const SymbolConfig = z.object({
  symbol: z.string(),
  marginType: z.string(),
  leverage: z.coerce.number().int().positive(),
});

export const Income = z.object({
  symbol: z.string(),
  incomeType: z.string(),
  income: Amount,
  asset: z.string(),
  time: z.int(),
  tranId: VenueId,
  tradeId: VenueId,
});
export type Income = z.infer<typeof Income>;

export const PositionMode = z.object({ dualSidePosition: Flag });

export const ListenKey = z.object({ listenKey: z.string().min(1) });

/** Returns the error for an answer that is not what the venue documents. */
export const unreadable = (what: string, why: string): AppError =>
  new AppError('VENUE_UNAVAILABLE', `${what} answered with something unreadable: ${why}`, { retryable: true });

/** Returns a body in the given shape. Throws: AppError VENUE_UNAVAILABLE naming the fields at fault. */
export const parseBody = <T>(what: string, schema: z.ZodType<T>, body: string): T => {
  let raw: unknown;
  try {
    raw = parseExact(body);
  } catch {
    throw unreadable(what, 'not JSON');
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw unreadable(what, z.prettifyError(parsed.error));
  return parsed.data;
};
