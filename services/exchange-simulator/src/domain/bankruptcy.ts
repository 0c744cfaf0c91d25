import type { Account } from './account.ts';
import { absolute, type Fixed, times } from './fixed.ts';
import type { MarketLookup } from './margin.ts';
import type { Position } from './position.ts';

const ONE_SQUARED = 10n ** 16n;

/** Returns what a position can lose before the customer's margin is gone: its isolated wallet, or the cross equity without its own profit. */
export const cushionOf = (account: Account, position: Position, lookup: MarketLookup): Fixed => {
  if (account.setup(position.symbol).marginType === 'ISOLATED') return position.isolatedWallet;
  let cushion = account.collateral;
  for (const other of account.positions()) {
    if (other === position || other.quantity === 0n) continue;
    if (account.setup(other.symbol).marginType === 'ISOLATED') continue;
    cushion += other.unrealizedAt(lookup(other.symbol).markPrice);
  }
  return cushion;
};

/**
 * Returns the price at which closing the position would use its cushion up, the commission (`feeRatio`) paid. Rounded in the customer's
 * favor, so that nobody owes anything after a close there. It may be negative: then no price can ruin the position.
 */
export const bankruptcyPriceOf = (position: Position, cushion: Fixed, feeRatio: Fixed): Fixed => {
  const { quantity, cost } = position;
  // quantity * price - cost + cushion - |quantity| * price * feeRatio = 0
  const slope = quantity * 10n ** 8n - absolute(quantity) * feeRatio;
  const level = (cost - cushion) * ONE_SQUARED;
  const [top, bottom] = slope < 0n ? [-level, -slope] : [level, slope];
  const floor = top >= 0n ? top / bottom : -((-top + bottom - 1n) / bottom);
  const isExact = floor * bottom === top;
  // A long sells: not below. A short buys: not above.
  return quantity > 0n && !isExact ? floor + 1n : floor;
};

/** Returns what a fund loses that takes `quantity` over at `price` and can sell it at `worth`; negative when it gains. */
export const takeoverLoss = (quantity: Fixed, price: Fixed, worth: Fixed): Fixed =>
  times(quantity, price) - times(quantity, worth);
