import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, API_SECRET, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

type Params = Readonly<Record<string, string | number>>;

describe('faults of the websocket API', () => {
  let simulator: SimulatorProcess;
  let ids = 0;
  const sockets: SocketListener[] = [];

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await simulator.control('DELETE', 'faults');
  });
  afterAll(() => simulator.stop());

  const fault = (rule: object) => simulator.control('POST', 'faults', rule);
  const open = async (): Promise<SocketListener> => {
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws-fapi/v1`);
    sockets.push(socket);
    return socket;
  };
  const send = async (socket: SocketListener, method: string, params: Params = {}): Promise<string> => {
    const { timeMs } = await simulator.state();
    const all: Params = { ...params, apiKey: API_KEY, timestamp: timeMs };
    const text = Object.keys(all)
      .toSorted()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    const signature = createHmac('sha256', API_SECRET).update(text).digest('hex');
    const id = `request-${(ids += 1)}`;
    socket.send({ id, method, params: method.includes('.') ? { ...all, signature } : {} });
    return id;
  };
  const ask = async (socket: SocketListener, method: string, params: Params = {}) => {
    const id = await send(socket, method, params);
    return await eventually(() => socket.messages.find((message) => message['id'] === id));
  };
  const entry = (id: string): Params => ({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'MARKET',
    quantity: '0.010',
    newClientOrderId: id,
  });
  const isPlaced = (id: string): boolean =>
    simulator.ledger().some((record) => record['kind'] === 'order' && record['clientOrderId'] === id);

  it.each([
    { kind: 'error_1008', status: 503, code: -1008, placed: false },
    { kind: 'error_1006', status: 500, code: -1006, placed: true },
    { kind: 'error_1021', status: 400, code: -1021, placed: false },
    // Without a code of its own over HTTP.
    { kind: 'error_503', status: 503, code: -1000, placed: false },
  ])('$kind is a frame with $code', async ({ kind, status, code, placed }) => {
    const socket = await open();
    await fault({ kind, method: 'WS', path: 'order.place' });
    expect(await ask(socket, 'order.place', entry(kind))).toMatchObject({ status, error: { code } });
    expect(isPlaced(kind)).toBe(placed);
  });

  it.each([
    { kind: 'reset', placed: false },
    { kind: 'malformed_json', placed: true },
    { kind: 'reset_mid_body', placed: true },
    { kind: 'error_502', placed: false },
  ])('$kind ends the connection', async ({ kind, placed }) => {
    const socket = await open();
    await fault({ kind, path: 'order.place' });
    await send(socket, 'order.place', entry(`cut-${kind}`));
    await eventually(() => socket.closeCode !== null);
    expect(socket.messages).toEqual([]);
    expect(isPlaced(`cut-${kind}`)).toBe(placed);
  });

  it('never_answer: no frame comes, later ones do', async () => {
    const socket = await open();
    await fault({ kind: 'never_answer', path: 'order.place' });
    const unheard = await send(socket, 'order.place', entry('unheard'));
    expect(await ask(socket, 'order.status', { symbol: 'BTCUSDT', origClientOrderId: 'unheard' })).toMatchObject({
      result: { status: 'FILLED' },
    });
    expect(socket.messages.map(({ id }) => id)).not.toContain(unheard);
  });

  it('a rule for REST leaves it alone, one for nobody in particular does not', async () => {
    const socket = await open();
    await fault({ kind: 'error_1001', path: '/fapi/v1/order' });
    expect(await ask(socket, 'order.place', entry('spared'))).toMatchObject({ status: 200 });
    await fault({ kind: 'error_1001' });
    expect(await ask(socket, 'order.place', entry('struck'))).toMatchObject({ status: 503, error: { code: -1001 } });
  });

  it('order_lag and clock_skew', async () => {
    const socket = await open();
    await fault({ kind: 'order_lag', queries: 1 });
    await ask(socket, 'order.place', entry('lagging'));
    const key = { symbol: 'BTCUSDT', origClientOrderId: 'lagging' };
    expect(await ask(socket, 'order.status', key)).toMatchObject({ error: { code: -2013 } });
    expect(await ask(socket, 'order.status', key)).toMatchObject({ result: { status: 'FILLED' } });
    await fault({ kind: 'clock_skew', skewMs: '5s' });
    const { timeMs } = await simulator.state();
    expect(await ask(socket, 'time')).toMatchObject({ result: { serverTime: timeMs + 5_000 } });
  });

  it('a ban tells its end in the frame', async () => {
    const socket = await open();
    await fault({ kind: 'error_418', path: 'order.place', banMs: '1m' });
    const { timeMs } = await simulator.state();
    const banned = { status: 418, error: { code: -1003, data: { serverTime: timeMs, retryAfter: timeMs + 60_000 } } };
    expect(await ask(socket, 'order.place', entry('banned'))).toMatchObject(banned);
    expect(await ask(socket, 'time')).toMatchObject(banned);
  });

  it('maintenance and disconnect_sockets cut it, and maintenance lets none in', async () => {
    const first = await open();
    await simulator.control('POST', 'actions', { kind: 'disconnect_sockets', carrying: 'order_api' });
    await eventually(() => first.closeCode !== null);
    const second = await open();
    await simulator.control('POST', 'actions', { kind: 'maintenance' });
    await eventually(() => second.closeCode !== null);
    await expect(open()).rejects.toThrow('503');
    await simulator.control('POST', 'actions', { kind: 'end_maintenance' });
    expect(await ask(await open(), 'ping')).toMatchObject({ status: 200 });
  });
});
