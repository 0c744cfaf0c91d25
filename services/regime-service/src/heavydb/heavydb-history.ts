import { INTERVAL_MS } from '@qt/contracts';
import { AppError, type Clock, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import type { MarketSource } from '../ports.ts';

type CandleQuery = Parameters<MarketSource['candles']>[0];
type Candles = Awaited<ReturnType<MarketSource['candles']>>;

/** A store that may have the candles of a range. */
export interface CandleHistory {
  candles(query: CandleQuery): Promise<Candles>;
}

const isWhole = (candles: Candles, { interval, startMs, endMs }: CandleQuery): boolean => {
  const stepMs = INTERVAL_MS[interval];
  const count = Math.ceil((endMs - startMs) / stepMs);
  return candles.length === count && candles.every(({ openTimeMs }, index) => openTimeMs === startMs + index * stepMs);
};

/** After a failure the history is left alone for so long: a server that hangs must not hold up candle after candle. Wall time. */
const LEFT_ALONE_MS = 60_000;

interface HistoryParts {
  readonly venue: MarketSource;
  readonly history: CandleHistory;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/**
 * Returns the venue with a history in front of it: a range that the history has without a hole is taken from there, every other one from the
 * venue. The stream, the time and the list of instruments are always the venue's.
 */
export const withHistory = ({ venue, history, logger, clock = wallClock }: HistoryParts): MarketSource => {
  let askedFromMs = 0;
  const stored = async (query: CandleQuery): Promise<Candles | null> => {
    const { symbol, startMs, endMs } = query;
    if (clock.nowMs() < askedFromMs) return null;
    try {
      const found = await history.candles(query);
      if (isWhole(found, query)) return found;
      logger.debug('the history lacks candles, the venue is asked', { symbol, startMs, endMs, found: found.length });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      askedFromMs = clock.nowMs() + LEFT_ALONE_MS;
      logger.warn('the history cannot be asked, the venue is', { code: error.code, symbol, reason: error.message });
    }
    return null;
  };
  return {
    nowMs: () => venue.nowMs(),
    syncClock: () => venue.syncClock(),
    instruments: () => venue.instruments(),
    openMarketStream: (options) => venue.openMarketStream(options),
    close: () => venue.close(),
    candles: async (query) => (await stored(query)) ?? venue.candles(query),
  };
};
