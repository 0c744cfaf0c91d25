import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@qt/testing';
import { booksOf, processesOf, qt, SERVICES, startSuite, type SuiteRun } from './suite.ts';

const GONE_WITHIN_MS = 15_000;
const runs: SuiteRun[] = [];

afterEach(async () => {
  for (const run of runs.splice(0)) await run.remove();
}, 60_000);

const start = async (...args: readonly string[]): Promise<SuiteRun> => {
  const run = startSuite(args);
  runs.push(run);
  await run.says('started in');
  return run;
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

interface Status {
  readonly isRunning: boolean;
  readonly kind: string;
  readonly timeMs: number;
  readonly equityUsdt: string;
  readonly tradingMode: unknown;
  readonly services: readonly {
    readonly name: string;
    readonly pid: number;
    readonly isAlive: boolean;
    readonly lag: number | null;
    readonly health: unknown;
  }[];
  readonly markets: readonly { readonly symbol: string; readonly price: string }[];
  readonly positions: readonly object[];
  readonly orders: readonly object[];
}

const statusOf = async (run: SuiteRun): Promise<Status> => {
  const { code, stdout, stderr } = await qt(['status', '--json'], { QT_RUNTIME_DIR: run.folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Status;
};

/** Every process of the suite, found in two ways: by what it says of itself, and by what knows its folder. */
const everyPid = (run: SuiteRun): readonly number[] => [
  ...new Set([run.pid, ...run.facts().processes.map(({ pid }) => pid), ...processesOf(run.folder)]),
];

const allGone = (pids: readonly number[], run: SuiteRun): Promise<void> =>
  eventually(
    () => expect({ alive: pids.filter(isAlive), of: processesOf(run.folder) }).toEqual({ alive: [], of: [] }),
    { timeoutMs: GONE_WITHIN_MS },
  );

describe('a start without files', () => {
  it('trades the built-in market, shows it, says it in qt status, and on Ctrl-C drains and leaves nothing', async () => {
    const run = await start();
    // Its lines may reach this process in more than one piece.
    await eventually(() => {
      for (const url of Object.values(run.facts().urls)) expect(run.output).toContain(url);
    });

    const status = await eventually(
      async () => {
        const seen = await statusOf(run);
        expect(seen.markets.map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
        for (const { price } of seen.markets) expect(Number(price)).toBeGreaterThan(0);
        return seen;
      },
      { timeoutMs: 30_000, intervalMs: 500 },
    );
    expect(status).toMatchObject({ isRunning: true, kind: 'paper', timeMs: expect.any(Number) });
    expect(Number(status.equityUsdt)).toBeGreaterThan(0);
    expect(status.tradingMode).toMatchObject({ mode: 'ACTIVE' });
    expect(Array.isArray(status.positions) && Array.isArray(status.orders)).toBe(true);
    const names = status.services.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...SERVICES, 'exchange-simulator', 'redis', 'postgres']));
    expect(status.services.filter((service) => !service.isAlive)).toEqual([]);
    for (const { name, health, lag } of status.services) {
      if (!(SERVICES as readonly string[]).includes(name)) continue;
      expect({ name, health }).toEqual({ name, health: expect.objectContaining({ status: 'healthy' }) });
      // regime-service listens to nobody.
      if (name !== 'regime-service') expect({ name, lag }).toEqual({ name, lag: expect.any(Number) });
    }

    const human = await qt(['status'], { QT_RUNTIME_DIR: run.folder });
    expect(human.code).toBe(0);
    for (const word of [...SERVICES, 'BTCUSDT', 'trading mode ACTIVE', 'equity']) expect(human.stdout).toContain(word);
    // The live lines: time, symbol, price.
    await eventually(() => expect(run.output).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d SOLUSDT +\d/m), {
      timeoutMs: 30_000,
    });

    const pids = everyPid(run);
    expect(pids.length).toBeGreaterThan(7);
    run.signal('SIGINT');
    const { code, stdout, stderr } = await run.ended();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/SIGINT: draining and stopping everything[^]*everything has stopped/);
    await allGone(pids, run);

    const after = await qt(['status', '--json'], { QT_RUNTIME_DIR: run.folder });
    expect({ code: after.code, said: JSON.parse(after.stdout) }).toEqual({ code: 3, said: { isRunning: false } });
  }, 120_000);

  it('ends by itself with --for', async () => {
    const run = await start('--for', '1s');
    const pids = everyPid(run);
    expect((await run.ended()).code).toBe(0);
    await allGone(pids, run);
  }, 120_000);

  it('killed without a word, it leaves no process behind, and the next start finds its place free', async () => {
    const run = await start();
    const pids = everyPid(run);
    run.signal('SIGKILL');
    await run.ended();
    await allGone(pids, run);

    const next = startSuite(['--for', '1s'], {}, run.folder);
    expect(await next.ended()).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);

  it('a drain file takes a service out of service and its removal puts it back', async () => {
    const run = await start();
    const health = async (name: string): Promise<unknown> => (await fetch(`${run.url(name)}/health`)).json();
    const ready = async (name: string): Promise<number> => (await fetch(`${run.url(name)}/ready`)).status;
    for (const [name, file] of [
      ['exec-risk-service', 'drain_mode'],
      ['ai-service', 'maintenance_mode'],
    ] as const) {
      const path = join(run.folder, 'drain', name, file);
      writeFileSync(path, '');
      await eventually(async () => {
        expect(await health(name)).toMatchObject({ status: 'draining' });
        expect(await ready(name)).toBe(503);
      });
      rmSync(path);
      await eventually(async () => {
        expect(await health(name)).toMatchObject({ status: 'healthy' });
        expect(await ready(name)).toBe(200);
      });
    }
    expect(Object.values(run.restarts()).every((count) => count === 0)).toBe(true);
  }, 120_000);

  it('drained, exec-risk-service decides nothing; it goes on where it was', async () => {
    const run = await start();
    const books = booksOf(run);
    const handled = async (): Promise<number> =>
      (await books.rows<{ n: number }>(`SELECT count(*)::int AS n FROM inbox WHERE consumer = 'exec-risk-service'`))[0]
        ?.n ?? 0;
    const said = async (): Promise<number> =>
      (await books.rows<{ n: number }>(`SELECT count(*)::int AS n FROM outbox WHERE type = 'signal.generated'`))[0]
        ?.n ?? 0;
    await eventually(async () => expect(await handled()).toBeGreaterThan(0), { timeoutMs: 60_000, intervalMs: 200 });

    const file = join(run.folder, 'drain', 'exec-risk-service', 'drain_mode');
    writeFileSync(file, '');
    await eventually(async () => expect((await fetch(`${run.url('exec-risk-service')}/ready`)).status).toBe(503));
    const atDrain = await handled();
    const saidAtDrain = await said();
    await eventually(async () => expect(await said()).toBeGreaterThan(saidAtDrain + 2), {
      timeoutMs: 60_000,
      intervalMs: 200,
    });
    expect(await handled()).toBe(atDrain);
    rmSync(file);
    const saidInAll = await said();
    await eventually(async () => expect(await handled()).toBeGreaterThanOrEqual(saidInAll), { timeoutMs: 30_000 });
  }, 180_000);
});
