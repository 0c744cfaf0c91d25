import type { Fixed } from '../domain/fixed.ts';
import type { BookLevel, DepthChange } from '../domain/venue-types.ts';
import { Hearing, isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+)@depth(5|10|20)?(?:@(0|100|250|500)ms)?$/;
const DEFAULT_EVERY_MS = 250;

interface DepthStream {
  readonly name: string;
  readonly symbol: string;
  /** Levels shown of each side, null for changes only. */
  readonly levels: number | null;
  readonly everyMs: number;
  /** Last change of the event before. */
  previousUpdateId: number;
  /** Last change since then; equal when there was none. */
  lastUpdateId: number;
  changedMs: number;
  shownMs: number;
  /** Quantities by price that have changed since the event before. */
  readonly bids: Map<Fixed, Fixed>;
  readonly asks: Map<Fixed, Fixed>;
}

const ascending = (left: BookLevel, right: BookLevel): number => (left.price < right.price ? -1 : 1);

const levelsOf = (changes: ReadonlyMap<Fixed, Fixed>): readonly BookLevel[] =>
  [...changes].map(([price, quantity]) => ({ price, quantity })).sort(ascending);

const note = (changes: Map<Fixed, Fixed>, levels: readonly BookLevel[]): void => {
  for (const { price, quantity } of levels) changes.set(price, quantity);
};

/**
 * The book: its changes, with which a client keeps a copy of the REST answer, and its top. What changes between two events of a stream
 * comes in one: `U` to `u`, after `pu`, the `u` of the event before.
 */
export class DepthStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  readonly #bySymbol = new Map<string, Map<string, DepthStream>>();
  readonly #changes: Hearing<'depth'>;

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
    this.#changes = new Hearing(deps.venue, 'depth', (change) => this.#hear(change));
  }

  attend(name: string, isWanted: boolean): void {
    const match = NAME.exec(name);
    const symbol = match === null ? undefined : symbolNamed(this.#deps.venue, match[1] ?? '');
    if (match === null || symbol === undefined) return;
    const streams = this.#bySymbol.get(symbol) ?? new Map<string, DepthStream>();
    if (!isWanted) streams.delete(name);
    else {
      const { updateId } = this.#deps.venue.bookTicker(symbol);
      streams.set(name, {
        name,
        symbol,
        levels: match[2] === undefined ? null : Number(match[2]),
        everyMs: match[3] === undefined ? DEFAULT_EVERY_MS : Math.max(Number(match[3]), 1),
        previousUpdateId: updateId,
        lastUpdateId: updateId,
        changedMs: 0,
        shownMs: 0,
        bids: new Map(),
        asks: new Map(),
      });
    }
    if (streams.size > 0) this.#bySymbol.set(symbol, streams);
    else this.#bySymbol.delete(symbol);
    this.#changes.isOn = this.#bySymbol.size > 0;
  }

  publishMoment(nowMs: number): void {
    for (const streams of this.#bySymbol.values()) {
      for (const stream of streams.values()) {
        const hasNews = stream.lastUpdateId > stream.previousUpdateId;
        if (hasNews && (this.#deps.isStepped || isDue(stream.shownMs, nowMs, stream.everyMs)))
          this.#show(stream, nowMs);
      }
    }
  }

  #hear({ symbol, timeMs, updateId, bids, asks }: DepthChange): void {
    for (const stream of this.#bySymbol.get(symbol)?.values() ?? []) {
      stream.lastUpdateId = updateId;
      stream.changedMs = timeMs;
      if (stream.levels !== null) continue;
      note(stream.bids, bids);
      note(stream.asks, asks);
    }
  }

  #show(stream: DepthStream, nowMs: number): void {
    const { venue, outlet, payloads } = this.#deps;
    const { symbol, levels, previousUpdateId, lastUpdateId, changedMs } = stream;
    const shown =
      levels === null ? { bids: levelsOf(stream.bids), asks: levelsOf(stream.asks) } : venue.book(symbol, levels);
    const stretch = { symbol, previousUpdateId, lastUpdateId, timeMs: changedMs, bids: shown.bids, asks: shown.asks };
    outlet.publish(stream.name, JSON.stringify(payloads.depth(stretch, nowMs)));
    stream.previousUpdateId = lastUpdateId;
    stream.shownMs = nowMs;
    stream.bids.clear();
    stream.asks.clear();
  }
}
