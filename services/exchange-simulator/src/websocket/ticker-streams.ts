import type { DayTicker } from '../domain/venue-types.ts';
import { isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^(?:([a-z0-9_]+)@|!)(ticker|miniTicker)(@arr)?$/;
/** Source: Binance USD-M, ticker streams: single symbols every 2 s, all of them every second. */
const SINGLE_EVERY_MS = 2_000;
const ALL_EVERY_MS = 1_000;

interface TickerStream {
  readonly name: string;
  /** Undefined: all that have changed, in one list. */
  readonly symbol: string | undefined;
  readonly isMini: boolean;
  readonly everyMs: number;
  shownMs: number;
  /** What was shown last, by symbol. */
  readonly shown: Map<string, string>;
}

/** The last 24 hours of single symbols and of all, long and short. Only what has changed is sent. */
export class TickerStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  readonly #streams = new Map<string, TickerStream>();

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
  }

  attend(name: string, isWanted: boolean): void {
    const [, pair, kind, list] = NAME.exec(name) ?? [];
    if (kind === undefined || (pair === undefined) !== (list !== undefined)) return;
    const symbol = pair === undefined ? undefined : symbolNamed(this.#deps.venue, pair);
    if (pair !== undefined && symbol === undefined) return;
    if (!isWanted) {
      this.#streams.delete(name);
      return;
    }
    const everyMs = symbol === undefined ? ALL_EVERY_MS : SINGLE_EVERY_MS;
    this.#streams.set(name, { name, symbol, isMini: kind !== 'ticker', everyMs, shownMs: 0, shown: new Map() });
  }

  publishMoment(nowMs: number): void {
    const due = [...this.#streams.values()].filter(
      ({ shownMs, everyMs }) => this.#deps.isStepped || isDue(shownMs, nowMs, everyMs),
    );
    if (due.length === 0) return;
    // A day of candles is summed up once for all streams of a symbol.
    const days = new Map<string, DayTicker>();
    const dayOf = (symbol: string): DayTicker => {
      const day = days.get(symbol) ?? this.#deps.venue.dayTicker(symbol);
      days.set(symbol, day);
      return day;
    };
    for (const stream of due) {
      stream.shownMs = nowMs;
      this.#show(stream, nowMs, dayOf);
    }
  }

  #show(stream: TickerStream, nowMs: number, dayOf: (symbol: string) => DayTicker): void {
    const { venue, outlet, payloads } = this.#deps;
    const symbols = stream.symbol === undefined ? venue.specs().map(({ symbol }) => symbol) : [stream.symbol];
    const changed: string[] = [];
    for (const symbol of symbols) {
      const day = dayOf(symbol);
      const shown = `${day.lastTradeId} ${day.lastPrice} ${day.volume}`;
      if (stream.shown.get(symbol) === shown) continue;
      stream.shown.set(symbol, shown);
      const payload = stream.isMini ? payloads.days.miniTicker(day, nowMs) : payloads.days.ticker(day, nowMs);
      changed.push(JSON.stringify(payload));
    }
    if (changed.length === 0) return;
    outlet.publish(stream.name, stream.symbol === undefined ? `[${changed.join(',')}]` : changed.join(''));
  }
}
