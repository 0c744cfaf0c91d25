import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from './raw-client.ts';
import { SimulatorProcess } from './simulator-process.ts';

const ORDER = '/fapi/v1/order';
const SYMBOL = { symbol: 'BTCUSDT' };

describe('faults of reading', () => {
  let simulator: SimulatorProcess;
  let client: RawClient;
  let price = '';

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    client = new RawClient(simulator);
    const { body } = await client.send('GET', '/fapi/v1/ticker/price?symbol=BTCUSDT');
    // Far enough below to rest, near enough to be allowed.
    price = (Number((JSON.parse(body) as { price: string }).price) * 0.97).toFixed(1);
  });
  afterEach(async () => {
    await simulator.control('DELETE', 'faults');
    await client.signed('DELETE', '/fapi/v1/allOpenOrders', SYMBOL);
  });
  afterAll(() => simulator.stop());

  const jsonOf = async <T>(method: string, path: string, params: Record<string, string> = {}): Promise<T> =>
    JSON.parse((await client.signed(method, path, { ...SYMBOL, ...params })).body) as T;
  const rest = (id: string) =>
    jsonOf<{ orderId: number; status: string }>('POST', ORDER, {
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.010',
      price,
      newClientOrderId: id,
    });
  const query = (id: string) => jsonOf<object>('GET', ORDER, { origClientOrderId: id });
  const openIds = async (params: Record<string, string> = {}): Promise<readonly string[]> =>
    (await jsonOf<{ clientOrderId: string }[]>('GET', '/fapi/v1/openOrders', params)).map((row) => row.clientOrderId);
  const pass = async (ms: number): Promise<unknown> =>
    simulator.control('POST', 'advance', { untilMs: (await simulator.state()).timeMs + ms });
  const strikesOf = (fault: string) => simulator.ledger().filter((record) => record['fault'] === fault).length;

  it('order_lag by queries: -2013 so many times, whichever id is asked for, then the order is there', async () => {
    await simulator.control('POST', 'faults', { kind: 'order_lag', queries: 3 });
    const placed = await rest('lagging');
    expect(placed.status).toBe('NEW');
    expect(await query('lagging')).toEqual({ code: -2013, msg: 'Order does not exist.' });
    expect(await openIds()).not.toContain('lagging');
    expect(await jsonOf('GET', ORDER, { orderId: String(placed.orderId) })).toMatchObject({ code: -2013 });
    expect(await jsonOf('GET', '/fapi/v1/openOrder', { origClientOrderId: 'lagging' })).toMatchObject({ code: -2013 });
    expect(await query('lagging')).toMatchObject({ status: 'NEW' });
    expect(await openIds()).toContain('lagging');
    expect(strikesOf('order_lag')).toBe(4);
  });

  it('order_lag by time: until so much of market time has passed; cancels know better', async () => {
    await simulator.control('POST', 'faults', { kind: 'order_lag', delayMs: '5s', times: 2 });
    await rest('slow-a');
    await rest('slow-b');
    await pass(4_999);
    expect(await query('slow-a')).toMatchObject({ code: -2013 });
    expect(await jsonOf('DELETE', ORDER, { origClientOrderId: 'slow-b' })).toMatchObject({ status: 'CANCELED' });
    await pass(1);
    expect(await query('slow-a')).toMatchObject({ status: 'NEW' });
    expect(await query('slow-b')).toMatchObject({ status: 'CANCELED' });
  });

  it('order_lag is not for placements that were refused', async () => {
    await simulator.control('POST', 'faults', { kind: 'order_lag', queries: 1 });
    expect(await jsonOf('POST', ORDER, { side: 'BUY', type: 'MARKET', quantity: '0.0000001' })).toMatchObject({
      code: expect.any(Number),
    });
    expect(await simulator.control('GET', 'faults')).toMatchObject({ rules: [{ seen: 0, struck: 0 }] });
  });

  it('order_lag hides the orders of a batch', async () => {
    await simulator.control('POST', 'faults', { kind: 'order_lag', delayMs: '1s' });
    const limit = { ...SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.010', price };
    const batchOrders = JSON.stringify(
      ['batch-1', 'batch-2'].map((newClientOrderId) => ({ ...limit, newClientOrderId })),
    );
    expect(await jsonOf('POST', '/fapi/v1/batchOrders', { batchOrders })).toMatchObject([
      { status: 'NEW' },
      { status: 'NEW' },
    ]);
    expect(await query('batch-2')).toMatchObject({ code: -2013 });
    expect(await openIds()).toEqual([]);
    await pass(1_000);
    expect(await openIds()).toEqual(['batch-1', 'batch-2']);
  });

  it('order_lag hides conditional orders too', async () => {
    await simulator.control('POST', 'faults', { kind: 'order_lag', path: '/fapi/v1/algoOrder', queries: 1 });
    const stop = { algoType: 'CONDITIONAL', side: 'SELL', type: 'STOP_MARKET', quantity: '0.010', triggerPrice: price };
    const { algoId } = await jsonOf<{ algoId: number }>('POST', '/fapi/v1/algoOrder', {
      ...stop,
      clientAlgoId: 'lagging-stop',
    });
    const find = () => jsonOf('GET', '/fapi/v1/algoOrder', { algoId: String(algoId) });
    expect(await find()).toMatchObject({ code: -2013 });
    expect(await find()).toMatchObject({ clientAlgoId: 'lagging-stop', algoStatus: 'NEW' });
    await client.signed('DELETE', '/fapi/v1/algoOrder', { algoId });
  });

  it('stale_read: open orders as they were, then as they are', async () => {
    await rest('before');
    await simulator.control('POST', 'faults', {
      kind: 'stale_read',
      path: '/fapi/v1/openOrders',
      delayMs: '10s',
      times: 4,
    });
    await pass(5_000);
    await rest('after');
    expect(await openIds()).toEqual(['before']);
    await pass(9_999);
    expect(await openIds()).toEqual(['before']);
    await pass(1);
    expect(await openIds()).toEqual(['before', 'after']);
    await client.signed('DELETE', ORDER, { ...SYMBOL, origClientOrderId: 'before' });
    expect(await openIds()).toEqual(['before', 'after']);
    expect(await openIds()).toEqual(['after']);
    expect(strikesOf('stale_read')).toBe(4);
  });

  it('stale_read: position and account as they were before the entry', async () => {
    const amounts = async (): Promise<readonly string[]> => [
      ...(await jsonOf<{ positionAmt: string }[]>('GET', '/fapi/v2/positionRisk')).map((row) => row.positionAmt),
      ...(await jsonOf<{ positions: { symbol: string; positionAmt: string }[] }>('GET', '/fapi/v2/account')).positions
        .filter((row) => row.symbol === 'BTCUSDT')
        .map((row) => row.positionAmt),
    ];
    const flat = await amounts();
    await simulator.control('POST', 'faults', { kind: 'stale_read', delayMs: '2s', times: 2 });
    await pass(3_000);
    await jsonOf('POST', ORDER, { side: 'BUY', type: 'MARKET', quantity: '0.010' });
    expect(await amounts()).toEqual(flat);
    expect(await amounts()).toEqual(['0.010', '0.010']);
  });
});
