import type { Candle, Interval } from '@qt/contracts';
import { AppError, type Clock, type MarketClock } from '@qt/kernel';
import { AccountReader } from './account-reader.ts';
import type { ExchangeLogger } from './exchange-logger.ts';
import { marketFrameReader, marketStreamPath } from './market-frames.ts';
import { MarketReader } from './market-reader.ts';
import { OrderDesk } from './order-desk.ts';
import type {
  CancelOutcome,
  ExchangePort,
  Instrument,
  MarketStreamHandlers,
  OrderLookup,
  OrderRef,
  SubmitOrder,
  SubmitOutcome,
  SymbolSetup,
  UserStreamHandlers,
  VenueAccount,
  VenueFill,
  VenueIncome,
  VenueOrder,
  VenuePosition,
  VenueStream,
} from './port.ts';
import { SignedClient } from './signed-client.ts';
import { UserFeed } from './user-feed.ts';
import { userFrameReader } from './user-frames.ts';
import { VenueSocket } from './venue-socket.ts';
import { createVenueTime, type VenueTime } from './venue-time.ts';
import type { WeightBudget } from './weight-budget.ts';

/** What `createBinanceExchange` needs. */
export interface BinanceExchangeOptions {
  /** Such as https://fapi.binance.com, without a path. */
  readonly restUrl: string;
  /** Such as wss://fstream.binance.com, without a path: /market and /private are added. */
  readonly wsUrl: string;
  /** Both or neither; without them only market data can be had. */
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly clock: Clock;
  /** Given in replays and accelerated paper trading: then it is the venue's time, moved by stream messages. */
  readonly marketClock: MarketClock | null;
  /** Wall ms for one placing or canceling. */
  readonly orderDeadlineMs: number;
  /** Wall ms for every other request. */
  readonly requestDeadlineMs: number;
  readonly recvWindowMs: number;
  readonly weightBudget: WeightBudget;
  readonly logger: ExchangeLogger;
  /** Wall ms without a market message before the stream is reopened; 10 s, or 60 s with a market clock, which may stand still. */
  readonly marketSilenceMs?: number;
}

const SILENCE_MS = 10_000;
const MARKET_CLOCK_SILENCE_MS = 60_000;

class BinanceExchange implements ExchangePort {
  readonly #options: BinanceExchangeOptions;
  readonly #wsUrl: string;
  readonly #time: VenueTime;
  readonly #market: MarketReader;
  readonly #keyed: { client: SignedClient; account: AccountReader; orders: OrderDesk } | null;
  readonly #streams = new Set<VenueStream>();
  readonly #userFeeds = new Set<UserFeed>();

