import type { TradePoint } from '../domain/venue-types.ts';
import { Hearing, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+)@(trade|aggTrade)$/;
const PAGE = 1_000;

interface AggregateStream {
  readonly name: string;
  nextId: number;
  hasNews: boolean;
}

/** Trades, one by one as they happen and in aggregates with the ids of the REST answers. */
export class TradeStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  /** Stream names by symbol. */
  readonly #single = new Map<string, string>();
  readonly #aggregates = new Map<string, AggregateStream>();
  readonly #trades: Hearing<'trade'>;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
    this.#trades = new Hearing(deps.venue, 'trade', (trade) => this.#hear(trade));
  }

  attend(name: string, isWanted: boolean): void {
    const [, pair = '', kind] = NAME.exec(name) ?? [];
    const symbol = kind === undefined ? undefined : symbolNamed(this.#deps.venue, pair);
    if (symbol === undefined) return;
    const streams = kind === 'trade' ? this.#single : this.#aggregates;
    if (!isWanted) streams.delete(symbol);
    else if (kind === 'trade') this.#single.set(symbol, name);
    else this.#aggregates.set(symbol, { name, nextId: this.#nextIdOf(symbol), hasNews: false });
    this.#trades.isOn = this.#single.size + this.#aggregates.size > 0;
  }

  publishMoment(): void {
    for (const [symbol, stream] of this.#aggregates) if (stream.hasNews) this.#publishAggregates(symbol, stream);
  }

  #hear(trade: TradePoint): void {
    const name = this.#single.get(trade.symbol);
    if (name !== undefined) this.#deps.outlet.publish(name, JSON.stringify(this.#deps.payloads.trade(trade)));
    const stream = this.#aggregates.get(trade.symbol);
    if (stream !== undefined) stream.hasNews = true;
  }

  #publishAggregates(symbol: string, stream: AggregateStream): void {
    const { venue, outlet, payloads } = this.#deps;
    stream.hasNews = false;
    for (;;) {
      const rows = venue.aggregateTrades(symbol, { fromId: stream.nextId, limit: PAGE });
      for (const row of rows) outlet.publish(stream.name, JSON.stringify(payloads.aggTrade(row)));
      stream.nextId = (rows.at(-1)?.aggregateId ?? stream.nextId - 1) + 1;
      if (rows.length < PAGE) return;
    }
  }

  #nextIdOf(symbol: string): number {
    const last = this.#deps.venue.aggregateTrades(symbol, { limit: 1 }).at(-1);
    return last === undefined ? 0 : last.aggregateId + 1;
  }
}
