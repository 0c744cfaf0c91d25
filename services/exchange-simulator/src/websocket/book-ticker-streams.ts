import type { BookTicker } from '../domain/venue-types.ts';
import { isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+)@bookTicker$/;
const ALL = '!bookTicker';
/** Source: Binance USD-M, all book tickers stream: update speed 5 s. */
const ALL_EVERY_MS = 5_000;

/** Best bids and asks, whenever they have changed. */
export class BookTickerStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  /** What was shown last, by stream and symbol. */
  readonly #shown = new Map<string, Map<string, BookTicker>>();
  #lastAllMs = 0;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
  }

  attend(name: string, isWanted: boolean): void {
    const pair = NAME.exec(name)?.[1];
    const isOurs = name === ALL || (pair !== undefined && symbolNamed(this.#deps.venue, pair) !== undefined);
    if (!isOurs) return;
    if (isWanted) this.#shown.set(name, new Map());
    else this.#shown.delete(name);
  }

  publishMoment(nowMs: number): void {
    const symbols = this.#deps.venue.specs().map(({ symbol }) => symbol);
    for (const [name, shown] of this.#shown) {
      if (name === ALL) {
        if (!this.#deps.isStepped && !isDue(this.#lastAllMs, nowMs, ALL_EVERY_MS)) continue;
        this.#lastAllMs = nowMs;
        for (const symbol of symbols) this.#show(name, shown, symbol);
      } else this.#show(name, shown, name.slice(0, name.indexOf('@')).toUpperCase());
    }
  }

  #show(name: string, shown: Map<string, BookTicker>, symbol: string): void {
    const { venue, outlet, payloads } = this.#deps;
    const ticker = venue.bookTicker(symbol);
    const before = shown.get(symbol);
    if (before !== undefined && isSame(before, ticker)) return;
    shown.set(symbol, ticker);
    outlet.publish(name, JSON.stringify(payloads.bookTicker(ticker, venue.nowMs)));
  }
}

const isSame = (left: BookTicker, right: BookTicker): boolean =>
  left.bidPrice === right.bidPrice &&
  left.bidQuantity === right.bidQuantity &&
  left.askPrice === right.askPrice &&
  left.askQuantity === right.askQuantity;
