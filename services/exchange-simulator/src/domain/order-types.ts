import type { Fixed } from './fixed.ts';

/** Words of the wire are kept here (BUY, NEW, GTC…): this service is a venue, its domain speaks the venue's language. */
export type OrderSide = 'BUY' | 'SELL';
/** BOTH in one-way mode, LONG or SHORT in hedge mode. */
export type PositionSide = 'BOTH' | 'LONG' | 'SHORT';
/** Kinds of plain orders. */
export type OrderKind = 'MARKET' | 'LIMIT';
/** Kinds of conditional orders. */
export type AlgoKind = 'STOP' | 'TAKE_PROFIT' | 'STOP_MARKET' | 'TAKE_PROFIT_MARKET' | 'TRAILING_STOP_MARKET';
/** GTC rests until canceled, IOC never rests, FOK fills whole or not at all, GTX only makes, GTD rests until a date. */
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'GTX' | 'GTD';
/** Takes the price from the book: the other side's (OPPONENT) or the own side's (QUEUE) best level, or a deeper one. */
export type PriceMatch =
  | 'OPPONENT'
  | 'OPPONENT_5'
  | 'OPPONENT_10'
  | 'OPPONENT_20'
  | 'QUEUE'
  | 'QUEUE_5'
  | 'QUEUE_10'
  | 'QUEUE_20';
/** EXPIRED_IN_MATCH is what self-trade prevention leaves behind. */
export type OrderStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
/** TRIGGERED has become a plain order, FINISHED is one whose plain order has ended. */
export type AlgoStatus = 'NEW' | 'TRIGGERING' | 'TRIGGERED' | 'FINISHED' | 'CANCELED' | 'REJECTED' | 'EXPIRED';
/** What an order event tells of; CALCULATED is a fill that the venue itself has caused. */
export type ExecutionKind = 'NEW' | 'TRADE' | 'CANCELED' | 'EXPIRED' | 'CALCULATED' | 'AMENDMENT';
/** The price that a trigger watches. */
export type WorkingType = 'CONTRACT_PRICE' | 'MARK_PRICE';
/** CROSSED shares the margin of the account, ISOLATED has its own. */
export type MarginType = 'CROSSED' | 'ISOLATED';
/** Who has placed an order. */
export type OrderOrigin = 'client' | 'algo' | 'liquidation' | 'control';
/** Why a wallet has changed. */
export type IncomeType =
  | 'TRANSFER'
  | 'REALIZED_PNL'
  | 'COMMISSION'
  | 'FUNDING_FEE'
  | 'INSURANCE_CLEAR'
  | 'AUTO_EXCHANGE';
/** What a wallet may hold. Everything is traded and margined in USDT; BNB pays fees and, in multi-assets mode, counts as margin. */
export type Asset = 'USDT' | 'BNB';

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
  readonly priceMatch: PriceMatch | 'NONE';
  readonly selfTradePreventionMode: string;
  /** Zero for orders without an end. */
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
  /** Of a trailing stop: where it stands now, zero until it is active. */
  readonly triggerPrice: Fixed;
  /** Limit price once triggered; zero for market kinds, and for `priceMatch` before the trigger. */
  readonly price: Fixed;
  /** Price from which a trailing stop follows; zero for other kinds. */
  readonly activatePrice: Fixed;
  /** How far the market must turn back from its best price, 0.01 = 1 %; zero for other kinds. */
  readonly callbackRatio: Fixed;
  /** Best price since a trailing stop became active; zero before. */
  readonly extremePrice: Fixed;
  readonly status: AlgoStatus;
  readonly workingType: WorkingType;
  readonly reduceOnly: boolean;
  readonly closePosition: boolean;
  readonly priceProtect: boolean;
  readonly priceMatch: PriceMatch | 'NONE';
  readonly selfTradePreventionMode: string;
  /** Zero for orders without an end. */
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

/** One change of a resting order. */
export interface AmendmentView {
  readonly amendmentId: number;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly timeMs: number;
  readonly price: { readonly before: Fixed; readonly after: Fixed };
  readonly quantity: { readonly before: Fixed; readonly after: Fixed };
  /** How often the order has been changed, this time included. */
  readonly count: number;
  readonly priceMatch: PriceMatch | 'NONE';
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
  /** In place of `price`. */
  readonly priceMatch?: PriceMatch;
  readonly selfTradePreventionMode?: string;
  /** With GTD only: whole seconds, at least ten minutes ahead. */
  readonly goodTillMs?: number;
  /** Orders the venue's own people place through the control API. */
  readonly origin?: 'client' | 'control';
}

/** A conditional order as it is asked for, in decimal texts. */
export interface PlaceAlgo {
  readonly symbol: string;
  readonly side: OrderSide;
  readonly positionSide?: PositionSide;
  readonly type: AlgoKind;
  readonly timeInForce?: TimeInForce;
  /** Missing with `closePosition`. */
  readonly quantity?: string;
  /** Missing for trailing stops. */
  readonly triggerPrice?: string;
  /** Of STOP and TAKE_PROFIT; or `priceMatch`. */
  readonly price?: string;
  readonly priceMatch?: PriceMatch;
  /** Of trailing stops; the price of now when missing. */
  readonly activatePrice?: string;
  /** Of trailing stops, in hundredths as on the wire: 1 = 1 %, one decimal at most. */
  readonly callbackRate?: string;
  readonly goodTillMs?: number;
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

/** New price (or where to take it from) and quantity of a resting order. */
export interface AmendOrder extends OrderKey {
  readonly side: OrderSide;
  readonly quantity: string;
  readonly price?: string;
  readonly priceMatch?: PriceMatch;
}

/** One of the two ids names the conditional order. */
export interface AlgoKey {
  readonly algoId?: number;
  readonly clientAlgoId?: string;
}

/** Asks for rows of the past. */
export interface HistoryQuery {
  readonly symbol?: string;
  readonly orderId?: number;
  readonly fromId?: number;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly limit?: number;
  /** Which rows when there are more than `limit`: the first from `startMs` on unless told otherwise, the newest without a start. */
  readonly keeps?: 'first' | 'newest';
}

/** Asks for bookings of the past. */
export interface IncomeQuery extends HistoryQuery {
  readonly incomeType?: string;
  /** From 1 on; pages of `limit` rows, counted from the oldest. */
  readonly page?: number;
}
