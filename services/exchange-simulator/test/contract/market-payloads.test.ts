import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shapeDifferences } from './payload-shape.ts';
import { documentedBody, documentedMessage, recordedFiles, recordedJson, recordedLines } from './recorded-payloads.ts';
import { API_KEY, MARKET_START_MS, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

type Raw = Record<string, unknown>;
type Params = Readonly<Record<string, string | number>>;

const SYMBOL = 'BTCUSDT';
const ONE: Params = { symbol: SYMBOL };
const CANDLES: Params = { ...ONE, interval: '1m' };
const PAIR_CANDLES: Params = { pair: SYMBOL, contractType: 'PERPETUAL', interval: '1m' };

/** What the venue has added to an answer since the older recordings were made; the newer ones have it. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  '/fapi/v1/fundingRate': ['$[].markPrice'],
  '/fapi/v1/premiumIndex': ['$.estimatedSettlePrice', '$[].estimatedSettlePrice'],
  '/fapi/v1/ticker/bookTicker': ['$.lastUpdateId', '$[].lastUpdateId'],
  '/fapi/v1/fundingInfo': ['$[].updateTime'],
};

interface Recording {
  readonly path: string;
  readonly query: string;
  readonly body: unknown;
}

/** Exchanges of a client under test with the real venue, 2020 to 2024; those without rows show no shape. */
const exchanges = recordedFiles('rest/gct')
  .filter((name) => name.startsWith('GET_fapi'))
  .map((name) => ({ name, ...(recordedJson(`rest/gct/${name}`) as Recording) }))
  .filter(({ body }) => body !== null && !(typeof body === 'object' && 'code' in (body as Raw)));

const nautilus = (name: string): unknown => recordedJson(`fixtures_doc_shaped/nautilus/http_responses/${name}.json`);

describe('public answers have the fields, types and number formats of the recordings', () => {
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    // Past a funding hour, so that there is a rate to tell of.
    await simulator.control('POST', 'advance', { untilMs: MARKET_START_MS + 8 * 60 * MINUTE_MS + 1 });
  });
  afterAll(() => simulator.stop());

  it.each(exchanges.filter(({ path }) => !/exchangeInfo|indexInfo/.test(path)))(
    '$name',
    async ({ path, query, body }) => {
      const params: Record<string, string> = {};
      for (const [name, value] of new URLSearchParams(query)) {
        if (name === 'symbol' || name === 'interval' || name === 'limit') params[name] = value;
      }
      if (params['symbol'] !== undefined) params['symbol'] = SYMBOL;
      const except = NEWER[path] ?? [];
      expect(shapeDifferences(body, await simulator.get(path, params), { except })).toEqual([]);
    },
  );

  it.each<{ name: string; path: string; params?: Params; recording: () => unknown; except?: readonly string[] }>([
    {
      name: 'exchangeInfo',
      path: 'v1/exchangeInfo',
      recording: () => recordedJson('rest/noahark/20260703T051738Z_fapi-v1-exchangeInfo.json'),
      // The order of filters is free; their shapes are compared elsewhere.
      except: ['$.symbols[].filters'],
    },
    {
      name: 'premiumIndex of all',
      path: 'v1/premiumIndex',
      recording: () => recordedJson('rest/noahark/20260704T044945Z_fapi-v1-premiumIndex.json'),
    },
    {
      name: 'fundingRate',
      path: 'v1/fundingRate',
      params: ONE,
      recording: () => recordedJson('rest/noahark/20260710T061419Z_fapi-v1-fundingRate-BTCUSDT-limit1000.json'),
    },
    {
      name: 'fundingInfo',
      path: 'v1/fundingInfo',
      recording: () => recordedJson('rest/noahark/20260704T2030Z_fapi-v1-fundingInfo.json'),
    },
    ...(
      [
        ['AggregatedTradeHistory', 'v1/aggTrades', ONE],
        ['AssetIndexes', 'v1/assetIndex', {}],
        ['BookPrice', 'v1/ticker/bookTicker', ONE],
        ['ContinuousContractKlines', 'v1/continuousKlines', PAIR_CANDLES],
        ['IndexPriceConstituents', 'v1/constituents', ONE],
        ['IndexPriceKlines', 'v1/indexPriceKlines', PAIR_CANDLES],
        ['Klines', 'v1/klines', CANDLES],
        ['MarkPrice', 'v1/premiumIndex', ONE],
        ['MarkPriceKlines', 'v1/markPriceKlines', CANDLES],
        ['OpenInterest', 'v1/openInterest', ONE],
        ['OrderBook', 'v1/depth', ONE],
        ['PremiumIndexKlines', 'v1/premiumIndexKlines', CANDLES],
        ['Price', 'v2/ticker/price', ONE],
        ['RecentTrades', 'v1/trades', ONE],
        ['ServerTime', 'v1/time', {}],
        ['Ticker', 'v1/ticker/24hr', ONE],
        ['FundingRates', 'v1/fundingRate', ONE],
      ] as const
    ).map(([name, path, params]) => ({
      name: `documented ${name}`,
      path,
      params,
      recording: () => documentedBody(`ExchangeData/Get${name}`),
    })),
    ...(
      [
        ['agg_trades', 'v1/aggTrades', ONE],
        ['asset_index', 'v1/assetIndex', { symbol: 'BTCUSD' }],
        ['continuous_klines', 'v1/continuousKlines', PAIR_CANDLES],
        ['depth', 'v1/depth', ONE],
        ['index_price_klines', 'v1/indexPriceKlines', PAIR_CANDLES],
        ['klines', 'v1/klines', CANDLES],
        ['mark_price_klines', 'v1/markPriceKlines', CANDLES],
        ['open_interest', 'v1/openInterest', ONE],
        ['premium_index', 'v1/premiumIndex', ONE],
        ['ticker_24hr', 'v1/ticker/24hr', ONE],
        ['ticker_price', 'v1/ticker/price', ONE],
        ['trades', 'v1/trades', ONE],
      ] as const
    ).map(([name, path, params]) => ({
      name: `collected ${name}`,
      path,
      params,
      recording: () => nautilus(`http_futures_market_${name}`),
    })),
  ])('$name', async ({ path, params = {}, recording, except = [] }) => {
    expect(shapeDifferences(recording(), await simulator.get(`/fapi/${path}`, params), { except })).toEqual([]);
  });

  it('historicalTrades, which needs a key', async () => {
    const path = `/fapi/v1/historicalTrades?symbol=${SYMBOL}`;
    const { body } = await simulator.request('GET', path, { headers: { 'X-MBX-APIKEY': API_KEY } });
    expect(shapeDifferences(documentedBody('ExchangeData/GetTradeHistory'), body)).toEqual([]);
    expect(await simulator.request('GET', path)).toMatchObject({ status: 401, body: { code: -2014 } });
  });

  it('an unlisted symbol, as recorded', async () => {
    const { query, body } = recordedJson('rest/gct/GET_fapi-v1-ticker-24hr_0.json') as Recording;
    const reply = await simulator.request('GET', `/fapi/v1/ticker/24hr?${query}`);
    expect({ status: reply.status, body: reply.body }).toEqual({ status: 400, body });
  });
});

