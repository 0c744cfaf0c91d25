import { placesOf, textOf } from '../domain/fixed.ts';
import type {
  AccountView,
  AssetBalance,
  IncomeView,
  MarginChange,
  OrderView,
  PositionView,
  SymbolSetup,
  SymbolSpec,
} from '../domain/venue-types.ts';
import { money, moneyOrZero, plain, positionPrice } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';
import type { WireIds } from './wire-ids.ts';

const ASSET = 'USDT';
const AVERAGE_PLACES = 5;
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

const assetOf = (account: AssetBalance): Record<string, unknown> => ({
  asset: account.asset,
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
  feeTier: account.feeTier,
  canTrade: account.canTrade,
  canDeposit: true,
  canWithdraw: true,
});

/** Accounts, balances, positions and settings as REST answers, each in the version asked for. */
export class AccountAnswers {
  readonly #specOf: SpecOf;
  readonly #ids: WireIds;

  constructor(specOf: SpecOf, ids: WireIds) {
    this.#specOf = specOf;
    this.#ids = ids;
  }

  accountV2(account: AccountView): object {
    return {
      ...configOf(account),
      tradeGroupId: -1,
      updateTime: 0,
      multiAssetsMargin: account.multiAssetsMode,
      ...totalsOf(account),
      assets: account.assets.map((asset) => ({
        ...assetOf(asset),
        marginAvailable: true,
        updateTime: account.updatedMs,
      })),
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
        positionSide: position.positionSide,
        positionAmt: this.#quantity(position),
        // Not documented, but sent, and strict clients ask for them.
        notional: moneyOrZero(position.notional),
        isolatedWallet: moneyOrZero(position.isolatedWallet),
        updateTime: position.updatedMs,
        bidNotional: plain(position.bidNotional),
        askNotional: plain(position.askNotional),
      })),
    };
  }

  accountV3(account: AccountView): object {
    return {
      ...totalsOf(account),
      assets: account.assets.map((asset) => ({ ...assetOf(asset), updateTime: account.updatedMs })),
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
    return account.assets.map((asset) => ({
      accountAlias: ALIAS,
      asset: asset.asset,
      balance: money(asset.walletBalance),
      crossWalletBalance: money(asset.crossWalletBalance),
      crossUnPnl: money(asset.crossUnrealizedPnl),
      availableBalance: money(asset.availableBalance),
      maxWithdrawAmount: money(asset.maxWithdrawAmount),
      marginAvailable: true,
      updateTime: account.updatedMs,
    }));
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

  positionMargin(change: MarginChange): object {
    return {
      amount: Number(textOf(change.amount)),
      code: 200,
      msg: 'Successfully modify position margin.',
      type: change.type,
    };
  }

  marginChange(change: MarginChange): object {
    return {
      symbol: change.symbol,
      type: change.type,
      deltaType: 'USER_ADJUST',
      amount: plain(change.amount),
      asset: ASSET,
      time: change.timeMs,
      positionSide: change.positionSide,
    };
  }

  /** One symbol's place in the queue of deleveraging; the sides of a crossed hedge stand together, as `HEDGE` says. */
  adlQuantile(symbol: string, positions: readonly PositionView[]): object {
    const of = (side: PositionView['positionSide']): PositionView | undefined =>
      positions.find(({ positionSide }) => positionSide === side);
    const both = of('BOTH');
    if (both !== undefined) {
      const quantile = both.adlQuantile;
      const isLong = both.signedQuantity > 0n;
      return {
        symbol,
        adlQuantile: { LONG: isLong ? quantile : 0, SHORT: isLong ? 0 : quantile, BOTH: quantile },
      };
    }
    const [long, short] = [of('LONG')?.adlQuantile ?? 0, of('SHORT')?.adlQuantile ?? 0];
    const isCrossed = positions.some(({ marginType }) => marginType === 'CROSSED');
    const shared = Math.max(long, short);
    return {
      symbol,
      adlQuantile: isCrossed ? { LONG: shared, SHORT: shared, HEDGE: 0 } : { LONG: long, SHORT: short, BOTH: 0 },
    };
  }

  forcedOrder(order: OrderView): object {
    const spec = this.#specOf(order.symbol);
    return {
      orderId: this.#ids.print(order.orderId),
      symbol: order.symbol,
      status: order.status,
      clientOrderId: order.clientOrderId,
      price: placesOf(order.price, spec.pricePlaces),
      avgPrice: placesOf(order.averagePrice, Math.max(AVERAGE_PLACES, spec.pricePlaces)),
      origQty: placesOf(order.quantity, spec.quantityPlaces),
      executedQty: placesOf(order.executedQuantity, spec.quantityPlaces),
      cumQuote: plain(order.cumulativeQuote),
      timeInForce: order.timeInForce,
      type: order.type,
      reduceOnly: order.reduceOnly,
      closePosition: order.closePosition,
      side: order.side,
      positionSide: order.positionSide,
      stopPrice: plain(order.stopPrice),
      workingType: order.workingType,
      origType: order.origType,
      time: order.createdMs,
      updateTime: order.updatedMs,
    };
  }

  #quantity(position: PositionView): string {
    return placesOf(position.signedQuantity, this.#specOf(position.symbol).quantityPlaces);
  }
}
