import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Reply, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';
import {
  ACCOUNTS,
  DISABLED,
  ED25519,
  ELSEWHERE,
  HMAC,
  READ_ONLY,
  RSA,
  type TestKey,
  WITHOUT_RIGHTS,
} from './test-accounts.ts';

const ORDER = '/fapi/v1/order';
const entry = (clientOrderId: string) =>
  `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&newClientOrderId=${clientOrderId}`;
const FORM = 'application/x-www-form-urlencoded';

describe('several accounts and their keys', () => {
  let directory: string;
  let simulator: SimulatorProcess;
  let nowMs: number;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'qt-accounts-'));
    const path = join(directory, 'accounts.json');
    writeFileSync(path, JSON.stringify(ACCOUNTS));
    simulator = await SimulatorProcess.start({ SIM_ACCOUNTS_FILE: path });
    nowMs = (await simulator.state()).timeMs;
  });

  afterAll(async () => {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const send = (method: string, key: TestKey, { path = ORDER, query = '', body = '' }): Promise<Reply> =>
    simulator.request(method, query === '' ? path : `${path}?${query}`, {
      headers: { 'X-MBX-APIKEY': key.key, 'content-type': FORM },
      ...(body === '' ? {} : { body }),
    });
  const signedQuery = (key: TestKey, text = ''): string => {
    const query = `${text}${text === '' ? '' : '&'}timestamp=${nowMs}`;
    return `${query}&signature=${encodeURIComponent(key.sign(query))}`;
  };
  const walletOf = async (key: TestKey): Promise<unknown> =>
    ((await send('GET', key, { path: '/fapi/v2/balance', query: signedQuery(key) })).body as [{ balance: string }])[0]
      .balance;

  it.each([
    { name: 'HMAC', key: HMAC, side: '' },
    { name: 'RSA', key: RSA, side: '&positionSide=LONG' },
    { name: 'Ed25519', key: ED25519, side: '&positionSide=LONG' },
  ])('an order signed with $name is filled', async ({ name, key, side }) => {
    const reply = await send('POST', key, { query: signedQuery(key, `${entry(`order-${name}`)}${side}`) });
    expect(reply).toMatchObject({ status: 200, body: { clientOrderId: `order-${name}` } });
  });

  it('each account has its own money, and its own order rate', async () => {
    expect([await walletOf(READ_ONLY), await walletOf(RSA)]).not.toContain('5000.00000000');
    expect(Number(await walletOf(READ_ONLY))).toBeLessThan(5_000);
    expect(Number(await walletOf(RSA))).toBeGreaterThan(6_000);
    const first = await send('POST', HMAC, { query: signedQuery(HMAC, entry('count-1')) });
    const second = await send('POST', HMAC, { query: signedQuery(HMAC, entry('count-2')) });
    const counts = [first, second].map(({ headers }) => Number(headers.get('x-mbx-order-count-1m')));
    expect(counts[1]).toBeGreaterThanOrEqual(1);
    const others = await send('POST', RSA, { query: signedQuery(RSA, `${entry('count-3')}&positionSide=LONG`) });
    expect(Number(others.headers.get('x-mbx-order-count-1m'))).not.toBe((counts[1] ?? 0) + 1);
  });

  it.each([
    { name: 'all in the body', query: '', body: entry('in-body') },
    { name: 'in query and body', query: 'symbol=BTCUSDT&side=BUY', body: 'type=MARKET&quantity=0.010' },
  ])('parameters $name, signed as one text', async ({ query, body }) => {
    const sent = `${body}&timestamp=${nowMs}`;
    const signature = HMAC.sign(`${query}${sent}`);
    expect((await send('POST', HMAC, { query, body: `${sent}&signature=${signature}` })).status).toBe(200);
  });

  it('DELETE and PUT take a form too; a JSON body carries no parameters', async () => {
    const canceled = `symbol=BTCUSDT&orderId=1&timestamp=${nowMs}`;
    const reply = await send('DELETE', HMAC, { body: `${canceled}&signature=${HMAC.sign(canceled)}` });
    expect(reply.body).toEqual({ code: -2011, msg: 'Unknown order sent.' });
    const json = await simulator.request('POST', ORDER, {
      headers: { 'X-MBX-APIKEY': HMAC.key, 'content-type': 'application/json' },
      body: JSON.stringify({ symbol: 'BTCUSDT', timestamp: nowMs, signature: 'ab' }),
    });
    expect(json.body).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
    });
  });

  const REFUSED = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
  it.each([
    { name: 'a key that may only read places nothing', method: 'POST', key: READ_ONLY },
    { name: 'nor cancels', method: 'DELETE', key: READ_ONLY },
    { name: 'a key without rights reads nothing', method: 'GET', key: WITHOUT_RIGHTS },
    { name: 'a disabled key reads nothing', method: 'GET', key: DISABLED },
    { name: 'a key of another address reads nothing', method: 'GET', key: ELSEWHERE },
  ])('$name: 401 -2015', async ({ method, key }) => {
    const reply = await send(method, key, { query: signedQuery(key, 'symbol=BTCUSDT&orderId=1') });
    expect(reply).toMatchObject({ status: 401, body: REFUSED });
    if (key !== READ_ONLY) {
      expect(await send('POST', key, { path: '/fapi/v1/listenKey' })).toMatchObject({ status: 401, body: REFUSED });
    }
  });

  it('a key that may only read opens a user stream and reads', async () => {
    const reply = await send('POST', READ_ONLY, { path: '/fapi/v1/listenKey' });
    expect(reply.body).toEqual({ listenKey: expect.any(String) });
    expect((await send('GET', READ_ONLY, { path: '/fapi/v2/account', query: signedQuery(READ_ONLY) })).status).toBe(
      200,
    );
  });

  it('bob has what his account says: hedge mode, fee tier and BNB', async () => {
    const ask = async (path: string, text = ''): Promise<unknown> =>
      (await send('GET', RSA, { path: `/fapi/${path}`, query: signedQuery(RSA, text) })).body;
    expect(await ask('v1/positionSide/dual')).toEqual({ dualSidePosition: true });
    expect(await ask('v1/commissionRate', 'symbol=BTCUSDT')).toMatchObject({ takerCommissionRate: '0.000320' });
    // Commissions of the orders above went out of it.
    const bnb = expect.objectContaining({ asset: 'BNB', balance: expect.stringMatching(/^1\.99\d{6}$/) });
    expect(await ask('v2/balance')).toContainEqual(bnb);
  });

  it('a broken file ends the start with every fault named', async () => {
    const path = join(directory, 'broken.json');
    writeFileSync(path, JSON.stringify({ accounts: [{ id: '', startBalanceUsdt: 'much', keys: [] }] }));
    const start = SimulatorProcess.start({ SIM_ACCOUNTS_FILE: path });
    await expect(start).rejects.toThrow(/accounts\[0\]\.id[\s\S]*startBalanceUsdt[\s\S]*at least one key/);
  });
});

