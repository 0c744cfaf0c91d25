import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually, freePort } from '@qt/testing';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'qt-venue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const qtSimulator = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, 'simulator', ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const isUp = () => eventually(() => expect(said).toContain('Ctrl-C ends it'), { timeoutMs: 20_000 });
  return { child, output: () => said, exited, isUp };
};

const isAnswering = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/fapi/v1/ping`)).ok;
  } catch {
    return false;
  }
};

describe('qt simulator', () => {
  it('is a venue with one account, whose time is the clock, until Ctrl-C', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const ledger = join(folder, 'ledger.jsonl');
    const venue = qtSimulator('--port', String(port), '--ledger', ledger, '--market', '5');
    await venue.isUp();
    for (const said of [`${url}/`, 'BTCUSDT, ETHUSDT, SOLUSDT: 1m candles', 'generated from seed 5', '1x, now']) {
      expect(venue.output()).toContain(said);
    }
    const [, key = ''] = /API key +([0-9a-f]+)/.exec(venue.output()) ?? [];
    const [, secret = ''] = /API secret +([0-9a-f]+)/.exec(venue.output()) ?? [];
    const query = `timestamp=${Date.now()}`;
    const signature = createHmac('sha256', secret).update(query).digest('hex');
    const balance = await fetch(`${url}/fapi/v2/balance?${query}&signature=${signature}`, {
      headers: { 'X-MBX-APIKEY': key },
    });
    expect(await balance.json()).toMatchObject([{ asset: 'USDT', balance: '10000.00000000' }]);

    const second = qtSimulator('--port', String(port));
    expect(await second.exited).not.toBe(0);
    expect(second.output()).toMatch(new RegExp(`^Port ${port} is taken by process \\d+ \\(.*main\\.ts`));

    venue.child.kill('SIGINT');
    expect(await venue.exited).toBe(0);
    expect(await isAnswering(url)).toBe(false);
    expect(readFileSync(ledger, 'utf8').trimEnd().split('\n').at(-1)).toContain('"kind":"end"');
  });

  it('says in one sentence what is wrong with a file', async () => {
    const file = join(folder, 'BTCUSDT_um_1m_bad.csv');
    writeFileSync(file, 'open_time_ms,open,high,low,close,volume\n1704067200000,1,2\n');
    const venue = qtSimulator('--replay', file, '--port', '0');
    expect(await venue.exited).not.toBe(0);
    expect(venue.output()).toBe(`${file}, line 2: found 3 fields in "1704067200000,1,2", expected 6 fields\n`);
  });

  it('does not outlive whoever called it without a word', async () => {
    const port = await freePort();
    const venue = qtSimulator('--port', String(port), '--speed', 'max', '--symbols', 'ETHUSDT');
    await venue.isUp();
    const url = `http://127.0.0.1:${port}`;
    const state = async () => (await (await fetch(`${url}/control/state`)).json()) as { candlesPlayed: number };
    const before = (await state()).candlesPlayed;
    await eventually(async () => expect((await state()).candlesPlayed).toBeGreaterThan(before + 100));
    venue.child.kill('SIGKILL');
    await eventually(async () => expect(await isAnswering(url)).toBe(false), { timeoutMs: 10_000 });
  });
});
