import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dec, MarketClock, wallClock } from '@qt/kernel';
import {
  type BinanceExchangeOptions,
  createBinanceExchange,
  createLocalWeightBudget,
  type ExchangePort,
  type SubmitOrder,
} from '../../src/index.ts';
import { json, type Reply, refusal, startTinyVenue, type TinyVenue } from './tiny-venue.ts';

const KEY = 'key-canary-4f1e9b';
const SECRET = 'secret-canary-77aa01';
const ID = 'q1-01JQZX5A3V8W9Y7B6C4D2E1F0G-E0';
const LARGE_ID = '8389765915123457001';

const anOrder: SubmitOrder = {
  clientOrderId: ID,
  symbol: 'BTCUSDT',
  side: 'buy',
  orderType: 'market',
  quantity: dec('0.002'),
  price: null,
  timeInForce: null,
  isReduceOnly: false,
  closesPosition: false,
};
const placedBody = `{"clientOrderId":"${ID}","cumQty":"0.002","executedQty":"0.002","orderId":${LARGE_ID},"avgPrice":"60000.10000","origQty":"0.002","price":"0","reduceOnly":false,"side":"BUY","positionSide":"BOTH","status":"FILLED","stopPrice":"0","closePosition":false,"symbol":"BTCUSDT","timeInForce":"GTC","type":"MARKET","updateTime":1700000000000}`;
const placed: Reply = { status: 200, body: placedBody };
const algo = (id: string, more: object) => ({
  algoId: 2146760,
  clientAlgoId: id,
  orderType: 'STOP_MARKET',
  symbol: 'BTCUSDT',
  side: 'SELL',
  quantity: '0.000',
  algoStatus: 'NEW',
  actualOrderId: '',
  triggerPrice: '58000.00',
  closePosition: true,
  reduceOnly: false,
  updateTime: 1750485492076,
  ...more,
});

