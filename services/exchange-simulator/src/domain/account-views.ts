import type { Account } from './account.ts';
import { feeRatiosOf } from './fees.ts';
import { absolute, divideRounded, type Fixed, greatest, least, times } from './fixed.ts';
import { liquidationPriceOf } from './liquidation-price.ts';
import { exposureOf, type MarketLookup, marginTotals, worstNotional } from './margin.ts';
import type { OrderExposure } from './open-notional.ts';
import type { Position } from './position.ts';
import { maintenanceOf, maxNotionalAt } from './symbol-specs.ts';
import type { AccountView, AssetBalance, PositionView } from './venue-types.ts';

/** Returns the opening exposure that counts for one row of positions, and all of it: in hedge mode each side has its own orders. */
const rowExposure = (account: Account, position: Position): { opening: OrderExposure; all: OrderExposure } => {
  const all = exposureOf(account, position.symbol, 'all');
  const opening = exposureOf(account, position.symbol, 'opening');
  if (position.positionSide === 'LONG') {
    return {
      opening: { bids: opening.bids, asks: 0n },
      all: { bids: opening.bids, asks: all.asks - opening.asks },
    };
  }
  if (position.positionSide === 'SHORT') {
    return {
      opening: { bids: 0n, asks: opening.asks },
      all: { bids: all.bids - opening.bids, asks: opening.asks },
    };
  }
  return { opening, all };
};

const openOrderMarginOf = (account: Account, position: Position, notional: Fixed): Fixed => {
  const { opening } = rowExposure(account, position);
  const leverage = BigInt(account.setup(position.symbol).leverage);
  if (position.positionSide !== 'BOTH') return divideRounded(opening.bids + opening.asks, leverage);
  return divideRounded(greatest(worstNotional(notional, opening) - absolute(notional), 0n), leverage);
};

/** Returns a position as the venue shows it; `adlQuantile` is for the venue to know, because it depends on other customers. */
export const positionViewOf = (
  account: Account,
  position: Position,
  lookup: MarketLookup,
  adlQuantile = 0,
): PositionView => {
  const { symbol } = position;
  const market = lookup(symbol);
  const { leverage, marginType } = account.setup(symbol);
  const notional = times(position.quantity, market.markPrice);
  const unrealizedPnl = position.unrealizedAt(market.markPrice);
  const { all } = rowExposure(account, position);
  const openOrderInitialMargin = openOrderMarginOf(account, position, notional);
  const positionInitialMargin = divideRounded(absolute(notional), BigInt(leverage));
  const isIsolated = marginType === 'ISOLATED' && position.quantity !== 0n;
  return {
    symbol,
    positionSide: position.positionSide,
    signedQuantity: position.quantity,
    entryPrice: position.entryPrice,
    breakEvenPrice: position.breakEvenPrice,
    markPrice: market.markPrice,
    unrealizedPnl,
    liquidationPrice: liquidationPriceOf(account, position, lookup),
    leverage,
    marginType,
    isolatedMargin: isIsolated ? position.isolatedWallet + unrealizedPnl : 0n,
    isolatedWallet: position.isolatedWallet,
    notional,
    maxNotional: maxNotionalAt(market.spec, leverage),
    initialMargin: positionInitialMargin + openOrderInitialMargin,
    maintenanceMargin: maintenanceOf(market.spec, notional),
    positionInitialMargin,
    openOrderInitialMargin,
    bidNotional: all.bids,
    askNotional: all.asks,
    adlQuantile,
    accumulatedRealized: position.accumulatedRealized,
    updatedMs: position.updatedMs,
  };
};

const bnbBalanceOf = (account: Account): AssetBalance => ({
  asset: 'BNB',
  walletBalance: account.bnbWallet,
  crossWalletBalance: account.bnbWallet,
  unrealizedPnl: 0n,
  crossUnrealizedPnl: 0n,
  marginBalance: account.bnbWallet,
  initialMargin: 0n,
  positionInitialMargin: 0n,
  openOrderInitialMargin: 0n,
  maintenanceMargin: 0n,
  availableBalance: account.bnbWallet,
  maxWithdrawAmount: account.bnbWallet,
});

/** Returns the account as the venue shows it. In multi-assets mode the totals count BNB at what it is worth as margin. */
export const accountViewOf = (
  account: Account,
  options: { lookup: MarketLookup; symbols: readonly string[]; quantileOf: (position: Position) => number },
): AccountView => {
  const { lookup, symbols, quantileOf } = options;
  const totals = marginTotals(account, lookup);
  const { maker, taker } = feeRatiosOf(account.feeTier);
  const inUsdt: AssetBalance = {
    asset: 'USDT',
    walletBalance: account.wallet,
    crossWalletBalance: account.crossWallet,
    unrealizedPnl: totals.unrealized,
    crossUnrealizedPnl: totals.crossUnrealized,
    marginBalance: account.wallet + totals.unrealized,
    initialMargin: totals.positionInitial + totals.openOrderInitial,
    positionInitialMargin: totals.positionInitial,
    openOrderInitialMargin: totals.openOrderInitial,
    maintenanceMargin: totals.maintenance,
    availableBalance: totals.available,
    maxWithdrawAmount: least(totals.available, greatest(account.crossWallet, 0n)),
  };
  const { asset: _asset, ...own } = inUsdt;
  return {
    accountId: account.id,
    canTrade: true,
    hedgeMode: account.hedgeMode,
    multiAssetsMode: account.multiAssetsMode,
    feeTier: account.feeTier,
    feeBurn: account.feeBurn,
    assets: account.hasHeldBnb ? [inUsdt, bnbBalanceOf(account)] : [inUsdt],
    ...own,
    walletBalance: account.wallet + account.bnbMargin,
    crossWalletBalance: account.collateral,
    marginBalance: account.wallet + account.bnbMargin + totals.unrealized,
    makerRatio: maker,
    takerRatio: taker,
    updatedMs: account.updatedMs,
    positions: symbols.flatMap((symbol) =>
      account.positionsOf(symbol).map((position) => positionViewOf(account, position, lookup, quantileOf(position))),
    ),
  };
};
