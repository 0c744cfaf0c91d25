import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, MARKET_START_MS, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';

const HISTORY_MINUTES = 1_600;
const PLAYED_MINUTES = 30;
const NOW_MS = MARKET_START_MS + PLAYED_MINUTES * MINUTE_MS;
const KEY = { headers: { 'X-MBX-APIKEY': API_KEY } };

const BAD_LIMIT = { code: -1130, msg: "Data sent for parameter 'limit' is not valid." };
const missing = (name: string) => ({
  code: -1102,
  msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
});
const BAD_SYMBOL = { code: -1121, msg: 'Invalid symbol.' };
const BAD_INTERVAL = { code: -1120, msg: 'Invalid interval.' };
const BAD_PAIR = { code: -4144, msg: 'Invalid pair' };
const REVERSED = { code: -1023, msg: 'Start time is greater than end time.' };

describe('parameters of public endpoints', () => {
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start({ SIM_HISTORY_CANDLES: String(HISTORY_MINUTES) });
    await simulator.playCandles(PLAYED_MINUTES);
  });
  afterAll(() => simulator.stop());

  const ask = (path: string) => simulator.request('GET', `/fapi/${path}`, KEY);

  it.each([
    { path: 'v1/depth', refusal: missing('symbol') },
    { path: 'v1/depth?symbol=NOPEUSDT', refusal: BAD_SYMBOL },
    { path: 'v1/depth?symbol=BTCUSDT&limit=3', refusal: { code: -4021, msg: '3 is not valid depth limit' } },
    { path: 'v1/depth?symbol=BTCUSDT&limit=1500', refusal: BAD_LIMIT },
    { path: 'v1/trades?symbol=BTCUSDT&limit=1001', refusal: BAD_LIMIT },
    { path: 'v1/trades?symbol=BTCUSDT&limit=0', refusal: BAD_LIMIT },
    { path: 'v1/historicalTrades?symbol=BTCUSDT&limit=501', refusal: BAD_LIMIT },
    { path: 'v1/aggTrades?symbol=BTCUSDT&limit=1001', refusal: BAD_LIMIT },
    {
      path: `v1/aggTrades?symbol=BTCUSDT&startTime=${NOW_MS - 61 * MINUTE_MS}&endTime=${NOW_MS}`,
      refusal: { code: -1127, msg: 'More than 1 hours between startTime and endTime.' },
    },
    {
      path: `v1/aggTrades?symbol=BTCUSDT&fromId=1&startTime=${MARKET_START_MS}`,
      refusal: { code: -1128, msg: 'Combination of optional parameters invalid.' },
    },
    { path: `v1/aggTrades?symbol=BTCUSDT&startTime=${NOW_MS}&endTime=${NOW_MS - 1}`, refusal: REVERSED },
    { path: 'v1/klines?symbol=BTCUSDT', refusal: missing('interval') },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1s', refusal: BAD_INTERVAL },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=1501', refusal: BAD_LIMIT },
    { path: `v1/klines?symbol=BTCUSDT&interval=1m&startTime=${NOW_MS}&endTime=1`, refusal: REVERSED },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=x', refusal: { code: -1100 } },
    { path: 'v1/continuousKlines?pair=BTCUSDT&interval=1m', refusal: missing('contracttype') },
    { path: 'v1/continuousKlines?contractType=PERPETUAL&interval=1m', refusal: missing('pair') },
    { path: 'v1/continuousKlines?pair=NOPE&contractType=PERPETUAL&interval=1m', refusal: BAD_PAIR },
    {
      path: 'v1/continuousKlines?pair=BTCUSDT&contractType=FOREVER&interval=1m',
      refusal: { code: -1130, msg: "Data sent for parameter 'contractType' is not valid." },
    },
    { path: 'v1/indexPriceKlines?symbol=BTCUSDT&interval=1m', refusal: missing('pair') },
    { path: 'v1/indexPriceKlines?pair=NOPE&interval=1m', refusal: BAD_PAIR },
    { path: 'v1/markPriceKlines?symbol=BTCUSDT&interval=9m', refusal: BAD_INTERVAL },
    { path: 'v1/premiumIndexKlines?interval=1m', refusal: missing('symbol') },
    { path: 'v1/premiumIndex?symbol=NOPEUSDT', refusal: BAD_SYMBOL },
    { path: 'v1/fundingRate?limit=1001', refusal: BAD_LIMIT },
    { path: 'v1/fundingRate?symbol=NOPEUSDT', refusal: BAD_SYMBOL },
    { path: 'v1/ticker/24hr?symbol=NOPEUSDT', refusal: BAD_SYMBOL },
    { path: 'v1/ticker/price?symbol=NOPEUSDT', refusal: BAD_SYMBOL },
    { path: 'v1/ticker/bookTicker?symbol=', refusal: { code: -1105, msg: "Parameter 'symbol' was empty." } },
    { path: 'v1/openInterest', refusal: missing('symbol') },
    { path: 'v1/constituents', refusal: missing('symbol') },
    { path: 'v1/assetIndex?symbol=NOPEUSD', refusal: BAD_SYMBOL },
    { path: 'v1/indexInfo?symbol=BTCDOMUSDT', refusal: BAD_SYMBOL },
  ])('$path is refused with $refusal.code', async ({ path, refusal }) => {
    const { status, body } = await ask(path);
    expect({ status, body }).toEqual({ status: 400, body: expect.objectContaining(refusal) });
  });

  it.each([
    { path: 'v1/trades?symbol=BTCUSDT&limit=7', count: 7 },
    { path: 'v1/historicalTrades?symbol=BTCUSDT', count: 100 },
    { path: 'v1/aggTrades?symbol=BTCUSDT&limit=9', count: 9 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m', count: 500 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=1500', count: 1_500 },
    {
      path: `v1/klines?symbol=BTCUSDT&interval=1m&startTime=${MARKET_START_MS}&endTime=${MARKET_START_MS + 9 * MINUTE_MS}`,
      count: 10,
    },
    { path: `v1/klines?symbol=BTCUSDT&interval=1m&startTime=${MARKET_START_MS}&limit=4`, count: 4 },
    { path: `v1/klines?symbol=BTCUSDT&interval=1m&startTime=${NOW_MS + MINUTE_MS}`, count: 0 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=5m&limit=3', count: 3 },
    { path: 'v1/continuousKlines?pair=BTCUSDT&contractType=PERPETUAL&interval=1h&limit=2', count: 2 },
    { path: 'v1/continuousKlines?pair=BTCUSDT&contractType=NEXT_QUARTER&interval=1h', count: 0 },
    { path: 'v1/indexPriceKlines?pair=BTCUSDT&interval=1m&limit=5', count: 5 },
    { path: 'v1/markPriceKlines?symbol=BTCUSDT&interval=15m&limit=2', count: 2 },
    { path: 'v1/premiumIndexKlines?symbol=BTCUSDT&interval=1m&limit=6', count: 6 },
    { path: 'v1/premiumIndex', count: 3 },
    { path: 'v1/fundingInfo', count: 3 },
    { path: 'v1/fundingInfo?symbol=BTCUSDT', count: 3 },
    { path: 'v1/ticker/24hr', count: 3 },
    { path: 'v1/ticker/price', count: 3 },
    { path: 'v2/ticker/price', count: 3 },
    { path: 'v1/ticker/bookTicker', count: 3 },
    { path: 'v1/assetIndex', count: 4 },
    { path: 'v1/indexInfo', count: 0 },
  ])('$path has $count rows', async ({ path, count }) => {
    const { status, body } = await ask(path);
    expect({ status, rows: (body as unknown[]).length }).toEqual({ status: 200, rows: count });
  });

  it('trades are found again by their ids and times', async () => {
    const newest = (await simulator.get('/fapi/v1/trades', { symbol: 'BTCUSDT', limit: 20 })) as { id: number }[];
    const id = newest[0]?.id ?? 0;
    const again = await ask(`v1/historicalTrades?symbol=BTCUSDT&fromId=${id}&limit=20`);
    expect(again.body).toEqual(newest);
    const rows = (await ask('v1/aggTrades?symbol=BTCUSDT&limit=20')).body as { a: number; T: number }[];
    const { a, T } = rows[0] ?? { a: 0, T: 0 };
    expect((await ask(`v1/aggTrades?symbol=BTCUSDT&fromId=${a}&limit=20`)).body).toEqual(rows);
    const since = (await ask(`v1/aggTrades?symbol=BTCUSDT&startTime=${T}&limit=1000`)).body as { T: number }[];
    expect(since.slice(-20)).toEqual(rows);
    expect(since.every((row) => row.T >= T)).toBe(true);
  });

  it.each([
    { path: 'v1/ping', weight: 1 },
    { path: 'v1/exchangeInfo', weight: 1 },
    { path: 'v1/depth?symbol=BTCUSDT&limit=50', weight: 2 },
    { path: 'v1/depth?symbol=BTCUSDT&limit=100', weight: 5 },
    { path: 'v1/depth?symbol=BTCUSDT', weight: 10 },
    { path: 'v1/depth?symbol=BTCUSDT&limit=1000', weight: 20 },
    { path: 'v1/trades?symbol=BTCUSDT', weight: 5 },
    { path: 'v1/historicalTrades?symbol=BTCUSDT', weight: 20 },
    { path: 'v1/aggTrades?symbol=BTCUSDT', weight: 20 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=99', weight: 1 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=499', weight: 2 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=1000', weight: 5 },
    { path: 'v1/klines?symbol=BTCUSDT&interval=1m&limit=1001', weight: 10 },
    { path: 'v1/premiumIndexKlines?symbol=BTCUSDT&interval=1m', weight: 5 },
    { path: 'v1/premiumIndex?symbol=BTCUSDT', weight: 1 },
    { path: 'v1/premiumIndex', weight: 10 },
    { path: 'v1/fundingRate', weight: 0 },
    { path: 'v1/fundingInfo', weight: 0 },
    { path: 'v1/ticker/24hr?symbol=BTCUSDT', weight: 1 },
    { path: 'v1/ticker/24hr', weight: 40 },
    { path: 'v2/ticker/price', weight: 2 },
    { path: 'v1/ticker/bookTicker?symbol=BTCUSDT', weight: 2 },
    { path: 'v1/ticker/bookTicker', weight: 5 },
    { path: 'v1/openInterest?symbol=BTCUSDT', weight: 1 },
    { path: 'v1/constituents?symbol=BTCUSDT', weight: 2 },
    { path: 'v1/assetIndex', weight: 10 },
    { path: 'v1/assetIndex?symbol=BTCUSD', weight: 1 },
  ])('$path weighs $weight', async ({ path, weight }) => {
    const usedBy = async (asked: string): Promise<number> =>
      Number((await ask(asked)).headers.get('x-mbx-used-weight-1m'));
    // A minute of wall time may end between the two; then both are asked again.
    let [before, after] = [await usedBy('v1/ping'), await usedBy(path)];
    if (after < before) [before, after] = [await usedBy('v1/ping'), await usedBy(path)];
    expect(after - before).toBe(weight);
  });
});
