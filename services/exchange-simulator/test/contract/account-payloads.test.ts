import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountAnswers } from '../../src/answers/account-answers.ts';
import { UserEvents } from '../../src/answers/user-events.ts';
import { WireIds } from '../../src/answers/wire-ids.ts';
import { fixed } from '../../src/domain/fixed.ts';
import { Venue } from '../../src/domain/venue.ts';
import type { MarginCallEvent } from '../../src/domain/venue-types.ts';
import { aMarket, type CandleRow } from '../venue-builders.ts';
import { shapeDifferences } from './payload-shape.ts';
import { documentedBody, documentedMessage } from './recorded-payloads.ts';
import { MARKET_START_MS, SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

type Raw = Record<string, unknown>;
type Params = Readonly<Record<string, string | number | boolean>>;

const SYMBOL = 'BTCUSDT';
const DAY_MS = 86_400_000;

describe('accounts over HTTP', () => {
  let simulator: SimulatorProcess;
  let user: SocketListener;
  const signed = async (method: string, path: string, params: Params = {}): Promise<unknown> =>
    (await simulator.signed(method, `/fapi/v1/${path}`, params)).body;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start({ SIM_START_BALANCE_BNB: '1', SIM_FEE_TIER: '1' });
    const key = { headers: { 'X-MBX-APIKEY': 'contract-test-api-key-0123456789' } };
    const { listenKey } = (await simulator.request('POST', '/fapi/v1/listenKey', key)).body as { listenKey: string };
    user = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    await signed('POST', 'marginType', { symbol: SYMBOL, marginType: 'ISOLATED' });
    await signed('POST', 'order', { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.010' });
    await signed('POST', 'positionMargin', { symbol: SYMBOL, amount: '7.5', type: 1 });
    await simulator.playCandles(1);
  });

  afterAll(async () => {
    user.close();
    await simulator.stop();
  });

  it('account v2 tells of a position what positionRisk v2 tells, down to notional and isolatedWallet', async () => {
    const read = async (path: string): Promise<unknown> =>
      (await simulator.signed('GET', path, path === '/fapi/v2/positionRisk' ? { symbol: SYMBOL } : {})).body;
    const { positions } = (await read('/fapi/v2/account')) as { positions: { symbol: string }[] };
    const [risk] = (await read('/fapi/v2/positionRisk')) as Record<string, unknown>[];
    const told = positions.find(({ symbol }) => symbol === SYMBOL);
    const { notional, isolatedWallet, positionAmt, updateTime } = risk ?? {};
    expect(told).toMatchObject({ notional, isolatedWallet, positionAmt, updateTime });
    expect(Number(isolatedWallet)).toBeGreaterThan(7.5);
    expect(positions.at(-1)).toMatchObject({ notional: '0', isolatedWallet: '0' });
  });

  it.each<{ name: string; recording: () => unknown; ours: () => Promise<unknown>; except?: readonly string[] }>([
    {
      name: 'positionMargin',
      recording: () => documentedBody('Account/ModifyPositionMargin'),
      ours: () => signed('POST', 'positionMargin', { symbol: SYMBOL, amount: '5', type: 1 }),
    },
    {
      name: 'positionMargin/history',
      recording: () => documentedBody('Account/GetMarginChangeHistory'),
      ours: () => signed('GET', 'positionMargin/history', { symbol: SYMBOL }),
    },
    {
      name: 'feeBurn',
      recording: () => documentedBody('Account/GetBnbBurnStatus'),
      ours: () => signed('GET', 'feeBurn'),
    },
    {
      name: 'feeBurn set',
      recording: () => documentedBody('Account/SetBnbBurnStatus'),
      ours: () => signed('POST', 'feeBurn', { feeBurn: 'true' }),
    },
    {
      name: 'multiAssetsMargin',
      recording: () => documentedBody('Account/GetMultiAssetsMode'),
      ours: () => signed('GET', 'multiAssetsMargin'),
    },
    {
      name: 'adlQuantile',
      recording: () => (documentedBody('Account/GetPositionAdlQuantileEstimation') as unknown[]).slice(1),
      ours: () => signed('GET', 'adlQuantile', { symbol: SYMBOL }),
    },
    {
      name: 'apiTradingStatus',
      recording: () => documentedBody('Account/GetTradingStatus'),
      ours: () => signed('GET', 'apiTradingStatus'),
      // The example has two symbols; here one was traded.
      except: ['$.indicators.ETHUSDT'],
    },
    {
      name: 'account v3 with two assets',
      recording: () => documentedBody('Account/GetAccountInfoV3'),
      ours: async () => (await simulator.signed('GET', '/fapi/v3/account')).body,
    },
    {
      name: 'income of a transfer',
      recording: () => documentedBody('Account/GetIncomeHistory'),
      ours: () => signed('GET', 'income', { incomeType: 'TRANSFER' }),
      // The documentation shows it as text; the wire has a number.
      except: ['$[].tranId'],
    },
    {
      name: 'position mode',
      recording: () => documentedBody('Account/ModifyPositionMode'),
      ours: async () => {
        await signed('POST', 'order', { symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: '0.010' });
        return signed('POST', 'positionSide/dual', { dualSidePosition: 'true' });
      },
    },
    {
      name: 'adlQuantile of a hedge',
      recording: () => documentedBody('Account/GetPositionAdlQuantileEstimation'),
      ours: () => signed('GET', 'adlQuantile', { symbol: 'ETHUSDT' }),
    },
    {
      name: 'multiAssetsMargin set',
      recording: () => documentedBody('Account/SetMultiAssetsMode'),
      ours: async () => {
        await signed('POST', 'marginType', { symbol: SYMBOL, marginType: 'CROSSED' });
        return signed('POST', 'multiAssetsMargin', { multiAssetsMargin: 'true' });
      },
    },
    {
      name: 'the event of another asset mode',
      recording: () => (documentedMessage('MultiAssetMode') as Raw)['data'],
      ours: async () => {
        await simulator.playCandles(1);
        return user.ofType('ACCOUNT_CONFIG_UPDATE').at(-1);
      },
    },
  ])('$name', async ({ recording, ours, except = [] }) => {
    expect(shapeDifferences(recording(), await ours(), { except })).toEqual([]);
  });

  it('a fee paid in BNB is seen everywhere', async () => {
    const [trade] = (await signed('GET', 'userTrades', { symbol: SYMBOL })) as Raw[];
    expect(trade).toMatchObject({ commissionAsset: 'BNB' });
    const [income] = (await signed('GET', 'income', { incomeType: 'COMMISSION' })) as Raw[];
    expect(income).toMatchObject({ asset: 'BNB', income: `-${String(trade?.['commission'])}` });
    const fill = user.ofType('ORDER_TRADE_UPDATE').find((event) => (event['o'] as Raw)['x'] === 'TRADE');
    expect(fill?.['o']).toMatchObject({ N: 'BNB', n: trade?.['commission'] });
    const balances = (await simulator.signed('GET', '/fapi/v2/balance')).body as Raw[];
    expect(balances.map(({ asset }) => asset)).toEqual(['USDT', 'BNB']);
    expect(Number(balances[1]?.['balance'])).toBeLessThan(1);
    expect(await signed('GET', 'commissionRate', { symbol: SYMBOL })).toMatchObject({
      makerCommissionRate: '0.000160',
      takerCommissionRate: '0.000400',
    });
  });

  it('margin moved by hand is told as MARGIN_TRANSFER', () => {
    const moved = user.ofType('ACCOUNT_UPDATE').find((event) => (event['a'] as Raw)['m'] === 'MARGIN_TRANSFER');
    expect(moved?.['a']).toMatchObject({ P: [{ s: SYMBOL, mt: 'isolated' }] });
  });

  it.each<{ path: string; params: Params; body: object }>([
    {
      path: 'positionMargin',
      params: { symbol: 'ETHUSDT', positionSide: 'LONG', amount: '1', type: 1 },
      body: { code: -4049, msg: 'Add margin only support for isolated position.' },
    },
    {
      path: 'positionMargin',
      params: { symbol: 'ETHUSDT', positionSide: 'LONG', amount: '0', type: 1 },
      body: { code: -4055, msg: 'Amount must be positive.' },
    },
    {
      path: 'positionMargin',
      params: { symbol: 'ETHUSDT', amount: '1', type: 3 },
      body: { code: -1130, msg: "Data sent for parameter 'type' is not valid." },
    },
    {
      path: 'positionMargin',
      params: { symbol: 'ETHUSDT', amount: '1' },
      body: { code: -1102, msg: "Mandatory parameter 'type' was not sent, was empty/null, or malformed." },
    },
    {
      path: 'multiAssetsMargin',
      params: { multiAssetsMargin: 'true' },
      body: {
        code: -4171,
        msg: 'Adjusted asset mode is currently set and does not need to be adjusted repeatedly.',
      },
    },
    {
      path: 'marginType',
      params: { symbol: 'ETHUSDT', marginType: 'ISOLATED' },
      body: { code: -4168, msg: 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.' },
    },
  ])('$path refuses $params', async ({ path, params, body }) => {
    expect(await simulator.signed('POST', `/fapi/v1/${path}`, params)).toMatchObject({ status: 400, body });
  });

  it('income comes in pages, by type and by time', async () => {
    const all = (await signed('GET', 'income', {})) as Raw[];
    const paged = async (page: number): Promise<Raw[]> =>
      (await signed('GET', 'income', { limit: 2, page, startTime: MARKET_START_MS })) as Raw[];
    expect([...(await paged(1)), ...(await paged(2))]).toEqual(all.slice(0, 4));
    expect(await signed('GET', 'income', { startTime: MARKET_START_MS + DAY_MS })).toEqual([]);
    expect(await signed('GET', 'income', { incomeType: 'GIFTS' })).toMatchObject({ code: -1130 });
    const reversed = { startTime: MARKET_START_MS + 1, endTime: MARKET_START_MS };
    expect(await signed('GET', 'income', reversed)).toMatchObject({ code: -1023 });
  });

  it('forceOrders are none without a liquidation', async () => {
    expect(await signed('GET', 'forceOrders', {})).toEqual([]);
    expect(await signed('GET', 'forceOrders', { autoCloseType: 'FUN' })).toMatchObject({ code: -1130 });
  });
});

describe('what a liquidation looks like', () => {
  const CALM: CandleRow = ['2000', '2001', '1999', '2000', '100000'];
  const fall = Array.from({ length: 60 }, (_, index): CandleRow => {
    const text = String(2000 - index * 2);
    return [text, text, text, text, '100000'];
  });
  const calls: MarginCallEvent[] = [];
  let venue: Venue;

  beforeAll(() => {
    const market = aMarket({ ETHUSDT: [CALM, ...fall] });
    venue = new Venue({ seed: 7, market, speed: 'stepped', ledger: () => undefined });
    venue.on('marginCall', (event) => calls.push(event));
    venue.openAccount({ accountId: 'a', startBalance: fixed('1000') });
    venue.placeOrder('a', { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '9' });
    for (let candle = 0; candle < 60; candle += 1) venue.advance(venue.state().nextCloseMs);
  });

  it('forceOrders', () => {
    const spec = venue.spec('ETHUSDT');
    if (spec === null) throw new Error('ETHUSDT is listed');
    const answers = new AccountAnswers(() => spec, new WireIds(false));
    const ours = venue.forcedOrders('a', {}).map((order) => answers.forcedOrder(order));
    expect(ours.length).toBeGreaterThan(0);
    expect(shapeDifferences(documentedBody('Trading/GetForcedOrders'), ours)).toEqual([]);
    expect(ours[0]).toMatchObject({ type: 'LIMIT', timeInForce: 'IOC', side: 'SELL', status: 'FILLED' });
  });

  it('MARGIN_CALL', () => {
    const [call] = calls;
    if (call === undefined) throw new Error('expected a margin call');
    const ours = new UserEvents(new WireIds(false)).marginCall(call);
    expect(shapeDifferences((documentedMessage('MarginUpdate') as Raw)['data'], ours)).toEqual([]);
  });
});
