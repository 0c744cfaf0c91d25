import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shapeDifferences } from './payload-shape.ts';
import { documentedBody, documentedMessage, recordedJson, recordedLines } from './recorded-payloads.ts';
import { API_KEY, MARKET_START_MS, type Reply, SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

type Raw = Record<string, unknown>;

const SYMBOL = 'BTCUSDT';
const nautilus = (name: string): Raw => recordedJson(`fixtures_doc_shaped/nautilus/ws_messages/${name}.json`) as Raw;
const recordedEvent = (execution: string): unknown =>
  recordedLines<Raw>('transcribed/user_stream_U2_ETHUSDC_2026-04-21.jsonl').find(
    (event) => event['e'] === 'ORDER_TRADE_UPDATE' && (event['o'] as Raw)['x'] === execution,
  );
const recordedOrder = (file: string, endpoint: string): unknown =>
  recordedLines<{ endpoint: string; body: unknown }>(`transcribed/${file}.jsonl`).find((line) =>
    line.endpoint.startsWith(endpoint),
  )?.body;

/** Fields of the documentation's example, an order type that has had an endpoint of its own since 2025-12. */
const TRAILING = ['activatePrice', 'priceRate'];
const withoutTrailing = (path: string): string[] => TRAILING.map((name) => `${path}.${name}`);

describe('orders and conditional orders have the fields, types and number formats of the documentation', () => {
  let simulator: SimulatorProcess;
  let user: SocketListener;
  let mark = 0;
  const replies = new Map<string, Reply>();

  const send = async (
    name: string,
    method: string,
    path: string,
    params: Readonly<Record<string, string | number>>,
  ) => {
    const reply = await simulator.signed(method, `/fapi/v1/${path}`, params);
    expect({ name, status: reply.status, text: reply.text }).toMatchObject({ name, status: 200 });
    replies.set(name, reply);
    return reply.body as Raw;
  };
  const at = (share: number): string => (mark * share).toFixed(1);

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    const key = { headers: { 'X-MBX-APIKEY': API_KEY } };
    const { listenKey } = (await simulator.request('POST', '/fapi/v1/listenKey', key)).body as { listenKey: string };
    user = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    const { markPrice } = (await simulator.get('/fapi/v1/premiumIndex', { symbol: SYMBOL })) as { markPrice: string };
    mark = Number(markPrice);
    const order = { symbol: SYMBOL, side: 'BUY', quantity: '0.010' };
    const limit = { ...order, type: 'LIMIT', timeInForce: 'GTC', price: at(0.97) };
    const goodTillDate = MARKET_START_MS + 3_600_123;

    await send('ack', 'POST', 'order', { ...order, type: 'MARKET' });
    await send('result', 'POST', 'order', { ...order, type: 'MARKET', newOrderRespType: 'RESULT' });
    await send('test', 'POST', 'order/test', { ...limit, newOrderRespType: 'RESULT' });
    await send('gtd', 'POST', 'order', {
      ...limit,
      timeInForce: 'GTD',
      goodTillDate,
      newClientOrderId: 'shape-gtd',
      newOrderRespType: 'RESULT',
    });
    await send('amended', 'PUT', 'order', {
      symbol: SYMBOL,
      side: 'BUY',
      origClientOrderId: 'shape-gtd',
      quantity: '0.020',
      price: at(0.96),
    });
    await send('amendments', 'GET', 'orderAmendment', { symbol: SYMBOL, origClientOrderId: 'shape-gtd' });
    await send('openOrder', 'GET', 'openOrder', { symbol: SYMBOL, origClientOrderId: 'shape-gtd' });
    const items = [
      { ...limit, newClientOrderId: 'shape-b0' },
      { ...order, type: 'MARKET', side: 'SELL', reduceOnly: 'true', quantity: '5', newClientOrderId: 'shape b1' },
    ];
    await send('batch', 'POST', 'batchOrders', {
      batchOrders: JSON.stringify([{ ...items[0], newOrderRespType: 'RESULT' }, items[1]]),
    });
    const changes = [
      { symbol: SYMBOL, side: 'BUY', origClientOrderId: 'shape-b0', quantity: '0.011', price: at(0.96) },
      { symbol: SYMBOL, side: 'BUY', origClientOrderId: 'shape-none', quantity: '0.011', price: at(0.96) },
    ];
    await send('batch amended', 'PUT', 'batchOrders', { batchOrders: JSON.stringify(changes) });
    await send('batch canceled', 'DELETE', 'batchOrders', {
      symbol: SYMBOL,
      origClientOrderIdList: '["shape-b0","shape-none"]',
    });
    await send('allOrders', 'GET', 'allOrders', { symbol: SYMBOL });
    const canceled = await send('to cancel', 'POST', 'order', { ...limit, newClientOrderId: 'shape-c' });
    await send('canceled', 'DELETE', 'order', { symbol: SYMBOL, orderId: String(canceled['orderId']) });
    await send('trades', 'GET', 'userTrades', { symbol: SYMBOL });

    const algo = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', quantity: '0.010' };
    await send('algo', 'POST', 'algoOrder', {
      ...algo,
      type: 'TAKE_PROFIT',
      triggerPrice: at(1.04),
      price: at(1.04),
      clientAlgoId: 'shape-tp',
    });
    await send('trailing', 'POST', 'algoOrder', {
      ...algo,
      type: 'TRAILING_STOP_MARKET',
      callbackRate: '5',
      activationPrice: at(1.03),
    });
    await send('open algos', 'GET', 'openAlgoOrders', {});
    await send('algo canceled', 'DELETE', 'algoOrder', { clientAlgoId: 'shape-tp' });
    await send('stop', 'POST', 'algoOrder', {
      ...algo,
      type: 'STOP_MARKET',
      triggerPrice: (Number((await ticker()).lastPrice) - 0.1).toFixed(1),
      clientAlgoId: 'shape-s',
    });
    for (
      let candles = 0;
      candles < 40 && user.ofType('ALGO_UPDATE').every((event) => (event['o'] as Raw)['X'] !== 'FINISHED');
      candles += 1
    ) {
      await simulator.playCandles(1);
    }
    await send('algo finished', 'GET', 'algoOrder', { clientAlgoId: 'shape-s' });
    await send('all algos', 'GET', 'allAlgoOrders', { symbol: SYMBOL });
  });

  const ticker = async () => (await simulator.get('/fapi/v1/ticker/24hr', { symbol: SYMBOL })) as { lastPrice: string };

  afterAll(async () => {
    user.close();
    await simulator.stop();
  });

  it.each<{ name: string; recording: () => unknown; except?: readonly string[] }>([
    {
      name: 'result',
      recording: () => recordedOrder('rest_R3_misc', 'WS-API order.place MARKET filled'),
    },
    { name: 'gtd', recording: () => documentedBody('Trading/PlaceOrder'), except: withoutTrailing('$') },
    { name: 'test', recording: () => documentedBody('Trading/PlaceOrder'), except: withoutTrailing('$') },
    // The documented answer has no quote traded, its websocket twin has.
    { name: 'amended', recording: () => documentedBody('Trading/EditOrder'), except: ['$.cumQuote'] },
    { name: 'amendments', recording: () => documentedBody('Trading/GetOrderEditHistory') },
    { name: 'openOrder', recording: () => documentedBody('Trading/GetOpenOrder'), except: withoutTrailing('$') },
    {
      name: 'batch',
      recording: () => documentedBody('Trading/PlaceMultipleOrders'),
      // Left out of this one example.
      except: [...withoutTrailing('$[]'), '$[].closePosition'],
    },
    { name: 'batch amended', recording: () => documentedBody('Trading/EditMultipleOrders'), except: ['$[].cumQuote'] },
    {
      name: 'batch canceled',
      recording: () => documentedBody('Trading/CancelMultipleOrders'),
      // The example is older than the field; recorded answers have it.
      except: [...withoutTrailing('$[]'), '$[].avgPrice'],
    },
    { name: 'allOrders', recording: () => documentedBody('Trading/GetOrders'), except: withoutTrailing('$[]') },
    {
      name: 'canceled',
      recording: () => documentedBody('Trading/CancelOrder'),
      except: [...withoutTrailing('$'), '$.avgPrice'],
    },
    {
      name: 'trades',
      recording: () => documentedBody('Trading/GetUserTrades'),
      // Recorded rows have them, the documentation does not.
      except: ['$[].pair', '$[].baseQty', '$[].marginAsset'],
    },
    { name: 'algo', recording: () => documentedBody('Trading/PlaceConditionalOrder'), except: ['$.clientAlgoId'] },
    { name: 'trailing', recording: () => documentedBody('Trading/PlaceConditionalOrder'), except: ['$.clientAlgoId'] },
    {
      name: 'open algos',
      recording: () => documentedBody('Trading/GetOpenConditionalOrders'),
      // The first one here is a limit behind a trigger, as in the documentation.
      except: ['$[].clientAlgoId'],
    },
    {
      name: 'algo canceled',
      recording: () => documentedBody('Trading/CancelConditionalOrder'),
      // Documented since as ids with code and msg, which clients of both kinds find here.
      except: ['$.code', '$.msg', '$.clientAlgoId'],
    },
    { name: 'algo finished', recording: () => documentedBody('Trading/GetConditionalOrder') },
    { name: 'all algos', recording: () => documentedBody('Trading/GetOpenConditionalOrders') },
  ])('REST $name', ({ name, recording, except = [] }) => {
    expect(shapeDifferences(recording(), replies.get(name)?.body, { except })).toEqual([]);
  });

  it('an item that is refused answers with code and message in its place', () => {
    const secondOf = (name: string): unknown => (replies.get(name)?.body as readonly unknown[] | undefined)?.[1];
    expect(['batch', 'batch amended', 'batch canceled'].map(secondOf)).toEqual([
      { code: -1100, msg: expect.stringContaining('newClientOrderId') },
      { code: -2013, msg: 'Order does not exist.' },
      { code: -2011, msg: 'Unknown order sent.' },
    ]);
  });

  it('ACK says nothing of fills, RESULT says what became of the order', () => {
    expect(replies.get('ack')?.body).toMatchObject({ status: 'NEW', executedQty: '0.000', cumQty: '0.000' });
    expect(replies.get('ack')?.body).not.toHaveProperty('avgPrice');
    expect(replies.get('result')?.body).toMatchObject({ status: 'FILLED', executedQty: '0.010', cumQty: '0.010' });
    expect(replies.get('gtd')?.body).toMatchObject({ goodTillDate: MARKET_START_MS + 3_600_000, timeInForce: 'GTD' });
  });

  it.each<{
    name: string;
    recording: () => unknown;
    type: string;
    pick: Readonly<Record<string, unknown>>;
    except?: readonly string[];
  }>([
    {
      name: 'AMENDMENT',
      recording: () => recordedEvent('AMENDMENT'),
      type: 'ORDER_TRADE_UPDATE',
      pick: { x: 'AMENDMENT' },
    },
    {
      name: 'CANCELED',
      recording: () => recordedEvent('CANCELED'),
      type: 'ORDER_TRADE_UPDATE',
      pick: { x: 'CANCELED' },
    },
    ...['triggering', 'triggered', 'finished'].map((status) => ({
      name: `algo ${status}`,
      recording: () => nautilus(`ws_futures_algo_update_${status}`)['data'],
      type: 'ALGO_UPDATE',
      pick: { X: status.toUpperCase() },
      // Newer than those recordings; the one of 2026-09 has it.
      except: ['$.o.ia'],
    })),
    {
      name: 'algo limit',
      recording: () => (documentedMessage('AlgoOrderUpdate') as Raw)['data'],
      type: 'ALGO_UPDATE',
      pick: { X: 'NEW', o: 'TAKE_PROFIT' },
      // Only displayed once triggered; the example shows them on a canceled order.
      except: ['$.o.ap', '$.o.aq', '$.o.act', '$.o.ia'],
    },
  ])('user event $name', ({ recording, type, pick, except = [] }) => {
    const event = user
      .ofType(type)
      .find((heard) => Object.entries(pick).every(([field, value]) => (heard['o'] as Raw)[field] === value));
    expect(shapeDifferences(recording(), event, { except })).toEqual([]);
  });

  it('a trailing stop says where it wakes and how far it lets the market turn', () => {
    const event = user.ofType('ALGO_UPDATE').find((heard) => (heard['o'] as Raw)['o'] === 'TRAILING_STOP_MARKET');
    expect(event?.['o']).toMatchObject({ X: 'NEW', AP: Number(at(1.03)).toString(), cr: '5.0', tp: '0' });
    expect(replies.get('trailing')?.body).toMatchObject({ activatePrice: `${at(1.03)}0`, callbackRate: '5.0' });
  });
});
