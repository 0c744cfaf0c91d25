import type { Account } from './account.ts';
import { absolute, type Fixed, greatest, over, times } from './fixed.ts';
import { crossRiskOf, type MarketLookup } from './margin.ts';
import type { Position } from './position.ts';
import { maintenanceOf, tierOf } from './symbol-specs.ts';

/** The tier at the price decides the price: this many rounds settle it. */
const TIER_ROUNDS = 8;

/** What stands between the positions of one symbol and their end: isolated margin, or all the cross margin that other positions leave. */
const cushionOf = (account: Account, together: readonly Position[], lookup: MarketLookup): Fixed => {
  const risk = crossRiskOf(account, lookup);
  let cushion = risk.equity - risk.maintenance;
  for (const position of together) {
    const { spec, markPrice } = lookup(position.symbol);
    cushion -= position.unrealizedAt(markPrice) - maintenanceOf(spec, times(position.quantity, markPrice));
  }
  return cushion;
};

/**
 * Returns the mark price at which the position would be taken over, other marks standing still; zero when there is none.
 *
 * Cross positions of both sides of a symbol share one price, as on the real venue. The maintenance tier is that of the notional at the
 * returned price. Source: Binance, How to calculate liquidation price of USD-M futures contracts.
 */
export const liquidationPriceOf = (account: Account, position: Position, lookup: MarketLookup): Fixed => {
  if (position.quantity === 0n) return 0n;
  const { spec, markPrice } = lookup(position.symbol);
  const isCrossed = account.setup(position.symbol).marginType === 'CROSSED';
  const together = isCrossed ? account.positionsOf(position.symbol) : [position];
  const cushion = isCrossed ? cushionOf(account, together, lookup) : position.isolatedWallet;
  let price = markPrice;
  for (let round = 0; round < TIER_ROUNDS; round += 1) {
    let slope = 0n;
    let level = -cushion;
    for (const one of together) {
      if (one.quantity === 0n) continue;
      const size = absolute(one.quantity);
      const tier = tierOf(spec, times(size, price));
      slope += one.quantity - times(size, tier.maintenanceRatio);
      level += one.cost - tier.cumulative;
    }
    if (slope === 0n) return 0n;
    const next = greatest(over(level, slope), 0n);
    if (next === price) break;
    price = next;
  }
  return price;
};
