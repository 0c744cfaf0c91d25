import { placesOf, textOf } from '../domain/fixed.ts';
import type { AccountView, IncomeView, PositionView, SymbolSetup, SymbolSpec } from '../domain/venue-types.ts';
import { money, moneyOrZero, plain, positionPrice } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';

const ASSET = 'USDT';
/** Masked in every recording; an opaque word. */
const ALIAS = 'SimAlias';

/** Returns the totals that both versions of the account answer share. */
const totalsOf = (account: AccountView): object => ({
  totalInitialMargin: money(account.initialMargin),
  totalMaintMargin: money(account.maintenanceMargin),
  totalWalletBalance: money(account.walletBalance),
  totalUnrealizedProfit: money(account.unrealizedPnl),
  totalMarginBalance: money(account.marginBalance),
  totalPositionInitialMargin: money(account.positionInitialMargin),
  totalOpenOrderInitialMargin: money(account.openOrderInitialMargin),
  totalCrossWalletBalance: money(account.crossWalletBalance),
  totalCrossUnPnl: money(account.crossUnrealizedPnl),
  availableBalance: money(account.availableBalance),
  maxWithdrawAmount: money(account.maxWithdrawAmount),
});

const assetOf = (account: AccountView): Record<string, unknown> => ({
  asset: ASSET,
  walletBalance: money(account.walletBalance),
  unrealizedProfit: money(account.unrealizedPnl),
  marginBalance: money(account.marginBalance),
  maintMargin: money(account.maintenanceMargin),
  initialMargin: money(account.initialMargin),
  positionInitialMargin: money(account.positionInitialMargin),
  openOrderInitialMargin: money(account.openOrderInitialMargin),
  crossWalletBalance: money(account.crossWalletBalance),
  crossUnPnl: money(account.crossUnrealizedPnl),
  availableBalance: money(account.availableBalance),
  maxWithdrawAmount: money(account.maxWithdrawAmount),
});

const isLive = (position: PositionView): boolean =>
  position.signedQuantity !== 0n || position.openOrderInitialMargin !== 0n;

const configOf = (account: AccountView): object => ({
  feeTier: 0,
  canTrade: account.canTrade,
  canDeposit: true,
  canWithdraw: true,
});

