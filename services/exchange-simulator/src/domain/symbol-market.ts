import { POINTS } from './candle-path.ts';
import type { CandleSeries } from './candle-series.ts';
import { CandleSums, turnoverOf } from './candle-sums.ts';
import { type Fixed, greatest, least, numberOf } from './fixed.ts';
import { type Quote, quoteOf, type Turnover } from './liquidity.ts';
import { MarkCandles } from './mark-candles.ts';
import type { MarketClock } from './market-clock.ts';
import { PricePaths } from './price-paths.ts';
import { hashOf, hashOn } from './randomness.ts';
import { TradeTape } from './trade-tape.ts';
import type { CandleView, MarketSource, SymbolSpec, TradePoint } from './venue-types.ts';

interface PointPrices {
  readonly last: Fixed;
  readonly mark: Fixed;
  readonly index: Fixed;
}

interface FormingCandle {
  readonly high: number;
  readonly low: number;
  readonly volume: Fixed;
}

const NOWHERE: PointPrices = { last: 0n, mark: 0n, index: 0n };

const between = (from: number, to: number, ratio: number): number => from + Math.trunc((to - from) * ratio);

/**
 * The market of one symbol at the present moment. Nothing is done as time passes: where the price stands, what has formed and what was traded
 * follow from the clock, the candles and the seed whenever somebody asks. Only customers leave traces of their own: what they have taken and
 * their trades.
 */
export class SymbolMarket {
  readonly spec: SymbolSpec;
  readonly symbol: string;
  readonly series: CandleSeries;
  readonly paths: PricePaths;
  readonly tape: TradeTape;
  readonly sums: CandleSums;
  readonly markCandles: MarkCandles;
  readonly #bookHash: number;
  readonly #source: MarketSource;
  readonly #clock: MarketClock;
  #stamp = -1;
  #openTimeMs = Number.NaN;
  /** Place of the first candle that opens at or after the present one. */
  #place = 0;
  #hasCandle = false;
  #prices: PointPrices | null = null;
  #formed: FormingCandle | null = null;
  #quote: Quote | null = null;
  #taken = { BUY: 0n, SELL: 0n, maker: 0n };
  #takenMs = Number.NaN;
  #takenPoint = -1;

  constructor(options: { spec: SymbolSpec; source: MarketSource; seed: number; clock: MarketClock }) {
    const { spec, source, seed, clock } = options;
    this.spec = spec;
    this.symbol = spec.symbol;
    this.#bookHash = hashOf(seed, spec.symbol, 'book');
    this.#source = source;
    this.#clock = clock;
    const series = source.series(spec.symbol, clock.openTimeMs);
    this.series = series;
    this.paths = new PricePaths({ series, clock, spec, seed });
    this.tape = new TradeTape({ series, paths: this.paths, clock, spec });
    this.sums = new CandleSums(series, spec);
    this.markCandles = new MarkCandles(this.paths);
  }

  get lastPrice(): Fixed {
    return this.#pricesNow().last;
  }
  get markPrice(): Fixed {
    return this.#pricesNow().mark;
  }
  get indexPrice(): Fixed {
    return this.#pricesNow().index;
  }
  /** Bounds within which anything may trade now: the present candle's, or those of the last one before. */
  get high(): Fixed {
    const index = this.#index();
    return index < 0 ? this.lastPrice : BigInt(this.series.highAt(index));
  }
  get low(): Fixed {
    const index = this.#index();
    return index < 0 ? this.lastPrice : BigInt(this.series.lowAt(index));
  }
  /** How many candles have ended. */
  get playedCount(): number {
    this.#sync();
    return this.#hasCandle && this.#clock.isClosed ? this.#place + 1 : this.#place;
  }
  get isForming(): boolean {
    this.#sync();
    return this.#hasCandle && !this.#clock.isClosed;
  }

  /** Prices of the path `part` of `whole` ms after the point reached last. */
  pricesWithin(part: number, whole: number): PointPrices {
    const index = this.#index();
    if (index < 0) return NOWHERE;
    // Marks first: making them draws paths, and a path is valid only until another is drawn.
    const { marks, indexes } = this.paths.marksAt(index);
    const { prices } = this.paths.at(index);
    const from = this.isForming ? this.#clock.point : POINTS - 1;
    const to = Math.min(from + 1, POINTS - 1);
    const ratio = whole === 0 ? 1 : part / whole;
    const last = between(prices[from] ?? 0, prices[to] ?? 0, ratio);
    const onTick = ratio === 1 || from === to ? last : last - (last % Number(this.spec.priceStep));
    const inside = Math.min(Math.max(onTick, this.series.lowAt(index)), this.series.highAt(index));
    return {
      last: BigInt(inside),
      mark: BigInt(between(marks[from] ?? 0, marks[to] ?? 0, ratio)),
      index: BigInt(between(indexes[from] ?? 0, indexes[to] ?? 0, ratio)),
    };
  }

