import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  aDatabase,
  freePort,
  type RunningSimulator,
  type RunningStore,
  type ServiceProcess,
  spawnService,
  startRedis,
  startSimulator,
} from '@qt/testing';
import { HOURS, processesOf, qt, reopenBooks, SERVICES, startReplay, startSuite, type SuiteRun } from './suite.ts';

/** A sentence for a person, not a stack. */
const expectPlain = (text: string): void => expect(text).not.toMatch(/^\s+at |node:internal/m);

/** Returns the port on which `server` now listens. */
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const closed = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

describe('a service that cannot run says why, and ends', () => {
  let database: RunningStore;
  let redis: RunningStore;
  let simulator: RunningSimulator;
  const started: ServiceProcess[] = [];

  beforeAll(async () => {
    [database, redis, simulator] = await Promise.all([
      aDatabase(),
      startRedis(),
      startSimulator({ env: { SIM_SYMBOLS: 'BTCUSDT', SIM_START_MS: '1700000000000' } }),
    ]);
  }, 60_000);

  afterEach(async () => {
    for (const service of started.splice(0)) await service.stop();
  }, 30_000);

  afterAll(async () => {
    await simulator.stop();
    await redis.stop();
    await database.stop();
  }, 30_000);

  const sound = (): Record<string, string> => ({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    CLOCK: 'market',
    SYMBOLS: 'BTCUSDT',
    INTERVAL: '1m',
    VENUE_REST_URL: simulator.restUrl,
    VENUE_WS_URL: simulator.wsUrl,
    BINANCE_API_KEY: simulator.apiKey,
    BINANCE_API_SECRET: simulator.apiSecret,
    LOG_LEVEL: 'error',
  });

  /** Returns the exit code and what was said. */
  const endOf = async (name: string, env: Record<string, string>): Promise<{ code: number | null; said: string }> => {
    const service = await spawnService(name, env);
    started.push(service);
    const code = await service.exited();
    expectPlain(service.output().replace(/^\{.*\}$/gm, ''));
    return { code, said: service.output() };
  };

  it.each(SERVICES)(
    '%s: all that is missing in its environment, at once',
    async (name) => {
      const { code, said } = await endOf(name, {});
      expect(code).toBe(78);
      expect(said).toMatch(/DATABASE_URL: is not set/);
      expect(said).toMatch(/REDIS_URL: is not set/);
      if (name === 'exec-risk-service')
        expect(said).toMatch(/BINANCE_API_KEY: is not set[^]*BINANCE_API_SECRET: is not set/);
    },
    30_000,
  );

  it('a secret that is given wrongly is named, and never shown', async () => {
    const { code, said } = await endOf('exec-risk-service', {
      ...sound(),
      CLOCK: 'sometimes',
      SYMBOLS: 'bitcoin',
      REDIS_URL: 'http://user:hunter2@nowhere',
    });
    expect(code).toBe(78);
    for (const name of ['CLOCK', 'SYMBOLS', 'REDIS_URL']) expect(said).toMatch(new RegExp(`- ${name}: `));
    expect(said).not.toMatch(/hunter2/);
  }, 30_000);

  it('wrong secret: the venue refuses the signature', async () => {
    const { code, said } = await endOf('exec-risk-service', {
      ...sound(),
      BINANCE_API_SECRET: 'not-the-secret-of-this-key',
    });
    expect(code).toBe(78);
    expect(said).toMatch(/VENUE_IDENTITY: .*refused, check key, permissions and address/);
    expect(said).not.toMatch(/not-the-secret-of-this-key/);
  }, 30_000);

  it('wrong key: the venue does not know it', async () => {
    const { code, said } = await endOf('exec-risk-service', {
      ...sound(),
      BINANCE_API_KEY: 'a-key-that-nobody-has-at-this-venue',
    });
    expect(code).toBe(78);
    expect(said).toMatch(/VENUE_IDENTITY: .*refused, check key, permissions and address/);
  }, 30_000);

  it.each(['regime-service', 'exec-risk-service'])(
    '%s: a symbol that the venue does not list',
    async (name) => {
      const { code, said } = await endOf(name, { ...sound(), SYMBOLS: 'NOSUCHUSDT' });
      expect(code).toBe(78);
      expect(said).toMatch(/NOSUCHUSDT/);
      expect(said).toMatch(/SYMBOLS/);
    },
    30_000,
  );

  it.each([
    { way: 'behind', aheadMs: 5_000 },
    { way: 'ahead of', aheadMs: -5_000 },
  ])(
    'a clock that is 5 s $way the venue’s',
    async ({ way, aheadMs }) => {
      const venue = createServer((_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ serverTime: Date.now() + aheadMs }));
      });
      const port = await listening(venue);
      try {
        const { code, said } = await endOf('exec-risk-service', {
          ...sound(),
          CLOCK: 'wall',
          VENUE_REST_URL: `http://127.0.0.1:${port}`,
          VENUE_WS_URL: `ws://127.0.0.1:${port}`,
        });
        expect(code).toBe(69);
        expect(said).toMatch(
          new RegExp(
            `CLOCK_OFF: The clock of this machine is (49|50)\\d\\d ms ${way} the venue's; at most 1000 ms .*Set it right`,
          ),
        );
      } finally {
        await closed(venue);
      }
    },
    30_000,
  );

  it.each(SERVICES)(
    '%s: a taken port, named with its owner',
    async (name) => {
      const squatter = createServer();
      const port = await listening(squatter);
      try {
        const { code, said } = await endOf(name, { ...sound(), PORT: String(port) });
        expect(code).toBe(78);
        expect(said).toMatch(new RegExp(`PORT_TAKEN: .*${port}.*${process.pid}`));
      } finally {
        await closed(squatter);
      }
    },
    30_000,
  );

  it.each(SERVICES)(
    '%s: a Redis that evicts',
    async (name) => {
      const evicting = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
      try {
        const { code, said } = await endOf(name, { ...sound(), REDIS_URL: evicting.url });
        expect(code).toBe(78);
        expect(said).toMatch(/REDIS_EVICTION_ENABLED: .*allkeys-lru.*redis-cli CONFIG SET maxmemory-policy noeviction/);
      } finally {
        await evicting.stop();
      }
    },
    30_000,
  );

  it.each(SERVICES)(
    '%s: no Postgres, no Redis',
    async (name) => {
      const port = await freePort();
      const noPostgres = await endOf(name, {
        ...sound(),
        DATABASE_URL: `postgres://nobody:secret@127.0.0.1:${port}/none`,
      });
      expect(noPostgres.code).toBe(69);
      expect(noPostgres.said).toMatch(
        new RegExp(
          `POSTGRES_UNREACHABLE: PostgreSQL at 127.0.0.1:${port} cannot be reached .* Start it, or set DATABASE_URL`,
        ),
      );
      expect(noPostgres.said).not.toMatch(/nobody:secret/);
      const noRedis = await endOf(name, { ...sound(), REDIS_URL: `redis://127.0.0.1:${port}` });
      expect(noRedis.code).toBe(69);
      expect(noRedis.said).toMatch(new RegExp(`REDIS_UNREACHABLE: .*${port}.* Start it, or set REDIS_URL`));
    },
    30_000,
  );
});

