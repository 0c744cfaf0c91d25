import { type CandlePath, POINTS, printsOf } from './candle-path.ts';
import type { CandleSeries } from './candle-series.ts';
import type { Fixed } from './fixed.ts';
import type { MarketClock } from './market-clock.ts';
import type { PricePaths } from './price-paths.ts';
import type { AggregateQuery, SymbolSpec, TradePoint, TradeQuery } from './venue-types.ts';

const FIRST_TRADE_ID = 1_000_001;

/** From path print `print` on, ids are `shift` higher than without the customers' own trades and ids given away before. */
interface Shift {
  readonly print: number;
  shift: number;
}

/** Returns the index of the last item whose value is at most `wanted`, -1 when there is none. */
const lastAtMost = <T>(items: readonly T[], valueOf: (item: T) => number, wanted: number): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item !== undefined && valueOf(item) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** The id of the print at which a shift begins: after all that was put before it. */
const idAfter = ({ print, shift }: Shift): number => FIRST_TRADE_ID + print + shift;

/**
 * The public trades of one symbol: the prints of its path, from the first candle of the history on, and between them the customers' own fills,
 * in one sequence of ids. Prints are not kept but made again from the path; only the customers' own trades are.
 */
export class TradeTape {
  readonly #series: CandleSeries;
  readonly #paths: PricePaths;
  readonly #clock: MarketClock;
  readonly #spec: SymbolSpec;
  readonly #quantityStep: number;
  /** Prints before each candle, as far as they have been counted. */
  #printsBefore = new Float64Array(1_024);
  #counted = 0;
  readonly #shifts: Shift[] = [{ print: 0, shift: 0 }];
  readonly #own: TradePoint[] = [];

  constructor(options: { series: CandleSeries; paths: PricePaths; clock: MarketClock; spec: SymbolSpec }) {
    this.#series = options.series;
    this.#paths = options.paths;
    this.#clock = options.clock;
    this.#spec = options.spec;
    this.#quantityStep = Number(options.spec.quantityStep);
  }

