import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shapeDifferences } from './payload-shape.ts';
import {
  documentedBody,
  documentedMessage,
  type RecordedAnswer,
  recordedJson,
  recordedLines,
} from './recorded-payloads.ts';
import { API_KEY, MARKET_START_MS, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

type Raw = Record<string, unknown>;

const SYMBOL = 'BTCUSDT';
const session = recordedLines<RecordedAnswer>('transcribed/rest_R1_mainnet_session_2026-08-08.jsonl');
const clientAnswers = recordedLines<RecordedAnswer>('transcribed/rest_R2_ccxt_static_responses.jsonl');

/** Returns a body of the recorded session of 2026-08-08. */
const recorded = (method: string, path: string, index = 0): unknown =>
  session.filter((answer) => answer.method === method && answer.path === path)[index]?.body;

const noahark = (name: string): unknown => recordedJson(`rest/noahark/${name}.json`);
const gct = (name: string): unknown => (recordedJson(`rest/gct/${name}.json`) as { body: unknown }).body;
const nautilus = (name: string): unknown => recordedJson(`fixtures_doc_shaped/nautilus/futures/${name}.json`);
const recordedEvent = (file: string, type: string, execution?: string): unknown =>
  recordedLines<Raw>(`transcribed/${file}.jsonl`).find(
    (event) => event['e'] === type && (execution === undefined || (event['o'] as Raw)['x'] === execution),
  );

describe('answers have the fields, types and number formats of the recordings', () => {
  let simulator: SimulatorProcess;
  let user: SocketListener;
  let market: SocketListener;
  let placed: unknown;
  let canceled: unknown;
  let placedAlgo: unknown;

  const signed = async (method: string, path: string, params: Readonly<Record<string, string | number>> = {}) =>
    (await simulator.signed(method, path, params)).body;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    const key = { headers: { 'X-MBX-APIKEY': API_KEY } };
    const { listenKey } = (await simulator.request('POST', '/fapi/v1/listenKey', key)).body as { listenKey: string };
    user = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    const streams = ['kline_1m', 'markPrice@1s', 'bookTicker', 'aggTrade'].map((kind) => `btcusdt@${kind}`).join('/');
    market = await SocketListener.open(`${simulator.socketUrl}/stream?streams=${streams}`);

    const order = { symbol: SYMBOL, side: 'BUY', quantity: '0.010' } as const;
    placed = await signed('POST', '/fapi/v1/order', { ...order, type: 'MARKET', newClientOrderId: 'shape-E0' });
    const { markPrice } = (await simulator.get('/fapi/v1/premiumIndex', { symbol: SYMBOL })) as { markPrice: string };
    const below = (Number(markPrice) * 0.97).toFixed(1);
    const limit = { ...order, type: 'LIMIT', timeInForce: 'GTC', price: below };
    await signed('POST', '/fapi/v1/order', { ...limit, newClientOrderId: 'shape-E1' });
    canceled = await signed('DELETE', '/fapi/v1/order', { symbol: SYMBOL, origClientOrderId: 'shape-E1' });
    await signed('POST', '/fapi/v1/order', { ...limit, newClientOrderId: 'shape-E2' });
    const algo = { algoType: 'CONDITIONAL', symbol: SYMBOL, side: 'SELL', type: 'STOP_MARKET', triggerPrice: below };
    placedAlgo = await signed('POST', '/fapi/v1/algoOrder', {
      ...algo,
      closePosition: 'true',
      clientAlgoId: 'shape-S0',
    });
    await signed('POST', '/fapi/v1/leverage', { symbol: 'ETHUSDT', leverage: 4 });
    await simulator.playCandles(2);
  });

  afterAll(async () => {
    user.close();
    market.close();
    await simulator.stop();
  });

  it.each<{ name: string; recording: () => unknown; ours: () => Promise<unknown>; except?: readonly string[] }>([
    { name: 'time', recording: () => gct('GET_fapi-v1-time_0'), ours: () => simulator.get('/fapi/v1/time') },
    {
      name: 'exchangeInfo',
      recording: () => noahark('20260703T051738Z_fapi-v1-exchangeInfo'),
      ours: () => simulator.get('/fapi/v1/exchangeInfo'),
      // The order of filters is free; their shapes are compared below.
      except: ['$.symbols[].filters', '$.symbols[].underlyingSubType'],
    },
    {
      name: 'depth',
      recording: () => gct('GET_fapi-v1-depth_0'),
      ours: () => simulator.get('/fapi/v1/depth', { symbol: SYMBOL, limit: 5 }),
    },
    {
      name: 'klines',
      recording: () => gct('GET_fapi-v1-klines_0'),
      ours: () => simulator.get('/fapi/v1/klines', { symbol: SYMBOL, interval: '1m' }),
    },
    {
      name: 'premiumIndex',
      recording: () => noahark('20260713T000000Z_fapi-v1-premiumIndex-BTCUSDT'),
      ours: () => simulator.get('/fapi/v1/premiumIndex', { symbol: SYMBOL }),
    },
    {
      name: 'fundingInfo',
      recording: () => noahark('20260704T133406Z_fapi-v1-fundingInfo'),
      ours: () => simulator.get('/fapi/v1/fundingInfo'),
    },
    {
      name: 'ticker/price',
      recording: () => gct('GET_fapi-v1-ticker-price_0'),
      ours: () => simulator.get('/fapi/v1/ticker/price', { symbol: SYMBOL }),
    },
    {
      name: 'ticker/bookTicker',
      recording: () => documentedBody('ExchangeData/GetBookPrice'),
      ours: () => simulator.get('/fapi/v1/ticker/bookTicker', { symbol: SYMBOL }),
    },
    {
      name: 'ticker/24hr',
      recording: () => gct('GET_fapi-v1-ticker-24hr_1'),
      ours: () => simulator.get('/fapi/v1/ticker/24hr', { symbol: SYMBOL }),
    },
    { name: 'order placed', recording: () => recorded('POST', '/fapi/v1/order'), ours: async () => placed },
    {
      name: 'order canceled',
      recording: () => clientAnswers[0]?.body,
      ours: async () => [canceled],
    },
    {
      name: 'order queried',
      recording: () => clientAnswers[1]?.body,
      ours: () => signed('GET', '/fapi/v1/order', { symbol: SYMBOL, origClientOrderId: 'shape-E0' }),
      // The recording went through a client that turned whole numbers into text.
      except: ['$.orderId', '$.goodTillDate', '$.time', '$.updateTime', '$.clientOrderId'],
    },
    {
      name: 'openOrders',
      recording: () => [nautilus('http_json/order_response')],
      ours: () => signed('GET', '/fapi/v1/openOrders', { symbol: SYMBOL }),
    },
    {
      name: 'userTrades',
      recording: () => recorded('GET', '/fapi/v1/userTrades'),
      ours: () => signed('GET', '/fapi/v1/userTrades', { symbol: SYMBOL }),
    },
    {
      name: 'positionRisk v2',
      recording: () => recorded('GET', '/fapi/v2/positionRisk', 1),
      ours: () => signed('GET', '/fapi/v2/positionRisk', { symbol: SYMBOL }),
    },
    {
      name: 'positionRisk v3',
      recording: () => clientAnswers[2]?.body,
      ours: () => signed('GET', '/fapi/v3/positionRisk', { symbol: SYMBOL }),
      // As above: whole numbers came as text through that client.
      except: ['$[].adl', '$[].updateTime'],
    },
    {
      name: 'balance v2',
      recording: () => [recorded('GET', '/fapi/v2/balance')],
      ours: () => signed('GET', '/fapi/v2/balance'),
    },
    {
      name: 'balance v3',
      recording: () => documentedBody('Account/GetBalances'),
      ours: () => signed('GET', '/fapi/v3/balance'),
    },
    {
      name: 'account v2',
      recording: () => nautilus('http_json/account_info_v2'),
      ours: () => signed('GET', '/fapi/v2/account'),
      // Documented since 2023, after that example was written; the other two are sent without being documented.
      except: ['$.positions[].breakEvenPrice', '$.positions[].notional', '$.positions[].isolatedWallet'],
    },
    {
      name: 'account v3',
      recording: () => documentedBody('Account/GetAccountInfoV3'),
      ours: () => signed('GET', '/fapi/v3/account'),
    },
    {
      name: 'accountConfig',
      recording: () => recorded('GET', '/fapi/v1/accountConfig'),
      ours: () => signed('GET', '/fapi/v1/accountConfig'),
    },
    {
      name: 'symbolConfig',
      recording: () => recorded('GET', '/fapi/v1/symbolConfig'),
      ours: () => signed('GET', '/fapi/v1/symbolConfig', { symbol: SYMBOL }),
    },
    {
      name: 'commissionRate',
      recording: () => recorded('GET', '/fapi/v1/commissionRate'),
      ours: () => signed('GET', '/fapi/v1/commissionRate', { symbol: SYMBOL }),
    },
    {
      name: 'income',
      recording: () => (documentedBody('Account/GetIncomeHistory') as unknown[]).slice(1),
      ours: () => signed('GET', '/fapi/v1/income', { incomeType: 'COMMISSION' }),
      // The documentation shows them the other way round; the wire has a number and a text.
      except: ['$[].tranId', '$[].tradeId'],
    },
    {
      name: 'leverageBracket',
      recording: () => documentedBody('Account/GetBrackets'),
      ours: () => signed('GET', '/fapi/v1/leverageBracket', { symbol: SYMBOL }),
      // Only on symbols whose brackets were widened for the account.
      except: ['$[].notionalCoef'],
    },
    {
      name: 'leverage',
      recording: () => documentedBody('Account/ChangeInitialLeverage'),
      ours: () => signed('POST', '/fapi/v1/leverage', { symbol: 'SOLUSDT', leverage: 3 }),
    },
    {
      name: 'marginType',
      recording: () => documentedBody('Account/ChangeMarginType'),
      ours: () => signed('POST', '/fapi/v1/marginType', { symbol: 'SOLUSDT', marginType: 'ISOLATED' }),
    },
    {
      name: 'rateLimit/order',
      recording: () => documentedBody('Account/GetOrderRateLimit'),
      ours: () => signed('GET', '/fapi/v1/rateLimit/order'),
    },
    {
      name: 'countdownCancelAll',
      recording: () => documentedBody('Trading/CancelAllOrdersAfterTimeout'),
      ours: () => signed('POST', '/fapi/v1/countdownCancelAll', { symbol: 'SOLUSDT', countdownTime: 100_000 }),
    },
    {
      name: 'allOpenOrders',
      recording: () => documentedBody('Trading/CancelAllOrders'),
      ours: () => signed('DELETE', '/fapi/v1/allOpenOrders', { symbol: 'SOLUSDT' }),
    },
    {
      name: 'algoOrder placed',
      recording: () => documentedBody('Trading/PlaceConditionalOrder'),
      ours: async () => placedAlgo,
      except: ['$.clientAlgoId'],
    },
    {
      name: 'openAlgoOrders',
      recording: () => documentedBody('Trading/GetOpenConditionalOrders'),
      ours: () => signed('GET', '/fapi/v1/openAlgoOrders'),
    },
    {
      name: 'algoOpenOrders canceled',
      recording: () => documentedBody('Trading/CancelAllConditionalOrders'),
      ours: () => signed('DELETE', '/fapi/v1/algoOpenOrders', { symbol: 'SOLUSDT' }),
    },
  ])('REST $name', async ({ recording, ours, except = [] }) => {
    expect(shapeDifferences(recording(), await ours(), { except })).toEqual([]);
  });

  it('REST fundingRate', async () => {
    await simulator.control('POST', 'advance', { untilMs: MARKET_START_MS + 8 * 60 * MINUTE_MS });
    const ours = await simulator.get('/fapi/v1/fundingRate', { symbol: SYMBOL });
    expect(shapeDifferences(noahark('20260704T044945Z_fapi-v1-fundingRate-BTCUSDT-limit3'), ours)).toEqual([]);
  });

  it('each exchangeInfo filter', async () => {
    const filtersOf = (body: unknown): Map<unknown, Raw> => {
      const { symbols } = body as { symbols: { symbol: string; filters: Raw[] }[] };
      const { filters = [] } = symbols.find(({ symbol }) => symbol === SYMBOL) ?? {};
      return new Map(filters.map((filter) => [filter['filterType'], filter]));
    };
    const ours = filtersOf(await simulator.get('/fapi/v1/exchangeInfo'));
    const recorded = filtersOf(noahark('20260703T051738Z_fapi-v1-exchangeInfo'));
    expect(recorded.size).toBeGreaterThan(5);
    for (const [type, filter] of recorded) {
      expect(shapeDifferences(filter, ours.get(type))).toEqual([]);
    }
  });

  it.each<{ name: string; recording: () => unknown; stream: string; type: string; except?: readonly string[] }>([
    {
      name: 'kline',
      recording: () => nautilus('market_data_json/kline_stream_closed'),
      stream: 'btcusdt@kline_1m',
      type: 'kline',
    },
    {
      name: 'markPrice',
      recording: () => nautilus('market_data_json/mark_price_stream'),
      stream: 'btcusdt@markPrice@1s',
      type: 'markPriceUpdate',
      // Stream time stamps of tradable stocks, seen in one collection only.
      except: ['$.st'],
    },
    {
      name: 'bookTicker',
      recording: () => (documentedMessage('BookTicker') as Raw)['data'],
      stream: 'btcusdt@bookTicker',
      type: 'bookTicker',
    },
    {
      name: 'aggTrade',
      recording: () => (documentedMessage('AggTrades') as Raw)['data'],
      stream: 'btcusdt@aggTrade',
      type: 'aggTrade',
    },
  ])('stream $name', ({ recording, stream, type, except = [] }) => {
    const message = market.messages.find((heard) => heard['stream'] === stream)?.['data'] as Raw;
    expect(message['e']).toBe(type);
    expect(shapeDifferences(recording(), message, { except })).toEqual([]);
  });

  it.each<{ name: string; recording: () => unknown; type: string; execution?: string; except?: readonly string[] }>([
    {
      name: 'ORDER_TRADE_UPDATE NEW',
      recording: () => recordedEvent('user_stream_U2_ETHUSDC_2026-04-21', 'ORDER_TRADE_UPDATE', 'NEW'),
      type: 'ORDER_TRADE_UPDATE',
      execution: 'NEW',
    },
    {
      name: 'ORDER_TRADE_UPDATE TRADE',
      recording: () => recordedEvent('user_stream_U2_ETHUSDC_2026-04-21', 'ORDER_TRADE_UPDATE', 'TRADE'),
      type: 'ORDER_TRADE_UPDATE',
      execution: 'TRADE',
    },
    {
      name: 'TRADE_LITE',
      recording: () => recordedEvent('user_stream_U2_ETHUSDC_2026-04-21', 'TRADE_LITE'),
      type: 'TRADE_LITE',
    },
    {
      name: 'ACCOUNT_UPDATE',
      recording: () =>
        recordedLines<Raw>('transcribed/user_stream_U2_ETHUSDC_2026-04-21.jsonl').find(
          (event) => event['e'] === 'ACCOUNT_UPDATE' && ((event['a'] as Raw)['P'] as unknown[]).length > 0,
        ),
      type: 'ACCOUNT_UPDATE',
    },
    {
      name: 'ALGO_UPDATE',
      recording: () => recordedEvent('user_stream_U3_ALGO_UPDATE_2026-09-19', 'ALGO_UPDATE'),
      type: 'ALGO_UPDATE',
    },
    {
      name: 'ACCOUNT_CONFIG_UPDATE',
      recording: () => (documentedMessage('Leverage') as Raw)['data'],
      type: 'ACCOUNT_CONFIG_UPDATE',
    },
  ])('user event $name', ({ recording, type, execution, except = [] }) => {
    const event = user.ofType(type).find((heard) => execution === undefined || (heard['o'] as Raw)['x'] === execution);
    expect(event).toBeDefined();
    expect(shapeDifferences(recording(), event, { except })).toEqual([]);
  });
});

