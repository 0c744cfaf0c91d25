import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createDatabase,
  type Database,
  type EndedRegimeTask,
  RegimeAuditRepository,
  RegimePatternRepository,
  RegimeTaskRepository,
} from '@qt/database';
import { AppError } from '@qt/kernel';
import { aDatabase, eventually, type RunningStore, silentLogger, startRedis } from '@qt/testing';
import type { JobsDeps } from '../../src/jobs/jobs.ts';
import type { TaskRequest } from '../../src/jobs/task-request.ts';
import { aChaosProxy } from '../support/chaos-proxy.ts';
import { type RunningJobs, someJobs } from '../support/a-scheduler.ts';
import { storeHistory } from '../support/regime-history-rows.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let redis: RunningStore;
let postgres: RunningStore;
let database: Database;
let sources = 0;
const running: RunningJobs[] = [];

beforeAll(async () => {
  redis = await startRedis();
  postgres = await aDatabase();
  database = createDatabase({ url: postgres.url, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await database.stop();
  await postgres.stop();
  await redis.stop();
});
beforeEach(async () => {
  await database.query('TRUNCATE candles, regime_history, regime_transitions, regime_patterns, regime_tasks');
});
afterEach(async () => {
  for (const jobs of running.splice(0)) await jobs.scheduler.stop();
});

const start = async (change: Partial<JobsDeps> = {}): Promise<RunningJobs> => {
  const jobs = someJobs({ database, redisUrl: redis.url, source: `jobs-${(sources += 1)}`, ...change });
  running.push(jobs);
  await jobs.scheduler.start();
  return jobs;
};
const stop = async (jobs: RunningJobs): Promise<void> => {
  running.splice(running.indexOf(jobs), 1);
  await jobs.scheduler.stop();
};

const aRequest = (change: Partial<TaskRequest> = {}): TaskRequest => ({
  kind: 'optimize_boundaries',
  reason: 'the test wants it',
  origin: 'operator',
  symbol: null,
  slotMs: null,
  ...change,
});
const ended = (count: number): Promise<readonly EndedRegimeTask[]> =>
  eventually(
    async () => {
      const tasks = await new RegimeTaskRepository(database).listEnded({ sinceMs: 0, limit: 100 });
      if (tasks.length < count) throw new Error(`${tasks.length} of ${count} tasks ended`);
      return tasks;
    },
    { timeoutMs: 15_000 },
  );

describe('the scheduler', () => {
  it('does what it is asked and keeps a record of it', async () => {
    const jobs = await start();
    expect(jobs.scheduler.request(aRequest({ kind: 'snapshot', symbol: 'BTCUSDT' }))).toBe('accepted');
    expect(await ended(1)).toMatchObject([
      {
        kind: 'snapshot',
        reason: 'the test wants it',
        outcome: 'done',
        attempts: 1,
        detail: { takenWithTheNextCandleOf: ['BTCUSDT'] },
      },
    ]);
    expect(jobs.asked).toEqual(['snapshot BTCUSDT']);
    expect(jobs.scheduler.check()).toMatchObject({ status: 'up' });
    expect(await jobs.metrics.registry.metrics()).toMatch(/regime_tasks_total\{kind="snapshot",outcome="done"\} 1/);
  });

  it('begins with what matters most', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const order: string[] = [];
    const jobs = await start({
      audits: {
        audit: async (range, intervalMs) => {
          order.push('audit');
          await gate;
          return new RegimeAuditRepository(database).audit(range, intervalMs);
        },
      },
      engines: {
        ask: (step) => {
          order.push(step);
          return ['BTCUSDT'];
        },
      },
    });
    jobs.scheduler.request(aRequest({ kind: 'audit' }));
    await eventually(() => order.length === 1);
    for (const kind of ['update_transition_matrix', 'optimize_boundaries', 'snapshot'] as const)
      jobs.scheduler.request(aRequest({ kind }));
    await eventually(() => jobs.scheduler.check().queue.waiting === 3);
    release();
    await ended(4);
    expect(order).toEqual(['audit', 'snapshot', 'optimize_boundaries', 'update_transition_matrix']);
  });

  it('lets unimportant work wait for a busy machine, says so, and does the urgent meanwhile', async () => {
    // Every machine is busier than that.
    const jobs = await start({ settings: { limits: { cpuRatio: 1, memoryRatio: 0 } } });
    jobs.scheduler.request(aRequest({ kind: 'analyze_history' }));
    jobs.scheduler.request(aRequest({ kind: 'snapshot' }));
    await ended(1);
    expect(jobs.asked).toEqual(['snapshot all']);
    await eventually(() => typeof jobs.scheduler.look().metrics['last_postponed_because'] === 'string');
    expect(jobs.scheduler.look().metrics['last_postponed_because']).toMatch(
      /^analyze_history@.*memory is 0\.\d\d used; a task of importance 2 waits above 0\.00$/,
    );
    const inside = JSON.stringify(await jobs.scheduler.debug());
    expect(inside).toContain('waits above 0.00');
    await eventually(() => jobs.scheduler.look().metrics['queue_depth'] === 1);
  });

  it('tries again what fails, and leaves in sight what fails for good', async () => {
    let failures = 2;
    const jobs = await start({
      audits: {
        audit: (range, intervalMs) => {
          failures -= 1;
          if (failures >= 0) return Promise.reject(new Error('broken'));
          return new RegimeAuditRepository(database).audit(range, intervalMs);
        },
      },
      engines: { ask: () => [] },
    });
    jobs.scheduler.request(aRequest({ kind: 'audit' }));
    expect(await ended(1)).toMatchObject([{ kind: 'audit', outcome: 'done', attempts: 3 }]);
    jobs.scheduler.request(aRequest({ kind: 'update_transition_matrix' }));
    const [dead] = await ended(2);
    expect(dead).toMatchObject({
      kind: 'update_transition_matrix',
      outcome: 'dead',
      detail: { error: expect.stringMatching(/MARKET_NOT_HERE/) },
    });
    expect(jobs.scheduler.check()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/failed for good/),
    });
    await eventually(() => jobs.scheduler.look().metrics['tasks_dead'] === 1);
    expect(await jobs.scheduler.dropDead()).toBe(1);
    await eventually(() => jobs.scheduler.check().status === 'up' && jobs.scheduler.check().queue.dead === 0);
  });

  it('waits for a store that is away without using up its attempts', async () => {
    let isAway = true;
    let attempts = 0;
    const jobs = await start({
      audits: {
        audit: (range, intervalMs) => {
          attempts += 1;
          if (isAway) return Promise.reject(new AppError('POSTGRES_UNREACHABLE', 'away', { retryable: true }));
          return new RegimeAuditRepository(database).audit(range, intervalMs);
        },
      },
    });
    jobs.scheduler.request(aRequest({ kind: 'audit' }));
    // More often than the kind has attempts.
    await eventually(() => attempts >= 5, { timeoutMs: 20_000 });
    isAway = false;
    expect(await ended(1)).toMatchObject([{ outcome: 'done', attempts: 1 }]);
  }, 40_000);

  it('goes on after a restart with what was waiting, and knows what it has done', async () => {
    const source = `jobs-${(sources += 1)}`;
    const first = await start({ source });
    await first.scheduler.drain();
    first.scheduler.request(aRequest({ kind: 'optimize_boundaries' }));
    await eventually(() => {
      const { waiting, postponed } = first.scheduler.check().queue;
      return waiting + postponed === 1;
    });
    await stop(first);

    const second = await start({ source });
    await ended(1);
    expect([first.asked, second.asked]).toEqual([[], ['optimize_boundaries all']]);
    await stop(second);

    // Feedback, which asks again and again, is held off across a restart.
    const third = await start({ source });
    await eventually(() => third.scheduler.request(aRequest({ origin: 'feedback' })) === 'cooling_down');
    expect(third.scheduler.request(aRequest({ origin: 'feedback', symbol: 'ETHUSDT' }))).toBe('accepted');
  });

  it('takes requests while Redis is away, says so, and does them when it is back', async () => {
    const proxy = await aChaosProxy(redis.url);
    const jobs = await start({ redisUrl: proxy.url });
    jobs.scheduler.request(aRequest({ kind: 'snapshot' }));
    await ended(1);
    proxy.takeAway();
    await eventually(() => jobs.scheduler.check().status === 'degraded');
    for (const kind of ['optimize_boundaries', 'update_transition_matrix', 'optimize_boundaries'] as const)
      jobs.scheduler.request(aRequest({ kind }));
    const { detail } = jobs.scheduler.check();
    expect(detail).toMatch(/^Redis cannot be reached since .*; 2 new tasks wait here/);
    expect(jobs.scheduler.queuedTasks).toBe(2);
    expect(JSON.stringify(await jobs.scheduler.debug())).toContain('Redis cannot be reached');
    proxy.restore();
    expect(await ended(3)).toHaveLength(3);
    expect(jobs.asked.toSorted()).toEqual(['optimize_boundaries all', 'snapshot all', 'update_transition_matrix all']);
    await eventually(() => jobs.scheduler.check().status === 'up');
    await stop(jobs);
    await proxy.stop();
  }, 30_000);

  it('goes on when Redis comes back empty: routines and requests do not live there', async () => {
    const own = await startRedis();
    const jobs = await start({ redisUrl: own.url });
    jobs.scheduler.request(aRequest({ kind: 'snapshot' }));
    await ended(1);
    await own.server.stop();
    await eventually(() => jobs.scheduler.check().status === 'degraded');
    const again = await startRedis({ port: Number(new URL(own.url).port) });
    await eventually(() => jobs.scheduler.check().status === 'up', { timeoutMs: 10_000 });
    jobs.scheduler.request(aRequest({ kind: 'optimize_boundaries' }));
    jobs.scheduler.candleClosed(Date.UTC(2026, 2, 29, 3));
    const kinds = (await ended(4)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['analyze_history', 'audit', 'optimize_boundaries', 'snapshot']);
    await stop(jobs);
    await again.stop();
  }, 40_000);

  it('takes each turn of a routine once as candles move time, and leaves the steps of engines to the candles', async () => {
    const source = `jobs-${(sources += 1)}`;
    const jobs = await start({ source });
    const midnight = Date.UTC(2026, 2, 29);
    await storeHistory(database, {
      symbol: 'BTCUSDT',
      count: 300,
      pathSql: 'n / 30 % 3',
      sinceMs: midnight - 300 * 60_000,
    });
    for (let closedAtMs = midnight; closedAtMs <= midnight + 4 * HOUR_MS; closedAtMs += 60_000)
      jobs.scheduler.candleClosed(closedAtMs);
    // Several turns were reached at once; of each routine the last one counts.
    await ended(2);
    const patterns = () => new RegimePatternRepository(database).listNewest({ symbol: 'BTCUSDT', interval: '1m' });
    await eventually(async () => (await patterns())[0]?.analyzedAtMs === midnight + 3 * HOUR_MS);
    jobs.scheduler.candleClosed(midnight + 4 * HOUR_MS + 60_000);
    expect(jobs.asked).toEqual([]);
    await stop(jobs);

    // A replay of the same hours by a new process: the turn is known.
    const before = await new RegimeTaskRepository(database).listEnded({ sinceMs: 0, limit: 100 });
    const again = await start({ source });
    again.scheduler.candleClosed(midnight + 3.5 * HOUR_MS);
    await eventually(() => again.scheduler.check().not_in_redis === 0);
    again.scheduler.request(aRequest({ kind: 'snapshot' }));
    const after = await ended(before.length + 1);
    expect(after).toHaveLength(before.length + 1);
  }, 30_000);

  it('takes the turns of the wall clock where candles do not move time', async () => {
    const jobs = await start({ isMarketTime: false });
    const tasks = await ended(3);
    expect(tasks.map(({ kind }) => kind).toSorted()).toEqual(['analyze_history', 'audit', 'optimize_boundaries']);
    const slot = Number(tasks.find(({ kind }) => kind === 'analyze_history')!.taskId.split('@')[2]);
    expect(slot % DAY_MS).toBe(3 * HOUR_MS);
    expect(jobs.asked).toEqual(['optimize_boundaries all']);
    // Time is the wall's: candles say nothing.
    jobs.scheduler.candleClosed(Date.now() + 10 * DAY_MS);
    expect(jobs.scheduler.check().not_in_redis).toBe(0);
  });
});

