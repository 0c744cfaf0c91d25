import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { Redis } from 'ioredis';
import {
  booksOf,
  breachesOf,
  HOURS,
  MONEY_PATH,
  processesOf,
  qt,
  reopenBooks,
  SERVICES,
  startReplay,
  type SuiteRun,
} from './suite.ts';

const SPAN = { from: '2023-03-01', to: '2023-03-06' };

const runs: SuiteRun[] = [];
const redises: Redis[] = [];

afterEach(async () => {
  for (const redis of redises.splice(0)) redis.disconnect();
  for (const run of runs.splice(0)) await run.remove();
}, 90_000);

const replay = (span: Parameters<typeof startReplay>[1]): SuiteRun => {
  const run = startReplay(HOURS, span);
  runs.push(run);
  return run;
};

const tell = (line: string): void => void process.stdout.write(`${line}\n`);

/** Waits for the end and holds the run to it: exit code 0, every invariant, nothing left behind. */
const endsWell = async (run: SuiteRun): Promise<void> => {
  const { code, stdout, stderr } = await run.ended();
  const breaches = code === 0 || stdout.includes('summary:') ? breachesOf(run) : [stdout.slice(-3_000)];
  const logs = code === 0 ? '' : SERVICES.map((name) => `${name}: ${run.log(name)}`).join('\n');
  expect({ code, stderr, breaches, logs, left: processesOf(run.folder) }).toEqual({
    code: 0,
    stderr: '',
    breaches: [],
    logs: '',
    left: [],
  });
  expect(run.summary().fills).toBeGreaterThan(5);
};

/** Returns numbers from 0 to 1 that depend on the seed alone. Source: mulberry32, T. Ettinger. */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** SIGKILL once the market has come to `share`, wherever the service stands in its work. */
const killAt = async (run: SuiteRun, name: string, share: number): Promise<void> => {
  const { candlesPlayed, timeMs } = await run.played(share);
  // In the moment after a death there is no process to kill: the next one gets it.
  const pid = await eventually(() => run.killService(name), { timeoutMs: 30_000, intervalMs: 5 });
  tell(`  killed ${name} (${pid}) at candle ${candlesPlayed}, ${new Date(timeMs).toISOString()}`);
};

const restartsOf = (run: SuiteRun): number => SERVICES.reduce((total, name) => total + (run.restarts()[name] ?? 0), 0);

describe('kill -9', () => {
  it('each service in turn, in one replay', async () => {
    const run = replay(SPAN);
    tell('kill -9 of each service in turn');
    for (const [index, name] of SERVICES.entries()) await killAt(run, name, 0.2 + index * 0.18);
    await endsWell(run);
    for (const name of SERVICES) expect({ name, restarts: run.restarts()[name] }).toEqual({ name, restarts: 1 });
  }, 300_000);

  it('ten blind kills in one replay', async () => {
    const seed = Number(process.env['QT_E2E_SEED'] ?? 20_261_122);
    tell(`ten blind kills, QT_E2E_SEED=${seed}`);
    const random = randomFrom(seed);
    const kills = Array.from({ length: 10 }, () => ({
      share: 0.03 + random() * 0.92,
      name: SERVICES[Math.floor(random() * SERVICES.length)] as string,
    })).toSorted((a, b) => a.share - b.share);
    const run = replay(SPAN);
    for (const { name, share } of kills) await killAt(run, name, share);
    await endsWell(run);
    expect(restartsOf(run)).toBe(10);
  }, 400_000);
});

interface LedgerLine {
  readonly kind: string;
  readonly fault?: string;
  readonly path?: string;
  readonly origin?: string;
}

describe('lost answers', () => {
  const PLACING = ['/fapi/v1/order', '/fapi/v1/algoOrder'];

  it('the venue takes 50 orders of each book and drops every answer', async () => {
    const run = replay({ from: '2023-03-01', to: '2023-03-11' });
    await run.addFaults(...PLACING.map((path) => ({ kind: 'drop_reply' as const, method: 'POST', path, times: 50 })));
    await endsWell(run);

    const lines = readFileSync(run.ledgerPath, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LedgerLine);
    const struck = (path: string) => lines.filter((line) => line.fault === 'drop_reply' && line.path === path).length;
    const placed = {
      '/fapi/v1/order': lines.filter(({ kind, origin }) => kind === 'order' && origin === 'client').length,
      '/fapi/v1/algoOrder': lines.filter(({ kind }) => kind === 'algo').length,
    };
    tell(`lost answers: ${PLACING.map((path) => `${struck(path)} at ${path}`).join(', ')}`);
    for (const [path, orders] of Object.entries(placed)) {
      expect({ path, struck: struck(path) }).toEqual({ path, struck: Math.min(50, orders) });
    }
    expect(struck('/fapi/v1/algoOrder')).toBe(50);
    expect(struck('/fapi/v1/order')).toBeGreaterThan(30);
  }, 400_000);
});

