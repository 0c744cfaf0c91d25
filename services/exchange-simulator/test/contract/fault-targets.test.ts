import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from './raw-client.ts';
import { SimulatorProcess } from './simulator-process.ts';
import { SocketListener } from './socket-listener.ts';

const ORDER = '/fapi/v1/order';
const credentialsOf = (name: string) => ({ key: `${name}-key-0123456789abcdef`, secret: `${name}-secret-0123456789` });
const accountOf = (id: string) => ({ id, keys: [{ type: 'hmac', ...credentialsOf(id) }] });

describe('whom and when a fault strikes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'qt-faults-'));
  let simulator: SimulatorProcess;
  let alice: RawClient;
  let bob: RawClient;

  beforeAll(async () => {
    const path = join(directory, 'accounts.json');
    writeFileSync(path, JSON.stringify({ accounts: [accountOf('alice'), accountOf('bob')] }));
    simulator = await SimulatorProcess.start({ SIM_ACCOUNTS_FILE: path });
    alice = new RawClient(simulator, credentialsOf('alice'));
    bob = new RawClient(simulator, credentialsOf('bob'));
  });
  afterEach(() => simulator.control('DELETE', 'faults'));
  afterAll(async () => {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const fault = (rule: object) => simulator.control<{ error?: { message: string } }>('POST', 'faults', rule);
  const place = async (client: RawClient): Promise<number> =>
    (await client.signed('POST', ORDER, { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.010' })).status;
  const statuses = async (client: RawClient, count: number): Promise<readonly number[]> => {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push(await place(client));
    return found;
  };

  it('one account, while the other trades on', async () => {
    await fault({ kind: 'error_1008', accountId: 'bob', times: 2 });
    expect(await statuses(alice, 2)).toEqual([200, 200]);
    expect(await statuses(bob, 3)).toEqual([503, 503, 200]);
  });

  it('one account is banned, the other is not', async () => {
    await fault({ kind: 'error_418', accountId: 'bob' });
    expect(await statuses(bob, 2)).toEqual([418, 418]);
    expect(await statuses(alice, 1)).toEqual([200]);
    expect((await alice.send('GET', '/fapi/v1/ping')).status).toBe(200);
  });

  it("one account's events and socket", async () => {
    const open = async (client: RawClient, name: string): Promise<SocketListener> => {
      const { body } = await client.send('POST', '/fapi/v1/listenKey', { 'X-MBX-APIKEY': credentialsOf(name).key });
      const { listenKey } = JSON.parse(body) as { listenKey: string };
      return SocketListener.open(`${simulator.socketUrl}/private/ws/${listenKey}`);
    };
    const [first, second] = [await open(alice, 'alice'), await open(bob, 'bob')];
    await fault({ kind: 'user_event_drop', accountId: 'bob', path: 'ACCOUNT_UPDATE' });
    await place(alice);
    await place(bob);
    expect(
      await simulator.control('POST', 'faults', { kind: 'reset', path: '/private', accountId: 'bob' }),
    ).toMatchObject({ cut: 1 });
    await simulator.control('POST', 'settle', {});
    expect([first, second].map((one) => one.ofType('ACCOUNT_UPDATE').length)).toEqual([1, 0]);
    expect([first, second].map((one) => one.ofType('TRADE_LITE').length)).toEqual([1, 1]);
    expect(first.closeCode).toBeNull();
    first.close();
  });

  it('one endpoint, by method, path or the beginning of a path', async () => {
    await fault({ kind: 'error_502', method: 'GET', path: '/fapi/v1/ticker*', times: 2 });
    const get = async (path: string): Promise<number> => (await alice.send('GET', path)).status;
    expect(await get('/fapi/v1/time')).toBe(200);
    expect(await get('/fapi/v1/ticker/price')).toBe(502);
    expect(await get('/fapi/v1/ticker/bookTicker')).toBe(502);
    expect(await get('/fapi/v1/ticker/price')).toBe(200);
  });

  it('after so many, then each n-th, so many times', async () => {
    await fault({ kind: 'error_1001', path: ORDER, after: 1, every: 3, times: 2 });
    expect(await statuses(alice, 9)).toEqual([200, 200, 200, 503, 200, 200, 503, 200, 200]);
    expect(await simulator.control('GET', 'faults')).toMatchObject({ rules: [{ seen: 7, struck: 2, times: 2 }] });
  });

  it('between two moments of market time', async () => {
    const { timeMs } = await simulator.state();
    const pass = (ms: number) => simulator.control('POST', 'advance', { untilMs: timeMs + ms });
    await fault({
      kind: 'error_1001',
      path: ORDER,
      fromMs: timeMs + 1_000,
      untilMs: new Date(timeMs + 2_000).toISOString(),
    });
    expect(await place(alice)).toBe(200);
    await pass(1_000);
    expect(await statuses(alice, 2)).toEqual([503, 503]);
    await pass(2_000);
    expect(await place(alice)).toBe(503);
    await pass(2_001);
    expect(await place(alice)).toBe(200);
  });

  it('by lot, about as often as said, the same requests each time', async () => {
    const draw = async (): Promise<readonly number[]> => {
      await simulator.control('DELETE', 'faults');
      await fault({ id: 'lot', kind: 'error_502', path: '/fapi/v1/ping', probability: 0.25 });
      const found: number[] = [];
      for (let index = 0; index < 200; index += 1) found.push((await alice.send('GET', '/fapi/v1/ping')).status);
      return found;
    };
    const first = await draw();
    const struck = first.filter((status) => status === 502).length;
    expect(struck).toBeGreaterThan(30);
    expect(struck).toBeLessThan(70);
    expect(await draw()).toEqual(first);
  });

  it.each([
    { rule: { kind: 'meteor' }, names: ['kind'] },
    { rule: { kind: 'drop_reply', delayMs: 5 }, names: ['delayMs', 'means nothing for drop_reply'] },
    { rule: { kind: 'user_event_drop', method: 'POST' }, names: ['method'] },
    { rule: { kind: 'clock_skew' }, names: ['skewMs', 'is needed'] },
    { rule: { kind: 'drop_reply', probability: 2, times: 0 }, names: ['probability', 'times'] },
    { rule: { kind: 'drop_reply', accountId: 'carol' }, names: ['carol', 'alice, bob'] },
    { rule: { kind: 'drop_reply', fromMs: 'soon' }, names: ['fromMs', 'soon'] },
    { rule: { kind: 'drop_reply', fromMs: '+2m', untilMs: '+1m' }, names: ['untilMs', 'lies before'] },
  ])('refuses $rule, naming $names', async ({ rule, names }) => {
    const { error } = await fault(rule);
    for (const name of names) expect(error?.message).toContain(name);
    expect(await simulator.control('GET', 'faults')).toEqual({ rules: [] });
  });
});