describe('limits', () => {
  it('429 with Retry-After, then 418 for who goes on, on every path and on sockets', async () => {
    const simulator = await SimulatorProcess.start({ SIM_WEIGHT_LIMIT: '50', SIM_ORDER_LIMIT_10S: '2' });
    const socket = await SocketListener.open(`${simulator.socketUrl}/ws-fapi/v1`);
    try {
      const order = () =>
        simulator.signed('POST', ORDER, { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' });
      const replies = [await order(), await order(), await order()];
      // Two ten-second windows may meet here: then the second order of the new one is the last.
      if (replies[2]?.status === 200) replies.push(await order(), await order());
      expect(replies.at(-1)).toMatchObject({ status: 429, body: { code: -1015 } });
      expect(Number(replies.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);

      let last = await simulator.request('GET', '/fapi/v1/ping');
      while (last.status === 200) last = await simulator.request('GET', '/fapi/v1/ticker/24hr');
      expect(last).toMatchObject({ status: 429, body: { code: -1003 } });
      // A new minute may begin meanwhile, and with it a new count.
      for (let asked = 0; last.status !== 418 && asked < 60; asked += 1) {
        last = await simulator.request('GET', '/fapi/v1/ticker/24hr');
      }
      expect(last).toMatchObject({
        status: 418,
        body: {
          code: -1003,
          msg: expect.stringMatching(/^Way too many requests; IP\(127\.0\.0\.1\) banned until \d{13}\./),
        },
      });
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(100);
      expect((await simulator.request('GET', '/fapi/v1/nowhere')).status).toBe(418);
      socket.send({ id: 1, method: 'ping' });
      expect(await eventually(() => socket.messages[0])).toMatchObject({
        id: 1,
        status: 418,
        error: { code: -1003, data: { serverTime: expect.any(Number), retryAfter: expect.any(Number) } },
      });
      await expect(SocketListener.open(`${simulator.socketUrl}/ws-fapi/v1`)).rejects.toThrow(/418/);
    } finally {
      socket.close();
      await simulator.stop();
    }
  });
});
