import type { Candle, Interval, OrderType, Side } from '@qt/contracts';
import type { Decimal } from '@qt/kernel';

/** What can be traded, with the filters that every order must pass. */
export interface Instrument {
  readonly symbol: string;
  readonly status: 'trading' | 'halted';
  /** USDT per base unit. */
  readonly priceStep: Decimal;
  /** Base units; `minQuantity` and `maxQuantity` are the tighter of the limit and market filters. */
  readonly quantityStep: Decimal;
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly minNotionalUsdt: Decimal;
  readonly maintenanceMarginRatio: Decimal;
}

export type OrderState =
  | 'accepted'
  | 'partially_filled'
  | 'filled'
  | 'canceled'
  | 'expired'
  | 'expired_in_match'
  /** A conditional order whose trigger fired; `actualVenueOrderId` then names the order it became. */
  | 'triggered'
  | 'rejected';

/** An order as the venue knows it, of either book (plain or conditional). Ids are text. */
export interface VenueOrder {
  readonly book: 'plain' | 'conditional';
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** Of the order a triggered conditional order became; null otherwise. */
  readonly actualVenueOrderId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly state: OrderState;
  readonly quantity: Decimal;
  readonly executedQuantity: Decimal;
  /** Zero while nothing is filled. */
  readonly averagePrice: Decimal;
  /** Limit or trigger price; null for market orders. */
  readonly price: Decimal | null;
  readonly isReduceOnly: boolean;
  readonly closesPosition: boolean;
  readonly updatedAtMs: number;
}

export interface VenueFill {
  readonly symbol: string;
  /** Trade id; unique per symbol. */
  readonly venueFillId: string;
  readonly venueOrderId: string;
  /** Null when the venue's answer does not carry it (REST trades). */
  readonly clientOrderId: string | null;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly fee: Decimal;
  readonly feeAsset: string;
  readonly realizedPnlUsdt: Decimal;
  readonly isMaker: boolean;
  readonly occurredAtMs: number;
}

export interface VenuePosition {
  readonly symbol: string;
  /** Base units, negative when short. */
  readonly signedQuantity: Decimal;
  readonly entryPrice: Decimal;
  readonly markPrice: Decimal;
  readonly unrealizedPnlUsdt: Decimal;
  readonly liquidationPrice: Decimal | null;
  readonly updatedAtMs: number;
}

export interface VenueAccount {
  /** Cash, open PnL not included. */
  readonly walletUsdt: Decimal;
  readonly unrealizedPnlUsdt: Decimal;
  readonly availableUsdt: Decimal;
  readonly initialMarginUsdt: Decimal;
  readonly maintenanceMarginUsdt: Decimal;
}

export interface VenueIncome {
  readonly incomeType: string;
  readonly transactionId: string;
  readonly symbol: string | null;
  readonly asset: string;
  readonly amount: Decimal;
  readonly tradeId: string | null;
  readonly occurredAtMs: number;
}

/** How one symbol is set up on the account. */
export interface SymbolSetup {
  readonly symbol: string;
  readonly leverage: number;
  readonly marginType: 'isolated' | 'cross';
}

export interface SubmitOrder {
  /** At most 36 characters of `[.A-Z:/a-z0-9_-]`; also the client algo id of a conditional order. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  /** Null only with `closesPosition`. */
  readonly quantity: Decimal | null;
  /** Limit price of `limit`, trigger price of `stop_market` and `take_profit_market`, null for `market`. */
  readonly price: Decimal | null;
  /** Only for `limit`. */
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'gtx' | null;
  readonly isReduceOnly: boolean;
  readonly closesPosition: boolean;
}

/**
 * What is known after one single send. `unknown` means the venue may have the order: only a query may settle it, never a resend.
 *
 * Source: Binance USD-M general info (503 kinds, -1006, -1007), error codes.
 */
export type SubmitOutcome =
  | { readonly kind: 'placed'; readonly order: VenueOrder; readonly fills: readonly VenueFill[] }
  | {
      readonly kind: 'not_placed';
      readonly reason:
        | 'rejected'
        | 'duplicate'
        | 'throttled'
        | 'banned'
        | 'unavailable'
        | 'clock'
        | 'identity'
        | 'budget';
      readonly venueCode: number | null;
      readonly message: string;
      /** When the venue said so (ban, retry-after); null otherwise. */
      readonly retryAtMs: number | null;
    }
  | { readonly kind: 'unknown'; readonly reason: string };

