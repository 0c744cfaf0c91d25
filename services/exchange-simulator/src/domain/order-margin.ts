import type { Account } from './account.ts';
import { type Fixed, times } from './fixed.ts';
import {
  exposureOf,
  type MarginMarket,
  type MarketLookup,
  marginTotals,
  symbolInitialMargin,
  worstNotional,
} from './margin.ts';
import { done, REFUSALS } from './refusals.ts';
import { maxNotionalAt } from './symbol-specs.ts';
import type { Answer, OrderSide } from './venue-types.ts';

/** What an order would add to an account's open orders. Units: USDT. */
export interface ExtraOrder {
  readonly side: OrderSide;
  readonly notional: Fixed;
  /** What it would lose at once at the mark. */
  readonly openLoss: Fixed;
}

/** Judges by margin and by the leverage's cap what would be added to the account's open orders. */
export const judgeExtra = (
  account: Account,
  market: MarginMarket,
  { side, notional, openLoss }: ExtraOrder,
  lookup: MarketLookup,
): Answer<null> => {
  const { spec, markPrice } = market;
  const extra = side === 'BUY' ? { bids: notional, asks: 0n } : { bids: 0n, asks: notional };
  const setup = account.setup(spec.symbol);
  const open = exposureOf(account, spec.symbol, 'opening');
  const sides = account.positionsOf(spec.symbol);
  const held = sides.reduce((sum, position) => sum + times(position.quantity, markPrice), 0n);
  const worst = worstNotional(held, { bids: open.bids + extra.bids, asks: open.asks + extra.asks });
  const isOver = worst > maxNotionalAt(spec, setup.leverage);
  if (isOver && worst > worstNotional(held, open)) return REFUSALS.leverageCap;
  const before = symbolInitialMargin(account, market);
  const after = symbolInitialMargin(account, market, extra);
  const margin = after.openOrderInitial - before.openOrderInitial;
  if (margin <= 0n) return done(null);
  const { available } = marginTotals(account, lookup);
  return margin + openLoss > available ? REFUSALS.marginInsufficient : done(null);
};
