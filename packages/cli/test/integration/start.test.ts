import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, realCandles } from '@qt/testing';
import { identityOf } from '../../src/process-identity.ts';
import type { SuiteFacts } from '../../src/runtime-directory.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'qt-start-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `qt` in the runtime folder of these tests. */
const qt = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], QT_RUNTIME_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, output: () => said, exited };
};

const suite = (): SuiteFacts => JSON.parse(readFileSync(join(folder, 'suite.json'), 'utf8')) as SuiteFacts;
const living = (): string[] =>
  suite()
    .processes.filter(({ pid, identity }) => identityOf(pid) === identity)
    .map(({ name }) => name);

describe('qt start', () => {
  it('trades until it is told to stop, starts a killed service again, refuses a second start, and leaves nothing behind', async () => {
    const first = qt('start', '--port-offset', 'auto');
    await eventually(() => expect(first.output()).toContain('started in'), { timeoutMs: 60_000 });
    expect(living()).toHaveLength(7);

    const second = qt('start', '--port-offset', 'auto');
    expect(await second.exited).not.toBe(0);
    expect(second.output()).toContain(`already running here: process ${first.child.pid}`);

    const ai = suite().processes.find(({ name }) => name === 'ai-service');
    process.kill(ai?.pid ?? 0, 'SIGKILL');
    await eventually(() => expect(first.output()).toContain('ai-service was killed (SIGKILL)'), { timeoutMs: 10_000 });
    await eventually(
      async () => {
        const status = qt('status', '--json');
        await status.exited;
        const { services } = JSON.parse(status.output()) as {
          services: { name: string; restarts: number; health: { status: string } | null }[];
        };
        expect(services.find(({ name }) => name === 'ai-service')).toMatchObject({
          restarts: 1,
          health: { status: 'healthy' },
        });
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    );

    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(living()).toEqual([]);
  }, 120_000);

  it('leaves nothing behind when it is killed without a word, and starts again beside its stale lock', async () => {
    const first = qt('start', '--port-offset', 'auto');
    await eventually(() => expect(first.output()).toContain('started in'), { timeoutMs: 60_000 });
    first.child.kill('SIGKILL');
    await eventually(() => expect(living()).toEqual([]), { timeoutMs: 20_000 });
    const next = qt('start', '--port-offset', 'auto', '--for', '1s');
    expect(await next.exited).toBe(0);
  }, 120_000);

  it('replays real candles to books that agree, with a summary that adds up', async () => {
    const summaryPath = join(folder, 'summary.json');
    const files = ['BTCUSDT', 'ETHUSDT'].map((symbol) => realCandles(`${symbol}_um_1h_20230101-20240630`)).join(',');
    const span = ['--from', '2023-03-01', '--to', '2023-03-02'];
    const run = qt('start', '--replay', files, ...span, '--exit', '--summary', summaryPath, '--port-offset', 'auto');
    expect({ code: await run.exited, said: run.output() }).toMatchObject({ code: 0 });
    const summary = JSON.parse(readFileSync(summaryPath, 'utf8')) as {
      candles: number;
      invariants: { id: string; holds: boolean }[];
    };
    expect(summary.candles).toBe(48);
    expect(summary.invariants.map(({ id }) => id)).toEqual([
      'I1',
      'I2',
      'I3',
      'I4',
      'I5',
      'I6',
      'I7',
      'I8',
      'I12',
      'SUMMARY',
    ]);
    expect(summary.invariants.every(({ holds }) => holds)).toBe(true);
  }, 180_000);

  it('goes on with the account it is told to keep, never back in time, and its books can be checked when it is over', async () => {
    const summaryPath = join(folder, 'kept.json');
    const replay = ['--replay', realCandles('BTCUSDT_um_1h_20230101-20240630'), '--from', '2023-03-02', '--to'];
    const ends = ['--exit', '--summary', summaryPath, '--port-offset', 'auto'];
    const first = qt('start', ...replay, '2023-03-03', ...ends);
    expect({ code: await first.exited, said: first.output() }).toMatchObject({ code: 0 });
    const next = qt('start', ...replay, '2023-03-04', '--keep', ...ends);
    expect({ code: await next.exited, said: next.output() }).toMatchObject({ code: 0 });
    const { candles, pnl } = JSON.parse(readFileSync(summaryPath, 'utf8')) as {
      candles: number;
      pnl: { equityStartUsdt: string };
    };
    expect({ candles, start: pnl.equityStartUsdt }).toEqual({ candles: 48, start: '10000' });

    const check = qt('invariants');
    expect({ code: await check.exited, said: check.output() }).toMatchObject({ code: 0 });
    expect(check.output()).not.toContain('BREACH');

    const back = qt('start', ...replay, '2023-03-03', '--keep', ...ends);
    expect(await back.exited).not.toBe(0);
    expect(back.output()).toContain('time does not go back');
    expect(living()).toEqual([]);
  }, 180_000);

  it('says what is wrong with a candle file', async () => {
    const path = join(folder, 'BTCUSDT_um_1h_bad.csv');
    writeFileSync(path, 'open_time_ms,open,high,low,close,volume\n1672531200000,1,2,oops,1,1\n');
    const run = qt('start', '--replay', path, '--exit', '--port-offset', 'auto');
    expect(await run.exited).not.toBe(0);
    expect(run.output()).toContain(`${path}, line 2: found "oops"`);
    expect(living()).toEqual([]);
  }, 60_000);
});
