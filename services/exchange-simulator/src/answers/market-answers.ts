import { type Fixed, ONE, placesOf, times } from '../domain/fixed.ts';
import type {
  AggregateTrade,
  BookTicker,
  BookView,
  CandleView,
  DayTicker,
  FundingPoint,
  MarkPoint,
  SymbolSpec,
  TradePoint,
} from '../domain/venue-types.ts';
import { DayTickers } from './day-tickers.ts';
import { money } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';
import { changeIdOf, snapshotIdOf } from './update-ids.ts';

const INTEREST_RATE = '0.00010000';
const FUNDING_INTERVAL_HOURS = 8;

/** Source: recorded exchangeInfo of 2026-07. */
export const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
] as const;

/** The order limits alone, as `/fapi/v1/rateLimit/order` lists them. */
export const ORDER_LIMITS: readonly object[] = RATE_LIMITS.filter(
  (limit) => limit.rateLimitType === 'ORDERS',
).toReversed();

/** Discounts of the asset index. Source: documented examples of USDTUSD and ADAUSD. */
const DOLLAR_BUFFER = ONE / 10_000n;
const COIN_BUFFER = ONE / 10n;

interface AssetIndex {
  readonly symbol: string;
}

/** Public market data as REST answers. */
export class MarketAnswers {
  readonly #specOf: SpecOf;
  readonly #dayTickers: DayTickers;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
    this.#dayTickers = new DayTickers(specOf);
  }

  depth(book: BookView): object {
    const level = ({ price, quantity }: { price: Fixed; quantity: Fixed }) => [
      this.#price(book.symbol, price),
      this.#quantity(book.symbol, quantity),
    ];
    return {
      lastUpdateId: snapshotIdOf(book.updateId),
      E: book.timeMs,
      T: book.timeMs,
      bids: book.bids.map(level),
      asks: book.asks.map(level),
    };
  }

  kline(candle: CandleView): readonly unknown[] {
    const price = (value: Fixed) => this.#price(candle.symbol, value);
    const quantity = (value: Fixed) => this.#quantity(candle.symbol, value);
    return [
      candle.openTimeMs,
      price(candle.open),
      price(candle.high),
      price(candle.low),
      price(candle.close),
      quantity(candle.volume),
      candle.closeTimeMs,
      placesOf(candle.quoteVolume, 5),
      candle.tradeCount,
      quantity(candle.takerBuyVolume),
      placesOf(candle.takerBuyQuoteVolume, 5),
      '0',
    ];
  }

  /** A candle of mark, index or premium, which has prices only. Where trades would be counted it counts the prices that made it. */
  priceKline(candle: CandleView): readonly unknown[] {
    const [open, high, low, close] = [candle.open, candle.high, candle.low, candle.close].map(money);
    return [candle.openTimeMs, open, high, low, close, '0', candle.closeTimeMs, '0', candle.tradeCount, '0', '0', '0'];
  }

  premiumIndex(mark: MarkPoint): object {
    return {
      symbol: mark.symbol,
      markPrice: money(mark.markPrice),
      indexPrice: money(mark.indexPrice),
      estimatedSettlePrice: money(mark.estimatedSettlePrice),
      lastFundingRate: money(mark.fundingRate),
      interestRate: INTEREST_RATE,
      nextFundingTime: mark.nextFundingTimeMs,
      time: mark.timeMs,
    };
  }

  funding(point: FundingPoint): object {
    return {
      symbol: point.symbol,
      fundingTime: point.fundingTimeMs,
      fundingRate: money(point.fundingRate),
      markPrice: money(point.markPrice),
    };
  }

  fundingInfo(spec: SymbolSpec): object {
    return {
      symbol: spec.symbol,
      adjustedFundingRateCap: '0.02000000',
      adjustedFundingRateFloor: '-0.02000000',
      fundingIntervalHours: FUNDING_INTERVAL_HOURS,
      disclaimer: false,
      updateTime: spec.onboardMs,
    };
  }

  price(trade: TradePoint): object {
    return { symbol: trade.symbol, price: this.#price(trade.symbol, trade.lastPrice), time: trade.timeMs };
  }

  bookTicker(ticker: BookTicker): object {
    return {
      symbol: ticker.symbol,
      bidPrice: this.#price(ticker.symbol, ticker.bidPrice),
      bidQty: this.#quantity(ticker.symbol, ticker.bidQuantity),
      askPrice: this.#price(ticker.symbol, ticker.askPrice),
      askQty: this.#quantity(ticker.symbol, ticker.askQuantity),
      time: ticker.timeMs,
      lastUpdateId: changeIdOf(ticker.updateId),
    };
  }

  trade(trade: TradePoint): object {
    return {
      id: trade.tradeId,
      price: this.#price(trade.symbol, trade.lastPrice),
      qty: this.#quantity(trade.symbol, trade.quantity),
      quoteQty: placesOf(times(trade.lastPrice, trade.quantity), 2),
      time: trade.timeMs,
      isBuyerMaker: trade.isBuyerMaker,
    };
  }

  aggregateTrade(trade: AggregateTrade): object {
    return {
      a: trade.aggregateId,
      p: this.#price(trade.symbol, trade.price),
      q: this.#quantity(trade.symbol, trade.quantity),
      f: trade.firstTradeId,
      l: trade.lastTradeId,
      T: trade.timeMs,
      m: trade.isBuyerMaker,
    };
  }

  openInterest(found: { readonly symbol: string; readonly openInterest: Fixed; readonly timeMs: number }): object {
    const { symbol, openInterest, timeMs } = found;
    return { openInterest: this.#quantity(symbol, openInterest), symbol, time: timeMs };
  }

  /** The index of this venue is made of its own spot price alone. */
  constituents(mark: MarkPoint): object {
    const { symbol, timeMs, indexPrice } = mark;
    const constituents = [{ exchange: 'binance', symbol, price: money(indexPrice), weight: money(ONE) }];
    return { symbol, time: timeMs, constituents };
  }

  /** What an asset counts as margin: its index, less on the way in and more on the way out. */
  assetIndexes(marks: readonly MarkPoint[]): readonly AssetIndex[] {
    const dollar = { symbol: 'USDTUSD', index: ONE, buffer: DOLLAR_BUFFER, exchangeBuffer: DOLLAR_BUFFER };
    const coins = marks.map((mark) => ({
      symbol: mark.symbol.replace(/USDT$/, 'USD'),
      index: mark.indexPrice,
      buffer: COIN_BUFFER,
      exchangeBuffer: COIN_BUFFER / 2n,
    }));
    const timeMs = marks[0]?.timeMs ?? 0;
    return [dollar, ...coins].map(({ symbol, index, buffer, exchangeBuffer }) => ({
      symbol,
      time: timeMs,
      index: money(index),
      bidBuffer: money(buffer),
      askBuffer: money(buffer),
      bidRate: money(times(index, ONE - buffer)),
      askRate: money(times(index, ONE + buffer)),
      autoExchangeBidBuffer: money(exchangeBuffer),
      autoExchangeAskBuffer: money(exchangeBuffer),
      autoExchangeBidRate: money(times(index, ONE - exchangeBuffer)),
      autoExchangeAskRate: money(times(index, ONE + exchangeBuffer)),
    }));
  }

  dayTicker(day: DayTicker): object {
    return this.#dayTickers.answer(day);
  }

  #price(symbol: string, value: Fixed): string {
    return placesOf(value, this.#specOf(symbol).pricePlaces);
  }

  #quantity(symbol: string, value: Fixed): string {
    return placesOf(value, this.#specOf(symbol).quantityPlaces);
  }
}
