import type { BookLevel, BookView } from '../domain/venue-types.ts';
import { isDue, type StreamFamily, type StreamFamilyDeps, symbolNamed } from './stream-family.ts';

const NAME = /^([a-z0-9_]+)@depth(5|10|20)?(?:@(0|100|250|500)ms)?$/;
const DEFAULT_EVERY_MS = 250;
/** As many levels of a side as the REST answer has at most, so that what is told is all that it shows. */
const ALL_LEVELS = 1_000;

interface DepthStream {
  readonly name: string;
  readonly symbol: string;
  /** Levels of each side that are shown, null for changes only. */
  readonly levels: number | null;
  readonly everyMs: number;
  /** The book when it was told last. */
  told: BookView;
  toldMs: number;
}

/**
 * The book: its changes, with which a client keeps a copy of the REST answer, and its top. What changes between two events of a stream
 * comes in one: `U` to `u`, after `pu`, the `u` of the event before. Nothing is kept of books that nobody listens to, and a book is looked at
 * no more often than the fastest of its streams speaks.
 */
export class DepthStreams implements StreamFamily {
  readonly #deps: StreamFamilyDeps;
  readonly #bySymbol = new Map<string, Map<string, DepthStream>>();

  constructor(deps: StreamFamilyDeps) {
    this.#deps = deps;
  }

  attend(name: string, isWanted: boolean): void {
    const match = NAME.exec(name);
    const symbol = match === null ? undefined : symbolNamed(this.#deps.venue, match[1] ?? '');
    if (match === null || symbol === undefined) return;
    const streams = this.#bySymbol.get(symbol) ?? new Map<string, DepthStream>();
    if (isWanted) {
      const levels = match[2] === undefined ? null : Number(match[2]);
      const everyMs = match[3] === undefined ? DEFAULT_EVERY_MS : Math.max(Number(match[3]), 1);
      const told = this.#deps.venue.book(symbol, levels ?? ALL_LEVELS);
      streams.set(name, { name, symbol, levels, everyMs, told, toldMs: 0 });
    } else streams.delete(name);
    if (streams.size > 0) this.#bySymbol.set(symbol, streams);
    else this.#bySymbol.delete(symbol);
  }

  publishMoment(nowMs: number): void {
    for (const [symbol, streams] of this.#bySymbol) {
      const due = [...streams.values()].filter(
        ({ toldMs, everyMs }) => this.#deps.isStepped || isDue(toldMs, nowMs, everyMs),
      );
      if (due.length > 0) this.#tell(symbol, due, nowMs);
    }
  }

  #tell(symbol: string, streams: readonly DepthStream[], nowMs: number): void {
    const { venue } = this.#deps;
    const { updateId } = venue.bookTicker(symbol);
    let whole: BookView | undefined;
    for (const stream of streams) {
      if (stream.told.updateId === updateId) continue;
      if (stream.levels === null) {
        whole ??= venue.book(symbol, ALL_LEVELS);
        this.#tellChanges(stream, whole, nowMs);
      } else this.#publish(stream, venue.book(symbol, stream.levels), nowMs);
    }
  }

  #tellChanges(stream: DepthStream, book: BookView, nowMs: number): void {
    const { told } = stream;
    const bids = changesBetween(told.bids, book.bids, (left, right) => left > right).reverse();
    const asks = changesBetween(told.asks, book.asks, (left, right) => left < right);
    // A change that was taken back is none; the next event spans it.
    if (bids.length + asks.length > 0) this.#publish(stream, book, nowMs, { bids, asks });
  }

  #publish(
    stream: DepthStream,
    book: BookView,
    nowMs: number,
    { bids, asks }: Pick<BookView, 'bids' | 'asks'> = book,
  ): void {
    const { symbol, updateId: lastUpdateId, timeMs } = book;
    const stretch = { symbol, previousUpdateId: stream.told.updateId, lastUpdateId, timeMs, bids, asks };
    stream.told = book;
    stream.toldMs = nowMs;
    this.#deps.outlet.publish(stream.name, JSON.stringify(this.#deps.payloads.depth(stretch, nowMs)));
  }
}

/** Returns what has become of one side, best level first on both; levels that have gone with no quantity. */
function changesBetween(
  before: readonly BookLevel[],
  after: readonly BookLevel[],
  isBetter: (left: bigint, right: bigint) => boolean,
): BookLevel[] {
  const changes: BookLevel[] = [];
  let [old, now] = [0, 0];
  while (old < before.length || now < after.length) {
    const [was, is] = [before[old], after[now]];
    if (was !== undefined && (is === undefined || isBetter(was.price, is.price))) {
      changes.push({ price: was.price, quantity: 0n });
      old += 1;
    } else if (is !== undefined && (was === undefined || isBetter(is.price, was.price))) {
      changes.push(is);
      now += 1;
    } else {
      if (is !== undefined && is.quantity !== was?.quantity) changes.push(is);
      old += 1;
      now += 1;
    }
  }
  return changes;
}
