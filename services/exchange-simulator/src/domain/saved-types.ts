import type { House, IncomeView, MarginChange } from './account-types.ts';
import type { Fixed } from './fixed.ts';
import type { MarketSource, SymbolStatus } from './market-types.ts';
import type { AlgoView, AmendmentView, FillView, MarginType, OrderView, PositionSide } from './order-types.ts';

interface SavedPosition {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  readonly quantity: Fixed;
  readonly cost: Fixed;
  readonly openFees: Fixed;
  readonly isolatedWallet: Fixed;
  readonly accumulatedRealized: Fixed;
  readonly updatedMs: number;
  readonly isMarginCalled?: boolean;
  readonly isLiquidating?: boolean;
}

/** An account at rest between two runs. */
export interface SavedAccount {
  readonly accountId: string;
  readonly wallet: Fixed;
  readonly bnbWallet?: Fixed;
  readonly hasHeldBnb?: boolean;
  readonly feeTier?: number;
  readonly feeBurn?: boolean;
  readonly multiAssetsMode?: boolean;
  readonly marginChanges?: readonly MarginChange[];
  readonly hedgeMode: boolean;
  readonly isMarginCalled: boolean;
  readonly updatedMs: number;
  readonly orders: readonly OrderView[];
  readonly algos: readonly AlgoView[];
  readonly fills: readonly FillView[];
  readonly incomes: readonly IncomeView[];
  /** By id. */
  readonly amendments: readonly AmendmentView[];
  readonly positions: readonly SavedPosition[];
  readonly setups: readonly { readonly symbol: string; readonly leverage: number; readonly marginType: MarginType }[];
  readonly countdowns: readonly (readonly [symbol: string, deadlineMs: number])[];
}

/** What customers have left in the book of a symbol. */
export interface SavedBook {
  readonly symbol: string;
  /** What takers and makers have used up at the present point of the path. */
  readonly taken: { readonly BUY: Fixed; readonly SELL: Fixed; readonly maker: Fixed };
  /** Resting orders in the order of their places, each with the house's quantity between it and the one before. */
  readonly places: readonly (readonly [orderId: number, houseAhead: Fixed])[];
}

/** A venue at rest: everything but its market, which is made anew from the same files or the same seed. */
export interface SavedVenue {
  /** Market time at which it came to rest. */
  readonly timeMs: number;
  readonly seed: number;
  readonly market: {
    readonly kind: MarketSource['kind'];
    readonly interval: string;
    /** Open time of the oldest candle of its history: where the walk of a generated market begins. */
    readonly firstMs: number;
  };
  readonly ledgerSeq: number;
  readonly orderCount: number;
  readonly fillCount: number;
  readonly nextIds: { readonly order: number; readonly algo: number; readonly income: number };
  /** By symbol. */
  readonly nextTradeIds: Readonly<Record<string, number>>;
  readonly house: House;
  readonly bnbHouse?: House;
  /** Only of symbols that are not simply traded. */
  readonly statuses?: readonly (readonly [symbol: string, status: SymbolStatus])[];
  readonly books?: readonly SavedBook[];
  /** Whether the prices of that moment had done what they do to orders and positions. */
  readonly isCaughtUp?: boolean;
  readonly accounts: readonly SavedAccount[];
}
