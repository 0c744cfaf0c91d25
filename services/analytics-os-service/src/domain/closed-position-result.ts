import type { PositionClosed } from '@qt/contracts';
import { dec, toText } from '@qt/kernel';

/**
 * Returns what a closed position earned after everything: realized PnL plus funding (negative when paid) minus fees.
 *
 * Units: USDT, decimal text.
 */
export const netPnlUsdtOf = (closed: Pick<PositionClosed, 'realizedPnlUsdt' | 'feesUsdt' | 'fundingUsdt'>): string =>
  toText(dec(closed.realizedPnlUsdt).plus(closed.fundingUsdt).minus(closed.feesUsdt));
