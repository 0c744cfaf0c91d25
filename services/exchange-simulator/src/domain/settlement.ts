import { closeAt, type OnPositionChanged } from './closing-orders.ts';
import type { AlgoOrders } from './algo-orders.ts';
import type { VenueCore } from './core.ts';
import { absolute, greatest, least, textOf } from './fixed.ts';
import type { PlainOrders } from './plain-orders.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer, SymbolStatus } from './venue-types.ts';

const STATUSES: readonly SymbolStatus[] = ['TRADING', 'PENDING_TRADING', 'HALT', 'SETTLING', 'CLOSE'];

interface SettlementParts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
  readonly algos: AlgoOrders;
  readonly onPositionChanged: OnPositionChanged;
}

/** Sets whether a symbol trades. Denies: -1121, -4022. */
export const setSymbolStatus = (core: VenueCore, symbol: string, status: SymbolStatus): Answer<SymbolStatus> => {
  if (!core.markets.has(symbol)) return REFUSALS.badSymbol;
  if (!STATUSES.includes(status)) return REFUSALS.badStatus;
  if (core.statusOf(symbol) === status) return done(status);
  if (status === 'TRADING') core.statuses.delete(symbol);
  else core.statuses.set(symbol, status);
  core.record('symbol_status', { symbol, status });
  return done(status);
};

/**
 * Takes a symbol off the market: orders of every kind are canceled, every position is closed at the settlement price, which is the
 * index. What a customer cannot pay the insurance fund does. Denies: -1121, -4108.
 */
export const settleSymbol = (parts: SettlementParts, symbol: string): Answer<null> => {
  const { core, orders, algos } = parts;
  const market = core.markets.get(symbol);
  if (market === undefined) return REFUSALS.badSymbol;
  if (core.statusOf(symbol) === 'CLOSE') return REFUSALS.notListed;
  setSymbolStatus(core, symbol, 'SETTLING');
  for (const account of core.accounts.values()) {
    orders.cancelAll(account, symbol);
    algos.cancelAll(account, symbol);
  }
  const price = market.indexPrice;
  for (const account of core.accounts.values()) {
    for (const position of account.positionsOf(symbol)) {
      if (position.quantity === 0n) continue;
      const orderId = core.nextOrderId();
      const clientOrderId = `settlement_autoclose-${orderId}`;
      const close = { clientOrderId, quantity: absolute(position.quantity), price, kind: 'TRADE' } as const;
      closeAt(parts, account, position, close, orderId);
    }
    const isFlat = [...account.positions()].every((position) => position.quantity === 0n);
    const missing = isFlat ? greatest(-account.crossWallet, 0n) : 0n;
    const paid = least(missing, greatest(core.houses.USDT.insurance, 0n));
    if (paid > 0n) {
      core.book(account, { incomeType: 'INSURANCE_CLEAR', amount: paid, symbol });
      core.announce(account, { reason: 'INSURANCE_CLEAR', balanceChange: paid, positions: [] });
    }
  }
  core.record('settlement', { symbol, price: textOf(price) });
  setSymbolStatus(core, symbol, 'CLOSE');
  return done(null);
};