/** Accounts, balances, positions and settings as REST answers, each in the version asked for. */
export class AccountAnswers {
  readonly #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
  }

  accountV2(account: AccountView): object {
    return {
      ...configOf(account),
      tradeGroupId: -1,
      updateTime: 0,
      multiAssetsMargin: account.multiAssetsMode,
      ...totalsOf(account),
      assets: [{ ...assetOf(account), marginAvailable: true, updateTime: account.updatedMs }],
      positions: account.positions.map((position) => ({
        symbol: position.symbol,
        initialMargin: moneyOrZero(position.initialMargin),
        maintMargin: moneyOrZero(position.maintenanceMargin),
        unrealizedProfit: money(position.unrealizedPnl),
        positionInitialMargin: moneyOrZero(position.positionInitialMargin),
        openOrderInitialMargin: moneyOrZero(position.openOrderInitialMargin),
        leverage: String(position.leverage),
        isolated: position.marginType === 'ISOLATED',
        entryPrice: positionPrice(position.entryPrice),
        breakEvenPrice: positionPrice(position.breakEvenPrice),
        maxNotional: plain(position.maxNotional),
        bidNotional: plain(position.bidNotional),
        askNotional: plain(position.askNotional),
        positionSide: position.positionSide,
        positionAmt: this.#quantity(position),
        updateTime: position.updatedMs,
      })),
    };
  }

  accountV3(account: AccountView): object {
    return {
      ...totalsOf(account),
      assets: [{ ...assetOf(account), updateTime: account.updatedMs }],
      positions: account.positions.filter(isLive).map((position) => ({
        symbol: position.symbol,
        positionSide: position.positionSide,
        positionAmt: this.#quantity(position),
        unrealizedProfit: money(position.unrealizedPnl),
        isolatedMargin: moneyOrZero(position.isolatedMargin),
        notional: moneyOrZero(position.notional),
        isolatedWallet: moneyOrZero(position.isolatedWallet),
        initialMargin: moneyOrZero(position.initialMargin),
        maintMargin: moneyOrZero(position.maintenanceMargin),
        updateTime: position.updatedMs,
      })),
    };
  }

  balances(account: AccountView): readonly object[] {
    return [
      {
        accountAlias: ALIAS,
        asset: ASSET,
        balance: money(account.walletBalance),
        crossWalletBalance: money(account.crossWalletBalance),
        crossUnPnl: money(account.crossUnrealizedPnl),
        availableBalance: money(account.availableBalance),
        maxWithdrawAmount: money(account.maxWithdrawAmount),
        marginAvailable: true,
        updateTime: account.updatedMs,
      },
    ];
  }

  positionV2(position: PositionView): object {
    const isIsolated = position.marginType === 'ISOLATED';
    return {
      symbol: position.symbol,
      positionAmt: this.#quantity(position),
      entryPrice: positionPrice(position.entryPrice),
      breakEvenPrice: positionPrice(position.breakEvenPrice),
      markPrice: money(position.markPrice),
      unRealizedProfit: money(position.unrealizedPnl),
      liquidationPrice: moneyOrZero(position.liquidationPrice),
      leverage: String(position.leverage),
      maxNotionalValue: plain(position.maxNotional),
      marginType: isIsolated ? 'isolated' : 'cross',
      isolatedMargin: money(position.isolatedMargin),
      isAutoAddMargin: 'false',
      positionSide: position.positionSide,
      notional: moneyOrZero(position.notional),
      isolatedWallet: moneyOrZero(position.isolatedWallet),
      updateTime: position.updatedMs,
      isolated: isIsolated,
      adlQuantile: position.adlQuantile,
    };
  }

  /** Only what is held or has resting orders, as the third version answers. */
  positionsV3(positions: readonly PositionView[]): readonly object[] {
    return positions.filter(isLive).map((position) => ({
      symbol: position.symbol,
      positionSide: position.positionSide,
      positionAmt: this.#quantity(position),
      entryPrice: positionPrice(position.entryPrice),
      breakEvenPrice: positionPrice(position.breakEvenPrice),
      markPrice: money(position.markPrice),
      unRealizedProfit: money(position.unrealizedPnl),
      liquidationPrice: moneyOrZero(position.liquidationPrice),
      isolatedMargin: moneyOrZero(position.isolatedMargin),
      notional: moneyOrZero(position.notional),
      marginAsset: ASSET,
      isolatedWallet: moneyOrZero(position.isolatedWallet),
      initialMargin: moneyOrZero(position.initialMargin),
      maintMargin: moneyOrZero(position.maintenanceMargin),
      positionInitialMargin: moneyOrZero(position.positionInitialMargin),
      openOrderInitialMargin: moneyOrZero(position.openOrderInitialMargin),
      adl: position.adlQuantile,
      bidNotional: plain(position.bidNotional),
      askNotional: plain(position.askNotional),
      updateTime: position.updatedMs,
    }));
  }

  accountConfig(account: AccountView): object {
    return {
      ...configOf(account),
      dualSidePosition: account.hedgeMode,
      updateTime: account.updatedMs,
      multiAssetsMargin: account.multiAssetsMode,
      tradeGroupId: -1,
    };
  }

  symbolConfig(setup: SymbolSetup): object {
    return {
      symbol: setup.symbol,
      marginType: setup.marginType,
      isAutoAddMargin: setup.isAutoAddMargin,
      leverage: setup.leverage,
      maxNotionalValue: plain(setup.maxNotional),
    };
  }

  leverage(setup: SymbolSetup): object {
    return { symbol: setup.symbol, leverage: setup.leverage, maxNotionalValue: plain(setup.maxNotional) };
  }

  leverageBracket(spec: SymbolSpec): object {
    return {
      symbol: spec.symbol,
      brackets: spec.tiers.map((tier) => ({
        bracket: tier.bracket,
        initialLeverage: tier.maxLeverage,
        notionalCap: Number(textOf(tier.notionalCap)),
        notionalFloor: Number(textOf(tier.notionalFloor)),
        maintMarginRatio: Number(textOf(tier.maintenanceRatio)),
        cum: Number(textOf(tier.cumulative)),
      })),
    };
  }

  commissionRate(symbol: string, account: AccountView): object {
    return {
      symbol,
      makerCommissionRate: placesOf(account.makerRatio, 6),
      takerCommissionRate: placesOf(account.takerRatio, 6),
      rpiCommissionRate: '0',
    };
  }

  income(income: IncomeView): object {
    return {
      symbol: income.symbol,
      incomeType: income.incomeType,
      income: money(income.amount),
      asset: income.asset,
      info: income.incomeType,
      time: income.timeMs,
      tranId: income.tranId,
      tradeId: income.tradeId === null ? '' : String(income.tradeId),
    };
  }

  #quantity(position: PositionView): string {
    return placesOf(position.signedQuantity, this.#specOf(position.symbol).quantityPlaces);
  }
}
