import { CandleSeries } from './candle-series.ts';
import { candlePath, type PathPoint, POINTS, takerBuyRatio } from './candle-path.ts';
import { clamp, type Fixed, fixedOfNumber, greatest, least, numberOf, times } from './fixed.ts';
import { type Quote, quoteOf, type Turnover } from './liquidity.ts';
import { gaussian, hashOf, randomOf } from './randomness.ts';
import type { CandleView, MarketSource, SymbolSpec, TradePoint, VenueCandle } from './venue-types.ts';

/** Time constants of the smoothed prices. */
const INDEX_TAU_MS = 5_000;
const MARK_TAU_MS = 15_000;
const BASIS_SIGMA = 0.00015;
const FIRST_TRADE_ID = 1_000_001;
const TRADES_KEPT = 1_000;

interface PointPrices {
  readonly last: Fixed;
  readonly mark: Fixed;
  readonly index: Fixed;
}

const between = (from: Fixed, to: Fixed, part: bigint, whole: bigint): Fixed =>
  whole === 0n ? to : from + ((to - from) * part) / whole;

/** The market of one symbol at one moment: where its price stands on the path of the current candle, and what was played before. */
export class SymbolMarket {
  readonly spec: SymbolSpec;
  readonly symbol: string;
  readonly #seed: number;
  readonly #source: MarketSource;
  readonly #played: CandleSeries;
  readonly #firstTradeIds: number[] = [];
  readonly #trades: TradePoint[] = [];
  #nextTradeId = FIRST_TRADE_ID;
  #candle: VenueCandle | null = null;
  #path: readonly PathPoint[] = [];
  #prices: PointPrices[] = [];
  #offsets: readonly number[] = [];
  #point = 0;
  #isForming = false;
  #high: Fixed = 0n;
  #low: Fixed = 0n;
  #volume: Fixed = 0n;
  #last: Fixed;
  #mark: Fixed;
  #index: Fixed;
  #smoothMark: number;
  #smoothIndex: number;
  #basis = 0;
  #smoothedMs: number;
  #quote: Quote | null = null;
  #taken = { BUY: 0n, SELL: 0n, maker: 0n };

  constructor(options: { spec: SymbolSpec; source: MarketSource; seed: number }) {
    const { spec, source, seed } = options;
    this.spec = spec;
    this.symbol = spec.symbol;
    this.#seed = seed;
    this.#source = source;
    this.#played = new CandleSeries({ symbol: spec.symbol, interval: source.interval, intervalMs: source.intervalMs });
    for (const candle of source.history(spec.symbol)) {
      this.#firstTradeIds.push(this.#nextTradeId);
      this.#nextTradeId += POINTS;
      this.#played.push(candle);
    }
    const before = this.#played.at(this.#played.length - 1);
    this.#last = source.candleAt(spec.symbol, source.startMs)?.open ?? before?.close ?? 0n;
    this.#mark = this.#last;
    this.#index = this.#last;
    this.#smoothMark = numberOf(this.#last);
    this.#smoothIndex = this.#smoothMark;
    this.#smoothedMs = source.startMs;
  }

  get lastPrice(): Fixed {
    return this.#last;
  }
  get markPrice(): Fixed {
    return this.#mark;
  }
  get indexPrice(): Fixed {
    return this.#index;
  }
  /** Bounds within which anything may trade now: the current candle's. */
  get high(): Fixed {
    return this.#candle?.high ?? this.#last;
  }
  get low(): Fixed {
    return this.#candle?.low ?? this.#last;
  }
  get played(): CandleSeries {
    return this.#played;
  }
  get trades(): readonly TradePoint[] {
    return this.#trades;
  }

  /** Enters the candle that opens then; true when there is one. The price jumps to its open. */
  openCandle(openTimeMs: number, offsets: readonly number[]): boolean {
    const candle = this.#source.candleAt(this.symbol, openTimeMs);
    this.#offsets = offsets;
    this.#point = 0;
    this.#isForming = candle !== null;
    this.#refreshLiquidity();
    if (candle === null) return false;
    this.#candle = candle;
    this.#path = candlePath(candle, { seed: this.#seed, symbol: this.symbol, priceStep: this.spec.priceStep });
    this.#prices = this.#smooth(openTimeMs);
    this.#firstTradeIds.push(this.#nextTradeId);
    this.#high = candle.open;
    this.#low = candle.open;
    this.#volume = 0n;
    return true;
  }