  /** Prints of all candles before that one. */
  printsBefore(index: number): number {
    const series = this.#series;
    while (this.#counted < index) {
      if (this.#counted + 1 >= this.#printsBefore.length) {
        const grown = new Float64Array(this.#printsBefore.length * 2);
        grown.set(this.#printsBefore);
        this.#printsBefore = grown;
      }
      const steps = series.stepsAt(this.#counted, this.#quantityStep);
      const prints = printsOf(steps, series.hasVolumeAt(this.#counted));
      this.#printsBefore[this.#counted + 1] = (this.#printsBefore[this.#counted] ?? 0) + prints;
      this.#counted += 1;
    }
    return this.#printsBefore[index] ?? 0;
  }

  /** Prints of a candle up to and including a point. */
  printsUpTo(index: number, point: number): number {
    const steps = this.#series.stepsAt(index, this.#quantityStep);
    if (steps >= POINTS) return point + 1;
    if (point === POINTS - 1) return printsOf(steps, this.#series.hasVolumeAt(index));
    return steps === 0 ? 0 : (this.#paths.at(index).steps[point] ?? 0);
  }

  /** What trades at a point of a candle; zero where nothing is printed. */
  quantityAt(index: number, point: number): Fixed {
    const { steps } = this.#paths.at(index);
    const whole = (steps[point] ?? 0) - (point === 0 ? 0 : (steps[point - 1] ?? 0));
    const quantity = BigInt(whole) * this.#spec.quantityStep;
    return point === POINTS - 1 ? quantity + (this.#series.volumeAt(index) % this.#spec.quantityStep) : quantity;
  }

  idOfPrint(print: number): number {
    const shift = this.#shifts[lastAtMost(this.#shifts, (one) => one.print, print)]?.shift ?? 0;
    return FIRST_TRADE_ID + print + shift;
  }

  /** The id that the next trade gets when so many prints were made. */
  nextId(prints: number): number {
    return FIRST_TRADE_ID + prints + (this.#shifts.at(-1)?.shift ?? 0);
  }

  /** Gives away the next id, for a trade that is noted by `noteOwn` or not at all. */
  takeId(prints: number): number {
    const id = this.nextId(prints);
    this.#shiftTo(prints, id + 1);
    return id;
  }

  noteOwn(trade: TradePoint): void {
    this.#own.push(trade);
  }

  /** Leaves out ids that an earlier run has given away. */
  skipTo(id: number, prints: number): void {
    if (id > this.nextId(prints)) this.#shiftTo(prints, id);
  }

  /** Puts back the customers' own trades of an earlier run of the same market, before any was made in this one. */
  restoreOwn(trades: readonly TradePoint[], prints: number): void {
    const places = trades.map(({ tradeId }, index) => tradeId - FIRST_TRADE_ID - index);
    const isOfThisMarket = places.every((place, index) => {
      const timeMs = trades[index]?.timeMs ?? 0;
      const isInside = place >= (places[index - 1] ?? 0) && place <= prints;
      if (!isInside || (place > 0 && this.#printed(place - 1, 0).timeMs > timeMs)) return false;
      return place === prints || this.#printed(place, 0).timeMs >= timeMs;
    });
    if (!isOfThisMarket || this.#own.length > 0) return;
    trades.forEach((trade, index) => {
      this.#shiftTo(places[index] ?? 0, trade.tradeId + 1);
      this.#own.push(trade);
    });
  }

  /** Newest last; without a start the newest ones. */
  page({ fromId, limit }: TradeQuery, nextId: number): TradePoint[] {
    return fromId === undefined
      ? this.#backward(nextId - 1, limit, Number.MAX_SAFE_INTEGER)
      : this.#forward(fromId, { nextId, limit, startMs: 0, endMs: Number.MAX_SAFE_INTEGER });
  }

  /** Newest last. */
  between({ fromId, startMs, endMs = Number.MAX_SAFE_INTEGER, limit }: AggregateQuery, nextId: number): TradePoint[] {
    const endOfTime = Number.MAX_SAFE_INTEGER;
    if (fromId !== undefined) return this.#forward(fromId, { nextId, limit, startMs: 0, endMs: endOfTime });
    if (startMs === undefined) {
      const after = endMs === endOfTime ? this.#series.length : this.#series.indexFrom(endMs + 1);
      const lastId = after <= this.#counted ? this.idOfPrint(this.printsBefore(after)) : nextId;
      return this.#backward(Math.min(lastId, nextId - 1), limit, endMs);
    }
    const first = Math.max(this.#series.indexFrom(startMs - this.#clock.intervalMs + 1), 0);
    if (first > this.#counted) return [];
    return this.#forward(this.idOfPrint(this.printsBefore(first)), { nextId, limit, startMs, endMs });
  }

  /** The trade with that id; null for an id that was left out. */
  #at(id: number): TradePoint | null {
    const own = this.#own[lastAtMost(this.#own, (one) => one.tradeId, id)];
    if (own?.tradeId === id) return own;
    const place = lastAtMost(this.#shifts, idAfter, id);
    const print = id - FIRST_TRADE_ID - (this.#shifts[place]?.shift ?? 0);
    return print >= (this.#shifts[place + 1]?.print ?? Number.MAX_SAFE_INTEGER) ? null : this.#printed(print, id);
  }

  #printed(print: number, tradeId: number): TradePoint {
    let low = 0;
    let high = this.#counted;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#printsBefore[middle] ?? 0) <= print) low = middle;
      else high = middle - 1;
    }
    let point = 0;
    while (point < POINTS - 1 && this.printsUpTo(low, point) <= print - this.printsBefore(low)) point += 1;
    return this.pointTrade({ index: low, point, tradeId });
  }

  pointTrade({ index, point, tradeId }: { index: number; point: number; tradeId: number }): TradePoint {
    const quantity = this.quantityAt(index, point);
    const path: CandlePath = this.#paths.at(index);
    const openTimeMs = this.#series.openTimeAt(index);
    return {
      symbol: this.#spec.symbol,
      timeMs: openTimeMs + (this.#clock.offsetsOf(openTimeMs)[point] ?? 0),
      tradeId,
      lastPrice: BigInt(path.prices[point] ?? 0),
      quantity,
      isBuyerMaker: path.isBuy[point] === 0,
    };
  }

  #forward(fromId: number, to: { nextId: number; limit: number; startMs: number; endMs: number }): TradePoint[] {
    const trades: TradePoint[] = [];
    for (let id = Math.max(fromId, FIRST_TRADE_ID); id < to.nextId && trades.length < to.limit; id += 1) {
      const trade = this.#at(id) ?? this.#at((id = this.#pastGap(id)));
      if (trade === null || trade.timeMs > to.endMs) break;
      if (trade.timeMs >= to.startMs && id < to.nextId) trades.push(trade);
    }
    return trades;
  }

  #backward(fromId: number, limit: number, endMs: number): TradePoint[] {
    const trades: TradePoint[] = [];
    for (let id = fromId; id >= FIRST_TRADE_ID && trades.length < limit; id -= 1) {
      const trade = this.#at(id) ?? this.#at((id = this.#beforeGap(id)));
      if (trade !== null && trade.timeMs <= endMs) trades.push(trade);
    }
    return trades.reverse();
  }

  /** The next id after one that was left out. */
  #pastGap(id: number): number {
    const next = this.#shifts[lastAtMost(this.#shifts, idAfter, id) + 1];
    const own = this.#own[lastAtMost(this.#own, (one) => one.tradeId, id) + 1];
    return Math.min(
      next === undefined ? Number.MAX_SAFE_INTEGER : idAfter(next),
      own?.tradeId ?? Number.MAX_SAFE_INTEGER,
    );
  }

  /** The next id before one that was left out. */
  #beforeGap(id: number): number {
    const place = lastAtMost(this.#shifts, idAfter, id);
    const end = (this.#shifts[place + 1]?.print ?? 0) + (this.#shifts[place]?.shift ?? 0);
    const own = this.#own[lastAtMost(this.#own, (one) => one.tradeId, id)];
    return Math.max(FIRST_TRADE_ID + end - 1, own?.tradeId ?? 0);
  }

  #shiftTo(prints: number, nextId: number): void {
    const shift = nextId - FIRST_TRADE_ID - prints;
    const last = this.#shifts.at(-1);
    if (last?.print === prints) last.shift = shift;
    else this.#shifts.push({ print: prints, shift });
  }
}