  /** Mark price at a time that was played, before what begins then. */
  markAt(timeMs: number): Fixed {
    const index = Math.min(this.series.indexFrom(timeMs), this.playedCount + Number(this.isForming)) - 1;
    if (index < 0) return this.markPrice;
    const { marks } = this.paths.marksAt(index);
    const openTimeMs = this.series.openTimeAt(index);
    const point = this.#clock.pointAt(openTimeMs, timeMs);
    const offsets = this.#clock.offsetsOf(openTimeMs);
    const [from = 0, to = from] = [offsets[point], offsets[point + 1]];
    const ratio = to === from ? 0 : (timeMs - openTimeMs - from) / (to - from);
    return BigInt(between(marks[point] ?? 0, marks[Math.min(point + 1, POINTS - 1)] ?? 0, ratio));
  }

  /** The print of the point reached last; null where the symbol does not trade at it. */
  print(): TradePoint | null {
    if (!this.isForming) return null;
    const { point } = this.#clock;
    const index = this.#place;
    if (this.tape.quantityAt(index, point) === 0n) return null;
    const prints = this.tape.printsBefore(index) + this.tape.printsUpTo(index, point);
    return this.tape.pointTrade({ index, point, tradeId: this.tape.idOfPrint(prints - 1) });
  }

  /** Path prints made so far. */
  #prints(): number {
    const played = this.playedCount;
    const before = this.tape.printsBefore(played);
    return this.isForming ? before + this.tape.printsUpTo(played, this.#clock.point) : before;
  }

