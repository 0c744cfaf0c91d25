import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { API_KEY, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const ORDER = '/fapi/v1/order';
const entry = (clientOrderId: string) =>
  ({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010', newClientOrderId: clientOrderId }) as const;

describe('scripted faults', () => {
  let simulator: SimulatorProcess;
  const sockets: SocketListener[] = [];

  let linesBefore = 0;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });

  beforeEach(() => {
    linesBefore = simulator.ledger().length;
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await simulator.control('DELETE', 'faults');
  });

  afterAll(() => simulator.stop());

  const fault = (rule: object) => simulator.control('POST', 'faults', rule);
  const place = (clientOrderId: string) => simulator.signed('POST', ORDER, entry(clientOrderId));
  const query = (clientOrderId: string) =>
    simulator.signed('GET', ORDER, { symbol: 'BTCUSDT', origClientOrderId: clientOrderId });
  const ledgerKinds = (kind: string) =>
    simulator
      .ledger()
      .slice(linesBefore)
      .filter((record) => record['kind'] === kind);
  const userSocket = async (): Promise<SocketListener> => {
    const reply = await simulator.request('POST', '/fapi/v1/listenKey', { headers: { 'X-MBX-APIKEY': API_KEY } });
    const { listenKey } = reply.body as { listenKey: string };
    const socket = await SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    sockets.push(socket);
    return socket;
  };

  it('drop_reply: the order is placed, the connection dies without an answer', async () => {
    await fault({ kind: 'drop_reply', method: 'POST', path: ORDER, times: 1 });
    await expect(place('dropped')).rejects.toThrow();
    expect((await query('dropped')).body).toMatchObject({ status: 'FILLED' });
    expect(ledgerKinds('fault')).toMatchObject([{ fault: 'drop_reply', path: ORDER, clientOrderId: 'dropped' }]);
    expect((await place('next')).status).toBe(200);
  });

  it.each([
    { executes: true, status: 'FILLED' },
    { executes: false, status: undefined },
  ])('error_1007 with executes $executes: the order is $status', async ({ executes, status }) => {
    await fault({ kind: 'error_1007', path: ORDER, method: 'POST', executes });
    const reply = await place(`late-${executes}`);
    expect(reply).toMatchObject({ status: 408, body: { code: -1007 } });
    expect(((await query(`late-${executes}`)).body as { status?: string }).status).toBe(status);
  });

  it('error_503 answers as recorded, without a code', async () => {
    await fault({ kind: 'error_503', path: ORDER, method: 'POST', executes: true });
    const reply = await place('overloaded');
    expect(reply.status).toBe(503);
    expect(reply.body).toEqual({
      timestamp: expect.any(Number),
      path: ORDER,
      msg: 'Unknown error, please check your request or try again later.',
    });
    expect((await query('overloaded')).body).toMatchObject({ status: 'FILLED' });
  });

  it('reset cuts a request that is not carried out, and open sockets at once', async () => {
    await fault({ kind: 'reset', path: ORDER, method: 'POST' });
    await expect(place('cut')).rejects.toThrow();
    expect((await query('cut')).body).toMatchObject({ code: -2013 });
    const socket = await userSocket();
    expect(await fault({ kind: 'reset', path: '/private' })).toMatchObject({ cut: 1 });
    await eventually(() => socket.closeCode !== null);
  });

  it('delay_reply answers late', async () => {
    await fault({ kind: 'delay_reply', path: ORDER, delayMs: 150 });
    const sentMs = performance.now();
    expect((await place('slow')).status).toBe(200);
    expect(performance.now() - sentMs).toBeGreaterThanOrEqual(140);
  });

  it('user events come twice, in the wrong order, or late, but all of them come', async () => {
    const socket = await userSocket();
    await fault({ kind: 'user_event_duplicate', path: 'ORDER_TRADE_UPDATE' });
    await place('twice');
    await simulator.control('POST', 'settle', {});
    const [first, second] = socket.texts.filter((text) => text.includes('ORDER_TRADE_UPDATE'));
    expect(first).toBe(second);

    await fault({ kind: 'user_event_delay', path: 'ACCOUNT_UPDATE', delayMs: 5_000 });
    const before = socket.ofType('ACCOUNT_UPDATE').length;
    await place('late');
    await simulator.control('POST', 'settle', {});
    expect(socket.ofType('ACCOUNT_UPDATE')).toHaveLength(before);
    const { timeMs } = await simulator.state();
    await simulator.control('POST', 'advance', { untilMs: timeMs + 5_000 });
    expect(socket.ofType('ACCOUNT_UPDATE')).toHaveLength(before + 1);
    expect(ledgerKinds('fault')).toHaveLength(2);
  });

  it('a silent socket stays open and hears nothing; flushing does not wait for it', async () => {
    const socket = await userSocket();
    await fault({ kind: 'silent_socket' });
    await place('unheard');
    await simulator.control('POST', 'settle', {});
    expect(socket.messages).toEqual([]);
    expect(socket.closeCode).toBeNull();
    expect(ledgerKinds('fault')).toMatchObject([{ fault: 'silent_socket', path: '/private' }]);
  });

  it('lists rules, refuses nonsense and forgets all', async () => {
    await fault({ id: 'mine', kind: 'drop_reply', times: 3, after: 1 });
    expect(await simulator.control('GET', 'faults')).toMatchObject({ rules: [{ id: 'mine', struck: 0 }] });
    expect(await fault({ kind: 'meteor' })).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    expect(await simulator.control('DELETE', 'faults')).toEqual({ removed: 1 });
    expect(await simulator.control('GET', 'faults')).toEqual({ rules: [] });
  });
});
