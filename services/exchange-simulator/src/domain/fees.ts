import type { Account } from './account.ts';
import { type Fixed, fixed, over, times } from './fixed.ts';
import type { Asset, OrderOrigin } from './venue-types.ts';

/** What a customer pays. Units: share of notional. */
export interface FeeRatios {
  readonly maker: Fixed;
  readonly taker: Fixed;
}

/**
 * VIP 0 to 9. Source: Binance USD-M fee schedule; level 0 as recorded from GET /fapi/v1/commissionRate on the real venue.
 */
const TIERS: readonly FeeRatios[] = (
  [
    ['0.0002', '0.0005'],
    ['0.00016', '0.0004'],
    ['0.00014', '0.00035'],
    ['0.00012', '0.00032'],
    ['0.0001', '0.0003'],
    ['0.00008', '0.00027'],
    ['0.00006', '0.00025'],
    ['0.00004', '0.00022'],
    ['0.00002', '0.0002'],
    ['0', '0.00017'],
  ] as const
).map(([maker, taker]) => ({ maker: fixed(maker), taker: fixed(taker) }));

/** Paid in BNB, a fee is a tenth less. */
const BNB_RATIO = fixed('0.9');
const BNB_SYMBOL = 'BNBUSDT';
/** Price of a BNB where the market does not list it and nobody said otherwise. */
const DEFAULT_BNB_PRICE = fixed('600');

/** Returns what customers of a tier pay. Throws RangeError when there is no such tier. */
export const feeRatiosOf = (feeTier: number): FeeRatios => {
  const ratios = TIERS[feeTier];
  if (ratios === undefined) throw new RangeError(`fee tier must be 0 to ${TIERS.length - 1}, was ${feeTier}`);
  return ratios;
};

/** Returns the price of a BNB: the market's own mark where it is listed. */
export const bnbPriceOf = (
  markets: ReadonlyMap<string, { readonly markPrice: Fixed }>,
  otherwise: Fixed | undefined,
): Fixed => {
  const listed = markets.get(BNB_SYMBOL)?.markPrice ?? 0n;
  return listed > 0n ? listed : (otherwise ?? DEFAULT_BNB_PRICE);
};

/** A commission, and the asset that pays it. */
export interface Fee {
  readonly amount: Fixed;
  readonly asset: Asset;
  /** The part that burdens the position's break-even price; nothing when BNB pays. */
  readonly usdt: Fixed;
}

/** Returns the commission of an execution: in BNB and for less where the account wants that and has enough, else in USDT. */
export const feeOf = (
  account: Account,
  execution: { notional: Fixed; isMaker: boolean; origin: OrderOrigin; bnbPrice: () => Fixed },
): Fee => {
  const { maker, taker } = feeRatiosOf(account.feeTier);
  const usdt = times(execution.notional, execution.isMaker ? maker : taker);
  // What the venue closes itself is paid from the margin that it takes over.
  if (account.feeBurn && account.bnbWallet > 0n && execution.origin !== 'liquidation') {
    const amount = over(times(usdt, BNB_RATIO), execution.bnbPrice());
    if (amount <= account.bnbWallet) return { amount, asset: 'BNB', usdt: 0n };
  }
  return { amount: usdt, asset: 'USDT', usdt };
};
