import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { absolute, divideRounded, greatest, least, parseFixed, textOf, times } from './fixed.ts';
import { marginTotals } from './margin.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer, MarginChange, PositionSide } from './venue-types.ts';

/** A customer's wish to move margin; the amount as sent, because its precision is judged here. */
export interface PositionMarginRequest {
  readonly symbol: string;
  readonly positionSide?: PositionSide;
  /** 1 adds, 2 takes. */
  readonly type: 1 | 2;
  readonly amount: string;
}

/**
 * Moves money between the cross wallet and an isolated position. Taken may be what stands above the initial margin at the mark, with
 * open losses counted and open profit not.
 *
 * Denies: -1121, -1111, -4055, -4061, -4049, -4054, -4050, -4051.
 */
export const changePositionMargin = (
  core: VenueCore,
  account: Account,
  request: PositionMarginRequest,
): Answer<MarginChange> => {
  const { symbol, type } = request;
  const market = core.markets.get(symbol);
  if (market === undefined) return REFUSALS.badSymbol;
  const amount = parseFixed(request.amount);
  if (amount === null) return REFUSALS.precision;
  if (amount <= 0n) return REFUSALS.amountNotPositive;
  const positionSide = request.positionSide ?? 'BOTH';
  if ((positionSide === 'BOTH') === account.hedgeMode) return REFUSALS.sideMismatch;
  const setup = account.setup(symbol);
  if (setup.marginType !== 'ISOLATED') return REFUSALS.addMarginCrossed;
  const position = account.position(symbol, positionSide);
  if (position.quantity === 0n) return REFUSALS.addMarginFlat;
  if (position.isLiquidating) return REFUSALS.inLiquidation;
  if (type === 1) {
    const free = least(marginTotals(account, core.lookup).available, account.crossWallet);
    if (amount > free) return REFUSALS.crossBalanceInsufficient;
    position.isolatedWallet += amount;
  } else {
    const notional = absolute(times(position.quantity, market.markPrice));
    const kept = divideRounded(notional, BigInt(setup.leverage));
    const openLoss = least(position.unrealizedAt(market.markPrice), 0n);
    if (amount > greatest(position.isolatedWallet + openLoss - kept, 0n)) return REFUSALS.isolatedBalanceInsufficient;
    position.isolatedWallet -= amount;
  }
  position.updatedMs = core.nowMs;
  const change: MarginChange = { symbol, positionSide, type, amount, timeMs: core.nowMs };
  account.marginChanges.push(change);
  core.record('position_margin', {
    accountId: account.id,
    symbol,
    positionSide,
    type,
    amount: textOf(amount),
    isolatedWalletAfter: textOf(position.isolatedWallet),
  });
  core.announce(account, { reason: 'MARGIN_TRANSFER', positions: [position] });
  return done(change);
};
