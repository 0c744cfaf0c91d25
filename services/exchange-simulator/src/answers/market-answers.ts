import { divideRounded, type Fixed, over, placesOf, textOf, times } from '../domain/fixed.ts';
import type {
  BookTicker,
  BookView,
  CandleView,
  DayTicker,
  FundingPoint,
  MarkPoint,
  SymbolSpec,
  SymbolStatus,
  TradePoint,
} from '../domain/venue-types.ts';
import { money } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';

/** Perpetuals are delivered at the end of the year 2100. Source: recorded exchangeInfo of 2026-07. */
const NO_DELIVERY_MS = 4_133_404_800_000;
const INTEREST_RATE = '0.00010000';
const FUNDING_INTERVAL_HOURS = 8;

/** Source: recorded exchangeInfo of 2026-07. */
const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400 },
  { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300 },
] as const;

/** The order limits alone, as `/fapi/v1/rateLimit/order` lists them. */
export const ORDER_LIMITS: readonly object[] = RATE_LIMITS.filter(
  (limit) => limit.rateLimitType === 'ORDERS',
).toReversed();

/** Public market data as REST answers. */
export class MarketAnswers {
  readonly #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
  }

  exchangeInfo(
    specs: readonly SymbolSpec[],
    serverTimeMs: number,
    statusOf: (symbol: string) => SymbolStatus = () => 'TRADING',
  ): object {
    return {
      timezone: 'UTC',
      serverTime: serverTimeMs,
      futuresType: 'U_MARGINED',
      rateLimits: RATE_LIMITS,
      exchangeFilters: [],
      assets: [
        { asset: 'USDT', marginAvailable: true, autoAssetExchange: '-10000' },
        { asset: 'BNB', marginAvailable: true, autoAssetExchange: '0' },
      ],
      symbols: specs.map((spec) => this.#symbol(spec, statusOf(spec.symbol))),
    };
  }

  depth(book: BookView): object {
    const level = ({ price, quantity }: { price: Fixed; quantity: Fixed }) => [
      this.#price(book.symbol, price),
      this.#quantity(book.symbol, quantity),
    ];
    return {
      lastUpdateId: book.updateId,
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

  /** The mark price has prices only. */
  markKline(candle: CandleView): readonly unknown[] {
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
      lastUpdateId: ticker.updateId,
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

  dayTicker(day: DayTicker): object {
    const price = (value: Fixed) => this.#price(day.symbol, value);
    const change = day.lastPrice - day.openPrice;
    const average = day.volume === 0n ? day.lastPrice : over(day.quoteVolume, day.volume);
    const changeRatio = day.openPrice === 0n ? 0n : divideRounded(change * 10_000_000_000n, day.openPrice);
    return {
      symbol: day.symbol,
      priceChange: price(change),
      priceChangePercent: placesOf(changeRatio, 3),
      weightedAvgPrice: price(average),
      lastPrice: price(day.lastPrice),
      lastQty: this.#quantity(day.symbol, day.lastQuantity),
      openPrice: price(day.openPrice),
      highPrice: price(day.highPrice),
      lowPrice: price(day.lowPrice),
      volume: this.#quantity(day.symbol, day.volume),
      quoteVolume: placesOf(day.quoteVolume, 2),
      openTime: day.openTimeMs,
      closeTime: day.closeTimeMs,
      firstId: day.firstTradeId,
      lastId: day.lastTradeId,
      count: day.tradeCount,
    };
  }

  #symbol(spec: SymbolSpec, status: SymbolStatus): object {
    const places = spec.quantityPlaces;
    const price = (value: Fixed) => placesOf(value, spec.pricePlaces);
    const quantity = (value: Fixed) => placesOf(value, places);
    return {
      symbol: spec.symbol,
      pair: spec.symbol,
      contractType: 'PERPETUAL',
      deliveryDate: NO_DELIVERY_MS,
      onboardDate: spec.onboardMs,
      status,
      maintMarginPercent: '2.5000',
      requiredMarginPercent: '5.0000',
      baseAsset: spec.baseAsset,
      quoteAsset: spec.quoteAsset,
      marginAsset: spec.quoteAsset,
      pricePrecision: spec.pricePlaces,
      quantityPrecision: places,
      baseAssetPrecision: 8,
      quotePrecision: 8,
      underlyingType: 'COIN',
      underlyingSubType: [],
      triggerProtect: placesOf(spec.triggerProtect, 4),
      liquidationFee: placesOf(spec.liquidationFeeRatio, 6),
      marketTakeBound: textOf(spec.marketTakeBound),
      maxMoveOrderLimit: 10_000,
      filters: [
        {
          filterType: 'PRICE_FILTER',
          minPrice: price(spec.minPrice),
          maxPrice: textOf(spec.maxPrice),
          tickSize: price(spec.priceStep),
        },
        {
          filterType: 'LOT_SIZE',
          stepSize: quantity(spec.quantityStep),
          minQty: quantity(spec.minQuantity),
          maxQty: textOf(spec.maxQuantity),
        },
        {
          filterType: 'MARKET_LOT_SIZE',
          stepSize: quantity(spec.quantityStep),
          minQty: quantity(spec.minQuantity),
          maxQty: textOf(spec.maxMarketQuantity),
        },
        { filterType: 'MAX_NUM_ORDERS', limit: spec.maxOrders },
        { filterType: 'MAX_NUM_ALGO_ORDERS', limit: spec.maxAlgoOrders },
        { filterType: 'MIN_NOTIONAL', notional: textOf(spec.minNotional) },
        {
          filterType: 'PERCENT_PRICE',
          multiplierDecimal: '4',
          multiplierUp: placesOf(spec.priceBandUp, 4),
          multiplierDown: placesOf(spec.priceBandDown, 4),
        },
        { filterType: 'POSITION_RISK_CONTROL', positionControlSide: 'NONE' },
      ],
      orderTypes: ['LIMIT', 'MARKET', 'STOP_MARKET', 'TAKE_PROFIT_MARKET'],
      timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
      permissionSets: ['GRID', 'COPY'],
    };
  }

  #price(symbol: string, value: Fixed): string {
    return placesOf(value, this.#specOf(symbol).pricePlaces);
  }

  #quantity(symbol: string, value: Fixed): string {
    return placesOf(value, this.#specOf(symbol).quantityPlaces);
  }
}
