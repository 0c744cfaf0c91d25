import { type Fixed, placesOf } from '../domain/fixed.ts';
import type {
  AggregateTrade,
  BookLevel,
  BookTicker,
  CandleView,
  LiquidationEvent,
  MarkPoint,
  TradePoint,
} from '../domain/venue-types.ts';
import { DayTickers } from './day-tickers.ts';
import { money } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';
import { changeIdOf, snapshotIdOf } from './update-ids.ts';

/** A stretch of a book's changes, or the top of the book at its end. */
export interface DepthStretch {
  readonly symbol: string;
  /** Last change of the stretch before; the venue's own counting, as in `DepthChange`. */
  readonly previousUpdateId: number;
  readonly lastUpdateId: number;
  /** When the last change happened. */
  readonly timeMs: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Market stream messages. Source: recorded frames of 2021 to 2024 and the documented examples. */
export class StreamPayloads {
  /** Of the last 24 hours. */
  readonly days: DayTickers;
  readonly #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
    this.days = new DayTickers(specOf);
  }

  kline(candle: CandleView, interval: string, timeMs: number): object {
    const { t, T, ...rest } = this.#candle(candle, interval);
    return { e: 'kline', E: timeMs, s: candle.symbol, k: { t, T, s: candle.symbol, ...rest } };
  }

  /** A perpetual's pair carries the same name as its symbol. */
  continuousKline(candle: CandleView, interval: string, timeMs: number): object {
    const k = this.#candle(candle, interval);
    return { e: 'continuous_kline', E: timeMs, ps: candle.symbol, ct: 'PERPETUAL', k };
  }

  markPrice(mark: MarkPoint, timeMs: number): object {
    return {
      e: 'markPriceUpdate',
      E: timeMs,
      s: mark.symbol,
      p: money(mark.markPrice),
      P: money(mark.estimatedSettlePrice),
      i: money(mark.indexPrice),
      r: money(mark.fundingRate),
      T: mark.nextFundingTimeMs,
    };
  }

  bookTicker(ticker: BookTicker, timeMs: number): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(ticker.symbol);
    return {
      e: 'bookTicker',
      u: changeIdOf(ticker.updateId),
      s: ticker.symbol,
      b: placesOf(ticker.bidPrice, pricePlaces),
      B: placesOf(ticker.bidQuantity, quantityPlaces),
      a: placesOf(ticker.askPrice, pricePlaces),
      A: placesOf(ticker.askQuantity, quantityPlaces),
      T: ticker.timeMs,
      E: timeMs,
    };
  }

  depth(stretch: DepthStretch, timeMs: number): object {
    const { symbol, previousUpdateId, lastUpdateId } = stretch;
    const { pricePlaces, quantityPlaces } = this.#specOf(symbol);
    const level = ({ price, quantity }: BookLevel): readonly string[] => [
      placesOf(price, pricePlaces),
      placesOf(quantity, quantityPlaces),
    ];
    return {
      e: 'depthUpdate',
      E: timeMs,
      T: stretch.timeMs,
      s: symbol,
      U: snapshotIdOf(previousUpdateId),
      u: changeIdOf(lastUpdateId),
      pu: changeIdOf(previousUpdateId),
      b: stretch.bids.map(level),
      a: stretch.asks.map(level),
    };
  }

  trade(trade: TradePoint): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(trade.symbol);
    return {
      e: 'trade',
      E: trade.timeMs,
      T: trade.timeMs,
      s: trade.symbol,
      t: trade.tradeId,
      p: placesOf(trade.lastPrice, pricePlaces),
      q: placesOf(trade.quantity, quantityPlaces),
      X: 'MARKET',
      m: trade.isBuyerMaker,
    };
  }

  aggTrade(trade: AggregateTrade): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(trade.symbol);
    return {
      e: 'aggTrade',
      E: trade.timeMs,
      s: trade.symbol,
      a: trade.aggregateId,
      p: placesOf(trade.price, pricePlaces),
      q: placesOf(trade.quantity, quantityPlaces),
      f: trade.firstTradeId,
      l: trade.lastTradeId,
      T: trade.timeMs,
      m: trade.isBuyerMaker,
    };
  }

  forceOrder({ order, timeMs }: LiquidationEvent): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(order.symbol);
    const quantity = (value: Fixed): string => placesOf(value, quantityPlaces);
    return {
      e: 'forceOrder',
      E: timeMs,
      o: {
        s: order.symbol,
        S: order.side,
        o: 'LIMIT',
        f: 'IOC',
        q: quantity(order.quantity),
        p: placesOf(order.price === 0n ? order.averagePrice : order.price, pricePlaces),
        ap: placesOf(order.averagePrice, pricePlaces),
        X: order.status,
        l: quantity(order.executedQuantity),
        z: quantity(order.executedQuantity),
        T: order.updatedMs,
      },
    };
  }

  #candle(candle: CandleView, interval: string) {
    const { pricePlaces, quantityPlaces } = this.#specOf(candle.symbol);
    return {
      t: candle.openTimeMs,
      T: candle.closeTimeMs,
      i: interval,
      f: candle.firstTradeId,
      L: candle.lastTradeId,
      o: placesOf(candle.open, pricePlaces),
      c: placesOf(candle.close, pricePlaces),
      h: placesOf(candle.high, pricePlaces),
      l: placesOf(candle.low, pricePlaces),
      v: placesOf(candle.volume, quantityPlaces),
      n: candle.tradeCount,
      x: candle.isClosed,
      q: placesOf(candle.quoteVolume, 5),
      V: placesOf(candle.takerBuyVolume, quantityPlaces),
      Q: placesOf(candle.takerBuyQuoteVolume, 5),
      B: '0',
    };
  }
}