describe('the analyzer of history', () => {
  it('finds what was stored, and compares it with the live matrix', async () => {
    // 0 for 30 candles, 1 for 60, 2 for 30, again and again; 2 goes to 0.
    const pathSql = `CASE WHEN n % 120 < 30 THEN 0 WHEN n % 120 < 90 THEN 1 ELSE 2 END`;
    await storeHistory(database, { symbol: 'BTCUSDT', count: 12_000, pathSql });
    const uniform = Array.from({ length: 18 }, (_, from) =>
      Array.from({ length: 18 }, (__, to) => (from === to ? 0 : 1 / 17)),
    );
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (...said: unknown[]) => void warnings.push(said) };
    const { analyzer } = someJobs({
      database,
      redisUrl: redis.url,
      source: 'analyzer',
      liveMatrixView: () => ({ debug: { matrix: uniform, options: { priorCount: 0.5 } } }),
      logger: logger as never,
    });
    const slotMs = 12_000 * 60_000;
    await analyzer.analyze({ symbol: null, slotMs });
    const found = await new RegimePatternRepository(database).listNewest({ symbol: 'BTCUSDT', interval: '1m' });
    const patternOf = (kind: string) => found.find((pattern) => pattern.kind === kind)!.pattern as never;
    expect(found.map(({ kind }) => kind)).toEqual([
      'aftermath',
      'durations',
      'matrix_comparison',
      'sequences',
      'time_profile',
      'transitions',
    ]);
    expect(found[0]).toMatchObject({ analyzedAtMs: slotMs, fromMs: 0, toMs: slotMs - 60_000, candles: 12_000 });
    expect(patternOf('durations')).toMatchObject({
      holes: 0,
      regimes: [
        { regimeId: 0, meanCandles: 30 },
        { regimeId: 1, medianCandles: 60 },
        { regimeId: 2, p90Candles: 30 },
      ],
    });
    expect(patternOf('sequences')).toMatchObject({ sequences: [{ regimeIds: [0, 1, 2], count: 100 }, {}, {}] });
    expect(patternOf('matrix_comparison')).toMatchObject({ rows: 3, isUnusual: true });
    expect(analyzer.check()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/BTCUSDT: transitions of the history are 0\.\d+ away from the live matrix/),
    });
    expect(warnings).toHaveLength(1);
    expect(analyzer.look().metrics).toMatchObject({ candles_analyzed: 12_000, markets_analyzed: 1 });

    // The same look again finds the same and adds nothing.
    await analyzer.analyze({ symbol: null, slotMs });
    expect(await new RegimePatternRepository(database).listNewest({ symbol: 'BTCUSDT', interval: '1m' })).toEqual(
      found,
    );
    expect((await database.query('SELECT 1 FROM regime_patterns')).rowCount).toBe(6);
  }, 30_000);

  it('walks through a long history in little memory', async () => {
    await storeHistory(database, { symbol: 'BTCUSDT', count: 60_000, pathSql: '(n / 37 * 7 + n / 11) % 18' });
    const { analyzer } = someJobs({ database, redisUrl: redis.url, source: 'analyzer' });
    let peakBytes = 0;
    const before = process.memoryUsage().heapUsed;
    const timer = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed)), 5);
    const startedAt = performance.now();
    await analyzer.analyze({ symbol: null, slotMs: null });
    clearInterval(timer);
    const megabytes = Math.round((peakBytes - before) / 2 ** 20);
    process.stdout.write(
      `60,000 candles analyzed in ${Math.round(performance.now() - startedAt)} ms, ${megabytes} MB above\n`,
    );
    expect(analyzer.look().metrics['candles_analyzed']).toBe(60_000);
    // All rows at once would be more than 12 MB of objects; garbage of a few pages may lie around.
    expect(peakBytes - before).toBeLessThan(100 * 2 ** 20);
  }, 120_000);
});

