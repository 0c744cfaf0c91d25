import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';
import { ACCOUNTS, ED25519, HMAC, READ_ONLY, RSA, type TestKey } from './test-accounts.ts';

type Params = Readonly<Record<string, string | number | boolean>>;
interface Frame {
  readonly id: unknown;
  readonly status: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly msg: string };
  readonly rateLimits?: readonly {
    readonly rateLimitType: string;
    readonly intervalNum: number;
    readonly count: number;
  }[];
}

describe('the websocket API', () => {
  let directory: string;
  let simulator: SimulatorProcess;
  let nowMs: number;
  let ids = 0;
  const sockets: SocketListener[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'qt-accounts-'));
    const path = join(directory, 'accounts.json');
    writeFileSync(path, JSON.stringify(ACCOUNTS));
    simulator = await SimulatorProcess.start({ SIM_ACCOUNTS_FILE: path });
    nowMs = (await simulator.state()).timeMs;
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await simulator.control('DELETE', 'faults');
  });

  afterAll(async () => {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const open = async (query = ''): Promise<SocketListener> => {
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws-fapi/v1${query}`);
    sockets.push(socket);
    return socket;
  };
  const ask = async (socket: SocketListener, method: string, params: Params = {}): Promise<Frame> => {
    ids += 1;
    const id = `request-${ids}`;
    socket.send({ id, method, params });
    return (await eventually(() => socket.messages.find((message) => message['id'] === id))) as unknown as Frame;
  };
  const signed = (key: TestKey, params: Params = {}): Params => {
    const all: Params = { ...params, apiKey: key.key, timestamp: nowMs };
    const text = Object.keys(all)
      .toSorted()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    return { ...all, signature: key.sign(text) };
  };
  const entry = (clientOrderId: string): Params => ({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: '0.010',
    newClientOrderId: clientOrderId,
  });

  it('places, shows and cancels an order, with the shapes of REST', async () => {
    const socket = await open();
    const book = (await simulator.get('/fapi/v1/ticker/bookTicker', { symbol: 'BTCUSDT' })) as { bidPrice: string };
    const resting = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.010',
      price: (Number(book.bidPrice) * 0.99).toFixed(0),
      newClientOrderId: 'ws-rests',
    };
    const placed = await ask(socket, 'order.place', signed(HMAC, resting));
    expect(placed).toMatchObject({ status: 200, result: { status: 'NEW', clientOrderId: 'ws-rests' } });
    expect(placed.rateLimits).toEqual([
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 300, count: 1 },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200, count: 1 },
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 2_400, count: expect.any(Number) },
    ]);
    const key = { symbol: 'BTCUSDT', origClientOrderId: 'ws-rests' };
    const shown = await ask(socket, 'order.status', signed(HMAC, key));
    const query = `symbol=BTCUSDT&origClientOrderId=ws-rests&timestamp=${nowMs}`;
    const rest = await simulator.request('GET', `/fapi/v1/order?${query}&signature=${HMAC.sign(query)}`, {
      headers: { 'X-MBX-APIKEY': HMAC.key },
    });
    expect(shown.result).toEqual(rest.body);
    const change = { ...key, side: 'BUY', quantity: '0.020', price: (Number(book.bidPrice) * 0.98).toFixed(0) };
    const changed = await ask(socket, 'order.modify', signed(HMAC, change));
    expect(changed).toMatchObject({ status: 200, result: { clientOrderId: 'ws-rests', origQty: '0.020' } });
    const canceled = await ask(socket, 'order.cancel', signed(HMAC, key));
    expect(canceled).toMatchObject({ status: 200, result: { status: 'CANCELED' } });
    expect(canceled.rateLimits).toMatchObject([{ rateLimitType: 'REQUEST_WEIGHT' }]);
  });

  it.each([
    { method: 'ping', params: {}, result: {} },
    { method: 'time', params: {}, result: { serverTime: expect.any(Number) } },
    {
      method: 'ticker.price',
      params: { symbol: 'BTCUSDT' },
      result: { symbol: 'BTCUSDT', price: expect.any(String), time: expect.any(Number) },
    },
    {
      method: 'ticker.book',
      params: { symbol: 'BTCUSDT' },
      result: expect.objectContaining({ bidPrice: expect.any(String) }),
    },
    {
      method: 'depth',
      params: { symbol: 'BTCUSDT', limit: 5 },
      result: expect.objectContaining({ lastUpdateId: expect.any(Number) }),
    },
  ])('$method needs no key', async ({ method, params, result }) => {
    expect(await ask(await open(), method, params)).toMatchObject({ status: 200, result });
  });

  it.each([
    ['account.balance', '/fapi/v2/balance'],
    ['v2/account.balance', '/fapi/v3/balance'],
    ['account.status', '/fapi/v2/account'],
    ['v2/account.status', '/fapi/v3/account'],
    ['account.position', '/fapi/v2/positionRisk'],
    ['v2/account.position', '/fapi/v3/positionRisk'],
  ])('%s says what %s says', async (method, path) => {
    const answer = await ask(await open(), method, signed(RSA));
    const query = `timestamp=${nowMs}`;
    const signature = encodeURIComponent(RSA.sign(query));
    const rest = await simulator.request('GET', `${path}?${query}&signature=${signature}`, {
      headers: { 'X-MBX-APIKEY': RSA.key },
    });
    expect(answer.result).toEqual(rest.body);
  });

  it('a session: Ed25519 logs on, needs no signature any more, logs out', async () => {
    const socket = await open();
    expect(await ask(socket, 'session.status')).toMatchObject({ result: { apiKey: null, authorizedSince: null } });
    const unsigned = { ...entry('in-session'), positionSide: 'LONG', timestamp: nowMs };
    expect(await ask(socket, 'order.place', unsigned)).toMatchObject({ status: 401, error: { code: -2014 } });
    expect(await ask(socket, 'session.logon', signed(ED25519))).toMatchObject({
      status: 200,
      result: {
        apiKey: ED25519.key,
        authorizedSince: nowMs,
        connectedSince: nowMs,
        returnRateLimits: true,
        serverTime: nowMs,
      },
    });
    expect(await ask(socket, 'order.place', unsigned)).toMatchObject({ status: 200 });
    expect(await ask(socket, 'order.place', { ...unsigned, timestamp: nowMs - 60_000 })).toMatchObject({
      error: { code: -1021 },
    });
    // Another key on the same socket stands for itself.
    expect(await ask(socket, 'account.status', signed(HMAC))).toMatchObject({ status: 200 });
    expect(await ask(socket, 'account.status', { apiKey: HMAC.key, timestamp: nowMs })).toMatchObject({
      error: { code: -1102 },
    });
    expect(await ask(socket, 'session.logout')).toMatchObject({ result: { apiKey: null } });
    expect(await ask(socket, 'order.place', unsigned)).toMatchObject({ status: 401, error: { code: -2014 } });
  });

  it.each([
    { name: 'HMAC', key: HMAC, code: -4056 },
    { name: 'RSA', key: RSA, code: -4056 },
  ])('$name keys do not log on', async ({ key, code }) => {
    expect(await ask(await open(), 'session.logon', signed(key))).toMatchObject({ status: 400, error: { code } });
  });

  it('opens, keeps and closes a user stream', async () => {
    const socket = await open();
    const started = await ask(socket, 'userDataStream.start', { apiKey: HMAC.key });
    const { listenKey } = started.result as { listenKey: string };
    const listener = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    sockets.push(listener);
    await ask(socket, 'order.place', signed(HMAC, entry('ws-heard')));
    await eventually(() => listener.ofType('ORDER_TRADE_UPDATE').length > 0);
    expect(await ask(socket, 'userDataStream.ping', { apiKey: HMAC.key })).toMatchObject({ result: { listenKey } });
    expect(await ask(socket, 'userDataStream.stop', { apiKey: HMAC.key })).toMatchObject({ status: 200, result: {} });
    expect(await ask(socket, 'userDataStream.ping', { apiKey: HMAC.key })).toMatchObject({ error: { code: -1125 } });
  });

  it.each<{ name: string; params: () => Params; status: number; code: number }>([
    {
      name: 'forged',
      params: () => ({ ...signed(HMAC, entry('x')), signature: 'ab'.repeat(32) }),
      status: 400,
      code: -1022,
    },
    { name: 'changed', params: () => ({ ...signed(HMAC, entry('x')), quantity: '9' }), status: 400, code: -1022 },
    { name: 'unknown', params: () => ({ ...signed(HMAC), apiKey: 'k'.repeat(64) }), status: 401, code: -2015 },
    { name: 'read only', params: () => signed(READ_ONLY, entry('x')), status: 401, code: -2015 },
    { name: 'empty', params: () => ({}), status: 401, code: -2014 },
    { name: 'malformed', params: () => signed(HMAC, { ...entry('x'), quantity: 'NaN' }), status: 400, code: -1100 },
  ])('an order that is $name is refused with $code', async ({ params, status, code }) => {
    expect(await ask(await open(), 'order.place', params())).toMatchObject({ status, error: { code } });
  });

  it.each([
    { name: 'no JSON', frame: 'hello', id: null, code: -1135 },
    { name: 'a list', frame: '[]', id: null, code: -1135 },
    { name: 'an odd id', frame: '{"id":{},"method":"ping"}', id: null, code: -1130 },
    { name: 'no method', frame: '{"id":7}', id: 7, code: -1102 },
    { name: 'an unknown method', frame: '{"id":"a","method":"order.wish"}', id: 'a', code: -1020 },
    { name: 'params that are no object', frame: '{"id":1,"method":"ping","params":[1]}', id: 1, code: -1130 },
    { name: 'a nested parameter', frame: '{"id":1,"method":"ping","params":{"a":{}}}', id: 1, code: -1130 },
  ])('a frame with $name is answered with $code', async ({ frame, id, code }) => {
    const socket = await open();
    socket.send(frame);
    expect(await eventually(() => socket.messages[0])).toMatchObject({ id, status: 400, error: { code } });
  });

  it('numbers are signed as they were written, and rate limits are left out on request', async () => {
    const socket = await open('/?returnRateLimits=false');
    const text = `apiKey=${HMAC.key}&orderId=12345678901234567890&symbol=BTCUSDT&timestamp=${nowMs}`;
    const params = `{"apiKey":"${HMAC.key}","timestamp":${nowMs},"orderId":12345678901234567890,"symbol":"BTCUSDT","signature":"${HMAC.sign(text)}"}`;
    socket.send(`{"id":1,"method":"order.status","params":${params}}`);
    const answer = await eventually(() => socket.messages[0]);
    expect(answer).toEqual({ id: 1, status: 400, error: { code: expect.any(Number), msg: expect.any(String) } });
    expect((answer['error'] as { code: number }).code).not.toBe(-1022);
  });

  it('faults strike here too, by the name of the method', async () => {
    const socket = await open();
    await simulator.control('POST', 'faults', { kind: 'error_1007', path: 'order.place', executes: true });
    expect(await ask(socket, 'order.place', signed(HMAC, entry('ws-late')))).toMatchObject({
      status: 408,
      error: { code: -1007 },
    });
    const late = { symbol: 'BTCUSDT', origClientOrderId: 'ws-late' };
    expect(await ask(socket, 'order.status', signed(HMAC, late))).toMatchObject({ result: { status: 'FILLED' } });
    await simulator.control('POST', 'faults', { kind: 'drop_reply', path: 'order.place' });
    socket.send({ id: 'gone', method: 'order.place', params: signed(HMAC, entry('ws-gone')) });
    await eventually(() => socket.closeCode !== null);
    const gone = { symbol: 'BTCUSDT', origClientOrderId: 'ws-gone' };
    expect(await ask(await open(), 'order.status', signed(HMAC, gone))).toMatchObject({ result: { status: 'FILLED' } });
  });
});