/** `unknown` also when the venue certainly did not cancel (throttled, banned): canceling again is harmless. */
export type CancelOutcome =
  | { readonly kind: 'canceled'; readonly order: VenueOrder | null }
  /** -2011: nothing open under that id; it may have been filled. */
  | { readonly kind: 'not_open' }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface OrderRef {
  readonly symbol: string;
  readonly book: 'plain' | 'conditional';
  readonly clientOrderId: string;
}

/** `not_found` is one negative answer, not proof of absence: -2013 is also said right after a good placement. */
export type OrderLookup = { readonly kind: 'found'; readonly order: VenueOrder } | { readonly kind: 'not_found' };

export interface FeedHealth {
  readonly isConnected: boolean;
  /** Wall time; null before the first message. */
  readonly lastMessageAtMs: number | null;
}

export interface MarketStreamHandlers {
  /** A candle the venue says is closed. */
  onCandle(candle: Candle): void;
  /** Mark price and the funding rate now in force. */
  onMark(mark: {
    symbol: string;
    markPrice: Decimal;
    fundingRate: Decimal;
    nextFundingAtMs: number;
    occurredAtMs: number;
  }): void;
  /** After every (re)connection: what happened meanwhile must be fetched by REST. */
  onOpened(): void;
  /** Silence or loss; the stream reopens itself. */
  onLost(reason: string): void;
}

export interface UserStreamHandlers {
  /** State of a plain or conditional order after a change; `fill` when an execution caused it; `reason` is the venue's text, if any. */
  onOrder(update: { order: VenueOrder; fill: VenueFill | null; reason: string | null; occurredAtMs: number }): void;
  /** The venue changed balances or positions for a reason of its own (funding, liquidation, transfer, another client). */
  onAccount(update: { reason: string; occurredAtMs: number }): void;
  /** Leverage, margin type or position mode was changed, by whomever. */
  onSetupChanged(update: { symbol: string | null; what: string; occurredAtMs: number }): void;
  /** After every (re)connection: reconcile before trusting the stream. */
  onOpened(): void;
  onLost(reason: string): void;
}

export interface VenueStream {
  health(): FeedHealth;
  close(): Promise<void>;
}

/**
 * A futures venue in our words. Reads throw AppError (`VENUE_UNAVAILABLE`, `VENUE_REJECTED`, `VENUE_CLOCK`, `VENUE_IDENTITY`,
 * `VENUE_BUDGET_EXHAUSTED`); placing and canceling answer with an outcome and never throw for what the venue did.
 */
export interface ExchangePort {
  /** Venue time as best known, without a request. Units: UTC ms. */
  nowMs(): number;
  /** Measures the clock offset anew and returns it; zero where a market clock is the venue's time. Units: ms, venue minus ours. */
  syncClock(): Promise<number>;
  instruments(): Promise<readonly Instrument[]>;
  /** Closed candles only, oldest first, `startMs` inclusive, `endMs` exclusive. */
  candles(query: { symbol: string; interval: Interval; startMs: number; endMs: number }): Promise<readonly Candle[]>;

  account(): Promise<VenueAccount>;
  /** Only symbols with a position. */
  positions(): Promise<readonly VenuePosition[]>;
  setup(symbol: string): Promise<SymbolSetup>;
  setLeverage(symbol: string, leverage: number): Promise<void>;
  setMarginType(symbol: string, marginType: 'isolated' | 'cross'): Promise<void>;
  isHedgeMode(): Promise<boolean>;

  submit(command: SubmitOrder): Promise<SubmitOutcome>;
  cancel(ref: OrderRef): Promise<CancelOutcome>;
  order(ref: OrderRef): Promise<OrderLookup>;
  /** Both books. */
  openOrders(): Promise<readonly VenueOrder[]>;
  /** Oldest first. `afterFillId` is exclusive; without it, of the last seven days. */
  fills(query: { symbol: string; afterFillId?: string; venueOrderId?: string }): Promise<readonly VenueFill[]>;
  /** Oldest first, `startMs` inclusive. */
  income(query: { startMs: number }): Promise<readonly VenueIncome[]>;

  /** Resolves once open (`onOpened` has been called then). Throws: VENUE_UNAVAILABLE when the first opening fails; later losses are mended. */
  openMarketStream(query: {
    symbols: readonly string[];
    interval: Interval | null;
    handlers: MarketStreamHandlers;
  }): Promise<VenueStream>;
  /** As `openMarketStream`. */
  openUserStream(handlers: UserStreamHandlers): Promise<VenueStream>;
  close(): Promise<void>;
}
