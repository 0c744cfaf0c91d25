import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import type { SymbolMarket } from './symbol-market.ts';

/** What is told at each point of the path. */
const POINT_EVENTS = ['trade', 'bookTicker', 'depth', 'mark', 'candle'] as const;

/** Whether anybody listens to what happens at each point. */
export const isWatched = (core: VenueCore): boolean => POINT_EVENTS.some((kind) => core.hears(kind));

const holdsPosition = (account: Account): boolean => {
  for (const position of account.positions()) if (position.quantity !== 0n) return true;
  return false;
};

/** Whether any account holds a position: then every moment's marks matter, if only for a margin call. */
export const isAnyPositionHeld = (core: VenueCore): boolean => {
  for (const account of core.accounts.values()) if (holdsPosition(account)) return true;
  return false;
};

/** Whether the passing of time does nothing to the account. */
const isIdle = (account: Account): boolean =>
  account.openOrders.size === 0 &&
  account.openAlgos.size === 0 &&
  account.countdowns.size === 0 &&
  !account.isMarginCalled &&
  !holdsPosition(account);

/**
 * Whether time may leap: nobody listens to the points between, and no account has anything that a price or a time could touch. Whatever
 * else is to happen by itself as time passes has to be named here.
 */
export const isAtRest = (core: VenueCore): boolean => {
  if (isWatched(core)) return false;
  for (const account of core.accounts.values()) if (!isIdle(account)) return false;
  return true;
};

/** Returns the markets, in order, in which an account has something that a price could touch. */
export const touchedMarkets = (core: VenueCore): readonly SymbolMarket[] => {
  const symbols = new Set<string>();
  for (const account of core.accounts.values()) {
    for (const symbol of account.symbolsWithOrders()) symbols.add(symbol);
    for (const algo of account.openAlgos.values()) symbols.add(algo.symbol);
    for (const position of account.positions()) if (position.quantity !== 0n) symbols.add(position.symbol);
  }
  return symbols.size === 0 ? [] : [...core.markets.values()].filter(({ symbol }) => symbols.has(symbol));
};