const redisOf = (run: SuiteRun): Redis => {
  const redis = new Redis(run.redisUrl);
  redises.push(redis);
  return redis;
};

/** Puts every entry of every stream on its stream once more. Returns how many. */
const addAllAgain = async (redis: Redis): Promise<number> => {
  let count = 0;
  for (const stream of (await redis.keys('quantum:events:*')).toSorted()) {
    const entries = await redis.xrange(stream, '-', '+');
    const pipeline = redis.pipeline();
    for (const [, fields] of entries) pipeline.xadd(stream, '*', ...fields);
    await pipeline.exec();
    count += entries.length;
  }
  return count;
};

/** Returns the groups that have not taken and acknowledged the last entry of their stream. */
const groupsBehind = async (redis: Redis): Promise<readonly string[]> => {
  const behind: string[] = [];
  for (const stream of await redis.keys('quantum:events:*')) {
    const [last] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
    const lastId = last?.[0] ?? '0-0';
    for (const group of (await redis.xinfo('GROUPS', stream)) as unknown[][]) {
      const fact = (name: string): unknown => group[group.indexOf(name) + 1];
      if (fact('pending') !== 0 || fact('last-delivered-id') !== lastId) {
        behind.push(`${stream}, last ${lastId}: ${group.join(' ')}`);
      }
    }
  }
  return behind;
};

const allTaken = (redis: Redis): Promise<void> =>
  eventually(async () => expect(await groupsBehind(redis)).toEqual([]), { timeoutMs: 60_000 });

const CHECKED = {
  ...MONEY_PATH,
  inbox: 'SELECT * FROM inbox ORDER BY consumer, event_id',
  outbox: 'SELECT * FROM outbox ORDER BY id',
  order_transitions: 'SELECT * FROM order_transitions ORDER BY transition_id',
  candles: 'SELECT * FROM candles ORDER BY symbol, interval, open_time_ms',
  signals: 'SELECT * FROM signals ORDER BY signal_id',
  predictions: 'SELECT * FROM predictions ORDER BY symbol, interval, candle_closed_at_ms, model_id',
  events: 'SELECT * FROM events ORDER BY event_id',
  performance_daily: 'SELECT * FROM performance_daily ORDER BY day, symbol',
} as const;

describe('Redis', () => {
  it('FLUSHALL, five times in one replay', async () => {
    const run = replay(SPAN);
    await run.played(0.1);
    const redis = redisOf(run);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9]) {
      const { candlesPlayed } = await run.played(share);
      const keys = await redis.dbsize();
      await redis.flushall();
      tell(`  FLUSHALL of ${keys} keys at candle ${candlesPlayed}`);
      expect(keys).toBeGreaterThan(0);
    }
    redis.disconnect();
    await endsWell(run);
  }, 300_000);

  it('the whole stream once more in the middle of a replay, and once more at its end: nothing changes', async () => {
    const untouched = replay(SPAN);
    await untouched.says('started in');
    const run = replay({ ...SPAN, more: [] });
    await run.played(0.5);
    const redis = redisOf(run);
    tell(`  ${await addAllAgain(redis)} entries added again in the middle`);
    await run.says('the replay is through', 240_000);
    await allTaken(redis);

    const books = booksOf(run);
    const before = await books.checksums(CHECKED);
    const added = await addAllAgain(redis);
    tell(`  ${added} entries added again at the end`);
    expect(added).toBeGreaterThan(1_000);
    await allTaken(redis);
    expect(await books.checksums(CHECKED)).toEqual(before);
    expect(await books.rows('SELECT * FROM dead_letters')).toEqual([]);

    const { code, stdout } = await qt(['invariants'], { QT_RUNTIME_DIR: run.folder });
    expect({ code, breaches: stdout.match(/^.*BREACH.*$/gm) }).toEqual({ code: 0, breaches: null });
    const money = await books.checksums(MONEY_PATH);
    redis.disconnect();
    run.signal('SIGINT');
    await endsWell(run);

    await endsWell(untouched);
    const reference = await reopenBooks(untouched);
    try {
      expect(money).toEqual(await reference.checksums(MONEY_PATH));
    } finally {
      await reference.close();
    }
  }, 400_000);
});