describe('refusals have the code, text and status of the recordings', () => {
  let simulator: SimulatorProcess;
  const errors = recordedLines<{ status: number; url: string; raw: string }>('transcribed/errors_real.jsonl');
  const recordedError = (code: number): unknown => {
    const line = errors.find(({ raw, url }) => raw.includes(`"code":${code},`) && url.includes('fapi'));
    return line === undefined ? undefined : { status: line.status, body: JSON.parse(line.raw) as unknown };
  };

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });
  afterAll(() => simulator.stop());

  const order = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.010' } as const;
  it.each<{ code: number; method: string; path: string; params: Readonly<Record<string, string | number>> }>([
    { code: -2011, method: 'DELETE', path: '/fapi/v1/order', params: { symbol: SYMBOL, orderId: 1 } },
    { code: -2019, method: 'POST', path: '/fapi/v1/order', params: { ...order, quantity: '100' } },
    { code: -2022, method: 'POST', path: '/fapi/v1/order', params: { ...order, reduceOnly: 'true' } },
    { code: -1021, method: 'POST', path: '/fapi/v1/order', params: { ...order, timestamp: 1 } },
  ])('$code', async ({ code, method, path, params }) => {
    const { status, body } = await simulator.signed(method, path, params);
    expect({ status, body }).toEqual(recordedError(code));
  });

  it('-5022 a maker-only order that would take', async () => {
    const { askPrice } = (await simulator.get('/fapi/v1/ticker/bookTicker', { symbol: SYMBOL })) as {
      askPrice: string;
    };
    const params = { ...order, type: 'LIMIT', timeInForce: 'GTX', price: (Number(askPrice) + 10).toFixed(1) };
    const { status, body } = await simulator.signed('POST', '/fapi/v1/order', params);
    const { code, msg } = body as { code: number; msg: string };
    // The documentation's text goes on after the recorded sentence.
    const [sentence] = /^.*?rejected\./.exec(msg) ?? [];
    expect({ status, body: { code, msg: sentence } }).toEqual(recordedError(-5022));
  });

  it('-4164 an order below the smallest notional', async () => {
    const { status, body } = await simulator.signed('POST', '/fapi/v1/order/test', { ...order, quantity: '0.001' });
    expect({ status, code: (body as { code: number }).code }).toEqual({ status: 400, code: -4164 });
    expect((body as { msg: string }).msg).toMatch(
      /^Order's notional must be no smaller than \d+ \(unless you choose reduce only\)\.$/,
    );
  });
});
