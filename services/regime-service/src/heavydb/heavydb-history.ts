import { INTERVAL_MS } from '@qt/contracts';
import { AppError } from '@qt/kernel';
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

/**
 * Returns the venue with a history in front of it: a range that the history has without a hole is taken from there, every other one from the
 * venue. The stream, the time and the list of instruments are always the venue's.
 */
export const withHistory = (venue: MarketSource, history: CandleHistory, logger: Logger): MarketSource => ({
  nowMs: () => venue.nowMs(),
  syncClock: () => venue.syncClock(),
  instruments: () => venue.instruments(),
  openMarketStream: (options) => venue.openMarketStream(options),
  close: () => venue.close(),
  candles: async (query) => {
    const { symbol, startMs, endMs } = query;
    try {
      const stored = await history.candles(query);
      if (isWhole(stored, query)) return stored;
      logger.debug('the history lacks candles, the venue is asked', { symbol, startMs, endMs, found: stored.length });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn('the history cannot be asked, the venue is', { code: error.code, symbol, reason: error.message });
    }
    return venue.candles(query);
  },
});
