import type {
  AccountEvent,
  AlgoEvent,
  ConfigEvent,
  LiquidationEvent,
  MarginCallEvent,
  OrderEvent,
} from './account-types.ts';
import type { Fixed } from './fixed.ts';
import type {
  BookTicker,
  CandleView,
  DepthChange,
  MarketSource,
  MarkPoint,
  SymbolSpec,
  TradePoint,
} from './market-types.ts';
import type { SavedVenue } from './saved-types.ts';

export type * from './account-types.ts';
export type * from './market-types.ts';
export type * from './order-types.ts';
export type * from './saved-types.ts';

/** What a command came to: its value, or the venue's refusal with Binance's code and text. A refusal changes nothing. */
export type Answer<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: number; readonly msg: string };

/** What a listener may hear. Market events come to every listener, user events carry their account. */
export interface VenueEvents {
  readonly trade: TradePoint;
  readonly bookTicker: BookTicker;
  readonly depth: DepthChange;
  readonly mark: MarkPoint;
  /** The forming candle after each path point. */
  readonly candle: CandleView;
  readonly candleClosed: CandleView;
  readonly order: OrderEvent;
  readonly algo: AlgoEvent;
  readonly account: AccountEvent;
  readonly config: ConfigEvent;
  readonly marginCall: MarginCallEvent;
  readonly liquidation: LiquidationEvent;
}

/** What may stand in the ledger: whatever JSON can say. */
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

/** Takes the lines of the ledger, in their order. */
export type LedgerSink = (record: LedgerRecord) => void;

/** What a venue follows from. */
export interface VenueOptions {
  readonly seed: number;
  readonly market: MarketSource;
  readonly ledger: LedgerSink;
  /** 'stepped' or the factor of time, only written in the ledger's first record. */
  readonly speed: string;
  /** A venue at rest that this one goes on from. */
  readonly saved?: SavedVenue;
  /** USDT for one BNB where the market does not list BNBUSDT; 600 when left out. */
  readonly bnbPrice?: Fixed;
  /** What the insurance fund begins with; a million USDT when left out. */
  readonly insuranceFund?: Fixed;
  /** Overrides of the built-in rules. */
  readonly specs?: readonly SymbolSpec[];
}

/** Where a run stands. */
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
