import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RawClient } from './raw-client.ts';
import { API_KEY, API_SECRET, SimulatorProcess } from './simulator-process.ts';
import { eventually, SocketListener } from './socket-listener.ts';

const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
const post = (body: object): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});

describe('the page at /', () => {
  let simulator: SimulatorProcess;
  let page = '';
  const scripts = new Map<string, string>();

  beforeAll(async () => {
    simulator = await SimulatorProcess.start();
    page = (await simulator.request('GET', '/')).text;
    const waiting = matches(page, /<script type="module" src="([^"]+)"/g);
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const reply = await simulator.request('GET', path);
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toContain('javascript');
      scripts.set(path, reply.text);
      waiting.push(...matches(reply.text, /from '\.\/([\w-]+\.mjs)'/g).map((name) => `/page/${name}`));
    }
  });
  afterAll(() => simulator.stop());

  const everything = (): string => [...scripts.values()].join('\n');

  it('needs nothing from elsewhere, and shows no key', async () => {
    expect([...scripts.keys()].toSorted()).toEqual([
      '/page/chart.mjs',
      '/page/elements.mjs',
      '/page/faults.mjs',
      '/page/page.mjs',
    ]);
    const [style = ''] = matches(page, /<link rel="stylesheet" href="([^"]+)"/g);
    const sheet = await simulator.request('GET', style);
    expect(sheet.headers.get('content-type')).toContain('css');
    expect(sheet.text).toContain('prefers-color-scheme: dark');
    const links = matches(page, /(?:src|href)="([^"]+)"/g);
    expect(links.filter((link) => !link.startsWith('/') && link !== 'data:,')).toEqual([]);
    expect((await simulator.request('GET', '/page/..%2Fstatus-page.ts')).status).toBe(404);
    const view = (await simulator.request('GET', '/control/view')).text;
    for (const secret of [API_KEY, API_SECRET]) expect(page + view + everything()).not.toContain(secret);
    const policy = (await simulator.request('GET', '/')).headers.get('content-security-policy') ?? '';
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).not.toContain('unsafe-inline');
  });

  it.each([
    ['a form on a page elsewhere', { origin: 'http://evil.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['a page under a name that points here', { host: 'evil.example', origin: 'http://evil.example' }],
    ['a read under a name that points here', { host: 'evil.example:8090' }],
  ])('does not let %s control the venue', async (_name, headers) => {
    const raw = new RawClient(simulator);
    for (const path of ['close', 'settle', 'pause', 'end', 'view', 'faults']) {
      const method = path === 'view' || path === 'faults' ? 'GET' : 'POST';
      expect(await raw.send(method, `/control/${path}`, headers)).toMatchObject({ status: 403 });
    }
    expect((await simulator.state()).isFinished).toBe(false);
  });

  it('lets itself control the venue', async () => {
    const host = new URL(simulator.url).host;
    for (const name of [host, host.replace('127.0.0.1', 'localhost')]) {
      const reply = await new RawClient(simulator).send('POST', '/control/settle', {
        host: name,
        origin: `http://${name}`,
      });
      expect(reply.status).toBe(200);
    }
  });

  it('fills places that are there', () => {
    const used = new Set(matches(everything(), /byId\('([\w-]+)'\)/g));
    const there = new Set(matches(page, /id="([\w-]+)"/g));
    expect(used.size).toBeGreaterThan(10);
    expect([...used].filter((id) => !there.has(id))).toEqual([]);
    const fields = new Set(matches(everything(), /\.elements\.(\w+)/g));
    expect([...fields].filter((name) => !page.includes(`name="${name}"`))).toEqual([]);
  });

  it('asks only for what is served', async () => {
    const asked = new Set(matches(everything(), /(?:fetch|post)\([`']([^`'$?]+?)\/?[`'$]/g));
    expect([...asked].toSorted()).toEqual([
      '/control/actions',
      '/control/advance',
      '/control/close',
      '/control/faults',
      '/control/view',
    ]);
    const state = await simulator.state();
    const bodies: Readonly<Record<string, object>> = {
      '/control/actions': { kind: 'set_leverage', symbol: 'BTCUSDT', leverage: 7 },
      '/control/advance': { untilMs: state.timeMs + 1_000 },
      '/control/faults': { kind: 'drop_reply', path: '/fapi/v1/order', times: 1 },
    };
    for (const path of asked) {
      const reply = path.endsWith('view')
        ? await simulator.request('GET', path)
        : await simulator.request('POST', path, post(bodies[path] ?? {}));
      expect([path, [200, 201].includes(reply.status)]).toEqual([path, true]);
    }
    const { rules } = (await simulator.get('/control/faults')) as { rules: { id: string; struck: number }[] };
    expect(rules).toMatchObject([{ kind: 'drop_reply', struck: 0 }]);
    expect((await simulator.request('DELETE', `/control/faults/${rules[0]?.id}`)).status).toBe(200);
  });

  it.each(['place_order', 'close_position', 'set_leverage', 'cancel_all_orders'])(
    'offers the action %s as the venue takes it',
    async (kind) => {
      expect(page).toContain(`<option value="${kind}">`);
      const [fields = ''] = matches(everything(), new RegExp(`^  ${kind}: (\\{.*\\}),$`, 'gm'));
      const given = JSON.parse(
        fields
          .replace(/(\w+):/g, '"$1":')
          .replaceAll(`'`, '"')
          .replace('"symbol": ""', '"symbol": "BTCUSDT"'),
      ) as object;
      const reply = await simulator.request('POST', '/control/actions', post({ kind, ...given }));
      expect([kind, reply.text, reply.status]).toEqual([kind, reply.text, 200]);
    },
  );

  it('hears candles and best prices on one socket', async () => {
    const socket = await SocketListener.open(
      `${simulator.socketUrl}/stream?streams=btcusdt@kline_1m/btcusdt@bookTicker`,
    );
    await simulator.playCandles();
    const heard = () => new Set(socket.messages.map(({ data }) => (data as { e?: string }).e));
    await eventually(() => heard().has('kline') && heard().has('bookTicker'));
    socket.close();
  });

  it('sees accounts, orders, stops and fills, without costing request weight', async () => {
    await simulator.signed('POST', '/fapi/v1/order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
    });
    const price = (await simulator.get('/fapi/v1/ticker/price', { symbol: 'BTCUSDT' })) as { price: string };
    await simulator.signed('POST', '/fapi/v1/algoOrder', {
      algoType: 'CONDITIONAL',
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'STOP_MARKET',
      triggerPrice: (Number(price.price) * 0.9).toFixed(1),
      closePosition: 'true',
    });
    const before = (await simulator.request('GET', '/fapi/v1/ping')).headers.get('x-mbx-used-weight-1m');
    const view = (await simulator.get('/control/view', { symbol: 'BTCUSDT' })) as {
      accounts: { positions: object[]; orders: object[]; fills: object[] }[];
      candles: unknown[];
      ledger: { kind: string }[];
    };
    const after = (await simulator.request('GET', '/fapi/v1/ping')).headers.get('x-mbx-used-weight-1m');
    expect(Number(after) - Number(before)).toBe(1);
    expect(view.candles).toHaveLength(200);
    expect(view.accounts[0]).toMatchObject({
      positions: [{ symbol: 'BTCUSDT', quantity: '0.01' }],
      orders: [{ type: 'STOP_MARKET', closePosition: true }],
    });
    expect(view.accounts[0]?.fills.at(-1)).toMatchObject({ side: 'BUY', quantity: '0.01' });
    expect(view.ledger.at(-1)).toMatchObject({ kind: 'algo' });
    expect((await simulator.request('GET', '/control/view?symbol=NONE')).status).toBe(404);
  });
});
