import type { Fixed } from './fixed.ts';

/** Words of the wire are kept here (BUY, NEW, GTC…): this service is a venue, its domain speaks the venue's language. */
export type OrderSide = 'BUY' | 'SELL';
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
export type OrderKind = 'MARKET' | 'LIMIT';
export type AlgoKind = 'STOP_MARKET' | 'TAKE_PROFIT_MARKET';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX';
export type OrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED';
export type AlgoStatus = 'NEW' | 'TRIGGERING' | 'TRIGGERED' | 'FINISHED' | 'CANCELED' | 'REJECTED' | 'EXPIRED';
export type ExecutionKind = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED' | 'CALCULATED' | 'AMENDMENT';
export type WorkingType = 'CONTRACT_PRICE' | 'MARK_PRICE';
export type MarginType = 'CROSSED' | 'ISOLATED';
export type OrderOrigin = 'client' | 'algo' | 'liquidation' | 'control';
export type IncomeType = 'TRANSFER' | 'REALIZED_PNL' | 'COMMISSION' | 'FUNDING_FEE' | 'INSURANCE_CLEAR';

/** What a command came to: its value, or the venue's refusal with Binance's code and text. A refusal changes nothing. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: number; readonly msg: string };

/** One candle. `closeTimeMs` = `openTimeMs` + interval - 1. Units: prices USDT per base unit, volume base units. */
export interface VenueCandle {
  readonly openTimeMs: number;
  readonly open: Fixed;
  readonly high: Fixed;
  readonly low: Fixed;
  readonly close: Fixed;
  readonly volume: Fixed;
}

/** A candle as the venue shows it, finished or still forming. */
export interface CandleView extends VenueCandle {
  readonly symbol: string;
  readonly closeTimeMs: number;
  readonly quoteVolume: Fixed;
  readonly tradeCount: number;
  readonly takerBuyVolume: Fixed;
  readonly takerBuyQuoteVolume: Fixed;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly isClosed: boolean;
}

export interface LeverageTier {
  readonly bracket: number;
  readonly maxLeverage: number;
  /** Largest notional of the tier, USDT. */
  readonly notionalCap: Fixed;
  readonly notionalFloor: Fixed;
  /** Share of notional, 0.004 = 0.4 %. */
  readonly maintenanceRatio: Fixed;
  /** Deducted from notional x ratio so that margin is continuous over tiers. */
  readonly cumulative: Fixed;
}

/** Trading rules of one symbol. */
export interface SymbolSpec {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: 'USDT';
  /** Places shown in prices and quantities. */
  readonly pricePlaces: number;
  readonly quantityPlaces: number;
  readonly priceStep: Fixed;
  readonly minPrice: Fixed;
  readonly maxPrice: Fixed;
  readonly quantityStep: Fixed;
  readonly minQuantity: Fixed;
  readonly maxQuantity: Fixed;
  readonly maxMarketQuantity: Fixed;
  readonly minNotional: Fixed;
  /** PERCENT_PRICE against mark: 1.05 and 0.95. */
  readonly priceBandUp: Fixed;
  readonly priceBandDown: Fixed;
  /** Share of notional taken at liquidation. */
  readonly liquidationFeeRatio: Fixed;
  /** How far past mark a market order may reach. */
  readonly marketTakeBound: Fixed;
  readonly triggerProtect: Fixed;
  readonly maxOrders: number;
  readonly maxAlgoOrders: number;
  readonly tiers: readonly LeverageTier[];
  readonly onboardMs: number;
}

// --- Market events -----------------------------------------------------------------------------------------------------

/** A public trade: the path's next price. */
export interface TradePoint {
  readonly symbol: string;
  readonly timeMs: number;
  readonly tradeId: number;
  readonly lastPrice: Fixed;
  readonly quantity: Fixed;
  /** True when the buyer was resting (the taker sold). */
  readonly isBuyerMaker: boolean;
}

export interface BookTicker {
  readonly symbol: string;
  readonly timeMs: number;
  readonly updateId: number;
  readonly bidPrice: Fixed;
  readonly bidQuantity: Fixed;
  readonly askPrice: Fixed;
  readonly askQuantity: Fixed;
}

export interface MarkPoint {
  readonly symbol: string;
  readonly timeMs: number;
  readonly markPrice: Fixed;
  readonly indexPrice: Fixed;
  readonly estimatedSettlePrice: Fixed;
  /** Rate now in force, to be paid at `nextFundingTimeMs`. */
  readonly fundingRate: Fixed;
  readonly nextFundingTimeMs: number;
}

export interface BookLevel {
  readonly price: Fixed;
  readonly quantity: Fixed;
}

