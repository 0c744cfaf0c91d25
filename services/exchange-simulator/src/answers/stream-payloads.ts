import { placesOf } from '../domain/fixed.ts';
import type { BookTicker, CandleView, MarkPoint, TradePoint } from '../domain/venue-types.ts';
import { money } from './number-texts.ts';
import type { SpecOf } from './order-answers.ts';

/** Market stream messages. */
export class StreamPayloads {
  readonly #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
  }

  kline(candle: CandleView, interval: string, timeMs: number): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(candle.symbol);
    return {
      e: 'kline',
      E: timeMs,
      s: candle.symbol,
      k: {
        t: candle.openTimeMs,
        T: candle.closeTimeMs,
        s: candle.symbol,
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
      },
    };
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
      u: ticker.updateId,
      s: ticker.symbol,
      b: placesOf(ticker.bidPrice, pricePlaces),
      B: placesOf(ticker.bidQuantity, quantityPlaces),
      a: placesOf(ticker.askPrice, pricePlaces),
      A: placesOf(ticker.askQuantity, quantityPlaces),
      T: ticker.timeMs,
      E: timeMs,
    };
  }

  aggTrade(trade: TradePoint): object {
    const { pricePlaces, quantityPlaces } = this.#specOf(trade.symbol);
    return {
      e: 'aggTrade',
      E: trade.timeMs,
      s: trade.symbol,
      a: trade.tradeId,
      p: placesOf(trade.lastPrice, pricePlaces),
      q: placesOf(trade.quantity, quantityPlaces),
      f: trade.tradeId,
      l: trade.tradeId,
      T: trade.timeMs,
      m: trade.isBuyerMaker,
    };
  }
}
