import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USDMClient, WebsocketClient } from 'binance';
import type { SimulatorProcess } from './simulator-process.ts';
import { eventually } from './socket-listener.ts';
import { API_KEY, API_SECRET, priceAt, releaseLongTimers, startNow, SYMBOL } from './venue-now.ts';

/** Ids of this library must begin with its own prefix, or it complains. */
const id = (name: string): string => `x-15PC4ZJy${name}`;

describe('a session through binance (sieblyio), only the addresses changed', () => {
  let simulator: SimulatorProcess;
  let client: USDMClient;
  let sockets: WebsocketClient;
  let price = 0;
  const heard: Record<string, unknown>[] = [];

  beforeAll(async () => {
    releaseLongTimers();
    simulator = await startNow();
    client = new USDMClient({ api_key: API_KEY, api_secret: API_SECRET, baseUrl: simulator.url });
    const silent = () => undefined;
    const logger = { trace: silent, info: silent, error: silent };
    sockets = new WebsocketClient(
      {
        api_key: API_KEY,
        api_secret: API_SECRET,
        wsUrl: simulator.socketUrl,
        restOptions: { baseUrl: simulator.url },
      },
      logger,
    );
    sockets.on('message', (event) => heard.push(event as unknown as Record<string, unknown>));
    sockets.on('exception', () => undefined);
  });
  afterAll(async () => {
    await sockets.unsubscribeUsdFuturesUserDataStream();
    sockets.closeAll(true);
    await simulator.stop();
  });

  const types = (): Set<unknown> => new Set(heard.map((event) => event['e']));

  it('looks at the market', async () => {
    expect(Math.abs((await client.getServerTime()) - Date.now())).toBeLessThan(1_000);
    const { symbols } = await client.getExchangeInfo();
    expect(symbols.map(({ symbol }) => symbol)).toContain(SYMBOL);
    const candles = await client.getKlines({ symbol: SYMBOL, interval: '1m', limit: 5 });
    expect(candles).toHaveLength(5);
    const book = await client.getOrderBook({ symbol: SYMBOL, limit: 5 });
    expect(Number(book.asks[0]?.[0])).toBeGreaterThan(Number(book.bids[0]?.[0]));
    const mark = await client.getMarkPrice({ symbol: SYMBOL });
    price = Number(mark.markPrice);
    expect(price).toBeGreaterThan(0);
  });

  it('sets leverage and margin type', async () => {
    expect(await client.setLeverage({ symbol: SYMBOL, leverage: 5 })).toMatchObject({ symbol: SYMBOL, leverage: 5 });
    expect(await client.setMarginType({ symbol: SYMBOL, marginType: 'ISOLATED' })).toMatchObject({ code: 200 });
    expect(await client.getCurrentPositionMode()).toMatchObject({ dualSidePosition: false });
  });

  it('hears candles, and of its own account', async () => {
    await sockets.subscribeKlines(SYMBOL, '1m', 'usdm');
    await sockets.subscribeUsdFuturesUserDataStream();
    await eventually(() => types().has('kline'), 15_000);
    await eventually(async () => (await simulator.request('GET', '/health')).text.includes('"sockets":2'), 15_000);
  });

  it('enters, protects itself, cancels and closes', async () => {
    const entry = await client.submitNewOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'MARKET',
      quantity: 0.01,
      newClientOrderId: id('E0'),
      newOrderRespType: 'RESULT',
    });
    expect(entry).toMatchObject({ status: 'FILLED', executedQty: '0.010', clientOrderId: id('E0') });
    const protections = [
      { type: 'STOP_MARKET', factor: 0.9, clientAlgoId: id('S0') },
      { type: 'TAKE_PROFIT_MARKET', factor: 1.1, clientAlgoId: id('T0') },
    ] as const;
    for (const { type, factor, clientAlgoId } of protections) {
      const placed = await client.submitNewAlgoOrder({
        algoType: 'CONDITIONAL',
        symbol: SYMBOL,
        side: 'SELL',
        type,
        triggerPrice: priceAt(price, factor),
        closePosition: 'true',
        clientAlgoId,
      });
      expect(placed).toMatchObject({ clientAlgoId, algoStatus: 'NEW' });
    }
    expect(await client.getOpenAlgoOrders({ symbol: SYMBOL })).toHaveLength(2);
    const resting = await client.submitNewOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: 0.01,
      price: Number(priceAt(price, 0.97)),
      newClientOrderId: id('E1'),
    });
    expect(resting).toMatchObject({ status: 'NEW' });
    expect(await client.cancelOrder({ symbol: SYMBOL, origClientOrderId: id('E1') })).toMatchObject({
      status: 'CANCELED',
    });
    for (const { clientAlgoId } of protections) {
      expect(await client.cancelAlgoOrder({ clientAlgoId })).toMatchObject({ clientAlgoId });
    }
    const closed = await client.submitNewOrder({
      symbol: SYMBOL,
      side: 'SELL',
      type: 'MARKET',
      quantity: 0.01,
      reduceOnly: 'true',
      newOrderRespType: 'RESULT',
    });
    expect(closed).toMatchObject({ status: 'FILLED', reduceOnly: true });
    expect(await client.getAllOpenOrders({ symbol: SYMBOL })).toEqual([]);
  });

  it('reads its history, income and account', async () => {
    expect((await client.getAllOrders({ symbol: SYMBOL })).map(({ status }) => status)).toEqual([
      'FILLED',
      'CANCELED',
      'FILLED',
    ]);
    expect((await client.getAccountTrades({ symbol: SYMBOL })).map(({ side }) => side)).toEqual(
      expect.arrayContaining(['BUY', 'SELL']),
    );
    const income = await client.getIncomeHistory();
    // A round trip at one price realizes nothing, which is no row.
    expect(income.map(({ incomeType }) => incomeType)).toEqual(expect.arrayContaining(['TRANSFER', 'COMMISSION']));
    expect(await client.getAccountInformation()).toMatchObject({ canTrade: true });
    expect((await client.getBalance()).find(({ asset }) => asset === 'USDT')).toBeDefined();
    for (const type of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE']) {
      await eventually(() => types().has(type), 10_000);
    }
  });

  it('is told what is wrong in the words of the venue', async () => {
    const order = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: 0.000_1 } as const;
    await expect(client.submitNewOrder(order)).rejects.toMatchObject({ code: expect.any(Number) });
  });

  it('amends, works in batches, trails, and looks closer at the market', async () => {
    const limit = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.01 } as const;
    const low = Number(priceAt(price, 0.97));
    await client.submitNewOrder({ ...limit, price: low, newClientOrderId: id('A0') });
    const asked = { symbol: SYMBOL, side: 'BUY', origClientOrderId: id('A0'), quantity: 0.02, price: low - 1 } as const;
    expect(await client.modifyOrder(asked)).toMatchObject({ origQty: '0.020', status: 'NEW' });
    expect(await client.getOrderModifyHistory({ symbol: SYMBOL, origClientOrderId: id('A0') })).toHaveLength(1);
    const placed = await client.submitMultipleOrders([
      { ...limit, quantity: '0.01', price: String(low), newClientOrderId: id('B0') },
      { ...limit, quantity: '0.0001', price: String(low), newClientOrderId: id('B1') },
    ]);
    expect(placed).toMatchObject([{ status: 'NEW' }, { code: expect.any(Number) }]);
    const names = { symbol: SYMBOL, origClientOrderIdList: [id('A0'), id('B0')] };
    expect(await client.cancelMultipleOrders(names)).toMatchObject([{ status: 'CANCELED' }, { status: 'CANCELED' }]);
    const trailing = await client.submitNewAlgoOrder({
      algoType: 'CONDITIONAL',
      symbol: SYMBOL,
      side: 'BUY',
      type: 'TRAILING_STOP_MARKET',
      quantity: '0.01',
      callbackRate: '1',
      clientAlgoId: id('R0'),
    });
    expect(trailing).toMatchObject({ algoStatus: 'NEW' });
    expect(await client.cancelAlgoOrder({ clientAlgoId: id('R0') })).toMatchObject({ clientAlgoId: id('R0') });
    expect((await client.getAggregateTrades({ symbol: SYMBOL, limit: 5 })).length).toBeGreaterThan(0);
    expect(await client.getOpenInterest({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
    await sockets.subscribeDiffBookDepth(SYMBOL, 100, 'usdm');
    await eventually(() => types().has('depthUpdate'), 15_000);
  });
});
