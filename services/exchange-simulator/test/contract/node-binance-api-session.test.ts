import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Binance from 'node-binance-api';
import type { SimulatorProcess } from './simulator-process.ts';
import { eventually } from './socket-listener.ts';
import { API_KEY, API_SECRET, priceAt, releaseLongTimers, startNow, SYMBOL } from './venue-now.ts';

describe('a session through node-binance-api (jaggedsoft), only the addresses changed', () => {
  let simulator: SimulatorProcess;
  let client: Binance;
  let price = 0;

  beforeAll(async () => {
    releaseLongTimers();
    simulator = await startNow();
    client = new Binance({
      APIKEY: API_KEY,
      APISECRET: API_SECRET,
      reconnect: false,
      log: () => undefined,
      urls: {
        fapi: `${simulator.url}/fapi/`,
      },
    } as ConstructorParameters<typeof Binance>[0]);
    // Its addresses of single streams are written into its code; this is where it asks for them.
    client.getFStreamSingleUrl = (category?: string) => `${simulator.socketUrl}/${category ?? 'market'}/ws/`;
  });
  afterAll(async () => {
    for (const url of Object.keys(client.futuresSubscriptions)) client.futuresTerminate(url);
    clearInterval(client.socketHeartbeatInterval);
    await simulator.stop();
  });

  it('looks at the market', async () => {
    const { symbols } = (await client.futuresExchangeInfo()) as { symbols: { symbol: string }[] };
    expect(symbols.map(({ symbol }) => symbol)).toContain(SYMBOL);
    expect(await client.futuresCandles(SYMBOL, '1m', { limit: 5 })).toHaveLength(5);
    const book = await client.futuresDepth(SYMBOL, { limit: 5 });
    expect(Number(book.asks[0]?.price)).toBeGreaterThan(Number(book.bids[0]?.price));
    price = Number((await client.futuresPrices())[SYMBOL]);
    expect(price).toBeGreaterThan(0);
    expect(await client.futuresMarkPrice(SYMBOL)).toMatchObject({ symbol: SYMBOL });
    const heard: unknown[] = [];
    client.futuresSubscribeSingle('btcusdt@kline_1m', (candle: unknown) => heard.push(candle));
    await eventually(() => heard.length > 0, 15_000);
  });

  it('sets leverage and margin type', async () => {
    expect(await client.futuresLeverage(SYMBOL, 5)).toMatchObject({ symbol: SYMBOL, leverage: 5 });
    expect(await client.futuresMarginType(SYMBOL, 'ISOLATED')).toMatchObject({ code: 200 });
    expect(await client.futuresPositionSideDual()).toMatchObject({ dualSidePosition: false });
  });

  it('enters, protects itself, cancels and closes', async () => {
    const entry = await client.futuresMarketBuy(SYMBOL, 0.01, { newOrderRespType: 'RESULT' });
    expect(entry).toMatchObject({ status: 'FILLED', executedQty: '0.010' });
    const close = { closePosition: 'true' };
    for (const [type, factor, clientAlgoId] of [
      ['STOP_MARKET', 0.9, 'S0'],
      ['TAKE_PROFIT_MARKET', 1.1, 'T0'],
    ] as const) {
      const params = { ...close, triggerPrice: priceAt(price, factor), clientAlgoId };
      const request = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type, ...params };
      expect(await client.privateFuturesRequest('v1/algoOrder', request, 'POST')).toMatchObject({
        clientAlgoId,
        algoStatus: 'NEW',
      });
    }
    expect(await client.futuresOpenAlgoOrders(SYMBOL)).toHaveLength(2);
    const resting = await client.futuresBuy(SYMBOL, 0.01, Number(priceAt(price, 0.97)));
    expect(resting).toMatchObject({ status: 'NEW', type: 'LIMIT' });
    expect(await client.futuresCancel(SYMBOL, resting.orderId)).toMatchObject({ status: 'CANCELED' });
    expect(await client.futuresCancelAllAlgo(SYMBOL)).toMatchObject({ code: expect.anything() });
    expect(
      await client.futuresMarketSell(SYMBOL, 0.01, { reduceOnly: true, newOrderRespType: 'RESULT' }),
    ).toMatchObject({ status: 'FILLED', reduceOnly: true });
    expect(await client.futuresOpenOrders(SYMBOL)).toEqual([]);
  });

  it('reads its history, income and account', async () => {
    expect((await client.futuresAllOrders(SYMBOL)).map(({ status }) => status)).toEqual([
      'FILLED',
      'CANCELED',
      'FILLED',
    ]);
    expect((await client.futuresUserTrades(SYMBOL)).map(({ side }) => side)).toEqual(
      expect.arrayContaining(['BUY', 'SELL']),
    );
    const income = (await client.futuresIncome()) as { incomeType: string }[];
    // A round trip at one price realizes nothing, which is no row.
    expect(income.map(({ incomeType }) => incomeType)).toEqual(expect.arrayContaining(['TRANSFER', 'COMMISSION']));
    expect((await client.futuresBalance()).find(({ asset }) => asset === 'USDT')).toBeDefined();
    expect(await client.futuresPositionRisk({ symbol: SYMBOL })).toHaveLength(0);
    expect(await client.futuresGetDataStream()).toMatchObject({ listenKey: expect.any(String) });
  });

  it('works in batches, and looks closer at the market', async () => {
    const limit = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: priceAt(price, 0.97) };
    const placed = await client.futuresMultipleOrders([
      { ...limit, quantity: '0.01' },
      { ...limit, quantity: '0.02' },
    ]);
    expect(placed.map(({ status }) => status)).toEqual(['NEW', 'NEW']);
    const orderIdList = JSON.stringify(placed.map(({ orderId }) => orderId));
    const canceled = await client.futuresCancelMultipleOrders(SYMBOL, { orderIdList });
    expect(canceled).toMatchObject([{ status: 'CANCELED' }, { status: 'CANCELED' }]);
    expect((await client.futuresAggTrades(SYMBOL, { limit: 5 })).length).toBeGreaterThan(0);
    expect(await client.futuresOpenInterest(SYMBOL)).toBeDefined();
    const heard: unknown[] = [];
    client.futuresTickerStream(SYMBOL, (ticker: unknown) => heard.push(ticker));
    await eventually(() => heard.length > 0, 15_000);
  });
});
