import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { type Fixed, least, over, times } from './fixed.ts';
import { exposureOf, marginTotals, worstNotional } from './margin.ts';
import { badLeverage, done, REFUSALS } from './refusals.ts';
import { maxNotionalAt } from './symbol-specs.ts';
import type { Answer, Asset, IncomeView, MarginType, SymbolSetup } from './venue-types.ts';

/** Returns how the account is set up on a symbol, as the venue shows it. */
export const setupViewOf = (core: VenueCore, account: Account, symbol: string): SymbolSetup => {
  const { leverage, marginType } = account.setup(symbol);
  const maxNotional = maxNotionalAt(core.market(symbol).spec, leverage);
  return { symbol, leverage, marginType, maxNotional, isAutoAddMargin: false };
};

/** Sets a symbol's leverage. Denies: -1121, -4028, -4161, -2027, -2028. */
export const setLeverage = (
  core: VenueCore,
  account: Account,
  change: { symbol: string; leverage: number },
): Answer<SymbolSetup> => {
  const { symbol, leverage } = change;
  const market = core.markets.get(symbol);
  if (market === undefined) return REFUSALS.badSymbol;
  const cap = Number.isInteger(leverage) && leverage >= 1 ? maxNotionalAt(market.spec, leverage) : 0n;
  if (cap === 0n) return badLeverage(leverage);
  const setup = account.setup(symbol);
  const positions = account.positionsOf(symbol);
  const hasPosition = positions.some((position) => position.quantity !== 0n);
  if (setup.marginType === 'ISOLATED' && hasPosition && leverage < setup.leverage) return REFUSALS.isolatedLeverage;
  const held = positions.reduce((sum, position) => sum + times(position.quantity, market.markPrice), 0n);
  if (worstNotional(held, exposureOf(account, symbol, 'opening')) > cap) return REFUSALS.leverageCap;
  const previous = setup.leverage;
  setup.leverage = leverage;
  const totals = marginTotals(account, core.lookup);
  const isCovered =
    account.collateral + totals.crossUnrealized >=
    totals.positionInitial + totals.openOrderInitial - account.isolatedTotal;
  if (leverage < previous && !isCovered) {
    setup.leverage = previous;
    return REFUSALS.leverageTooSmall;
  }
  if (leverage !== previous) {
    core.record('leverage', { accountId: account.id, symbol, leverage });
    core.emit('config', {
      accountId: account.id,
      timeMs: core.nowMs,
      symbol,
      leverage,
      hedgeMode: null,
      multiAssetsMode: null,
    });
  }
  return done(setupViewOf(core, account, symbol));
};

/** Sets a symbol's margin type. Denies: -1121, -4046, -4047, -4048, -4168. */
export const setMarginType = (
  core: VenueCore,
  account: Account,
  change: { symbol: string; marginType: MarginType },
): Answer<SymbolSetup> => {
  const { symbol, marginType } = change;
  if (!core.markets.has(symbol)) return REFUSALS.badSymbol;
  const setup = account.setup(symbol);
  if (setup.marginType === marginType) return REFUSALS.marginTypeSame;
  if (account.multiAssetsMode) return REFUSALS.isolatedInAssetMode;
  if (account.ordersOf(symbol).size > 0) return REFUSALS.marginTypeOrders;
  if (account.positionsOf(symbol).some((position) => position.quantity !== 0n)) return REFUSALS.marginTypePosition;
  setup.marginType = marginType;
  core.record('margin_type', { accountId: account.id, symbol, marginType });
  core.announce(account, { reason: 'MARGIN_TYPE_CHANGE', positions: account.positionsOf(symbol) });
  return done(setupViewOf(core, account, symbol));
};

/** Sets one-way or hedge mode. Denies: -4059, -4067, -4068. */
export const setHedgeMode = (core: VenueCore, account: Account, hedgeMode: boolean): Answer<{ hedgeMode: boolean }> => {
  if (account.hedgeMode === hedgeMode) return REFUSALS.sideSame;
  if (account.openOrders.size > 0 || account.openAlgos.size > 0) return REFUSALS.sideOrders;
  for (const position of account.positions()) if (position.quantity !== 0n) return REFUSALS.sidePosition;
  account.hedgeMode = hedgeMode;
  core.record('position_mode', { accountId: account.id, hedgeMode });
  core.emit('config', {
    accountId: account.id,
    timeMs: core.nowMs,
    symbol: null,
    leverage: null,
    hedgeMode,
    multiAssetsMode: null,
  });
  return done({ hedgeMode });
};

/** Pays in, or out as far as the balance is free. Denies: -4051. */
export const transfer = (
  core: VenueCore,
  account: Account,
  amount: Fixed,
  asset: Asset = 'USDT',
): Answer<IncomeView> => {
  if (amount < 0n && -amount > withdrawable(core, account, asset)) return REFUSALS.transferTooLarge;
  const income = core.book(account, { incomeType: 'TRANSFER', amount, asset });
  core.announce(account, {
    reason: amount < 0n ? 'WITHDRAW' : 'DEPOSIT',
    positions: [],
    ...(asset === 'USDT' ? { balanceChange: amount } : { bnbChange: amount }),
  });
  return done(income);
};

/** Open profit is not paid out, nor is BNB that margins something. */
const withdrawable = (core: VenueCore, account: Account, asset: Asset): Fixed => {
  const { available } = marginTotals(account, core.lookup);
  if (asset === 'USDT') return least(available, account.crossWallet);
  return account.multiAssetsMode ? least(account.bnbWallet, over(available, core.bnbPrice())) : account.bnbWallet;
};
