import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const KEY = { headers: { 'X-MBX-APIKEY': API_KEY } };
const invalid = (msg: string) => ({ code: 2, msg: `Invalid request: ${msg}` });
const METHODS = '`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`';

describe('what a client may ask of its socket', () => {
  let simulator: SimulatorProcess;
  const sockets: SocketListener[] = [];

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });
  afterAll(async () => {
    for (const socket of sockets) socket.close();
    await simulator.stop();
  });

  const open = async (path: string): Promise<SocketListener> => {
    const socket = await SocketListener.open(`${simulator.socketUrl}${path}`);
    sockets.push(socket);
    return socket;
  };
  const answerTo = async (socket: SocketListener, frame: object | string): Promise<unknown> => {
    const heard = socket.messages.length;
    socket.send(frame);
    return eventually(() => socket.messages[heard]);
  };
  const listenKey = async (): Promise<string> =>
    ((await simulator.request('POST', '/fapi/v1/listenKey', KEY)).body as { listenKey: string }).listenKey;
  const setLeverage = async (leverage: number): Promise<void> => {
    await simulator.signed('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage });
    await simulator.control('POST', 'settle', {});
  };

  it.each([
    { frame: '{"method":"SET_PROPERTY","params":["speed",true],"id":1}', error: { code: 0, msg: 'Unknown property' } },
    { frame: '{"method":"GET_PROPERTY","params":["speed"],"id":1}', error: { code: 0, msg: 'Unknown property' } },
    {
      frame: '{"method":"SET_PROPERTY","params":["combined","true"],"id":1}',
      error: { code: 1, msg: 'Invalid value type: expected Boolean' },
    },
    { frame: '{"method":"SET_PROPERTY","params":[],"id":1}', error: invalid('property name must be a string') },
    { frame: '{"method":"GET_PROPERTY","params":[7],"id":1}', error: invalid('property name must be a string') },
    { frame: '{"method":"GET_PROPERTY","params":["combined",true],"id":1}', error: invalid('too many parameters') },
    { frame: '{"method":"LIST_SUBSCRIPTIONS"}', error: invalid('request ID must be an unsigned integer') },
    { frame: '{"method":"LIST_SUBSCRIPTIONS","id":-1}', error: invalid('request ID must be an unsigned integer') },
    {
      frame: '{"method":"DANCE","id":1}',
      error: invalid(`unknown variant \`DANCE\`, expected one of ${METHODS} at line 1 column 17`),
    },
    { frame: '{"id":1}', error: invalid('missing field `method` at line 1 column 8') },
    { frame: 'SUBSCRIBE', error: { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' } },
  ])('$frame: $error.msg', async ({ frame, error }) => {
    expect(await answerTo(await open('/ws'), frame)).toMatchObject({ error });
  });

  it('streams come wrapped or not, as the address or a property says', async () => {
    const socket = await open('/ws/btcusdt@markPrice@1s');
    expect(await answerTo(socket, { method: 'GET_PROPERTY', params: ['combined'], id: 1 })).toEqual({
      result: false,
      id: 1,
    });
    await simulator.playCandles();
    await answerTo(socket, { method: 'SET_PROPERTY', params: ['combined', true], id: 'mine' });
    await simulator.playCandles();
    const combined = await open('/stream');
    expect(await answerTo(combined, { method: 'GET_PROPERTY', params: ['combined'], id: 2 })).toEqual({
      result: true,
      id: 2,
    });
    expect(socket.messages).toMatchObject([
      { result: false },
      { e: 'markPriceUpdate' },
      { result: null, id: 'mine' },
      { stream: 'btcusdt@markPrice@1s', data: { e: 'markPriceUpdate' } },
    ]);
  });

  it('takes 1024 streams and not one more', async () => {
    const names = Array.from({ length: 1_024 }, (_, index) => `s${index}@aggTrade`);
    const socket = await open('/market/ws');
    expect(await answerTo(socket, { method: 'SUBSCRIBE', params: names, id: 1 })).toEqual({ result: null, id: 1 });
    // Those it has already are no new ones.
    expect(await answerTo(socket, { method: 'SUBSCRIBE', params: names.slice(0, 5), id: 2 })).toMatchObject({
      result: null,
    });
    expect(await answerTo(socket, { method: 'SUBSCRIBE', params: ['one@more'], id: 3 })).toMatchObject({
      error: invalid('too many subscriptions'),
      id: 3,
    });
    expect(await answerTo(socket, { method: 'LIST_SUBSCRIPTIONS', id: 4 })).toEqual({ result: names, id: 4 });
  });

  it('several streams in a path, those of another base silent', async () => {
    const socket = await open('/market/ws/btcusdt@markPrice@1s/ethusdt@markPrice@1s/btcusdt@bookTicker');
    await simulator.playCandles();
    expect(socket.messages.map(({ e, s }) => `${String(e)} ${String(s)}`)).toEqual([
      'markPriceUpdate BTCUSDT',
      'markPriceUpdate ETHUSDT',
    ]);
  });

  it('user data on every address that is documented', async () => {
    const key = await listenKey();
    const places = [
      '/private/ws/KEY',
      '/private/ws?listenKey=KEY',
      '/private/stream?listenKey=KEY',
      '/private/stream?streams=KEY',
      '/ws/KEY',
      '/stream?streams=KEY',
    ];
    const open6 = await Promise.all(places.map((place) => open(place.replace('KEY', key))));
    const subscribed = await open('/private/ws');
    await answerTo(subscribed, { method: 'SUBSCRIBE', params: [key], id: 1 });
    const elsewhere = await open(`/market/ws/${key}`);
    await setLeverage(5);
    for (const [index, socket] of open6.entries()) {
      const [message = {}] = socket.messages;
      const isWrapped = places[index]?.includes('stream') === true;
      expect(isWrapped ? message['stream'] : key).toBe(key);
      expect(isWrapped ? message['data'] : message).toMatchObject({ e: 'ACCOUNT_CONFIG_UPDATE', ac: { l: 5 } });
    }
    expect(subscribed.messages.at(-1)).toMatchObject({ e: 'ACCOUNT_CONFIG_UPDATE' });
    expect(elsewhere.messages).toEqual([]);
  });

  it('of user data only the events asked for', async () => {
    const key = await listenKey();
    const all = await open(`/private/ws?listenKey=${key}`);
    const some = await open(`/private/stream?listenKey=${key}&events=ORDER_TRADE_UPDATE/ACCOUNT_CONFIG_UPDATE`);
    const other = await open(`/private/ws?listenKey=${key}&events=ORDER_TRADE_UPDATE`);
    const byName = await open('/private/ws');
    await answerTo(byName, { method: 'SUBSCRIBE', params: [`${key}@ACCOUNT_CONFIG_UPDATE`], id: 1 });
    await setLeverage(6);
    expect(all.messages).toMatchObject([{ e: 'ACCOUNT_CONFIG_UPDATE' }]);
    expect(some.messages).toMatchObject([
      { stream: `${key}@ACCOUNT_CONFIG_UPDATE`, data: { e: 'ACCOUNT_CONFIG_UPDATE' } },
    ]);
    expect(other.messages).toEqual([]);
    expect(byName.messages.slice(1)).toMatchObject([{ e: 'ACCOUNT_CONFIG_UPDATE' }]);
  });

  it('a listen key: the same one again, kept alive, closed, then unknown', async () => {
    const key = await listenKey();
    expect(await listenKey()).toBe(key);
    expect((await simulator.request('PUT', '/fapi/v1/listenKey', KEY)).body).toEqual({ listenKey: key });
    expect((await simulator.request('DELETE', '/fapi/v1/listenKey', KEY)).body).toEqual({});
    const unknown = { code: -1125, msg: 'This listenKey does not exist.' };
    expect(await simulator.request('PUT', '/fapi/v1/listenKey', KEY)).toMatchObject({ status: 400, body: unknown });
    expect(await listenKey()).not.toBe(key);
  });
});

describe('how many sockets, and what those without a base carry, is set at the start', () => {
  it('refuses the fourth of three sockets with 429', async () => {
    const simulator = await SimulatorProcess.start({ SIM_CONNECTION_LIMIT: '3' });
    const sockets = await Promise.all([1, 2, 3].map(() => SocketListener.open(`${simulator.socketUrl}/ws`)));
    try {
      await expect(SocketListener.open(`${simulator.socketUrl}/ws`)).rejects.toThrow('429');
      expect(await simulator.get('/fapi/v1/ping')).toEqual({});
    } finally {
      for (const socket of sockets) socket.close();
      await simulator.stop();
    }
  });

  it('frames that are on their way for a while are answered late, and in their order', async () => {
    const simulator = await SimulatorProcess.start({ SIM_FRAME_DELAY_MS: '150' });
    const streams = await SocketListener.open(`${simulator.socketUrl}/ws`);
    const orders = await SocketListener.open(`${simulator.socketUrl}/ws-fapi/v1`);
    try {
      const sentMs = performance.now();
      for (const id of [1, 2]) {
        streams.send({ id, method: 'LIST_SUBSCRIPTIONS' });
        orders.send({ id, method: 'time' });
      }
      await eventually(() => streams.messages[1] && orders.messages[1]);
      expect(performance.now() - sentMs).toBeGreaterThan(140);
      for (const { messages } of [streams, orders]) expect(messages.map(({ id }) => id)).toEqual([1, 2]);
    } finally {
      streams.close();
      orders.close();
      await simulator.stop();
    }
  });

  it('sockets without a base carry public streams alone, as since 2026-04-23', async () => {
    const simulator = await SimulatorProcess.start({ SIM_UNROUTED_STREAMS: 'public' });
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws/btcusdt@markPrice@1s/btcusdt@bookTicker`);
    try {
      await simulator.playCandles();
      expect([...new Set(socket.messages.map(({ e }) => e))]).toEqual(['bookTicker']);
    } finally {
      socket.close();
      await simulator.stop();
    }
  });
});
