import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ccxt from 'ccxt';
import type { SimulatorProcess } from './simulator-process.ts';
import { API_KEY, API_SECRET, releaseLongTimers, startNow } from './venue-now.ts';

const MARKET = 'BTC/USDT:USDT';

/** Returns the addresses of ccxt with those of Binance futures replaced, wherever they stand. */
const redirected = <T>(urls: T, simulator: SimulatorProcess): T =>
  JSON.parse(
    JSON.stringify(urls)
      .replaceAll('https://fapi.binance.com', simulator.url)
      .replaceAll('wss://fstream.binance.com', simulator.socketUrl)
      .replaceAll('wss://ws-fapi.binance.com', simulator.socketUrl),
  ) as T;

describe('a session through ccxt, only the addresses changed', () => {
  let simulator: SimulatorProcess;
  let exchange: InstanceType<typeof ccxt.pro.binanceusdm>;
  let price = 0;

  beforeAll(async () => {
    releaseLongTimers();
    simulator = await startNow();
    exchange = new ccxt.pro.binanceusdm({
      apiKey: API_KEY,
      secret: API_SECRET,
      // Its list of currencies comes from the spot exchange, which is not here.
      options: { fetchCurrencies: false },
    });
    exchange.urls = redirected(exchange.urls, simulator);
    // What this library needs for sockets without TLS.
    await exchange.loadHttpProxyAgent();
  });
  afterAll(async () => {
    await exchange.close();
    await simulator.stop();
  });

  it('looks at the market', async () => {
    const markets = await exchange.loadMarkets();
    expect(markets[MARKET]).toMatchObject({ id: 'BTCUSDT', swap: true, linear: true, active: true });
    expect(await exchange.fetchOHLCV(MARKET, '1m', undefined, 5)).toHaveLength(5);
    const book = await exchange.fetchOrderBook(MARKET, 5);
    expect(Number(book.asks[0]?.[0])).toBeGreaterThan(Number(book.bids[0]?.[0]));
    price = Number((await exchange.fetchTicker(MARKET)).last);
    expect(price).toBeGreaterThan(0);
    expect(await exchange.fetchFundingRate(MARKET)).toMatchObject({ symbol: MARKET });
    expect((await exchange.fetchTime()) ?? 0).toBeGreaterThan(Date.now() - 2_000);
  });

  it('sets leverage and margin type', async () => {
    expect(await exchange.setLeverage(5, MARKET)).toMatchObject({ leverage: 5 });
    expect(await exchange.setMarginMode('isolated', MARKET)).toMatchObject({ code: 200 });
  });

  it('hears candles, tickers and of its own orders while it enters, protects itself, cancels and closes', async () => {
    expect((await exchange.watchOHLCV(MARKET, '1m')).length).toBeGreaterThan(0);
    const ofOrders = exchange.watchOrders(MARKET);
    const entry = await exchange.createOrder(MARKET, 'market', 'buy', 0.01, undefined, { newOrderRespType: 'RESULT' });
    expect(entry).toMatchObject({ status: 'closed', filled: 0.01 });
    const [position] = await exchange.fetchPositions([MARKET]);
    expect(position).toMatchObject({ symbol: MARKET, side: 'long', contracts: 0.01, marginMode: 'isolated' });
    const stop = await exchange.createOrder(MARKET, 'STOP_MARKET', 'sell', 0.01, undefined, {
      triggerPrice: price * 0.9,
      reduceOnly: true,
    });
    const target = await exchange.createOrder(MARKET, 'TAKE_PROFIT_MARKET', 'sell', 0.01, undefined, {
      triggerPrice: price * 1.1,
      reduceOnly: true,
    });
    const resting = await exchange.createOrder(MARKET, 'limit', 'buy', 0.01, price * 0.97);
    expect(resting).toMatchObject({ status: 'open', type: 'limit' });
    expect((await exchange.fetchOpenOrders(MARKET)).map(({ id }) => id)).toEqual([resting.id]);
    expect(await exchange.cancelOrder(String(resting.id), MARKET)).toMatchObject({ status: 'canceled' });
    for (const { id } of [stop, target]) await exchange.cancelOrder(String(id), MARKET, { trigger: true });
    expect(await exchange.fetchOpenOrders(MARKET, undefined, undefined, { trigger: true })).toEqual([]);
    const closing = { reduceOnly: true, newOrderRespType: 'RESULT' };
    expect(await exchange.createOrder(MARKET, 'market', 'sell', 0.01, undefined, closing)).toMatchObject({
      status: 'closed',
      reduceOnly: true,
    });
    expect((await ofOrders).map(({ symbol }) => symbol)).toContain(MARKET);
  });

  it('reads its history, income and balance', async () => {
    expect((await exchange.fetchOrders(MARKET)).map(({ status }) => status)).toEqual(['closed', 'canceled', 'closed']);
    expect((await exchange.fetchMyTrades(MARKET)).map(({ side }) => side)).toEqual(
      expect.arrayContaining(['buy', 'sell']),
    );
    const income = (await exchange.fapiPrivateGetIncome()) as { incomeType: string }[];
    // A round trip at one price realizes nothing, which is no row.
    expect(income.map(({ incomeType }) => incomeType)).toEqual(expect.arrayContaining(['TRANSFER', 'COMMISSION']));
    expect(Number((await exchange.fetchBalance())['USDT']?.total)).toBeGreaterThan(9_900);
  });

  it('names what was refused by its own classes', async () => {
    await expect(exchange.createOrder(MARKET, 'limit', 'buy', 0.001, price * 0.97)).rejects.toThrow('-4164');
    await expect(exchange.fetchOrder('1', MARKET)).rejects.toThrow(ccxt.OrderNotFound);
  });

  it('amends, works in batches, trails, and looks closer at the market', async () => {
    const resting = await exchange.createOrder(MARKET, 'limit', 'buy', 0.01, price * 0.97);
    const edited = await exchange.editOrder(String(resting.id), MARKET, 'limit', 'buy', 0.02, price * 0.96);
    expect(edited).toMatchObject({ amount: 0.02, status: 'open' });
    const low = price * 0.97;
    const placed = await exchange.createOrders([
      { symbol: MARKET, type: 'limit', side: 'buy', amount: 0.01, price: low },
      { symbol: MARKET, type: 'limit', side: 'buy', amount: 0.02, price: low },
    ]);
    expect(placed.map(({ status }) => status)).toEqual(['open', 'open']);
    await exchange.cancelOrders(
      placed.map(({ id }) => String(id)),
      MARKET,
    );
    await exchange.cancelAllOrders(MARKET);
    expect(await exchange.fetchOpenOrders(MARKET)).toEqual([]);
    const trailing = await exchange.createOrder(MARKET, 'market', 'buy', 0.01, undefined, { trailingPercent: 1 });
    await exchange.cancelOrder(String(trailing.id), MARKET, { trigger: true });
    expect((await exchange.fetchTrades(MARKET, undefined, 5)).length).toBeGreaterThan(0);
    expect(Object.keys(await exchange.fetchTickers())).toContain(MARKET);
    expect(await exchange.fetchOpenInterest(MARKET)).toMatchObject({ symbol: MARKET });
    expect((await exchange.fetchMarkOHLCV(MARKET, '1m', undefined, 5)).length).toBeGreaterThan(0);
    const book = await exchange.watchOrderBook(MARKET);
    expect(Number(book.asks[0]?.[0])).toBeGreaterThan(Number(book.bids[0]?.[0]));
    expect((await exchange.watchTicker(MARKET)).symbol).toBe(MARKET);
  });
});