describe('the audit of the record', () => {
  it('finds every kind of contradiction, and none in a record that has none', async () => {
    await storeHistory(database, { symbol: 'BTCUSDT', count: 100, pathSql: 'n / 20' });
    await database.query(
      `INSERT INTO regime_transitions SELECT symbol, interval, open_time_ms, previous_regime_id, regime_id, probability
       FROM regime_history WHERE previous_regime_id IS NOT NULL`,
    );
    const range = { symbol: 'BTCUSDT', interval: '1m', fromMs: 0, toMs: DAY_MS };
    const audit = () => new RegimeAuditRepository(database).audit(range, 60_000);
    expect(await audit()).toEqual({ candles: 100, holes: 0, unclassified: 0, contradictions: 0, transitionsAmiss: 0 });
    // The newest candle of the first history is told by the engine that has learned from all of it, the one before by one that had not.
    await database.query(`UPDATE candles SET is_published = false WHERE open_time_ms < 3000000`);
    await database.query(`UPDATE regime_history SET regime_id = 17 WHERE open_time_ms = 2940000`);
    await database.query(`UPDATE regime_history SET previous_regime_id = 17 WHERE open_time_ms = 3000000`);
    await database.query(`INSERT INTO regime_transitions VALUES ('BTCUSDT', '1m', 3000000, 17, 2, 0.9)`);
    expect(await audit()).toMatchObject({ contradictions: 0, transitionsAmiss: 0 });
    await database.query(`UPDATE regime_history SET regime_id = 16 WHERE open_time_ms IN (2880000, 2820000)`);
    expect(await audit()).toMatchObject({ contradictions: 1 });
    await database.query(`UPDATE regime_history SET regime_id = 2 WHERE open_time_ms IN (2820000, 2880000, 2940000)`);
    await database.query(`UPDATE regime_history SET previous_regime_id = NULL WHERE open_time_ms = 3000000`);
    await database.query(`DELETE FROM regime_transitions WHERE open_time_ms = 3000000`);
    expect(await audit()).toMatchObject({ contradictions: 0, transitionsAmiss: 0 });
    await database.query(`DELETE FROM regime_history WHERE open_time_ms IN (300000, 600000)`);
    await database.query(`DELETE FROM candles WHERE open_time_ms = 600000`);
    await database.query(`DELETE FROM regime_transitions WHERE from_regime_id = 0`);
    await database.query(`UPDATE regime_transitions SET to_regime_id = 9 WHERE from_regime_id = 2`);
    await database.query(`UPDATE regime_history SET probabilities[3] = 0.5 WHERE open_time_ms = 900000`);
    expect(await audit()).toEqual({ candles: 99, holes: 1, unclassified: 1, contradictions: 1, transitionsAmiss: 2 });
  });
});