  /** Ends the current candle: its full record joins the played ones. Null when there was none. */
  closeCandle(): CandleView | null {
    if (!this.#isForming || this.#candle === null) return null;
    this.#isForming = false;
    this.#played.push(this.#candle);
    return this.candleView(this.#played.length - 1);
  }

  /** Prices of the path `part` of `whole` ms after the point reached last. */
  pricesWithin(part: number, whole: number): PointPrices {
    const from = this.#prices[this.#point];
    const to = this.#prices[this.#point + 1];
    if (!this.#isForming || from === undefined || to === undefined) {
      return { last: this.#last, mark: this.#mark, index: this.#index };
    }
    if (part === whole) return to;
    const [numerator, denominator] = [BigInt(part), BigInt(whole)];
    const { priceStep } = this.spec;
    const straight = between(from.last, to.last, numerator, denominator);
    return {
      last: clamp((straight / priceStep) * priceStep, this.low, this.high),
      mark: between(from.mark, to.mark, numerator, denominator),
      index: between(from.index, to.index, numerator, denominator),
    };
  }

  /** Moves there, without a print. */
  moveWithin(part: number, whole: number): void {
    const prices = this.pricesWithin(part, whole);
    this.#last = prices.last;
    this.#mark = prices.mark;
    this.#index = prices.index;
    this.#quote = null;
  }

  /** Arrives at point `index` and prints its trade; null when the symbol does not trade in this candle. */
  arrive(index: number, timeMs: number): TradePoint | null {
    const prices = this.#prices[index];
    const point = this.#path[index];
    if (!this.#isForming || prices === undefined || point === undefined) return null;
    this.#point = index;
    this.#last = prices.last;
    this.#mark = prices.mark;
    this.#index = prices.index;
    const quantity = greatest(point.volume - this.#volume, 0n);
    this.#volume = point.volume;
    this.#high = greatest(this.#high, point.price);
    this.#low = least(this.#low, point.price);
    this.#refreshLiquidity();
    const trade = {
      symbol: this.symbol,
      timeMs,
      tradeId: this.takeTradeId(),
      lastPrice: point.price,
      quantity,
      isBuyerMaker: !point.isBuy,
    };
    this.#trades.push(trade);
    if (this.#trades.length >= 2 * TRADES_KEPT) this.#trades.splice(0, TRADES_KEPT);
    return trade;
  }

  get nextTradeId(): number {
    return this.#nextTradeId;
  }

  /** Leaves out ids that an earlier run has given away. */
  skipTradeIdsTo(id: number): void {
    this.#nextTradeId = Math.max(this.#nextTradeId, id);
  }

  takeTradeId(): number {
    const id = this.#nextTradeId;
    this.#nextTradeId += 1;
    return id;
  }

  quote(): Quote {
    this.#quote ??= quoteOf({
      last: this.#last,
      high: this.high,
      low: this.low,
      spec: this.spec,
      turnover: this.#turnover(),
    });
    return this.#quote;
  }

  /** What takers and makers have used up since the last point. */
  get taken(): { BUY: Fixed; SELL: Fixed; maker: Fixed } {
    return this.#taken;
  }

  /** Volume that resting orders may share until the next point: half of what trades there. */
  makerVolume(): Fixed {
    const volume = this.#candle?.volume ?? 0n;
    const share = this.#isForming ? volume / BigInt(2 * (POINTS - 1)) : 0n;
    const { quantityStep } = this.spec;
    return greatest((share / quantityStep) * quantityStep - this.#taken.maker, 0n);
  }

  /** The candle now forming; null between candles. */
  forming(): CandleView | null {
    const candle = this.#candle;
    if (!this.#isForming || candle === null) return null;
    const soFar = { ...candle, high: this.#high, low: this.#low, close: this.#last, volume: this.#volume };
    const firstTradeId = this.#firstTradeIds[this.#played.length] ?? this.#nextTradeId;
    return this.#viewOf(soFar, { firstTradeId, lastTradeId: this.#nextTradeId - 1, isClosed: false });
  }

  /** A candle played before, by its place. */
  candleView(index: number): CandleView | null {
    const candle = this.#played.at(index);
    if (candle === null) return null;
    const firstTradeId = this.#firstTradeIds[index] ?? this.#nextTradeId;
    const lastTradeId = (this.#firstTradeIds[index + 1] ?? this.#nextTradeId) - 1;
    return this.#viewOf(candle, { firstTradeId, lastTradeId, isClosed: true });
  }

  #viewOf(candle: VenueCandle, ids: { firstTradeId: number; lastTradeId: number; isClosed: boolean }): CandleView {
    const quoteVolume = times(candle.volume, (candle.open + candle.high + candle.low + candle.close) / 4n);
    const share = fixedOfNumber(takerBuyRatio(candle));
    const { quantityStep } = this.spec;
    return {
      symbol: this.symbol,
      ...candle,
      closeTimeMs: candle.openTimeMs + this.#source.intervalMs - 1,
      quoteVolume,
      tradeCount: Math.max(ids.lastTradeId - ids.firstTradeId + 1, 0),
      takerBuyVolume: (times(candle.volume, share) / quantityStep) * quantityStep,
      takerBuyQuoteVolume: times(quoteVolume, share),
      ...ids,
    };
  }

  #refreshLiquidity(): void {
    this.#quote = null;
    this.#taken = { BUY: 0n, SELL: 0n, maker: 0n };
  }

  #turnover(): Turnover {
    return {
      volume: this.#candle?.volume ?? 0n,
      intervalMs: this.#source.intervalMs,
      dice: hashOf(this.#seed, this.symbol, 'book', this.#candle?.openTimeMs ?? 0),
      point: this.#point,
    };
  }

  /** Index follows last, mark follows the index and a premium that wanders by some basis points. */
  #smooth(openTimeMs: number): PointPrices[] {
    const random = randomOf(this.#seed, this.symbol, 'mark', openTimeMs);
    this.#basis = 0.9 * this.#basis + BASIS_SIGMA * 0.44 * gaussian(random);
    return this.#path.map((point, index) => {
      const timeMs = openTimeMs + (this.#offsets[index] ?? 0);
      const elapsedMs = Math.max(timeMs - this.#smoothedMs, 0);
      this.#smoothedMs = timeMs;
      const last = numberOf(point.price);
      this.#smoothIndex += (elapsedMs / (elapsedMs + INDEX_TAU_MS)) * (last - this.#smoothIndex);
      const fair = this.#smoothIndex * (1 + this.#basis);
      this.#smoothMark += (elapsedMs / (elapsedMs + MARK_TAU_MS)) * (fair - this.#smoothMark);
      return { last: point.price, mark: fixedOfNumber(this.#smoothMark), index: fixedOfNumber(this.#smoothIndex) };
    });
  }
}
