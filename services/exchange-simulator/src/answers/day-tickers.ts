import { divideRounded, type Fixed, over, placesOf } from '../domain/fixed.ts';
import type { DayTicker } from '../domain/venue-types.ts';
import type { SpecOf } from './order-answers.ts';

/** 1e8 units times one hundred: a ratio becomes per cent. */
const PER_CENT = 10_000_000_000n;

/** The last 24 hours, as REST answer and as the two stream messages. */
export class DayTickers {
  readonly #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
  }

  answer(day: DayTicker): object {
    const texts = this.#texts(day);
    return {
      symbol: day.symbol,
      priceChange: texts.change,
      priceChangePercent: texts.changePercent,
      weightedAvgPrice: texts.average,
      lastPrice: texts.last,
      lastQty: texts.lastQuantity,
      openPrice: texts.open,
      highPrice: texts.high,
      lowPrice: texts.low,
      volume: texts.volume,
      quoteVolume: texts.quoteVolume,
      openTime: day.openTimeMs,
      closeTime: day.closeTimeMs,
      firstId: day.firstTradeId,
      lastId: day.lastTradeId,
      count: day.tradeCount,
    };
  }

  ticker(day: DayTicker, timeMs: number): object {
    const texts = this.#texts(day);
    return {
      e: '24hrTicker',
      E: timeMs,
      s: day.symbol,
      p: texts.change,
      P: texts.changePercent,
      w: texts.average,
      c: texts.last,
      Q: texts.lastQuantity,
      o: texts.open,
      h: texts.high,
      l: texts.low,
      v: texts.volume,
      q: texts.quoteVolume,
      O: day.openTimeMs,
      C: day.closeTimeMs,
      F: day.firstTradeId,
      L: day.lastTradeId,
      n: day.tradeCount,
    };
  }

  miniTicker(day: DayTicker, timeMs: number): object {
    const texts = this.#texts(day);
    return {
      e: '24hrMiniTicker',
      E: timeMs,
      s: day.symbol,
      c: texts.last,
      o: texts.open,
      h: texts.high,
      l: texts.low,
      v: texts.volume,
      q: texts.quoteVolume,
    };
  }

  #texts(day: DayTicker) {
    const { pricePlaces, quantityPlaces } = this.#specOf(day.symbol);
    const price = (value: Fixed): string => placesOf(value, pricePlaces);
    const change = day.lastPrice - day.openPrice;
    const average = day.volume === 0n ? day.lastPrice : over(day.quoteVolume, day.volume);
    const changePerCent = day.openPrice === 0n ? 0n : divideRounded(change * PER_CENT, day.openPrice);
    return {
      change: price(change),
      changePercent: placesOf(changePerCent, 3),
      average: price(average),
      last: price(day.lastPrice),
      lastQuantity: placesOf(day.lastQuantity, quantityPlaces),
      open: price(day.openPrice),
      high: price(day.highPrice),
      low: price(day.lowPrice),
      volume: placesOf(day.volume, quantityPlaces),
      quoteVolume: price(day.quoteVolume),
    };
  }
}
