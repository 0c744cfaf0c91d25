import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { API_KEY, MARKET_START_MS, type Reply, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const ENTRY = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' } as const;
const ORDER = '/fapi/v1/order';
const KEY = { headers: { 'X-MBX-APIKEY': API_KEY } };

describe('bad input gets the error of Binance and changes nothing', () => {
  let simulator: SimulatorProcess;

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
  });

  afterAll(async () => {
    const { orders, fills } = await simulator.control<{ orders: number; fills: number }>('GET', 'state');
    expect({ orders, fills, isRunning: simulator.isRunning }).toEqual({ orders: 0, fills: 0, isRunning: true });
    await simulator.stop();
  });

  const signed = (change: object) => () => simulator.signed('POST', ORDER, { ...ENTRY, ...change });
  const unsigned =
    (query: string, init: RequestInit = KEY) =>
    () =>
      simulator.request('POST', `${ORDER}?${query}`, init);

  it.each<{ name: string; send: () => Promise<Reply>; status: number; code: number }>([
    { name: 'no key', send: unsigned('symbol=BTCUSDT', {}), status: 401, code: -2014 },
    {
      name: 'unknown key',
      send: unsigned('a=1', { headers: { 'X-MBX-APIKEY': 'x'.repeat(64) } }),
      status: 401,
      code: -2015,
    },
    { name: 'no timestamp', send: unsigned('signature=ab'), status: 400, code: -1102 },
    { name: 'no signature', send: unsigned(`timestamp=${MARKET_START_MS}`), status: 400, code: -1102 },
    {
      name: 'forged signature',
      send: unsigned(`timestamp=${MARKET_START_MS}&signature=${'ab'.repeat(32)}`),
      status: 400,
      code: -1022,
    },
    { name: 'expired timestamp', send: signed({ timestamp: MARKET_START_MS - 5_001 }), status: 400, code: -1021 },
    {
      name: 'timestamp from the future',
      send: signed({ timestamp: MARKET_START_MS + 1_000 }),
      status: 400,
      code: -1021,
    },
    { name: 'endless window', send: signed({ recvWindow: 60_001 }), status: 400, code: -1131 },
    { name: 'unknown symbol', send: signed({ symbol: 'NOPEUSDT' }), status: 400, code: -1121 },
    { name: 'symbol of another script', send: signed({ symbol: '币安人生USDT' }), status: 400, code: -1121 },
    { name: 'no side', send: signed({ side: '' }), status: 400, code: -1102 },
    { name: 'odd side', send: signed({ side: 'HOLD' }), status: 400, code: -1117 },
    { name: 'odd type', send: signed({ type: 'WISH' }), status: 400, code: -1116 },
    { name: 'conditional type on the old endpoint', send: signed({ type: 'STOP_MARKET' }), status: 400, code: -4120 },
    { name: 'limit without price', send: signed({ type: 'LIMIT', timeInForce: 'GTC' }), status: 400, code: -1102 },
    { name: 'market with price', send: signed({ price: '1' }), status: 400, code: -1106 },
    { name: 'quantity that is no number', send: signed({ quantity: 'NaN' }), status: 400, code: -1100 },
    { name: 'quantity past any double', send: signed({ quantity: '1e309' }), status: 400, code: -1100 },
    { name: 'negative quantity', send: signed({ quantity: '-1' }), status: 400, code: -1100 },
    { name: 'zero quantity', send: signed({ quantity: '0' }), status: 400, code: -4003 },
    { name: 'too fine a quantity', send: signed({ quantity: '0.0100001' }), status: 400, code: -1111 },
    { name: 'client id too long', send: signed({ newClientOrderId: 'x'.repeat(37) }), status: 400, code: -4015 },
    { name: 'client id of other letters', send: signed({ newClientOrderId: 'ä b' }), status: 400, code: -1100 },
    { name: 'unknown path', send: () => simulator.request('GET', '/fapi/v1/stock/contract'), status: 404, code: -5000 },
    {
      name: 'statistics',
      send: () => simulator.request('GET', '/futures/data/basis?pair=BTCUSDT'),
      status: 404,
      code: -5000,
    },
    { name: 'wallets', send: () => simulator.request('GET', '/sapi/v1/system/status'), status: 404, code: -5000 },
    { name: 'wrong method', send: () => simulator.request('DELETE', '/fapi/v1/time'), status: 405, code: -5000 },
    {
      name: 'huge body',
      send: () => simulator.request('POST', ORDER, { ...KEY, body: 'a'.repeat(1_000_000) }),
      status: 413,
      code: -1101,
    },
    {
      name: 'unknown interval',
      send: () => simulator.request('GET', '/fapi/v1/klines?symbol=BTCUSDT&interval=7m'),
      status: 400,
      code: -1120,
    },
    {
      name: 'order that is not there',
      send: () => simulator.signed('GET', ORDER, { symbol: 'BTCUSDT', orderId: '99' }),
      status: 400,
      code: -2013,
    },
    {
      name: 'cancel of what is not there',
      send: () => simulator.signed('DELETE', ORDER, { symbol: 'BTCUSDT', orderId: '99' }),
      status: 400,
      code: -2011,
    },
    {
      name: 'order without an id',
      send: () => simulator.signed('GET', ORDER, { symbol: 'BTCUSDT' }),
      status: 400,
      code: -1102,
    },
    {
      name: 'keep-alive of no listen key',
      send: () => simulator.request('PUT', '/fapi/v1/listenKey', KEY),
      status: 400,
      code: -1125,
    },
    {
      name: 'a batch of nothing',
      send: () => simulator.signed('POST', '/fapi/v1/batchOrders', { batchOrders: '[]' }),
      status: 400,
      code: -4082,
    },
  ])('$name: $status $code', async ({ send, status, code }) => {
    const reply = await send();
    expect({ status: reply.status, body: reply.body }).toMatchObject({
      status,
      body: { code, msg: expect.any(String) },
    });
  });

  it('refuses path and text exactly as recorded', async () => {
    const reply = await simulator.request('GET', '/fapi/v1/stock/contract');
    expect(reply.body).toEqual({ code: -5000, msg: 'Path /fapi/v1/stock/contract, Method GET is invalid' });
  });

  it('500 random requests: answers of Binance, never a defect', async () => {
    const random = seededRandom(4);
    const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
    const paths = [
      'order',
      'algoOrder',
      'batchOrders',
      'orderAmendment',
      'openOrders',
      'userTrades',
      'income',
      'klines',
      'depth',
      'leverage',
      'marginType',
    ];
    const names = [
      'symbol',
      'side',
      'type',
      'quantity',
      'price',
      'orderId',
      'algoId',
      'limit',
      'startTime',
      'interval',
      'timeInForce',
      'goodTillDate',
      'priceMatch',
      'callbackRate',
      'batchOrders',
      'orderIdList',
    ];
    const values = [
      'BTCUSDT',
      'BUY',
      '0',
      '-1',
      '1e400',
      '',
      '🚀',
      '%',
      '__proto__',
      '9'.repeat(25),
      'NaN',
      'a'.repeat(300),
    ];
    for (let sent = 0; sent < 500; sent += 1) {
      const params = Object.fromEntries(names.filter(() => random() < 0.5).map((name) => [name, pick(values)]));
      const method = pick(['GET', 'POST', 'PUT', 'DELETE']);
      const { status, body } = await simulator.signed(method, `/fapi/v1/${pick(paths)}`, params);
      expect(status).toBeLessThan(500);
      if (status !== 200) expect(body).toEqual({ code: expect.any(Number), msg: expect.any(String) });
    }
  });

  it.each([
    { name: 'no JSON', frame: 'hello', code: 3 },
    { name: 'no method', frame: '{"id":1}', code: 2 },
    { name: 'unknown method', frame: '{"method":"DANCE","id":1}', code: 2 },
    { name: 'odd id', frame: '{"method":"LIST_SUBSCRIPTIONS","id":-1.5}', code: 2 },
    { name: 'params that are no list', frame: '{"method":"SUBSCRIBE","params":{"a":1},"id":1}', code: 2 },
    { name: 'unknown property', frame: '{"method":"SET_PROPERTY","params":["speed",true],"id":1}', code: 0 },
    {
      name: 'property of another type',
      frame: '{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}',
      code: 1,
    },
  ])('a frame with $name is answered with error $code', async ({ frame, code }) => {
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws`);
    socket.send(frame);
    const answer = await eventually(() => socket.messages[0]);
    expect(answer).toMatchObject({ error: { code } });
    socket.close();
  });

  it('closes a socket that sends too much, and lives on', async () => {
    const fast = await SocketListener.open(`${simulator.socketUrl}/ws`);
    for (let sent = 0; sent < 12; sent += 1) fast.send({ method: 'LIST_SUBSCRIPTIONS', id: sent });
    await eventually(() => fast.closeCode === 1_008);
    const heavy = await SocketListener.open(`${simulator.socketUrl}/ws`);
    heavy.send('x'.repeat(200_000));
    await eventually(() => heavy.closeCode !== null);
    expect(simulator.isRunning).toBe(true);
  });

  it('survives bytes that are neither HTTP nor websocket frames', async () => {
    const { port } = new URL(simulator.url);
    await new Promise<void>((resolve) => {
      const raw = createConnection(Number(port), '127.0.0.1', () =>
        raw.write(Buffer.from([0, 255, 1, 2, 13, 10, 13, 10])),
      );
      raw.on('error', () => resolve());
      raw.on('close', () => resolve());
      raw.resume();
    });
    await new Promise<void>((resolve) => {
      const handshake =
        'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
      const raw = createConnection(Number(port), '127.0.0.1', () => raw.write(handshake));
      raw.once('data', () => raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x00])));
      raw.on('error', () => resolve());
      raw.on('close', () => resolve());
    });
    expect(await simulator.get('/fapi/v1/ping')).toEqual({});
  });
});