/** Displayed liquidity, best level first. */
export interface BookView {
  readonly symbol: string;
  readonly timeMs: number;
  readonly updateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface FundingPoint {
  readonly symbol: string;
  readonly fundingTimeMs: number;
  readonly fundingRate: Fixed;
  readonly markPrice: Fixed;
}

/** Rolling 24 hours. */
export interface DayTicker {
  readonly symbol: string;
  readonly openPrice: Fixed;
  readonly highPrice: Fixed;
  readonly lowPrice: Fixed;
  readonly lastPrice: Fixed;
  readonly lastQuantity: Fixed;
  readonly volume: Fixed;
  readonly quoteVolume: Fixed;
  readonly openTimeMs: number;
  readonly closeTimeMs: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly tradeCount: number;
}

// --- Orders ------------------------------------------------------------------------------------------------------------

/** A plain order as it stands. `stopPrice` is the trigger of the algo order it came from, else zero. */
export interface OrderView {
  readonly accountId: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide: PositionSide;
  readonly type: OrderKind;
  /** What was asked for at first: STOP_MARKET for an order that a stop became (Binance shows MARKET there since the algo service). */
  readonly origType: OrderKind | AlgoKind;
  readonly timeInForce: TimeInForce;
  readonly quantity: Fixed;
  /** Zero for market orders. */
  readonly price: Fixed;
  readonly stopPrice: Fixed;
  readonly executedQuantity: Fixed;
  /** Quote traded so far. */
  readonly cumulativeQuote: Fixed;
  /** Zero while nothing is filled. */
  readonly averagePrice: Fixed;
  readonly status: OrderStatus;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly workingType: WorkingType;
  readonly priceProtect: boolean;
  readonly priceMatch: string;
  readonly selfTradePreventionMode: string;
  readonly goodTillMs: number;
  readonly origin: OrderOrigin;
  readonly algoId: number | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** A conditional order as it stands. */
export interface AlgoView {
  readonly accountId: string;
  readonly algoId: number;
  readonly clientAlgoId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide: PositionSide;
  readonly type: AlgoKind;
  readonly timeInForce: TimeInForce;
  /** Zero with `closePosition`. */
  readonly quantity: Fixed;
  readonly triggerPrice: Fixed;
  readonly status: AlgoStatus;
  readonly workingType: WorkingType;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly priceProtect: boolean;
  readonly priceMatch: string;
  readonly selfTradePreventionMode: string;
  readonly goodTillMs: number;
  /** The plain order it became; null before. */
  readonly actualOrderId: number | null;
  readonly actualPrice: Fixed;
  readonly actualQuantity: Fixed;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Zero before the trigger. */
  readonly triggeredMs: number;
  /** Why it was rejected or expired; empty otherwise. */
  readonly reason: string;
}

/** One execution of an account's order: a row of userTrades. */
export interface FillView {
  readonly accountId: string;
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide: PositionSide;
  readonly quantity: Fixed;
  readonly price: Fixed;
  readonly quoteQuantity: Fixed;
  readonly fee: Fixed;
  readonly feeAsset: string;
  readonly realizedPnl: Fixed;
  readonly isMaker: boolean;
  readonly timeMs: number;
}

/** Texts come as the client sent them: their precision is judged here. */
export interface PlaceOrder {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide?: PositionSide;
  readonly type: OrderKind;
  readonly timeInForce?: TimeInForce;
  readonly quantity: string;
  readonly price?: string;
  readonly reduceOnly?: boolean;
  /** Made by the venue when missing. */
  readonly clientOrderId?: string;
  readonly priceMatch?: string;
  readonly selfTradePreventionMode?: string;
  /** Orders the venue's own people place through the control API. */
  readonly origin?: 'client' | 'control';
}

export interface PlaceAlgo {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide?: PositionSide;
  readonly type: AlgoKind;
  readonly timeInForce?: TimeInForce;
  /** Missing with `closePosition`. */
  readonly quantity?: string;
  readonly triggerPrice: string;
  readonly workingType?: WorkingType;
  readonly reduceOnly?: boolean;
  readonly closePosition?: boolean;
  readonly priceProtect?: boolean;
  readonly clientAlgoId?: string;
  readonly selfTradePreventionMode?: string;
}

/** One of the two ids names the order; the first wins when both are given. */
export interface OrderKey {
  readonly symbol: string;
  readonly orderId?: number;
  readonly clientOrderId?: string;
}

export interface AlgoKey {
  readonly algoId?: number;
  readonly clientAlgoId?: string;
}

export interface HistoryQuery {
  readonly symbol?: string;
  readonly orderId?: number;
  readonly fromId?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly limit?: number;
}

export interface IncomeQuery extends HistoryQuery {
  readonly incomeType?: string;
}

export interface IncomeView {
  readonly accountId: string;
  readonly tranId: number;
  readonly incomeType: IncomeType;
  /** Empty for transfers. */
  readonly symbol: string;
  readonly asset: string;
  readonly amount: Fixed;
  /** Null unless an execution caused it. */
  readonly tradeId: number | null;
  readonly timeMs: number;
}

// --- Accounts ----------------------------------------------------------------------------------------------------------

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

export interface AccountView {
  readonly accountId: string;
  readonly canTrade: boolean;
  readonly hedgeMode: boolean;
  readonly multiAssetsMode: boolean;
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
  readonly makerRatio: Fixed;
  readonly takerRatio: Fixed;
  readonly updatedMs: number;
  /** Of every symbol of the venue, flat ones included. */
  readonly positions: readonly PositionView[];
}

export interface SymbolSetup {
  readonly symbol: string;
  readonly leverage: number;
  readonly marginType: MarginType;
  readonly maxNotional: Fixed;
  readonly isAutoAddMargin: boolean;
}

// --- User events, in the order in which the account sees them ---------------------------------------------------------

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

export interface AlgoEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly algo: AlgoView;
}

export interface BalanceChange {
  readonly asset: string;
  readonly walletBalance: Fixed;
  readonly crossWalletBalance: Fixed;
  /** Change that is neither PnL nor commission. */
  readonly balanceChange: Fixed;
}

export interface AccountEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly reason:
    | 'DEPOSIT'
    | 'WITHDRAW'
    | 'ORDER'
    | 'FUNDING_FEE'
    | 'MARGIN_TYPE_CHANGE'
    | 'ADJUSTMENT'
    | 'INSURANCE_CLEAR';
  readonly balances: readonly BalanceChange[];
  readonly positions: readonly PositionView[];
}

