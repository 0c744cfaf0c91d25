import { BookTickerStreams } from './book-ticker-streams.ts';
import { CandleStreams } from './candle-streams.ts';
import { DepthStreams } from './depth-streams.ts';
import { LiquidationStreams } from './liquidation-streams.ts';
import { MarkStreams } from './mark-streams.ts';
import type { SocketHub } from './socket-hub.ts';
import type { StreamFamily, StreamFamilyDeps } from './stream-family.ts';
import { TickerStreams } from './ticker-streams.ts';
import { TradeStreams } from './trade-streams.ts';

interface MarketPublisherDeps extends Omit<StreamFamilyDeps, 'outlet'> {
  readonly hub: SocketHub;
  readonly interval: string;
  readonly intervalMs: number;
}

/** Turns what happens on the market into stream messages, built only for streams that somebody listens to. */
export class MarketPublisher {
  readonly #families: readonly StreamFamily[];
  readonly #hub: SocketHub;
  readonly #nowMs: () => number;

  constructor({ hub, ...rest }: MarketPublisherDeps) {
    this.#hub = hub;
    const deps = { ...rest, outlet: hub };
    this.#nowMs = () => deps.venue.nowMs;
    this.#families = [
      new TradeStreams(deps),
      new MarkStreams(deps),
      new LiquidationStreams(deps),
      new BookTickerStreams(deps),
      new DepthStreams(deps),
      new TickerStreams(deps),
      new CandleStreams(deps),
    ];
    hub.onInterest((stream, isWanted) => {
      for (const family of this.#families) family.attend(stream, isWanted);
    });
  }

  /** Publishes where the market stands after it has moved, each stream no faster than its speed. */
  publishMoment(): void {
    const nowMs = this.#nowMs();
    this.#hub.batch(() => {
      for (const family of this.#families) family.publishMoment(nowMs);
    });
  }
}
