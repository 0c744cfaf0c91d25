import { type BinanceExchangeOptions, createLocalWeightBudget, createRedisWeightBudget } from '@qt/exchange-client';
import { type Clock, type MarketClock, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import type { RegimeConfig } from './config.ts';

/** Source: Binance USD-M general info; the test network's socket host is the one its own connectors use. */
const VENUE_URLS = {
  simulator: { restUrl: 'http://127.0.0.1:8090', wsUrl: 'ws://127.0.0.1:8090' },
  testnet: { restUrl: 'https://demo-fapi.binance.com', wsUrl: 'wss://fstream.binancefuture.com' },
  live: { restUrl: 'https://fapi.binance.com', wsUrl: 'wss://fstream.binance.com' },
} as const;
const REQUEST_DEADLINE_MS = 10_000;

/** Returns how this service reaches its venue: market data only, so it holds no key. */
export const venueOptions = (
  config: RegimeConfig,
  kit: { readonly clock: Clock; readonly marketClock: MarketClock | null; readonly logger: Logger },
): BinanceExchangeOptions => {
  const { clock, marketClock, logger } = kit;
  const defaults = VENUE_URLS[config.VENUE];
  const restUrl = config.VENUE_REST_URL ?? defaults.restUrl;
  return {
    restUrl,
    wsUrl: config.VENUE_WS_URL ?? defaults.wsUrl,
    clock,
    marketClock,
    orderDeadlineMs: REQUEST_DEADLINE_MS,
    requestDeadlineMs: REQUEST_DEADLINE_MS,
    recvWindowMs: REQUEST_DEADLINE_MS,
    // In market time the venue's minutes pass faster than the wall's, and nobody else counts them.
    weightBudget:
      marketClock === null
        ? createRedisWeightBudget({
            redisUrl: config.REDIS_URL,
            address: new URL(restUrl).host,
            clock: wallClock,
            logger,
          })
        : createLocalWeightBudget({ clock }),
    logger,
  };
};
