import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const ORDER = '/fapi/v1/order';

describe('faults of sockets and user events', () => {
  let simulator: SimulatorProcess;
  const sockets: SocketListener[] = [];

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await simulator.control('DELETE', 'faults');
    // Also one that answers nothing notices that its client has gone.
    await eventually(async () => (await simulator.request('GET', '/health')).text.includes('"sockets":0,'));
  });
  afterAll(() => simulator.stop());

  const fault = (rule: object) => simulator.control('POST', 'faults', rule);
  const act = (action: object) => simulator.control('POST', 'actions', action);
  const settle = () => simulator.control('POST', 'settle', {});
  const place = () =>
    simulator.signed('POST', ORDER, { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' });
  const open = async (path: string): Promise<SocketListener> => {
    const socket = await SocketListener.open(`${simulator.socketUrl}${path}`);
    sockets.push(socket);
    return socket;
  };
  const listenKey = async (method = 'POST') => {
    const reply = await simulator.request(method, '/fapi/v1/listenKey', { headers: { 'X-MBX-APIKEY': API_KEY } });
    return reply.body as { listenKey: string; code?: number };
  };
  const openUser = async () => open(`/private/ws/${(await listenKey()).listenKey}`);
  const strikesOf = (kind: string) => simulator.ledger().filter((record) => record['fault'] === kind);
  /** Whether the other end answers a ping within the time in which it answers everything else. */
  const answersPing = async (socket: SocketListener): Promise<boolean> => {
    let isAnswered = false;
    socket.socket.once('pong', () => {
      isAnswered = true;
    });
    socket.socket.ping('there?');
    // Two round trips over another connection: a pong would have come before them.
    await settle();
    await settle();
    return isAnswered;
  };

  it('user_event_drop: the order is filled and its event never comes', async () => {
    const socket = await openUser();
    await fault({ kind: 'user_event_drop', path: 'ORDER_TRADE_UPDATE', times: 2 });
    expect((await place()).status).toBe(200);
    await settle();
    expect(socket.ofType('ORDER_TRADE_UPDATE')).toEqual([]);
    expect(socket.ofType('ACCOUNT_UPDATE')).toHaveLength(1);
    expect(strikesOf('user_event_drop')).toHaveLength(2);
    await place();
    await settle();
    expect(socket.ofType('ORDER_TRADE_UPDATE')).toHaveLength(2);
  });

  it.each([
    { rule: { kind: 'market_event_drop' }, seconds: [1, 3, 4] },
    { rule: { kind: 'market_event_duplicate' }, seconds: [1, 2, 2, 3, 4] },
    { rule: { kind: 'market_event_delay', delayMs: '1500ms' }, seconds: [1, 3, 2, 4] },
  ])('$rule.kind: the second of four marks, for all who listen', async ({ rule, seconds }) => {
    const listeners = [await open('/ws/btcusdt@markPrice@1s'), await open('/stream?streams=btcusdt@markPrice@1s')];
    await fault({ ...rule, path: 'btcusdt@markPrice@1s', after: 1 });
    const { timeMs } = await simulator.state();
    for (const second of [1, 2, 3, 4]) {
      await simulator.control('POST', 'advance', { untilMs: timeMs + second * 1_000 });
    }
    for (const { messages } of listeners) {
      const marks = messages.map((message) => (message['data'] ?? message) as { E: number });
      expect(marks.map(({ E }) => (E - timeMs) / 1_000)).toEqual(seconds);
    }
    expect(strikesOf(rule.kind)).toMatchObject([{ path: 'btcusdt@markPrice@1s' }]);
  });

  it('half_open_socket: it opens, says nothing and answers no ping; the next one is whole', async () => {
    await fault({ kind: 'half_open_socket' });
    const deaf = await openUser();
    await place();
    await settle();
    expect({ messages: deaf.messages, closeCode: deaf.closeCode }).toEqual({ messages: [], closeCode: null });
    expect(await answersPing(deaf)).toBe(false);
    deaf.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    await settle();
    expect(deaf.messages).toEqual([]);
    const whole = await openUser();
    await place();
    await settle();
    expect(whole.ofType('ORDER_TRADE_UPDATE')).toHaveLength(2);
    expect(await answersPing(whole)).toBe(true);
    expect(strikesOf('half_open_socket')).toMatchObject([{ path: '/private' }]);
  });

  it('silent_socket on market data: hears nothing from then on, while others hear on', async () => {
    const [first, second] = [await open('/ws/btcusdt@markPrice@1s'), await open('/ws/btcusdt@markPrice@1s')];
    await fault({ kind: 'silent_socket', path: '/market' });
    const { timeMs } = await simulator.state();
    await simulator.control('POST', 'advance', { untilMs: timeMs + 1_000 });
    expect([first, second].map(({ messages }) => messages.length).toSorted((left, right) => left - right)).toEqual([
      0, 1,
    ]);
    expect([first, second].map(({ closeCode }) => closeCode)).toEqual([null, null]);
  });

  it('socket_cut: dies without a goodbye when a message is due', async () => {
    const socket = await openUser();
    await fault({ kind: 'socket_cut' });
    await place();
    expect(await eventually(() => socket.closeCode ?? false)).toBe(1006);
    expect(socket.messages).toEqual([]);
    expect(strikesOf('socket_cut')).toHaveLength(1);
  });

  it('socket_refused: the handshake is answered 503, the next one goes through', async () => {
    await fault({ kind: 'socket_refused' });
    await expect(open('/ws/btcusdt@aggTrade')).rejects.toThrow('503');
    await open('/ws/btcusdt@aggTrade');
    expect(strikesOf('socket_refused')).toHaveLength(1);
  });

  it('expire_listen_key: the event comes, the key is dead, the socket stays open and silent', async () => {
    const socket = await openUser();
    const { listenKey: key } = await listenKey();
    expect(await act({ kind: 'expire_listen_key' })).toMatchObject({ outcome: 'done', facts: { isExpired: true } });
    expect(socket.messages).toEqual([{ e: 'listenKeyExpired', E: expect.any(Number), listenKey: key }]);
    expect(await listenKey('PUT')).toMatchObject({ code: -1125 });
    await place();
    await settle();
    expect(socket.messages).toHaveLength(1);
    expect(socket.closeCode).toBeNull();
    expect((await listenKey()).listenKey).not.toBe(key);
  });

  it.each([
    { carrying: 'user_data', dies: 'user' },
    { carrying: 'market', dies: 'market' },
    { carrying: 'anything', dies: 'both' },
  ])('disconnect_sockets carrying $carrying: $dies', async ({ carrying, dies }) => {
    const [user, market] = [await openUser(), await open('/ws/btcusdt@aggTrade')];
    const doomed = dies === 'both' ? [user, market] : dies === 'user' ? [user] : [market];
    expect(await act({ kind: 'disconnect_sockets', carrying })).toMatchObject({ facts: { cut: doomed.length } });
    await eventually(() => doomed.every(({ closeCode }) => closeCode !== null));
    await settle();
    for (const one of [user, market]) expect(one.closeCode === null).toBe(!doomed.includes(one));
  });
});