  constructor(options: BinanceExchangeOptions) {
    const { clock, marketClock, weightBudget: budget, requestDeadlineMs, orderDeadlineMs, apiKey, apiSecret } = options;
    const restUrl = options.restUrl.replace(/\/+$/, '');
    // With a market clock the budget counts market minutes; the venue's headers count wall minutes and would mislead it.
    const trustsUsageHeaders = marketClock === null;
    this.#options = options;
    this.#wsUrl = options.wsUrl.replace(/\/+$/, '');
    this.#market = new MarketReader({ restUrl, budget, deadlineMs: requestDeadlineMs, trustsUsageHeaders });
    const time = createVenueTime({ clock, marketClock, serverTimeMs: () => this.#market.serverTimeMs() });
    this.#time = time;
    if (apiKey === undefined || apiSecret === undefined) {
      this.#keyed = null;
      return;
    }
    const { recvWindowMs } = options;
    const client = new SignedClient({ restUrl, apiKey, apiSecret, recvWindowMs, time, budget, trustsUsageHeaders });
    this.#keyed = {
      client,
      account: new AccountReader({ client, time, deadlineMs: requestDeadlineMs }),
      orders: new OrderDesk({ client, time, orderDeadlineMs, requestDeadlineMs }),
    };
  }

  nowMs(): number {
    return this.#time.nowMs();
  }

  syncClock(): Promise<number> {
    return this.#time.sync();
  }

  instruments(): Promise<readonly Instrument[]> {
    return this.#market.instruments();
  }

  async candles(query: {
    symbol: string;
    interval: Interval;
    startMs: number;
    endMs: number;
  }): Promise<readonly Candle[]> {
    await this.#time.ready();
    return this.#market.candles({ ...query, nowMs: this.#time.nowMs() });
  }

  async account(): Promise<VenueAccount> {
    return this.#withKey().account.account();
  }

  async positions(): Promise<readonly VenuePosition[]> {
    return this.#withKey().account.positions();
  }

  async setup(symbol: string): Promise<SymbolSetup> {
    return this.#withKey().account.setup(symbol);
  }

  async setLeverage(symbol: string, leverage: number): Promise<void> {
    await this.#withKey().account.setLeverage(symbol, leverage);
  }

  async setMarginType(symbol: string, marginType: 'isolated' | 'cross'): Promise<void> {
    await this.#withKey().account.setMarginType(symbol, marginType);
  }

  async isHedgeMode(): Promise<boolean> {
    return this.#withKey().account.isHedgeMode();
  }

  async submit(command: SubmitOrder): Promise<SubmitOutcome> {
    const { orders } = this.#withKey();
    for (const feed of this.#userFeeds) feed.expect(command.clientOrderId);
    let isPlaced = false;
    try {
      const outcome = await orders.submit(command);
      isPlaced = outcome.kind === 'placed';
      return outcome;
    } finally {
      for (const feed of this.#userFeeds) feed.settle(command.clientOrderId, isPlaced);
    }
  }

  async cancel(ref: OrderRef): Promise<CancelOutcome> {
    return this.#withKey().orders.cancel(ref);
  }

  async order(ref: OrderRef): Promise<OrderLookup> {
    return this.#withKey().orders.order(ref);
  }

  async openOrders(): Promise<readonly VenueOrder[]> {
    return this.#withKey().orders.openOrders();
  }

  async fills(query: { symbol: string; afterFillId?: string; venueOrderId?: string }): Promise<readonly VenueFill[]> {
    return this.#withKey().account.fills(query);
  }

  async income(query: { startMs: number }): Promise<readonly VenueIncome[]> {
    return this.#withKey().account.income(query);
  }

  async openMarketStream(query: {
    symbols: readonly string[];
    interval: Interval | null;
    handlers: MarketStreamHandlers;
  }): Promise<VenueStream> {
    const { symbols, interval, handlers } = query;
    const { logger, marketClock, requestDeadlineMs, marketSilenceMs } = this.#options;
    const socket = new VenueSocket({
      name: 'market',
      url: () => Promise.resolve(`${this.#wsUrl}${marketStreamPath(symbols, interval)}`),
      onMessage: marketFrameReader(handlers, marketClock),
      onOpened: () => handlers.onOpened(),
      onLost: (reason) => handlers.onLost(reason),
      silenceMs: marketSilenceMs ?? (marketClock === null ? SILENCE_MS : MARKET_CLOCK_SILENCE_MS),
      openDeadlineMs: requestDeadlineMs,
      logger,
    });
    await socket.open();
    this.#streams.add(socket);
    return socket;
  }

  async openUserStream(handlers: UserStreamHandlers): Promise<VenueStream> {
    const { logger, marketClock, requestDeadlineMs } = this.#options;
    const { client } = this.#withKey();
    const feed = new UserFeed({ client, wsUrl: this.#wsUrl, deadlineMs: requestDeadlineMs, logger });
    const socket = new VenueSocket({
      name: 'user',
      url: () => feed.address(),
      onMessage: userFrameReader({
        handlers,
        marketClock,
        onKeyExpired: () => socket.reopen('the venue says that the listen key has expired'),
        onEcho: (clientOrderId) => feed.heard(clientOrderId),
      }),
      onOpened: () => handlers.onOpened(),
      onLost: (reason) => handlers.onLost(reason),
      silenceMs: null,
      openDeadlineMs: requestDeadlineMs,
      logger,
    });
    await feed.start(socket);
    this.#streams.add(feed);
    this.#userFeeds.add(feed);
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.close()));
    this.#keyed?.client.close();
  }

  #withKey() {
    if (this.#keyed !== null) return this.#keyed;
    throw new AppError('VENUE_IDENTITY', 'no API key and secret were given, so only market data can be had', {
      retryable: false,
    });
  }
}

/**
 * Returns the USD-M futures venue behind `ExchangePort`. Nothing is connected before the first call; the budget stays its maker's to close.
 *
 * Source: docs/adr/0003-exchange-adapter.md says what binance-api-node does here and what an own client does.
 */
export const createBinanceExchange = (options: BinanceExchangeOptions): ExchangePort => new BinanceExchange(options);
