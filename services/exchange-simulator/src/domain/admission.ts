import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer } from './venue-types.ts';

/**
 * Judges whether the account may send orders on the symbol now, whatever the order. Cancels need no admission.
 *
 * Denies: -4140 while the symbol is halted, -4108 before it trades and from its settlement on, -2023 while the account's margin is being
 * taken over.
 */
export const judgeAdmission = (core: VenueCore, account: Account, symbol: string): Answer<null> => {
  if (!core.isTrading(symbol)) return core.statusOf(symbol) === 'HALT' ? REFUSALS.notOpening : REFUSALS.notListed;
  for (const position of account.positions()) {
    if (!position.isLiquidating) continue;
    // An isolated position falls alone, a cross position holds the whole account.
    const isCrossed = account.setup(position.symbol).marginType === 'CROSSED';
    if (isCrossed || position.symbol === symbol) return REFUSALS.inLiquidation;
  }
  return done(null);
};
