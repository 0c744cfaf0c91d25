import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import binance from 'binance-api-node';
import { API_KEY, API_SECRET, MARKET_START_MS, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';
import { eventually } from './socket-listener.ts';

type Raw = Record<string, unknown>;

/** The part of the library that a session needs, in plain types: its own refuse the literals that the venue takes. */
interface FuturesClient {
  futuresPing(): Promise<boolean>;
  futuresTime(): Promise<number>;
  futuresExchangeInfo(): Promise<{ symbols: { symbol: string; filters: Raw[] }[] }>;
  futuresCandles(payload: object): Promise<{ openTime: number; close: string }[]>;
  futuresMarkPrice(payload?: object): Promise<Raw>;
  futuresAllBookTickers(): Promise<Record<string, Raw>>;
  futuresPrices(payload?: object): Promise<Record<string, string>>;
  futuresBook(payload: object): Promise<{ asks: Raw[]; bids: Raw[] }>;
  futuresLeverage(payload: object): Promise<Raw>;
  futuresMarginType(payload: object): Promise<Raw>;
  futuresPositionMode(): Promise<Raw>;
  futuresOrder(payload: object): Promise<Raw>;
  futuresGetOrder(payload: object): Promise<Raw>;
  futuresCancelOrder(payload: object): Promise<Raw>;
  futuresUpdateOrder(payload: object): Promise<Raw>;
  futuresBatchOrders(payload: object): Promise<Raw[]>;
  futuresCancelAllOpenOrders(payload: object): Promise<Raw>;
  futuresAggTrades(payload: object): Promise<Raw[]>;
  futuresOpenOrders(payload: object): Promise<Raw[]>;
  futuresUserTrades(payload: object): Promise<Raw[]>;
  futuresIncome(payload?: object): Promise<Raw[]>;
  futuresPositionRisk(payload?: object): Promise<Raw[]>;
  futuresAccountInfo(): Promise<Raw>;
  futuresAccountBalance(): Promise<Raw[]>;
  privateRequest(method: string, path: string, payload: object): Promise<Raw[]>;
  ws: {
    futuresUser(callback: (event: Raw) => void, transform: boolean): Promise<() => void>;
    futuresCandles(symbol: string, interval: string, callback: (candle: Raw) => void, transform: boolean): () => void;
    futuresMarkPrice?: unknown;
  };
}

const SYMBOL = 'BTCUSDT';

describe('a session through binance-api-node, only the addresses changed', () => {
  let simulator: SimulatorProcess;
  let client: FuturesClient;
  let marketMs = MARKET_START_MS;
  const closers: (() => void)[] = [];

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    const create = (binance as unknown as { default: (options: object) => unknown }).default;
    client = create({
      apiKey: API_KEY,
      apiSecret: API_SECRET,
      httpFutures: simulator.url,
      wsFuturesPublic: `${simulator.socketUrl}/public/ws`,
      wsFuturesMarket: `${simulator.socketUrl}/market/ws`,
      wsFuturesPrivate: `${simulator.socketUrl}/private/ws`,
      getTime: () => marketMs,
    }) as FuturesClient;
  });

  afterAll(async () => {
    for (const close of closers) close();
    // The library takes its listen key back without being waited for; a venue that is gone by then is an error nobody catches.
    const key = { headers: { 'X-MBX-APIKEY': API_KEY } };
    await eventually(async () => (await simulator.request('PUT', '/fapi/v1/listenKey', key)).status !== 200);
    await simulator.stop();
  });

  const play = async (candles: number): Promise<void> => {
    await simulator.playCandles(candles);
    marketMs = (await simulator.state()).timeMs;
  };

  it('looks at the market', async () => {
    await expect(client.futuresPing()).resolves.toBe(true);
    await expect(client.futuresTime()).resolves.toBe(MARKET_START_MS);
    const { symbols } = await client.futuresExchangeInfo();
    expect(symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
    const candles = await client.futuresCandles({ symbol: SYMBOL, interval: '1m', limit: 5 });
    expect(candles).toHaveLength(5);
    expect(Number(candles[0]?.close)).toBeGreaterThan(0);
    const merged = await client.futuresCandles({ symbol: SYMBOL, interval: '5m', limit: 3 });
    expect(merged.map(({ openTime }) => openTime % (5 * MINUTE_MS))).toEqual([0, 0, 0]);
    expect(await client.futuresMarkPrice({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
    expect(Object.keys(await client.futuresAllBookTickers())).toContain(SYMBOL);
    expect(Number((await client.futuresPrices())[SYMBOL])).toBeGreaterThan(0);
    const book = await client.futuresBook({ symbol: SYMBOL, limit: 5 });
    expect(Number(book.asks[0]?.['price'])).toBeGreaterThan(Number(book.bids[0]?.['price']));
  });

  it('sets leverage, margin type and reads the position mode', async () => {
    expect(await client.futuresLeverage({ symbol: SYMBOL, leverage: 5 })).toMatchObject({
      symbol: SYMBOL,
      leverage: 5,
    });
    expect(await client.futuresMarginType({ symbol: SYMBOL, marginType: 'ISOLATED' })).toMatchObject({ code: 200 });
    expect(await client.futuresPositionMode()).toMatchObject({ dualSidePosition: false });
  });

  it('enters, protects, cancels, closes, and hears of all of it', async () => {
    const heard: Raw[] = [];
    closers.push(await client.ws.futuresUser((event) => heard.push(event), false));
    const candles: Raw[] = [];
    closers.push(client.ws.futuresCandles(SYMBOL, '1m', (candle) => candles.push(candle), false));
    await eventually(async () => (await simulator.request('GET', '/health')).text.includes('"sockets":2'));

    const entry = await client.futuresOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.010',
      newClientOrderId: 'session-E0',
      newOrderRespType: 'RESULT',
    });
    expect(entry).toMatchObject({ status: 'FILLED', clientOrderId: 'session-E0', executedQty: '0.010' });
    const price = Number(entry['avgPrice']);

    const stop = await client.futuresOrder({
      symbol: SYMBOL,
      side: 'SELL',
      type: 'STOP_MARKET',
      stopPrice: (price * 0.9).toFixed(1),
      closePosition: 'true',
      clientAlgoId: 'session-S0',
    });
    const target = await client.futuresOrder({
      symbol: SYMBOL,
      side: 'SELL',
      type: 'TAKE_PROFIT_MARKET',
      stopPrice: (price * 1.1).toFixed(1),
      closePosition: 'true',
      clientAlgoId: 'session-T0',
    });
    expect(stop).toMatchObject({ clientAlgoId: 'session-S0', algoStatus: 'NEW', orderType: 'STOP_MARKET' });
    expect(target).toMatchObject({ clientAlgoId: 'session-T0', algoStatus: 'NEW' });
    const openAlgos = await client.futuresOpenOrders({ symbol: SYMBOL, conditional: true });
    expect(openAlgos.map((algo) => algo['clientAlgoId'])).toEqual(['session-S0', 'session-T0']);

    const resting = await client.futuresOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.010',
      price: (price * 0.97).toFixed(1),
      newClientOrderId: 'session-E1',
    });
    expect(resting).toMatchObject({ status: 'NEW', type: 'LIMIT' });
    expect(await client.futuresCancelOrder({ symbol: SYMBOL, origClientOrderId: 'session-E1' })).toMatchObject({
      status: 'CANCELED',
    });
    expect(await client.futuresOpenOrders({ symbol: SYMBOL })).toEqual([]);
    expect(await client.futuresGetOrder({ symbol: SYMBOL, origClientOrderId: 'session-E0' })).toMatchObject({
      status: 'FILLED',
    });
    for (const clientAlgoId of ['session-S0', 'session-T0']) {
      expect(await client.futuresCancelOrder({ clientAlgoId })).toMatchObject({ clientAlgoId });
    }

    await play(1);
    const positions = await client.futuresPositionRisk({ symbol: SYMBOL });
    expect(positions).toMatchObject([{ positionAmt: '0.010', leverage: '5', marginType: 'isolated' }]);
    expect(
      await client.futuresOrder({
        symbol: SYMBOL,
        side: 'SELL',
        type: 'MARKET',
        quantity: '0.010',
        reduceOnly: 'true',
      }),
    ).toMatchObject({ status: 'NEW', reduceOnly: true });
    expect(await client.privateRequest('GET', '/fapi/v3/positionRisk', {})).toEqual([]);

    const trades = await client.futuresUserTrades({ symbol: SYMBOL });
    expect(trades.map((trade) => trade['side'])).toContain('SELL');
    const income = await client.futuresIncome({});
    // A round trip at one price realizes nothing, which is no row.
    expect(income.map((row) => row['incomeType'])).toEqual(expect.arrayContaining(['TRANSFER', 'COMMISSION']));
    expect(await client.futuresAccountBalance()).toMatchObject([{ asset: 'USDT' }]);
    expect(await client.futuresAccountInfo()).toMatchObject({ canTrade: true });

    await simulator.control('POST', 'settle', {});
    const types = new Set(heard.map((event) => event['e'] ?? event['type']));
    for (const type of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE']) expect(types).toContain(type);
    expect(candles.filter((candle) => (candle['k'] as Raw)['x'] === true)).toHaveLength(1);
  });

  it('amends, works in batches, and trails', async () => {
    const low = (Number((await client.futuresPrices())[SYMBOL]) * 0.97).toFixed(1);
    const limit = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price: low };
    await client.futuresOrder({ ...limit, newClientOrderId: 'session-A0' });
    const asked = { symbol: SYMBOL, side: 'BUY', origClientOrderId: 'session-A0', quantity: '0.020', price: low };
    expect(await client.futuresUpdateOrder(asked)).toMatchObject({ origQty: '0.020', status: 'NEW' });
    // Typed as a list, sent as `[object Object]` unless it is text.
    const batchOrders = JSON.stringify([{ ...limit, newClientOrderId: 'session-B0' }]);
    expect(await client.futuresBatchOrders({ batchOrders })).toMatchObject([{ status: 'NEW' }]);
    await client.futuresCancelAllOpenOrders({ symbol: SYMBOL });
    expect(await client.futuresOpenOrders({ symbol: SYMBOL })).toEqual([]);
    const trailing = await client.futuresOrder({
      symbol: SYMBOL,
      side: 'BUY',
      type: 'TRAILING_STOP_MARKET',
      quantity: '0.010',
      callbackRate: '1',
      clientAlgoId: 'session-R0',
    });
    expect(trailing).toMatchObject({ clientAlgoId: 'session-R0', algoStatus: 'NEW' });
    expect(await client.futuresCancelOrder({ clientAlgoId: 'session-R0' })).toMatchObject({
      clientAlgoId: 'session-R0',
    });
    expect((await client.futuresAggTrades({ symbol: SYMBOL, limit: 5 })).length).toBeGreaterThan(0);
  });
});