  get nextTradeId(): number {
    return this.tape.nextId(this.#prints());
  }

  /** Leaves out ids that an earlier run has given away, and puts back the customers' trades that it made. */
  goOnFrom(id: number, own: readonly TradePoint[]): void {
    const prints = this.#prints();
    this.tape.restoreOwn(own, prints);
    this.tape.skipTo(id, prints);
  }

  takeTradeId(): number {
    return this.tape.takeId(this.#prints());
  }

  /** Makes a public trade of a customer's fill: it takes the next id and stands in the history. */
  ownTrade(trade: { price: Fixed; quantity: Fixed; isBuyerMaker: boolean }): TradePoint {
    const { price: lastPrice, quantity, isBuyerMaker } = trade;
    const { symbol } = this;
    const own = { symbol, timeMs: this.#clock.nowMs, tradeId: this.takeTradeId(), lastPrice, quantity, isBuyerMaker };
    this.tape.noteOwn(own);
    return own;
  }

  quote(): Quote {
    this.#sync();
    this.#quote ??= quoteOf({
      last: this.lastPrice,
      high: this.high,
      low: this.low,
      spec: this.spec,
      turnover: this.#turnover(),
    });
    return this.#quote;
  }

  /** What takers and makers have used up since the last point. */
  get taken(): { BUY: Fixed; SELL: Fixed; maker: Fixed } {
    const { openTimeMs, point } = this.#clock;
    if (this.#takenMs !== openTimeMs || this.#takenPoint !== point) {
      this.#taken = { BUY: 0n, SELL: 0n, maker: 0n };
      this.#takenMs = openTimeMs;
      this.#takenPoint = point;
    }
    return this.#taken;
  }

  /** Volume that resting orders may share until the next point: half of what trades there. */
  makerVolume(): Fixed {
    const share = this.isForming ? this.series.volumeAt(this.#place) / BigInt(2 * (POINTS - 1)) : 0n;
    const { quantityStep } = this.spec;
    return greatest((share / quantityStep) * quantityStep - this.taken.maker, 0n);
  }

  /** The candle now forming; null between candles. */
  forming(): CandleView | null {
    if (!this.isForming) return null;
    const index = this.#place;
    const openTimeMs = this.series.openTimeAt(index);
    const { high, low, volume } = this.formed();
    const close = this.lastPrice;
    const candle = {
      open: BigInt(this.series.openAt(index)),
      // The price moves on between two points of the path.
      high: greatest(BigInt(high), close),
      low: least(BigInt(low), close),
      close,
      volume,
    };
    const range = numberOf(candle.high - candle.low);
    const ratio = range === 0 ? 0.5 : 0.5 + (0.3 * numberOf(candle.close - candle.open)) / range;
    const [firstTradeId, nextTradeId] = [this.firstTradeIdAt(index), this.nextTradeId];
    return {
      symbol: this.symbol,
      openTimeMs,
      ...candle,
      closeTimeMs: openTimeMs + this.#clock.intervalMs - 1,
      ...turnoverOf(candle, ratio, this.spec),
      tradeCount: Math.max(nextTradeId - firstTradeId, 0),
      firstTradeId,
      lastTradeId: nextTradeId - 1,
      isClosed: false,
    };
  }

  /** Extremes and volume of the points that the forming candle has reached. */
  formed(): FormingCandle {
    this.#sync();
    if (this.#formed !== null) return this.#formed;
    const { prices } = this.paths.at(this.#place);
    let [high, low] = [prices[0] ?? 0, prices[0] ?? 0];
    let volume = 0n;
    for (let point = 0; point <= this.#clock.point; point += 1) {
      high = Math.max(high, prices[point] ?? 0);
      low = Math.min(low, prices[point] ?? 0);
      volume += this.tape.quantityAt(this.#place, point);
    }
    this.#formed = { high, low, volume };
    return this.#formed;
  }

  /** The id that the first trade of a candle has, or would have. */
  firstTradeIdAt(index: number): number {
    return this.tape.idOfPrint(this.tape.printsBefore(index));
  }

  /** A candle that has ended, by its place. */
  candleView(index: number): CandleView | null {
    const { series } = this;
    const played = this.playedCount;
    if (index < 0 || index >= played) return null;
    const openTimeMs = series.openTimeAt(index);
    const { volume, quoteVolume, takerBuyVolume, takerBuyQuoteVolume } = this.sums.at(index);
    const firstTradeId = this.firstTradeIdAt(index);
    const isNewest = index + 1 === played && !this.isForming;
    const nextTradeId = isNewest ? this.nextTradeId : this.firstTradeIdAt(index + 1);
    return {
      symbol: this.symbol,
      openTimeMs,
      open: BigInt(series.openAt(index)),
      high: BigInt(series.highAt(index)),
      low: BigInt(series.lowAt(index)),
      close: BigInt(series.closeAt(index)),
      volume,
      closeTimeMs: openTimeMs + this.#clock.intervalMs - 1,
      quoteVolume,
      tradeCount: Math.max(nextTradeId - firstTradeId, 0),
      takerBuyVolume,
      takerBuyQuoteVolume,
      firstTradeId,
      lastTradeId: nextTradeId - 1,
      isClosed: true,
    };
  }

  /** The candle that opened then, once it has ended. */
  endedCandle(openTimeMs: number): CandleView | null {
    const played = this.playedCount;
    const index = this.series.openTimeAt(played - 1) === openTimeMs ? played - 1 : this.series.indexFrom(openTimeMs);
    return this.series.openTimeAt(index) === openTimeMs ? this.candleView(index) : null;
  }

  /** Place of the present candle, or of the last one before; -1 when there was none yet. */
  #index(): number {
    this.#sync();
    return this.#hasCandle ? this.#place : this.#place - 1;
  }

  #pricesNow(): PointPrices {
    this.#sync();
    if (this.#prices === null) {
      const { nowMs, pointMs, nextPointMs } = this.#clock;
      this.#prices = this.pricesWithin(nowMs - pointMs, nextPointMs - pointMs);
    }
    return this.#prices;
  }

  /** Follows the clock. */
  #sync(): void {
    const clock = this.#clock;
    if (this.#stamp === clock.stamp) return;
    this.#stamp = clock.stamp;
    this.#prices = null;
    this.#formed = null;
    this.#quote = null;
    const { openTimeMs } = clock;
    if (openTimeMs === this.#openTimeMs) return;
    this.#openTimeMs = openTimeMs;
    this.#source.series(this.symbol, openTimeMs);
    const next = this.#hasCandle ? this.#place + 1 : this.#place;
    this.#place = this.series.openTimeAt(next) === openTimeMs ? next : this.series.indexFrom(openTimeMs);
    this.#hasCandle = this.series.openTimeAt(this.#place) === openTimeMs;
  }

  #turnover(): Turnover {
    const index = this.#index();
    return {
      volume: index < 0 ? 0n : this.series.volumeAt(index),
      intervalMs: this.#clock.intervalMs,
      dice: hashOn(this.#bookHash, index < 0 ? 0 : this.series.openTimeAt(index)),
      point: this.#clock.point,
    };
  }
}
