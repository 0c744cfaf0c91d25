import { intervalLengthMs, mergeCandles } from '../answers/candle-grid.ts';
import type { StreamPayloads } from '../answers/stream-payloads.ts';
import { intervalWords } from '../domain/intervals.ts';
import type { CandleView, TradePoint } from '../domain/venue-types.ts';
import type { Venue } from '../domain/venue.ts';
import type { SocketHub } from './socket-hub.ts';

const SECOND_MS = 1_000;
/** `markPrice` without a speed comes every three seconds. */
const SLOW_MARK_MS = 3_000;

interface MarketPublisherDeps {
  readonly venue: Venue;
  readonly hub: SocketHub;
  readonly payloads: StreamPayloads;
  readonly interval: string;
  readonly intervalMs: number;
  /** Whether only the control API moves the market. */
  readonly isStepped: boolean;
}

/** Turns what happens on the market into stream messages, built only for streams that somebody listens to. */
export class MarketPublisher {
  readonly #deps: MarketPublisherDeps;
  #lastMarkMs = 0;
  #lastSlowMarkMs = 0;

  constructor(deps: MarketPublisherDeps) {
    this.#deps = deps;
    deps.venue.on('candleClosed', (candle) => this.#publishClosed(candle));
    deps.venue.on('trade', (trade) => this.#publishTrade(trade));
  }

  /**
   * Publishes where the market stands after it has moved: marks, best prices, and forming candles when it moves by itself.
   * Marks come at most once per market second, and in a stepped market once per step.
   */
  publishMoment(): void {
    const { venue, isStepped } = this.#deps;
    const { nowMs } = venue;
    if (isStepped || Math.floor(nowMs / SECOND_MS) > Math.floor(this.#lastMarkMs / SECOND_MS))
      this.#publishMarks(nowMs);
    for (const { symbol } of venue.specs()) {
      this.#publishBook(symbol, nowMs);
      if (!isStepped) this.#publishForming(symbol, nowMs);
    }
  }

  #publishMarks(nowMs: number): void {
    const { venue, hub, payloads, isStepped } = this.#deps;
    const isSlowDue = isStepped || nowMs - this.#lastSlowMarkMs >= SLOW_MARK_MS;
    this.#lastMarkMs = nowMs;
    if (isSlowDue) this.#lastSlowMarkMs = nowMs;
    const suffixes = isSlowDue ? ['@1s', ''] : ['@1s'];
    const all: string[] = [];
    for (const { symbol } of venue.specs()) {
      const text = JSON.stringify(payloads.markPrice(venue.mark(symbol), nowMs));
      all.push(text);
      for (const suffix of suffixes) hub.publish(`${symbol.toLowerCase()}@markPrice${suffix}`, text);
    }
    for (const suffix of suffixes) hub.publish(`!markPrice@arr${suffix}`, `[${all.join(',')}]`);
  }

  #publishBook(symbol: string, nowMs: number): void {
    const { venue, hub, payloads } = this.#deps;
    const streams = [`${symbol.toLowerCase()}@bookTicker`, '!bookTicker'].filter((stream) => hub.isWanted(stream));
    if (streams.length === 0) return;
    const text = JSON.stringify(payloads.bookTicker(venue.bookTicker(symbol), nowMs));
    for (const stream of streams) hub.publish(stream, text);
  }

  #publishForming(symbol: string, nowMs: number): void {
    for (const { interval, stream, lengthMs } of this.#wantedKlines(symbol)) {
      const candle = this.#candleAt(symbol, Math.floor(nowMs / lengthMs) * lengthMs, lengthMs);
      if (candle === undefined || candle.isClosed) continue;
      this.#deps.hub.publish(stream, JSON.stringify(this.#deps.payloads.kline(candle, interval, nowMs)));
    }
  }

  #publishClosed(candle: CandleView): void {
    const endMs = candle.closeTimeMs + 1;
    for (const { interval, stream, lengthMs } of this.#wantedKlines(candle.symbol)) {
      if (endMs % lengthMs !== 0) continue;
      const isBase = interval === this.#deps.interval;
      const closed = isBase ? candle : this.#candleAt(candle.symbol, endMs - lengthMs, lengthMs);
      if (closed === undefined) continue;
      const payload = this.#deps.payloads.kline({ ...closed, isClosed: true }, interval, endMs);
      this.#deps.hub.publish(stream, JSON.stringify(payload));
    }
  }

  #publishTrade(trade: TradePoint): void {
    const stream = `${trade.symbol.toLowerCase()}@aggTrade`;
    if (!this.#deps.hub.isWanted(stream)) return;
    this.#deps.hub.publish(stream, JSON.stringify(this.#deps.payloads.aggTrade(trade)));
  }

  #wantedKlines(symbol: string): readonly { interval: string; stream: string; lengthMs: number }[] {
    return intervalWords.flatMap((interval) => {
      const stream = `${symbol.toLowerCase()}@kline_${interval}`;
      const lengthMs = this.#deps.hub.isWanted(stream) ? intervalLengthMs(interval, this.#deps.intervalMs) : undefined;
      return lengthMs === undefined ? [] : [{ interval, stream, lengthMs }];
    });
  }

  #candleAt(symbol: string, openTimeMs: number, lengthMs: number): CandleView | undefined {
    const limit = lengthMs / this.#deps.intervalMs;
    const endMs = openTimeMs + lengthMs - 1;
    return mergeCandles(this.#deps.venue.candles({ symbol, startMs: openTimeMs, endMs, limit }), lengthMs)[0];
  }
}
