import type { Fixed } from './fixed.ts';
import type {
  AlgoView,
  Asset,
  ExecutionKind,
  FillView,
  IncomeType,
  MarginType,
  OrderView,
  PositionSide,
} from './order-types.ts';

/** One booking in a wallet. */
export interface IncomeView {
  readonly accountId: string;
  readonly tranId: number;
  readonly incomeType: IncomeType;
  /** Empty for transfers. */
  readonly symbol: string;
  readonly asset: Asset;
  readonly amount: Fixed;
  /** Null unless an execution caused it. */
  readonly tradeId: number | null;
  readonly timeMs: number;
}

/** A position with what follows from the mark price of the moment. */
export interface PositionView {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** Negative when short. */
  readonly signedQuantity: Fixed;
  readonly entryPrice: Fixed;
  readonly breakEvenPrice: Fixed;
  readonly markPrice: Fixed;
  readonly unrealizedPnl: Fixed;
  /** Zero when there is none. */
  readonly liquidationPrice: Fixed;
  readonly leverage: number;
  readonly marginType: MarginType;
  /** Isolated wallet + unrealized PnL; zero when crossed. */
  readonly isolatedMargin: Fixed;
  readonly isolatedWallet: Fixed;
  /** Signed. */
  readonly notional: Fixed;
  readonly maxNotional: Fixed;
  readonly initialMargin: Fixed;
  readonly maintenanceMargin: Fixed;
  readonly positionInitialMargin: Fixed;
  readonly openOrderInitialMargin: Fixed;
  readonly bidNotional: Fixed;
  readonly askNotional: Fixed;
  /** 0 to 4. */
  readonly adlQuantile: number;
  /** Realized so far in the life of the account, fees not included. */
  readonly accumulatedRealized: Fixed;
  readonly updatedMs: number;
}

/** An account with all of its money, positions and settings at one moment. */
export interface AccountView extends Omit<AssetBalance, 'asset'> {
  readonly accountId: string;
  readonly canTrade: boolean;
  readonly hedgeMode: boolean;
  readonly multiAssetsMode: boolean;
  /** 0 to 9, the VIP level whose fees it pays. */
  readonly feeTier: number;
  /** Whether fees are paid in BNB, for less, as long as there is some. */
  readonly feeBurn: boolean;
  /** Every asset the account ever held, USDT first. */
  readonly assets: readonly AssetBalance[];
  readonly makerRatio: Fixed;
  readonly takerRatio: Fixed;
  readonly updatedMs: number;
  /** Of every symbol of the venue, flat ones included. */
  readonly positions: readonly PositionView[];
}

/** One wallet of an account. Units: of the asset. */
export interface AssetBalance {
  readonly asset: Asset;
  readonly walletBalance: Fixed;
  readonly crossWalletBalance: Fixed;
  readonly unrealizedPnl: Fixed;
  readonly crossUnrealizedPnl: Fixed;
  readonly marginBalance: Fixed;
  readonly initialMargin: Fixed;
  readonly positionInitialMargin: Fixed;
  readonly openOrderInitialMargin: Fixed;
  readonly maintenanceMargin: Fixed;
  readonly availableBalance: Fixed;
  readonly maxWithdrawAmount: Fixed;
}

/** Isolated margin added to a position or taken from it by its owner. */
export interface MarginChange {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** 1 added, 2 taken. */
  readonly type: 1 | 2;
  readonly amount: Fixed;
  readonly timeMs: number;
}

/** How an account trades one symbol. */
export interface SymbolSetup {
  readonly symbol: string;
  readonly leverage: number;
  readonly marginType: MarginType;
  readonly maxNotional: Fixed;
  readonly isAutoAddMargin: boolean;
}

/** Something happened to an order: it was taken, traded, changed or ended. */
export interface OrderEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly execution: ExecutionKind;
  readonly order: OrderView;
  /** Null unless `execution` is TRADE or CALCULATED. */
  readonly fill: FillView | null;
  /** Notional of the account's resting bids and asks on the symbol (`b` and `a` of the wire). */
  readonly bidNotional: Fixed;
  readonly askNotional: Fixed;
  /** `er` of the wire: '0' unless the order expired or was canceled by the venue. */
  readonly expiryReason: string;
}

/** Something happened to a conditional order. */
export interface AlgoEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly algo: AlgoView;
}

/** A wallet after a booking. */
export interface BalanceChange {
  readonly asset: Asset;
  readonly walletBalance: Fixed;
  readonly crossWalletBalance: Fixed;
  /** Change that is neither PnL nor commission. */
  readonly balanceChange: Fixed;
}

/** Wallets and positions have changed, and why. */
export interface AccountEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly reason:
    | 'DEPOSIT'
    | 'WITHDRAW'
    | 'ORDER'
    | 'FUNDING_FEE'
    | 'MARGIN_TYPE_CHANGE'
    | 'MARGIN_TRANSFER'
    | 'AUTO_EXCHANGE'
    | 'ADJUSTMENT'
    | 'INSURANCE_CLEAR';
  readonly balances: readonly BalanceChange[];
  readonly positions: readonly PositionView[];
}

/** Leverage, position mode or asset mode of an account has changed. */
export interface ConfigEvent {
  readonly accountId: string;
  readonly timeMs: number;
  /** Null for a change of the account itself. */
  readonly symbol: string | null;
  readonly leverage: number | null;
  readonly hedgeMode: boolean | null;
  /** Null unless the asset mode changed. */
  readonly multiAssetsMode: boolean | null;
}

/** The margin of an account or of an isolated position runs out. */
export interface MarginCallEvent {
  readonly accountId: string;
  readonly timeMs: number;
  /** Null when the call is about an isolated position. */
  readonly crossWalletBalance: Fixed | null;
  readonly positions: readonly PositionView[];
}

/** A position taken over by the venue, as everybody may see it (`forceOrder`). */
export interface LiquidationEvent {
  readonly timeMs: number;
  readonly order: OrderView;
}

/** The other side of every entry in the wallets of one asset: nothing is made or lost, it only changes hands. */
export interface House {
  deposits: Fixed;
  tradingPnl: Fixed;
  commission: Fixed;
  funding: Fixed;
  /** What the insurance fund holds. What it began with came from the deposits. */
  insurance: Fixed;
}
