import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { marginTotals } from './margin.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer } from './venue-types.ts';

/** Margins with USDT alone or with every asset. Denies: -4171, -4170, -4167, -4172, -4169. */
export const setMultiAssetsMode = (core: VenueCore, account: Account, isMulti: boolean): Answer<boolean> => {
  if (account.multiAssetsMode === isMulti) return REFUSALS.assetModeSame;
  if (account.openOrders.size > 0) return REFUSALS.assetModeOrders;
  if (isMulti && account.setups().some(([, setup]) => setup.marginType === 'ISOLATED')) {
    return REFUSALS.assetModeIsolated;
  }
  if (account.wallet < 0n || account.bnbWallet < 0n) return REFUSALS.assetModeNegative;
  account.multiAssetsMode = isMulti;
  const totals = marginTotals(account, core.lookup);
  if (account.collateral + totals.crossUnrealized < totals.positionInitial) {
    account.multiAssetsMode = !isMulti;
    return REFUSALS.assetModeMargin;
  }
  core.record('asset_mode', { accountId: account.id, multiAssetsMode: isMulti });
  core.emit('config', {
    accountId: account.id,
    timeMs: core.nowMs,
    symbol: null,
    leverage: null,
    hedgeMode: null,
    multiAssetsMode: isMulti,
  });
  return done(isMulti);
};

/** Pays fees in BNB from now on, or no longer. */
export const setFeeBurn = (core: VenueCore, account: Account, feeBurn: boolean): Answer<boolean> => {
  if (account.feeBurn !== feeBurn) {
    account.feeBurn = feeBurn;
    core.record('fee_burn', { accountId: account.id, feeBurn });
  }
  return done(feeBurn);
};