describe('createBinanceExchange against scripted answers', () => {
  let venue: TinyVenue;
  let exchange: ExchangePort;
  const logged: unknown[] = [];

  const anExchange = (options: Partial<BinanceExchangeOptions> = {}): ExchangePort => {
    const log = (...words: unknown[]) => void logged.push(words);
    return createBinanceExchange({
      restUrl: venue.restUrl,
      wsUrl: venue.wsUrl,
      apiKey: KEY,
      apiSecret: SECRET,
      clock: wallClock,
      marketClock: null,
      orderDeadlineMs: 300,
      requestDeadlineMs: 300,
      recvWindowMs: 2500,
      weightBudget: createLocalWeightBudget({ clock: wallClock }),
      logger: { info: log, warn: log, error: log },
      ...options,
    });
  };

  beforeEach(async () => {
    venue = await startTinyVenue();
    exchange = anExchange();
  });
  afterEach(async () => {
    await exchange.close();
    await venue.close();
  });

  it('signs the query it sends, with time stamp and window, and keeps large ids exact', async () => {
    venue.script('POST /fapi/v1/order', placed);
    const outcome = await exchange.submit(anOrder);
    expect(outcome).toMatchObject({
      kind: 'placed',
      order: { venueOrderId: LARGE_ID, state: 'filled', clientOrderId: ID },
    });
    const [request] = venue.requests('POST /fapi/v1/order');
    const [signed = '', signature] = request!.rawQuery.split('&signature=');
    expect(signature).toBe(createHmac('sha256', SECRET).update(signed).digest('hex'));
    expect(request!.apiKey).toBe(KEY);
    expect(request!.query.get('recvWindow')).toBe('2500');
    expect(Math.abs(Number(request!.query.get('timestamp')) - Date.now())).toBeLessThan(2_000);
    expect(request!.query.get('newClientOrderId')).toBe(ID);
    expect([...request!.query.values()]).not.toContain('undefined');
  });

  it('sends no key with public requests', async () => {
    venue.script('GET /fapi/v1/klines', json([]));
    await exchange.candles({ symbol: 'BTCUSDT', interval: '1m', startMs: 0, endMs: 60_000 });
    expect(venue.seen.map(({ apiKey }) => apiKey)).toEqual(venue.seen.map(() => undefined));
  });

  it.each([
    { name: 'no answer', reply: 'never' as const },
    { name: 'a reset', reply: 'reset' as const },
    { name: 'half an answer', reply: { status: 200, body: placedBody.slice(0, 80) } },
    { name: 'an order status nobody knows', reply: { status: 200, body: placedBody.replace('FILLED', 'MELTED') } },
    {
      name: '503 unknown error',
      reply: refusal(503, -1000, 'Unknown error, please check your request or try again later.'),
    },
    { name: '408 -1007', reply: refusal(408, -1007, 'Timeout waiting for response from backend server.') },
  ])('$name leaves the order unknown, after one send', async ({ reply }) => {
    venue.script('POST /fapi/v1/order', reply);
    expect((await exchange.submit(anOrder)).kind).toBe('unknown');
    expect(venue.requests('POST /fapi/v1/order').length).toBe(1);
  });

  it('measures the clock and sends once more when the time stamp is refused, once only', async () => {
    const clockRefusal = refusal(400, -1021, 'Timestamp for this request is outside of the recvWindow.');
    venue.script('POST /fapi/v1/order', clockRefusal, placed);
    expect((await exchange.submit(anOrder)).kind).toBe('placed');
    venue.script('POST /fapi/v1/order', clockRefusal);
    expect(await exchange.submit(anOrder)).toMatchObject({ kind: 'not_placed', reason: 'clock', venueCode: -1021 });
    expect(venue.requests('POST /fapi/v1/order').length).toBe(4);
  });

  it('corrects a clock that is off by 5 s, with the middle of five samples', async () => {
    const slow = anExchange({ clock: { nowMs: () => Date.now() - 5_000 } });
    venue.script('GET /fapi/v1/time', json({ serverTime: Date.now() }));
    const offsetMs = await slow.syncClock();
    expect(Math.abs(offsetMs - 5_000)).toBeLessThan(500);
    expect(Math.abs(slow.nowMs() - Date.now())).toBeLessThan(500);
    expect(venue.requests('GET /fapi/v1/time').length).toBe(5);
    await slow.close();
  });

  it('takes time stamps from the market clock, which the first request sets when it stands at zero', async () => {
    const marketClock = new MarketClock();
    const replay = anExchange({ marketClock });
    venue.script('GET /fapi/v1/time', json({ serverTime: 1_690_000_000_000 }));
    venue.script('POST /fapi/v1/order', placed);
    await replay.submit(anOrder);
    marketClock.advanceTo(1_690_000_060_000);
    await replay.submit(anOrder);
    const stamps = venue.requests('POST /fapi/v1/order').map(({ query }) => query.get('timestamp'));
    expect(stamps).toEqual(['1690000000000', '1690000060000']);
    expect(venue.requests('GET /fapi/v1/time').length).toBe(1);
    await replay.close();
  });

  it('sends nothing more once the venue has banned the address', async () => {
    const until = Date.now() + 600_000;
    venue.script(
      'POST /fapi/v1/order',
      refusal(418, -1003, `Way too much request weight used; IP banned until ${until}.`),
    );
    const answers = [await exchange.submit(anOrder), await exchange.submit(anOrder)];
    for (const answer of answers)
      expect(answer).toMatchObject({ kind: 'not_placed', reason: 'banned', retryAtMs: until });
    await expect(exchange.openOrders()).rejects.toMatchObject({ code: 'VENUE_BUDGET_EXHAUSTED', retryable: true });
    expect(venue.requests('POST /fapi/v1/order').length).toBe(1);
  });

  it('learns from the weight header what others have used', async () => {
    const headers = { 'x-mbx-used-weight-1m': '1919' };
    venue.script('GET /fapi/v3/positionRisk', { status: 200, body: '[]', headers });
    await exchange.positions();
    await expect(exchange.income({ startMs: 0 })).rejects.toMatchObject({ code: 'VENUE_BUDGET_EXHAUSTED' });
    // What leaving a position waits for may use what the venue still allows.
    await exchange.positions();
  });

  it('lists both books and links a triggered stop to the order it became', async () => {
    venue.script('GET /fapi/v1/openOrders', { status: 200, body: `[${placedBody}]` });
    venue.script(
      'GET /fapi/v1/openAlgoOrders',
      json([algo('stop', { actualOrderId: LARGE_ID, algoStatus: 'TRIGGERED' })]),
    );
    const orders = await exchange.openOrders();
    expect(orders.map(({ book, clientOrderId }) => [book, clientOrderId])).toEqual([
      ['plain', ID],
      ['conditional', 'stop'],
    ]);
    expect(orders[1]).toMatchObject({ actualVenueOrderId: LARGE_ID, state: 'triggered', closesPosition: true });
  });

  it.each([
    { book: 'plain', path: '/fapi/v1/order', parameter: 'origClientOrderId' },
    { book: 'conditional', path: '/fapi/v1/algoOrder', parameter: 'clientAlgoId' },
  ] as const)('looks up and cancels in the $book book by our id', async ({ book, path, parameter }) => {
    const ref = { symbol: 'BTCUSDT', book, clientOrderId: ID };
    venue.script(`GET ${path}`, refusal(400, -2013, 'Order does not exist.'));
    venue.script(
      `DELETE ${path}`,
      refusal(400, -2011, 'Unknown order sent.'),
      'never',
      book === 'plain' ? placed : json({ algoId: 1, clientAlgoId: ID, code: '200', msg: 'success' }),
    );
    expect(await exchange.order(ref)).toEqual({ kind: 'not_found' });
    expect(await exchange.cancel(ref)).toEqual({ kind: 'not_open' });
    expect((await exchange.cancel(ref)).kind).toBe('unknown');
    expect((await exchange.cancel(ref)).kind).toBe('canceled');
    for (const request of venue.requests(`DELETE ${path}`)) expect(request.query.get(parameter)).toBe(ID);
  });

  it('pages fills by trade id, with ids beyond 2^53', async () => {
    const trade = (id: bigint) =>
      `{"symbol":"BTCUSDT","id":${id},"orderId":${LARGE_ID},"side":"SELL","price":"7819.01","qty":"0.002","commission":"0.00781","commissionAsset":"BNB","realizedPnl":"-0.9","maker":true,"time":1569514978020}`;
    const page = Array.from({ length: 1000 }, (_, index) => trade(BigInt(LARGE_ID) + BigInt(index)));
    venue.script('GET /fapi/v1/userTrades', { status: 200, body: `[${page.join(',')}]` }, { status: 200, body: '[]' });
    const fills = await exchange.fills({ symbol: 'BTCUSDT', afterFillId: String(BigInt(LARGE_ID) - 1n) });
    expect(fills.length).toBe(1000);
    expect(fills[0]).toMatchObject({
      venueFillId: LARGE_ID,
      venueOrderId: LARGE_ID,
      feeAsset: 'BNB',
      clientOrderId: null,
    });
    const queries = venue.requests('GET /fapi/v1/userTrades').map(({ query }) => query);
    expect(queries.map((query) => query.get('fromId'))).toEqual([LARGE_ID, String(BigInt(LARGE_ID) + 1000n)]);
    expect(queries.map((query) => query.get('startTime'))).toEqual([null, null]);
  });

  it('asks for the fills of one order by that id alone, and finds the rest of a long one among all', async () => {
    const trade = (id: number, orderId: number) => ({
      symbol: 'BTCUSDT',
      id,
      orderId,
      side: 'BUY',
      price: '1',
      qty: '1',
      commission: '0',
      commissionAsset: 'USDT',
      realizedPnl: '0',
      maker: false,
      time: 5,
    });
    const first = Array.from({ length: 1000 }, (_, index) => trade(index + 1, 7));
    venue.script('GET /fapi/v1/userTrades', json(first), json([trade(1001, 8), trade(1002, 7)]));
    const fills = await exchange.fills({ symbol: 'BTCUSDT', venueOrderId: '7', afterFillId: '999' });
    expect(fills.map(({ venueFillId }) => venueFillId)).toEqual(['1000', '1002']);
    const queries = venue.requests('GET /fapi/v1/userTrades').map(({ query }) => query);
    expect(queries.map((query) => [query.get('orderId'), query.get('fromId'), query.get('startTime')])).toEqual([
      ['7', null, null],
      [null, '1001', null],
    ]);
  });

  it('pages income by time without counting the seam twice', async () => {
    const row = (tranId: number, time: number) => ({
      symbol: 'BTCUSDT',
      incomeType: 'FUNDING_FEE',
      income: '-0.1',
      asset: 'USDT',
      time,
      tranId,
      tradeId: '',
    });
    const first = Array.from({ length: 1000 }, (_, index) => row(index, 1_000 + index));
    venue.script('GET /fapi/v1/income', json(first), json([row(999, 1_999), row(1000, 1_999)]));
    const income = await exchange.income({ startMs: 500 });
    expect(income.map(({ transactionId }) => Number(transactionId))).toEqual(
      Array.from({ length: 1001 }, (_, index) => index),
    );
    expect(venue.requests('GET /fapi/v1/income').map(({ query }) => query.get('startTime'))).toEqual(['500', '1999']);
  });

  it('takes the wish for the present margin type as done', async () => {
    venue.script('POST /fapi/v1/marginType', refusal(400, -4046, 'No need to change margin type.'));
    await exchange.setMarginType('BTCUSDT', 'isolated');
  });

  it('answers with closed candles only, page after page', async () => {
    const nowMs = Date.now();
    const first = Math.floor(nowMs / 60_000) * 60_000 - 1_001 * 60_000;
    const rows = Array.from({ length: 1_002 }, (_, index) => [
      first + index * 60_000,
      '1.50',
      '2.0',
      '1',
      '1.5',
      '10.000',
      first + index * 60_000 + 59_999,
      '1',
      3,
      '1',
      '1',
      '0',
    ]);
    venue.script('GET /fapi/v1/klines', json(rows.slice(0, 1_000)), json(rows.slice(1_000)));
    const candles = await exchange.candles({
      symbol: 'BTCUSDT',
      interval: '1m',
      startMs: first,
      endMs: nowMs + 60_000,
    });
    expect(candles.length).toBe(1_001); // the last one is still open
    expect(candles[0]).toEqual({
      symbol: 'BTCUSDT',
      interval: '1m',
      openTimeMs: first,
      open: '1.5',
      high: '2',
      low: '1',
      close: '1.5',
      volume: '10',
    });
  });

  it('never shows key, secret or signature in an error, an outcome or a log line', async () => {
    const replies: Reply[] = [
      'never',
      'reset',
      refusal(400, -1022, 'Signature for this request is not valid.'),
      refusal(401, -2015, 'Invalid API-key, IP, or permissions for action.'),
      refusal(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
      refusal(429, -1003, 'Too many requests.'),
      { status: 502, body: '<html>Bad Gateway</html>' },
      { status: 200, body: '{' },
      { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
    ];
    const results: unknown[] = [];
    for (const reply of replies) {
      const fresh = anExchange();
      for (const route of [
        'POST /fapi/v1/order',
        'DELETE /fapi/v1/order',
        'GET /fapi/v1/order',
        'GET /fapi/v3/account',
        'POST /fapi/v1/listenKey',
        'GET /fapi/v1/exchangeInfo',
      ]) {
        venue.script(route, reply);
      }
      const ref = { symbol: 'BTCUSDT', book: 'plain', clientOrderId: ID } as const;
      const handlers = {
        onOrder: () => undefined,
        onAccount: () => undefined,
        onSetupChanged: () => undefined,
        onOpened: () => undefined,
        onLost: () => undefined,
      };
      const calls = [
        fresh.submit(anOrder),
        fresh.cancel(ref),
        fresh.order(ref),
        fresh.account(),
        fresh.openUserStream(handlers),
        fresh.instruments(),
      ];
      for (const result of await Promise.allSettled(calls)) results.push(result);
      await fresh.close();
    }
    const signatures = venue.seen.flatMap(({ query }) => query.get('signature') ?? []);
    expect(signatures.length).toBeGreaterThan(0);
    const text = inspect([results, logged], {
      depth: 12,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    });
    for (const secret of [KEY, SECRET, 'signature=', ...signatures]) expect(text).not.toContain(secret);
    for (const result of results as PromiseSettledResult<unknown>[]) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ name: 'AppError' });
    }
  });

  it('says so when a key is needed and there is none', async () => {
    const keyless = anExchange({ apiKey: undefined, apiSecret: undefined });
    await expect(keyless.account()).rejects.toMatchObject({ code: 'VENUE_IDENTITY', retryable: false });
    await expect(keyless.submit(anOrder)).rejects.toMatchObject({ code: 'VENUE_IDENTITY' });
    await keyless.close();
  });
});
