import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DerivativesTradingUsdsFutures,
  DerivativesTradingUsdsFuturesRestAPI as Rest,
  DerivativesTradingUsdsFuturesWebsocketAPI as Socket,
  DerivativesTradingUsdsFuturesWebsocketStreams as Streams,
} from '@binance/derivatives-trading-usds-futures';
import type { SimulatorProcess } from './simulator-process.ts';
import { eventually } from './socket-listener.ts';
import { API_KEY, API_SECRET, priceAt, startNow, SYMBOL } from './venue-now.ts';

const MINUTES = Streams.KlineCandlestickStreamsIntervalEnum.INTERVAL_1m;
type StreamConnection = Awaited<ReturnType<DerivativesTradingUsdsFutures['websocketStreams']['connect']>>;

describe('a session through @binance/derivatives-trading-usds-futures, only the addresses changed', () => {
  let simulator: SimulatorProcess;
  let client: DerivativesTradingUsdsFutures;
  let streams: StreamConnection | null = null;
  let price = 0;
  const heard: Record<string, unknown>[] = [];

  beforeAll(async () => {
    process.env['LOG_LEVEL'] = 'error'; // it says much
    simulator = await startNow();
    client = new DerivativesTradingUsdsFutures({
      configurationRestAPI: { apiKey: API_KEY, apiSecret: API_SECRET, basePath: simulator.url, timeout: 10_000 },
      configurationWebsocketStreams: { wsURL: simulator.socketUrl },
      configurationWebsocketAPI: {
        apiKey: API_KEY,
        apiSecret: API_SECRET,
        wsURL: `${simulator.socketUrl}/ws-fapi/v1`,
      },
    });
  });
  afterAll(async () => {
    await streams?.disconnect();
    await simulator.stop();
  });

  const types = (): Set<unknown> => new Set(heard.map((event) => event['e']));
  const rest = () => client.restAPI;

  it('looks at the market', async () => {
    const { symbols } = await rest()
      .exchangeInformation()
      .then((reply) => reply.data());
    expect(symbols?.map(({ symbol }) => symbol)).toContain(SYMBOL);
    const interval = Rest.KlineCandlestickDataIntervalEnum.INTERVAL_1m;
    const candles = await rest().klineCandlestickData({ symbol: SYMBOL, interval, limit: 5 });
    expect(await candles.data()).toHaveLength(5);
    const book = await rest()
      .orderBook({ symbol: SYMBOL, limit: 5 })
      .then((reply) => reply.data());
    expect(Number(book.asks?.[0]?.[0])).toBeGreaterThan(Number(book.bids?.[0]?.[0]));
    const mark = (await rest()
      .markPrice({ symbol: SYMBOL })
      .then((reply) => reply.data())) as { markPrice?: string };
    price = Number(mark.markPrice);
    expect(price).toBeGreaterThan(0);
  });

  it('sets leverage and margin type', async () => {
    const leverage = await rest().changeInitialLeverage({ symbol: SYMBOL, leverage: 5 });
    expect(await leverage.data()).toMatchObject({ symbol: SYMBOL, leverage: 5 });
    const marginType = Rest.ChangeMarginTypeMarginTypeEnum.ISOLATED;
    expect(await (await rest().changeMarginType({ symbol: SYMBOL, marginType })).data()).toMatchObject({ code: 200 });
  });

  it('hears candles, and of its own account', async () => {
    const { listenKey } = await rest()
      .startUserDataStream()
      .then((reply) => reply.data());
    streams = await client.websocketStreams.connect();
    streams.klineCandlestickStreams({ symbol: SYMBOL.toLowerCase(), interval: MINUTES }).on('message', (event) => {
      heard.push(event as Record<string, unknown>);
    });
    const account = streams.userData(listenKey ?? '');
    account.on('message', (event) => {
      heard.push(event as unknown as Record<string, unknown>);
    });
    await eventually(() => types().has('kline'), 15_000);
  });

  it('enters, protects itself, cancels and closes', async () => {
    const { BUY, SELL } = Rest.NewOrderSideEnum;
    const RESULT = Rest.NewOrderNewOrderRespTypeEnum.RESULT;
    const entry = await rest().newOrder({
      symbol: SYMBOL,
      side: BUY,
      type: Rest.NewOrderTypeEnum.MARKET,
      quantity: 0.01,
      newClientOrderId: 'official-E0',
      newOrderRespType: RESULT,
    });
    expect(await entry.data()).toMatchObject({ status: 'FILLED', clientOrderId: 'official-E0' });
    for (const [type, factor, clientAlgoId] of [
      [Rest.NewAlgoOrderTypeEnum.STOP_MARKET, 0.9, 'official-S0'],
      [Rest.NewAlgoOrderTypeEnum.TAKE_PROFIT_MARKET, 1.1, 'official-T0'],
    ] as const) {
      const placed = await rest().newAlgoOrder({
        algoType: Rest.NewAlgoOrderAlgoTypeEnum.CONDITIONAL,
        symbol: SYMBOL,
        side: Rest.NewAlgoOrderSideEnum.SELL,
        type,
        triggerPrice: Number(priceAt(price, factor)),
        closePosition: Rest.NewAlgoOrderClosePositionEnum.TRUE,
        clientAlgoId,
      });
      expect(await placed.data()).toMatchObject({ clientAlgoId, algoStatus: 'NEW' });
      expect(await (await rest().cancelAlgoOrder({ clientAlgoId })).data()).toMatchObject({ clientAlgoId });
    }
    const resting = await rest().newOrder({
      symbol: SYMBOL,
      side: BUY,
      type: Rest.NewOrderTypeEnum.LIMIT,
      timeInForce: Rest.NewOrderTimeInForceEnum.GTC,
      quantity: 0.01,
      price: Number(priceAt(price, 0.97)),
      newClientOrderId: 'official-E1',
    });
    expect(await resting.data()).toMatchObject({ status: 'NEW' });
    const canceled = await rest().cancelOrder({ symbol: SYMBOL, origClientOrderId: 'official-E1' });
    expect(await canceled.data()).toMatchObject({ status: 'CANCELED' });
    const closed = await rest().newOrder({
      symbol: SYMBOL,
      side: SELL,
      type: Rest.NewOrderTypeEnum.MARKET,
      quantity: 0.01,
      reduceOnly: Rest.NewOrderReduceOnlyEnum.TRUE,
      newOrderRespType: RESULT,
    });
    expect(await closed.data()).toMatchObject({ status: 'FILLED', reduceOnly: true });
  });

  it('reads its history, income and account', async () => {
    const orders = await rest()
      .allOrders({ symbol: SYMBOL })
      .then((reply) => reply.data());
    expect(orders.map(({ status }) => status)).toEqual(['FILLED', 'CANCELED', 'FILLED']);
    const trades = await rest()
      .accountTradeList({ symbol: SYMBOL })
      .then((reply) => reply.data());
    expect(trades.map(({ side }) => side)).toEqual(expect.arrayContaining(['BUY', 'SELL']));
    const income = await rest()
      .getIncomeHistory()
      .then((reply) => reply.data());
    // A round trip at one price realizes nothing, which is no row.
    expect(income.map(({ incomeType }) => incomeType)).toEqual(expect.arrayContaining(['TRANSFER', 'COMMISSION']));
    expect(await (await rest().positionInformationV3()).data()).toEqual([]);
    for (const type of ['ORDER_TRADE_UPDATE', 'ACCOUNT_UPDATE', 'ALGO_UPDATE']) {
      await eventually(() => types().has(type), 10_000);
    }
  });

  it('places and cancels over the websocket API', async () => {
    const api = await client.websocketAPI.connect();
    try {
      const placed = await api.newOrder({
        symbol: SYMBOL,
        side: Socket.NewOrderSideEnum.BUY,
        type: Socket.NewOrderTypeEnum.LIMIT,
        timeInForce: Socket.NewOrderTimeInForceEnum.GTC,
        quantity: 0.01,
        price: Number(priceAt(price, 0.97)),
        newClientOrderId: 'official-E2',
      });
      expect(placed.data).toMatchObject({ status: 'NEW', clientOrderId: 'official-E2' });
      const canceled = await api.cancelOrder({ symbol: SYMBOL, origClientOrderId: 'official-E2' });
      expect(canceled.data).toMatchObject({ status: 'CANCELED' });
    } finally {
      await api.disconnect();
    }
  });

  it('amends, works in batches, and trails', async () => {
    const low = Number(priceAt(price, 0.97));
    const limit = {
      symbol: SYMBOL,
      side: Rest.NewOrderSideEnum.BUY,
      type: Rest.NewOrderTypeEnum.LIMIT,
      quantity: 0.01,
    };
    const timeInForce = Rest.NewOrderTimeInForceEnum.GTC;
    await rest().newOrder({ ...limit, timeInForce, price: low, newClientOrderId: 'official-A0' });
    const amended = await rest().modifyOrder({
      symbol: SYMBOL,
      side: Rest.ModifyOrderSideEnum.BUY,
      origClientOrderId: 'official-A0',
      quantity: 0.02,
      price: low - 1,
    });
    expect(await amended.data()).toMatchObject({ origQty: '0.020', status: 'NEW' });
    const history = await rest().getOrderModifyHistory({ symbol: SYMBOL, origClientOrderId: 'official-A0' });
    expect(await history.data()).toHaveLength(1);
    expect(await (await rest().cancelAllOpenOrders({ symbol: SYMBOL })).data()).toMatchObject({ code: 200 });
    const trailing = await rest().newAlgoOrder({
      algoType: Rest.NewAlgoOrderAlgoTypeEnum.CONDITIONAL,
      symbol: SYMBOL,
      side: Rest.NewAlgoOrderSideEnum.BUY,
      type: Rest.NewAlgoOrderTypeEnum.TRAILING_STOP_MARKET,
      quantity: 0.01,
      callbackRate: 1,
      clientAlgoId: 'official-R0',
    });
    expect(await trailing.data()).toMatchObject({ algoStatus: 'NEW' });
    await rest().cancelAlgoOrder({ clientAlgoId: 'official-R0' });
  });
});
