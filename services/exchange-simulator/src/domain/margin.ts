import type { Account } from './account.ts';
import type { OrderExposure } from './open-notional.ts';
import { absolute, divideRounded, type Fixed, greatest, over, times } from './fixed.ts';
import type { Position } from './position.ts';
import { maintenanceOf, maxNotionalAt, tierOf } from './symbol-specs.ts';
import type { AccountView, PositionView, SymbolSpec } from './venue-types.ts';

/** What margin needs to know of a symbol. */
export interface MarginMarket {
  readonly spec: SymbolSpec;
  readonly markPrice: Fixed;
}

export type MarketLookup = (symbol: string) => MarginMarket;

/** Returns the notional of resting bids and asks, all of them or only those that may open something. */
export const exposureOf = (account: Account, symbol: string, which: 'all' | 'opening'): OrderExposure =>
  account.openNotional(symbol)[which];

/** Returns the larger notional that a symbol can come to when one side of its orders fills: what margin and the leverage cap are about. */
export const worstNotional = (positionNotional: Fixed, { bids, asks }: OrderExposure): Fixed =>
  greatest(absolute(positionNotional + bids), absolute(positionNotional - asks));

interface SymbolMargin {
  readonly positionInitial: Fixed;
  readonly openOrderInitial: Fixed;
}

/** Returns the initial margin of a symbol, `extra` being an order that is only thought of. */
export const symbolInitialMargin = (
  account: Account,
  market: MarginMarket,
  extra: OrderExposure = { bids: 0n, asks: 0n },
): SymbolMargin => {
  const { symbol } = market.spec;
  const leverage = BigInt(account.setup(symbol).leverage);
  const open = exposureOf(account, symbol, 'opening');
  let net = 0n;
  let gross = 0n;
  for (const position of account.positionsOf(symbol)) {
    const notional = times(position.quantity, market.markPrice);
    net += notional;
    gross += absolute(notional);
  }
  const orders = { bids: open.bids + extra.bids, asks: open.asks + extra.asks };
  // In hedge mode nothing nets: every opening order adds to its own side.
  const worst = account.hedgeMode ? gross + orders.bids + orders.asks : worstNotional(net, orders);
  return {
    positionInitial: divideRounded(gross, leverage),
    openOrderInitial: divideRounded(greatest(worst - gross, 0n), leverage),
  };
};

/** Totals over the account. Units: USDT. */
export interface MarginTotals {
  readonly unrealized: Fixed;
  readonly crossUnrealized: Fixed;
  readonly positionInitial: Fixed;
  readonly openOrderInitial: Fixed;
  readonly maintenance: Fixed;
  readonly crossMaintenance: Fixed;
  /** Free for new orders. */
  readonly available: Fixed;
}

/** Returns the account's margin at the marks of `lookup`. */
export const marginTotals = (account: Account, lookup: MarketLookup): MarginTotals => {
  const symbols = new Set(account.symbolsWithOrders());
  let unrealized = 0n;
  let crossUnrealized = 0n;
  let maintenance = 0n;
  let crossMaintenance = 0n;
  for (const position of account.positions()) {
    if (position.quantity === 0n) continue;
    symbols.add(position.symbol);
    const market = lookup(position.symbol);
    const profit = position.unrealizedAt(market.markPrice);
    const kept = maintenanceOf(market.spec, times(position.quantity, market.markPrice));
    unrealized += profit;
    maintenance += kept;
    if (account.setup(position.symbol).marginType === 'CROSSED') {
      crossUnrealized += profit;
      crossMaintenance += kept;
    }
  }
  let positionInitial = 0n;
  let openOrderInitial = 0n;
  let crossInitial = 0n;
  for (const symbol of symbols) {
    const margin = symbolInitialMargin(account, lookup(symbol));
    positionInitial += margin.positionInitial;
    openOrderInitial += margin.openOrderInitial;
    const isCrossed = account.setup(symbol).marginType === 'CROSSED';
    crossInitial += margin.openOrderInitial + (isCrossed ? margin.positionInitial : 0n);
  }
  const available = greatest(account.crossWallet + crossUnrealized - crossInitial, 0n);
  return { unrealized, crossUnrealized, positionInitial, openOrderInitial, maintenance, crossMaintenance, available };
};

/** Returns the mark price at which the position would be taken over, other marks standing still; zero when there is none. */
export const liquidationPriceOf = (account: Account, position: Position, lookup: MarketLookup): Fixed => {
  if (position.quantity === 0n) return 0n;
  const { spec, markPrice } = lookup(position.symbol);
  const tier = tierOf(spec, absolute(times(position.quantity, markPrice)));
  let cushion = position.isolatedWallet;
  if (account.setup(position.symbol).marginType === 'CROSSED') {
    const totals = marginTotals(account, lookup);
    const ownMaintenance = maintenanceOf(spec, times(position.quantity, markPrice));
    const others = totals.crossUnrealized - position.unrealizedAt(markPrice);
    cushion = account.crossWallet + others - (totals.crossMaintenance - ownMaintenance);
  }
  const slope = position.quantity - times(absolute(position.quantity), tier.maintenanceRatio);
  if (slope === 0n) return 0n;
  return greatest(over(position.cost - cushion - tier.cumulative, slope), 0n);
};

/** Returns a position as the venue shows it. */
export const positionViewOf = (account: Account, position: Position, lookup: MarketLookup): PositionView => {
  const { symbol } = position;
  const market = lookup(symbol);
  const { leverage, marginType } = account.setup(symbol);
  const notional = times(position.quantity, market.markPrice);
  const unrealizedPnl = position.unrealizedAt(market.markPrice);
  const exposure = exposureOf(account, symbol, 'all');
  const margin = symbolInitialMargin(account, market);
  const positionInitialMargin = divideRounded(absolute(notional), BigInt(leverage));
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
    isolatedMargin:
      marginType === 'ISOLATED' && position.quantity !== 0n ? position.isolatedWallet + unrealizedPnl : 0n,
    isolatedWallet: position.isolatedWallet,
    notional,
    maxNotional: maxNotionalAt(market.spec, leverage),
    initialMargin: positionInitialMargin + margin.openOrderInitial,
    maintenanceMargin: maintenanceOf(market.spec, notional),
    positionInitialMargin,
    openOrderInitialMargin: margin.openOrderInitial,
    bidNotional: exposure.bids,
    askNotional: exposure.asks,
    adlQuantile: position.quantity === 0n ? 0 : unrealizedPnl > 0n ? 2 : 1,
    accumulatedRealized: position.accumulatedRealized,
    updatedMs: position.updatedMs,
  };
};

/** Returns the account as the venue shows it. */
export const accountViewOf = (
  account: Account,
  options: { lookup: MarketLookup; symbols: readonly string[]; makerRatio: Fixed; takerRatio: Fixed },
): AccountView => {
  const { lookup, symbols, makerRatio, takerRatio } = options;
  const totals = marginTotals(account, lookup);
  return {
    accountId: account.id,
    canTrade: true,
    hedgeMode: account.hedgeMode,
    multiAssetsMode: false,
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
    maxWithdrawAmount: totals.available < account.crossWallet ? totals.available : greatest(account.crossWallet, 0n),
    makerRatio,
    takerRatio,
    updatedMs: account.updatedMs,
    positions: symbols.flatMap((symbol) =>
      account.positionsOf(symbol).map((position) => positionViewOf(account, position, lookup)),
    ),
  };
};