export interface ConfigEvent {
  readonly accountId: string;
  readonly timeMs: number;
  /** Null for a change of the account itself. */
  readonly symbol: string | null;
  readonly leverage: number | null;
  readonly hedgeMode: boolean | null;
}

export interface MarginCallEvent {
  readonly accountId: string;
  readonly timeMs: number;
  readonly crossWalletBalance: Fixed;
  readonly positions: readonly PositionView[];
}

/** What a listener may hear. Market events come to every listener, user events carry their account. */
export interface VenueEvents {
  readonly trade: TradePoint;
  readonly bookTicker: BookTicker;
  readonly mark: MarkPoint;
  /** The forming candle after each path point. */
  readonly candle: CandleView;
  readonly candleClosed: CandleView;
  readonly order: OrderEvent;
  readonly algo: AlgoEvent;
  readonly account: AccountEvent;
  readonly config: ConfigEvent;
  readonly marginCall: MarginCallEvent;
}

// --- Outside world -----------------------------------------------------------------------------------------------------

/** Where candles come from. Open times are multiples of the interval; a missing candle means no trade in it. */
export interface MarketSource {
  readonly kind: 'replay' | 'generated';
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly intervalMs: number;
  /** Open time of the first candle that is played. */
  readonly startMs: number;
  /** End of the last candle that is played; null for a market without end. */
  readonly endMs: number | null;
  /** Candles before `startMs`, oldest first. */
  history(symbol: string): readonly VenueCandle[];
  candleAt(symbol: string, openTimeMs: number): VenueCandle | null;
  /** Rate paid at a boundary (UTC ms, whole hours); null when none is known: the venue then makes a small one from the seed. */
  fundingRateAt(symbol: string, fundingTimeMs: number): Fixed | null;
  /** Finest power of ten among the symbol's prices; the tick is never coarser. */
  finestPriceStep(symbol: string): Fixed;
}

export type LedgerValue =
  | string
  | number
  | boolean
  | null
  | readonly LedgerValue[]
  | { readonly [key: string]: LedgerValue };

/** A line of the ledger, keys in the order in which they are written. Money is decimal text. */
export interface LedgerRecord {
  readonly seq: number;
  readonly timeMs: number;
  readonly kind: string;
  readonly [key: string]: LedgerValue;
}

export type LedgerSink = (record: LedgerRecord) => void;

export interface VenueOptions {
  readonly seed: number;
  readonly market: MarketSource;
  readonly ledger: LedgerSink;
  /** 'stepped' or the factor of time, only written in the ledger's first record. */
  readonly speed: string;
  /** Overrides of the built-in rules. */
  readonly specs?: readonly SymbolSpec[];
}

export interface VenueState {
  readonly timeMs: number;
  readonly startMs: number;
  readonly endMs: number | null;
  /** Next candle boundary. */
  readonly nextCloseMs: number;
  readonly isFinished: boolean;
  /** Closed candles per symbol so far, and in all (null without end). */
  readonly candlesPlayed: number;
  readonly candlesTotal: number | null;
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly orders: number;
  readonly fills: number;
  readonly ledgerSeq: number;
}
