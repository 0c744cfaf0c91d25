import type { VenueCandle } from './candle.ts';
import type { CandleSeries } from './candle-series.ts';
import type { Fixed } from './fixed.ts';

export type { VenueCandle };

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

/** A band of notional with the leverage it allows and the margin it must keep. */
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

/** Trades at one price, of one taker's side, at one moment, as one row. */
export interface AggregateTrade {
  readonly symbol: string;
  readonly aggregateId: number;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly price: Fixed;
  readonly quantity: Fixed;
  readonly timeMs: number;
  /** True when the buyer was resting (the taker sold). */
  readonly isBuyerMaker: boolean;
}

/** Which public trades are asked for: from an id on, or the newest. */
export interface TradeQuery {
  readonly fromId?: number;
  readonly limit: number;
}

/** Which aggregates are asked for; with `fromId` times do not matter, without any of them the newest come. */
export interface AggregateQuery extends TradeQuery {
  readonly startMs?: number;
  readonly endMs?: number;
}

/** The best level of both sides. */
export interface BookTicker {
  readonly symbol: string;
  readonly timeMs: number;
  readonly updateId: number;
  readonly bidPrice: Fixed;
  readonly bidQuantity: Fixed;
  readonly askPrice: Fixed;
  readonly askQuantity: Fixed;
}

/** Mark, index and funding rate at one moment. */
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

/** One price of the book and what can be had there, in base units. */
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

/** What changed in the book of one symbol at one moment. Quantities are what now rests there, zero where a level has gone. */
export interface DepthChange {
  readonly symbol: string;
  readonly timeMs: number;
  readonly updateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A price that candles are made of: of trades, of the mark, of the index, or the mark's premium over the index (a ratio). */
export type PriceKind = 'last' | 'mark' | 'index' | 'premium';

/** PENDING_TRADING and SETTLING take no orders; HALT lets orders be canceled only. */
export type SymbolStatus = 'TRADING' | 'PENDING_TRADING' | 'HALT' | 'SETTLING' | 'CLOSE';

/** A payment between longs and shorts. */
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
  /** All candles of a symbol of this market, history included; a market without end makes them up to those that open at `untilMs`. */
  series(symbol: string, untilMs: number): CandleSeries;
  /** Candles before `startMs`, oldest first. */
  history(symbol: string): readonly VenueCandle[];
  candleAt(symbol: string, openTimeMs: number): VenueCandle | null;
  /** Rate paid at a boundary (UTC ms, whole hours); null when none is known: the venue then goes by its formula. */
  fundingRateAt(symbol: string, fundingTimeMs: number): Fixed | null;
  /** Time between recorded payments; null when none are recorded. */
  fundingIntervalMs(symbol: string): number | null;
  /** Finest power of ten among the symbol's prices; the tick is never coarser. */
  finestPriceStep(symbol: string): Fixed;
}
