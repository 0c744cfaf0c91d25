import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_KEY, MINUTE_MS, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

describe('streams', () => {
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

  it('an answer to advance or close means that every socket has heard what happened', async () => {
    const raw = await open('/ws/btcusdt@kline_1m');
    const combined = await open('/stream?streams=btcusdt@markPrice@1s/ethusdt@markPrice@1s');
    const { timeMs, nextCloseMs } = await simulator.state();
    await simulator.control('POST', 'advance', { untilMs: timeMs + 10_000 });
    expect(combined.messages.map((message) => message['stream'])).toEqual([
      'btcusdt@markPrice@1s',
      'ethusdt@markPrice@1s',
    ]);
    expect(combined.messages[0]).toMatchObject({ data: { e: 'markPriceUpdate', E: timeMs + 10_000 } });
    await simulator.control('POST', 'advance', { untilMs: nextCloseMs });
    expect(raw.messages).toEqual([]);
    await simulator.control('POST', 'close', {});
    expect(raw.messages).toMatchObject([{ e: 'kline', k: { x: true, t: nextCloseMs - MINUTE_MS, i: '1m' } }]);
  });

  it('subscribes, lists and unsubscribes', async () => {
    const socket = await open('/ws');
    socket.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker', 'btcusdt@kline_5m'], id: 1 });
    socket.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@kline_5m'], id: 2 });
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 3 });
    await eventually(() => socket.messages.length === 3);
    expect(socket.messages).toEqual([
      { result: null, id: 1 },
      { result: null, id: 2 },
      { result: ['btcusdt@bookTicker'], id: 3 },
    ]);
    await simulator.playCandles();
    expect(socket.ofType('bookTicker').length).toBeGreaterThan(0);
  });

  it('a routed base carries only its own streams', async () => {
    const misplaced = await open('/public/ws/btcusdt@kline_1m');
    const wellPlaced = await open('/market/ws/btcusdt@kline_1m');
    await simulator.playCandles();
    expect(misplaced.messages).toEqual([]);
    expect(wellPlaced.messages).toHaveLength(1);
  });

  it('longer candles close on their own grid', async () => {
    const socket = await open('/ws/btcusdt@kline_5m');
    await simulator.playCandles(5);
    const closed = socket.messages.map((message) => message['k'] as { t: number; T: number; x: boolean });
    expect(closed).toHaveLength(1);
    expect(closed[0]).toMatchObject({ x: true });
    expect((closed[0]?.t ?? 1) % (5 * MINUTE_MS)).toBe(0);
  });

  it('a closed listen key carries nothing more, the socket stays open', async () => {
    const key = { headers: { 'X-MBX-APIKEY': API_KEY } };
    const { listenKey } = (await simulator.request('POST', '/fapi/v1/listenKey', key)).body as { listenKey: string };
    expect((await simulator.request('PUT', '/fapi/v1/listenKey', key)).body).toEqual({ listenKey });
    const socket = await open(`/private/stream?listenKey=${listenKey}`);
    await simulator.signed('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 7 });
    await simulator.control('POST', 'settle', {});
    expect(socket.messages).toMatchObject([{ stream: listenKey, data: { e: 'ACCOUNT_CONFIG_UPDATE', ac: { l: 7 } } }]);
    expect((await simulator.request('DELETE', '/fapi/v1/listenKey', key)).body).toEqual({});
    await simulator.signed('POST', '/fapi/v1/leverage', { symbol: 'BTCUSDT', leverage: 8 });
    await simulator.control('POST', 'settle', {});
    expect(socket.messages).toHaveLength(1);
    expect(socket.closeCode).toBeNull();
  });
});
