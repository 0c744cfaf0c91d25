import { candleSpanAt, canJoinTo } from '../domain/intervals.ts';
import type { CandleView } from '../domain/venue-types.ts';
import { Hearing, isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+?)(_perpetual@continuousKline|@kline)_(\w+)$/;
const EVERY_MS = 250;

interface CandleStream {
  readonly name: string;
  readonly symbol: string;
  readonly interval: string;
  readonly isContinuous: boolean;
  /** What was shown last. */
  shown: string;
  shownMs: number;
}

interface CandleStreamsDeps extends StreamFamilyDeps {
  /** The market's own candles. */
  readonly interval: string;
  readonly intervalMs: number;
}

/** Candles of a symbol or a pair: closed ones at their end, forming ones up to four times a second in a market that moves by itself. */
export class CandleStreams implements StreamFamily {
  readonly #deps: CandleStreamsDeps;
  readonly #bySymbol = new Map<string, Map<string, CandleStream>>();
  readonly #closed: Hearing<'candleClosed'>;

  constructor(deps: CandleStreamsDeps) {
    this.#deps = deps;
    this.#closed = new Hearing(deps.venue, 'candleClosed', (candle) => this.#publishClosed(candle));
  }

  attend(name: string, isWanted: boolean): void {
    const match = NAME.exec(name);
    if (match === null) return;
    const [, pair = '', kind, interval = ''] = match;
    const symbol = symbolNamed(this.#deps.venue, pair);
    if (symbol === undefined || !canJoinTo(interval, this.#deps.intervalMs)) return;
    const streams = this.#bySymbol.get(symbol) ?? new Map<string, CandleStream>();
    if (isWanted) {
      const isContinuous = kind !== '@kline';
      streams.set(name, { name, symbol, interval, isContinuous, shown: '', shownMs: 0 });
    } else streams.delete(name);
    if (streams.size > 0) this.#bySymbol.set(symbol, streams);
    else this.#bySymbol.delete(symbol);
    this.#closed.isOn = this.#bySymbol.size > 0;
  }

  publishMoment(nowMs: number): void {
    if (this.#deps.isStepped) return;
    for (const streams of this.#bySymbol.values()) {
      for (const stream of streams.values()) if (isDue(stream.shownMs, nowMs, EVERY_MS)) this.#show(stream, nowMs);
    }
  }

  #show(stream: CandleStream, nowMs: number): void {
    const candle = this.#candleAt(stream, nowMs);
    if (candle === undefined || candle.isClosed) return;
    const shown = `${candle.openTimeMs} ${candle.lastTradeId} ${candle.close} ${candle.volume}`;
    stream.shownMs = nowMs;
    if (shown === stream.shown) return;
    stream.shown = shown;
    this.#publish(stream, candle, nowMs);
  }

  #publishClosed(candle: CandleView): void {
    const endMs = candle.closeTimeMs + 1;
    for (const stream of this.#bySymbol.get(candle.symbol)?.values() ?? []) {
      if (candleSpanAt(stream.interval, candle.openTimeMs)?.endMs !== endMs) continue;
      const isOwn = stream.interval === this.#deps.interval;
      const closed = isOwn ? candle : this.#candleAt(stream, candle.openTimeMs);
      if (closed !== undefined) this.#publish(stream, { ...closed, isClosed: true }, endMs);
    }
  }

  #publish({ name, interval, isContinuous }: CandleStream, candle: CandleView, timeMs: number): void {
    const { outlet, payloads } = this.#deps;
    const payload = isContinuous
      ? payloads.continuousKline(candle, interval, timeMs)
      : payloads.kline(candle, interval, timeMs);
    outlet.publish(name, JSON.stringify(payload));
  }

  /** Returns the candle that covers a time. */
  #candleAt({ symbol, interval }: CandleStream, timeMs: number): CandleView | undefined {
    const span = candleSpanAt(interval, timeMs);
    if (span === null) return undefined;
    const { openTimeMs, endMs } = span;
    return this.#deps.venue.candles({ symbol, interval, startMs: openTimeMs, endMs: endMs - 1, limit: 1 })[0];
  }
}
