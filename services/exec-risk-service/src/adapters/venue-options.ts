import { type BinanceExchangeOptions, createLocalWeightBudget, createRedisWeightBudget } from '@qt/exchange-client';
import { type Clock, type MarketClock, wallClock } from '@qt/kernel';
import type { Logger } from '@qt/service-kit';
import type { ExecRiskConfig } from '../config.ts';

// In market time thousands of real requests may fall into one minute of a replay; the simulator has its own limits.
const REPLAY_LIMITS = { weight1m: 10_000_000, orders10s: 1_000_000, orders1m: 1_000_000 };

/** Source: Binance USD-M general info; the test network's socket host is the one its own connectors use. */
const VENUE_URLS = {
  simulator: { restUrl: 'http://127.0.0.1:8090', wsUrl: 'ws://127.0.0.1:8090' },
  testnet: { restUrl: 'https://demo-fapi.binance.com', wsUrl: 'wss://fstream.binancefuture.com' },
  live: { restUrl: 'https://fapi.binance.com', wsUrl: 'wss://fstream.binance.com' },
} as const;

interface Kit {
  readonly clock: Clock;
  readonly marketClock: MarketClock | null;
  readonly logger: Logger;
}

/** Returns how this service talks to the venue. Processes behind one address share one request budget through Redis. */
export const venueOptions = (config: ExecRiskConfig, { clock, marketClock, logger }: Kit): BinanceExchangeOptions => ({
  restUrl: config.VENUE_REST_URL ?? VENUE_URLS[config.VENUE].restUrl,
  wsUrl: config.VENUE_WS_URL ?? VENUE_URLS[config.VENUE].wsUrl,
  apiKey: config.BINANCE_API_KEY,
  apiSecret: config.BINANCE_API_SECRET,
  clock,
  marketClock,
  orderDeadlineMs: config.ORDER_DEADLINE_MS,
  requestDeadlineMs: config.REQUEST_DEADLINE_MS,
  recvWindowMs: config.RECV_WINDOW_MS,
  weightBudget:
    marketClock === null
      ? createRedisWeightBudget({ redisUrl: config.REDIS_URL, address: config.VENUE, clock: wallClock, logger })
      : createLocalWeightBudget({ clock: marketClock, limits: REPLAY_LIMITS }),
  logger,
});
