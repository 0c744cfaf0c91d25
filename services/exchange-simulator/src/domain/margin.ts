import type { Account } from './account.ts';
import type { OrderExposure } from './open-notional.ts';
import { absolute, divideRounded, type Fixed, greatest, times } from './fixed.ts';
import { maintenanceOf } from './symbol-specs.ts';
import type { SymbolSpec } from './venue-types.ts';

/** What margin needs to know of a symbol. */
export interface MarginMarket {
  readonly spec: SymbolSpec;
  readonly markPrice: Fixed;
}

/** Finds the market of a listed symbol. */
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

/** What decides whether the cross positions are taken over. Units: USDT. */
export interface CrossRisk {
  readonly hasPosition: boolean;
  readonly unrealized: Fixed;
  readonly maintenance: Fixed;
  /** Collateral and open profit. */
  readonly equity: Fixed;
}

/** Returns the risk of the account's cross positions at the marks of `lookup`. */
export const crossRiskOf = (account: Account, lookup: MarketLookup): CrossRisk => {
  let hasPosition = false;
  let unrealized = 0n;
  let maintenance = 0n;
  for (const position of account.positions()) {
    if (position.quantity === 0n || account.setup(position.symbol).marginType !== 'CROSSED') continue;
    const { spec, markPrice } = lookup(position.symbol);
    const notional = times(position.quantity, markPrice);
    hasPosition = true;
    unrealized += notional - position.cost;
    maintenance += maintenanceOf(spec, notional);
  }
  return { hasPosition, unrealized, maintenance, equity: account.collateral + unrealized };
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
    const notional = times(position.quantity, market.markPrice);
    const profit = notional - position.cost;
    const kept = maintenanceOf(market.spec, notional);
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
  const available = greatest(account.collateral + crossUnrealized - crossInitial, 0n);
  return { unrealized, crossUnrealized, positionInitial, openOrderInitial, maintenance, crossMaintenance, available };
};