describe('stream messages have the fields, types and number formats of the recordings', () => {
  let simulator: SimulatorProcess;
  let socket: SocketListener;

  /** Recorded messages, each of its own kind, wrapped or not. */
  const recorded = new Map<string, unknown>();
  const collect = (line: { raw: string }): void => {
    const message = JSON.parse(line.raw) as Raw;
    const data = message['data'] ?? message;
    const [first] = Array.isArray(data) ? (data as Raw[]) : [data as Raw];
    const kind = `${String(first?.['e'])}${Array.isArray(data) ? ' list' : ''}`;
    if (!recorded.has(kind)) recorded.set(kind, data);
  };
  for (const line of recordedLines<{ raw: string }>('ws_market/cryptofeed_usdm_20210722.jsonl')) collect(line);
  for (const line of recordedLines<{ raw: string }>('ws_misc/unicorn_fy_futures.jsonl')) collect(line);

  const documented = (name: string): unknown => (documentedMessage(name) as Raw)['data'];
  const collected = (name: string): unknown =>
    recordedJson(`fixtures_doc_shaped/nautilus/futures/market_data_json/${name}.json`);
  /** Marks of tradable stocks, seen in one collection only. */
  const STOCKS = ['$.st', '$.ps'];

  const streams = [
    ...['kline_1m', 'markPrice', 'bookTicker', 'aggTrade', 'trade', 'miniTicker', 'ticker'].map(
      (kind) => `btcusdt@${kind}`,
    ),
    'btcusdt_perpetual@continuousKline_1m',
    '!markPrice@arr',
    '!miniTicker@arr',
    '!ticker@arr',
    '!bookTicker',
  ];

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    socket = await SocketListener.open(`${simulator.socketUrl}/stream?streams=${streams.join('/')}`);
    await simulator.playCandles(2);
  });
  afterAll(async () => {
    socket.close();
    await simulator.stop();
  });

  it.each<{ stream: string; recordings: readonly unknown[] }>([
    {
      stream: 'btcusdt@kline_1m',
      recordings: [recorded.get('kline'), documented('Klines'), collected('kline_stream_closed')],
    },
    {
      stream: 'btcusdt_perpetual@continuousKline_1m',
      recordings: [recorded.get('continuous_kline'), documented('ContKlines')],
    },
    {
      stream: 'btcusdt@markPrice',
      recordings: [recorded.get('markPriceUpdate'), documented('MarkPrice'), collected('mark_price_stream')],
    },
    { stream: '!markPrice@arr', recordings: [recorded.get('markPriceUpdate list')] },
    {
      stream: 'btcusdt@bookTicker',
      recordings: [recorded.get('bookTicker'), documented('BookTicker'), collected('book_ticker_stream')],
    },
    { stream: '!bookTicker', recordings: [recorded.get('bookTicker')] },
    {
      stream: 'btcusdt@aggTrade',
      recordings: [recorded.get('aggTrade'), documented('AggTrades'), collected('agg_trade_stream')],
    },
    { stream: 'btcusdt@miniTicker', recordings: [recorded.get('24hrMiniTicker'), documented('MiniTicker')] },
    { stream: '!miniTicker@arr', recordings: [recorded.get('24hrMiniTicker list')] },
    {
      stream: 'btcusdt@ticker',
      recordings: [recorded.get('24hrTicker'), documented('Ticker'), collected('ticker_stream')],
    },
    { stream: '!ticker@arr', recordings: [recorded.get('24hrTicker list')] },
  ])('$stream', ({ stream, recordings }) => {
    const message = socket.messages.find((heard) => heard['stream'] === stream)?.['data'];
    for (const recording of recordings) expect(shapeDifferences(recording, message, { except: STOCKS })).toEqual([]);
  });

  it('btcusdt@trade', () => {
    const message = socket.messages.find((heard) => heard['stream'] === 'btcusdt@trade')?.['data'];
    // The collected example is of the time before `X`, the recorded one has it.
    expect(shapeDifferences(collected('trade_stream'), message, { except: ['$.X'] })).toEqual([]);
    expect(message).toMatchObject({ X: 'MARKET' });
  });
});
