import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from './raw-client.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const ORDER = '/fapi/v1/order';
const PING = '/fapi/v1/ping';
const SYMBOL = { symbol: 'BTCUSDT' };

describe('faults that last', () => {
  let simulator: SimulatorProcess;
  let client: RawClient;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    client = new RawClient(simulator);
  });
  afterEach(() => simulator.control('DELETE', 'faults'));
  afterAll(() => simulator.stop());

  const place = (id: string) =>
    client.signed('POST', ORDER, { ...SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.010', newClientOrderId: id });
  const query = async (id: string) =>
    JSON.parse((await client.signed('GET', ORDER, { ...SYMBOL, origClientOrderId: id })).body) as object;
  const nowMs = async (): Promise<number> => (await simulator.state()).timeMs;
  const pass = async (ms: number): Promise<unknown> =>
    simulator.control('POST', 'advance', { untilMs: (await nowMs()) + ms });
  const act = (action: object) => simulator.control('POST', 'actions', action);

  it('418: banned until a market time that it tells, from everything, and let in again after it', async () => {
    await simulator.control('POST', 'faults', { kind: 'error_418', method: 'POST', path: ORDER, banMs: '90s' });
    const untilMs = (await nowMs()) + 90_000;
    const banned = {
      status: 418,
      headers: { 'retry-after': '90' },
      body: JSON.stringify({
        code: -1003,
        msg: `Way too many requests; IP(127.0.0.1) banned until ${untilMs}. Please use the websocket for live updates to avoid bans.`,
      }),
    };
    expect(await place('banned')).toMatchObject(banned);
    expect(await client.send('GET', PING)).toMatchObject(banned);
    await pass(60_000);
    expect(await client.send('GET', PING)).toMatchObject({ status: 418, headers: { 'retry-after': '30' } });
    await pass(29_999);
    expect(await client.send('GET', PING)).toMatchObject({ status: 418, headers: { 'retry-after': '1' } });
    await pass(1);
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
    expect(await query('banned')).toMatchObject({ code: -2013 });
  });

  it('429: told to wait for the rest of the minute; who does not is banned', async () => {
    await pass(60_000 - ((await nowMs()) % 60_000) + 20_000);
    await simulator.control('POST', 'faults', { kind: 'error_429', path: PING });
    const limited = {
      status: 429,
      headers: { 'retry-after': '40' },
      body: JSON.stringify({
        code: -1003,
        msg: 'Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.',
      }),
    };
    expect(await client.send('GET', PING)).toMatchObject(limited);
    for (let again = 1; again <= 9; again += 1) expect(await client.send('GET', PING)).toMatchObject(limited);
    expect(await client.send('GET', PING)).toMatchObject({ status: 418, headers: { 'retry-after': '120' } });
    await pass(120_000);
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
  });

  it('a 429 that waits is over with the minute', async () => {
    await pass(60_000 - ((await nowMs()) % 60_000) + 1_000);
    await simulator.control('POST', 'faults', { kind: 'error_429', path: PING });
    expect(await client.send('GET', PING)).toMatchObject({ status: 429, headers: { 'retry-after': '59' } });
    await pass(59_000);
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
  });

  it('forgetting a rule lifts its ban', async () => {
    await simulator.control('POST', 'faults', { id: 'ban', kind: 'error_418', path: PING });
    expect(await client.send('GET', PING)).toMatchObject({ status: 418 });
    expect(await simulator.control('DELETE', 'faults/ban')).toEqual({ removed: 1 });
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
    expect(await simulator.control('DELETE', 'faults/ban')).toMatchObject({ error: { code: 'NO_SUCH_FAULT' } });
  });

  it('maintenance: sockets are cut, none opens, every request is answered 503, nothing is carried out', async () => {
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws/btcusdt@aggTrade`);
    expect(await act({ kind: 'maintenance', forMs: '10m' })).toMatchObject({ outcome: 'done', facts: { cut: 1 } });
    await eventually(() => socket.closeCode !== null);
    const closed = { status: 503, body: expect.stringContaining('"msg":"Service Unavailable."') };
    expect(await place('in-maintenance')).toMatchObject(closed);
    expect(await client.send('GET', PING)).toMatchObject(closed);
    await expect(SocketListener.open(`${simulator.socketUrl}/ws/btcusdt@aggTrade`)).rejects.toThrow('503');
    await pass(600_000);
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
    expect(await query('in-maintenance')).toMatchObject({ code: -2013 });
    (await SocketListener.open(`${simulator.socketUrl}/ws/btcusdt@aggTrade`)).close();
    expect(simulator.ledger().filter(({ fault }) => fault === 'maintenance')).toHaveLength(2);
  });

  it('maintenance without an end ends on command', async () => {
    await act({ kind: 'maintenance' });
    await pass(86_400_000);
    expect(await client.send('GET', PING)).toMatchObject({ status: 503 });
    await act({ kind: 'end_maintenance' });
    expect(await client.send('GET', PING)).toMatchObject({ status: 200 });
  });

  it('clock_skew: the shown time is wrong, and whoever believes it is refused', async () => {
    // What was signed before a step is not old; a step to where the market stands leaves no such time.
    await pass(0);
    await simulator.control('POST', 'faults', { kind: 'clock_skew', skewMs: '-10s', times: 2 });
    const trueMs = await nowMs();
    const { body } = await client.send('GET', '/fapi/v1/time');
    expect(JSON.parse(body)).toEqual({ serverTime: trueMs - 10_000 });
    const believed = await client.signed('GET', '/fapi/v1/openOrders', { ...SYMBOL, timestamp: trueMs - 10_000 });
    expect(JSON.parse(believed.body)).toMatchObject({ code: -1021 });
    const info = await client.send('GET', '/fapi/v1/exchangeInfo');
    expect(JSON.parse(info.body)).toMatchObject({ serverTime: trueMs - 10_000 });
    expect(JSON.parse((await client.send('GET', '/fapi/v1/time')).body)).toEqual({ serverTime: trueMs });
  });

  it('clock_jump: the venue itself lives in another time from now on', async () => {
    await pass(0);
    const trueMs = await nowMs();
    await act({ kind: 'clock_jump', byMs: '1m' });
    const { body } = await client.send('GET', '/fapi/v1/time');
    expect(JSON.parse(body)).toEqual({ serverTime: trueMs + 60_000 });
    const old = await client.signed('GET', '/fapi/v1/openOrders', { ...SYMBOL, timestamp: trueMs });
    expect(JSON.parse(old.body)).toMatchObject({ code: -1021 });
    const adjusted = await client.signed('GET', '/fapi/v1/openOrders', { ...SYMBOL, timestamp: trueMs + 60_000 });
    expect(adjusted.status).toBe(200);
    await act({ kind: 'clock_jump', byMs: '-1m' });
    expect((await client.signed('GET', '/fapi/v1/openOrders', SYMBOL)).status).toBe(200);
  });
});