describe('a start that cannot be', () => {
  let earlier: SuiteRun;

  beforeAll(async () => {
    earlier = startReplay(HOURS, { from: '2023-03-01', to: '2023-03-03' });
    expect((await earlier.ended()).code).toBe(0);
  }, 120_000);

  afterAll(() => earlier.remove(), 60_000);

  const again = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    qt(['start', ...args], { QT_RUNTIME_DIR: earlier.folder, ...env });

  const candles = (name: string, lines: readonly string[]): string => {
    const folder = join(earlier.folder, 'candles');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
    return join(folder, name);
  };
  const HEADER = 'open_time_ms,open,high,low,close,volume';
  const GOOD = '1672531200000,16500,16560,16480,16540,12.5';
  const [BTC = ''] = HOURS;

  it.each<{ fault: string; args: () => readonly string[]; says: RegExp }>([
    {
      fault: 'a candle file without its header',
      args: () => ['--replay', candles('BTCUSDT_um_1h_a.csv', [GOOD])],
      says: /BTCUSDT_um_1h_a\.csv, line 1: found "1672531200000,.*expected the header open_time_ms/,
    },
    {
      fault: 'a candle with a field missing',
      args: () => ['--replay', candles('BTCUSDT_um_1h_b.csv', [HEADER, GOOD, '1672534800000,16500,16560'])],
      says: /BTCUSDT_um_1h_b\.csv, line 3: found 3 fields .*expected 6 fields/,
    },
    {
      fault: 'a candle whose high is below its low',
      args: () => ['--replay', candles('BTCUSDT_um_1h_c.csv', [HEADER, GOOD.replace('16560', '16400')])],
      says: /BTCUSDT_um_1h_c\.csv, line 2: found open 16500 high 16400 .*expected low <= open/,
    },
    {
      fault: 'a price that is no number',
      args: () => ['--replay', candles('BTCUSDT_um_1h_d.csv', [HEADER, GOOD.replace('16540', 'NaN')])],
      says: /BTCUSDT_um_1h_d\.csv, line 2: found "NaN", expected close as a plain decimal/,
    },
    {
      fault: 'candles out of order',
      args: () => ['--replay', candles('BTCUSDT_um_1h_e.csv', [HEADER, GOOD, GOOD])],
      says: /BTCUSDT_um_1h_e\.csv, line 3: found 1672531200000, expected an open time after 1672531200000/,
    },
    {
      fault: 'a packed file that is none',
      args: () => ['--replay', candles('BTCUSDT_um_1h_f.csv.gz', [HEADER, GOOD])],
      says: /BTCUSDT_um_1h_f\.csv\.gz is not a gzip file/,
    },
    {
      fault: 'no such file',
      args: () => ['--replay', '/nowhere/x.csv'],
      says: /found no file \/nowhere\/x\.csv; expected/,
    },
    {
      fault: 'a name that does not say what is in the file',
      args: () => ['--replay', candles('prices.csv', [HEADER, GOOD])],
      says: /prices\.csv does not say symbol and interval; expected SYMBOL_market_interval_.* --symbols/,
    },
    {
      fault: 'a symbol that is in none of the files',
      args: () => ['--replay', BTC, '--symbols', 'DOGEUSDT'],
      says: /DOGEUSDT is in none of the files; found BTCUSDT/,
    },
    {
      fault: 'a symbol that is none',
      args: () => ['--symbols', 'bitcoin'],
      says: /found "bitcoin", expected symbols such as/,
    },
    {
      fault: 'files of two lengths of candle',
      args: () => ['--replay', `${BTC},${candles('ETHUSDT_um_1m_x.csv', [HEADER, GOOD])}`],
      says: /found intervals 1h and 1m; expected files of one interval/,
    },
    {
      fault: 'a span that ends before it begins',
      args: () => ['--replay', BTC, '--from', '2023-04-01', '--to', '2023-03-01'],
      says: /--from 2023-04-01 is not before --to/,
    },
    {
      fault: 'a span outside of the files',
      args: () => ['--replay', BTC, '--from', '2030-01-01'],
      says: /no common span within the cut 2030-01-01T00:00:00\.000Z to end: BTCUSDT 2023-01-01T/,
    },
    { fault: 'a speed that is none', args: () => ['--speed', 'fast'], says: /found "fast", expected max, or a factor/ },
    { fault: 'an interval that is none', args: () => ['--interval', '7m'], says: /found "7m", expected one of 1m/ },
  ])(
    '$fault',
    async ({ args, says }) => {
      const { code, stderr } = await again([...args(), '--port-offset', 'auto', '--exit']);
      expect(code).not.toBe(0);
      expect(code).not.toBeNull();
      expect(stderr).toMatch(says);
      expectPlain(stderr);
      expect(processesOf(earlier.folder)).toEqual([]);
    },
    60_000,
  );

  it('a taken port, named with its owner and a way out', async () => {
    const squatter = createServer();
    const port = await listening(squatter);
    // The one port of the suite that is taken, whatever it serves there: the offset moves it onto the squatter.
    const offset = port - 5432;
    try {
      const { code, stderr } = await again(['--port-offset', String(offset)]);
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`${port}.*${process.pid}.*--port-offset`));
      expectPlain(stderr);
    } finally {
      await closed(squatter);
    }
  }, 60_000);

  it('risk limits that are none', async () => {
    const path = join(earlier.folder, 'limits.yaml');
    writeFileSync(path, 'sizing:\n  risk_per_trade_ratio: 7\n');
    const { code, stderr } = await again(['--port-offset', 'auto'], { RISK_LIMITS_FILE: path });
    expect(code).toBe(1);
    expect(stderr).toMatch(/RISK_LIMITS_FILE=.*limits\.yaml: /);
    expectPlain(stderr);
  }, 60_000);

  it('and after all that, nothing of the earlier run is lost', async () => {
    const books = await reopenBooks(earlier);
    try {
      const checked = await qt(['invariants', '--ledger', earlier.ledgerPath, '--database', books.url()]);
      expect({ code: checked.code, breaches: checked.stdout.match(/^.*BREACH.*$/gm) }).toEqual({
        code: 0,
        breaches: null,
      });
      const [row] = await books.rows<{ fills: number }>('SELECT count(*)::int AS fills FROM fills');
      expect(row?.fills).toBe(earlier.summary().fills);
    } finally {
      await books.close();
    }
  }, 60_000);
});

describe('a start beside a running one', () => {
  it('says which process runs and where to look; the running one goes on', async () => {
    const first = startSuite([]);
    try {
      await first.says('started in');
      const { code, stderr } = await qt(['start', '--port-offset', 'auto'], { QT_RUNTIME_DIR: first.folder });
      expect(code).toBe(1);
      expect(stderr).toMatch(new RegExp(`already running here: process ${first.pid}, .*qt status`));
      expectPlain(stderr);
      expect((await fetch(`${first.url('exec-risk-service')}/ready`)).status).toBe(200);
    } finally {
      await first.remove();
    }
  }, 120_000);
});
