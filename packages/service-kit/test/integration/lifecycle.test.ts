import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';

const main = new URL('../a-service.ts', import.meta.url).pathname;
const children: ChildProcess[] = [];

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
  readonly url: () => Promise<string>;
}

const start = (env: Record<string, string> = {}): Started => {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], PORT: '0', ...env } });
  children.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = async (): Promise<string> => {
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 25) {
      const found = /"url":"([^"]+)"/.exec(said)?.[1];
      if (found !== undefined) return found;
      await sleep(25);
    }
    throw new Error(`did not start: ${said}`);
  };
  return { child, output: () => said, exited, url };
};

const messages = (output: string): string[] =>
  [...output.matchAll(/"msg":"((?:start|drain|stop|resume) [a-z]+)"/g)].map(([, text]) => text ?? '');

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let waitedMs = 0; !isTrue() && waitedMs < 10_000; waitedMs += 25) await sleep(25);
  expect(isTrue()).toBe(true);
};

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

describe('runService', () => {
  it('starts in order, drains and stops in reverse on SIGTERM, and ends with 0', async () => {
    const service = start();
    await service.url();
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(messages(service.output())).toEqual([
      'start first',
      'start second',
      'drain second',
      'drain first',
      'stop second',
      'stop first',
    ]);
  });

  it('serves health, readiness, metrics and idleness', async () => {
    const service = start();
    const url = await service.url();
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'healthy',
      service: 'ai-service',
      models_loaded: 2,
      dependencies: { first: { status: 'up' }, second: { status: 'up' } },
    });
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ status: 'ready' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^ai_service_uptime_seconds \d/m);
    expect(metrics).toContain('ai_service_events_published_total{event_type="signal.generated"} 1');
    const idle = await fetch(`${url}/idle?source=regime-service&published=regime.classified:3`);
    expect(await idle.json()).toEqual({ idle: true, published: { 'first.done': 7, 'second.done': 7 } });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(
      (await fetch(`${url}/health`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }))
        .status,
    ).toBe(400);
  });

  it('says degraded and not ready while a dependency is down', async () => {
    const service = start({ TEST_DOWN: 'second' });
    const url = await service.url();
    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'degraded' });
    expect((await fetch(`${url}/ready`)).status).toBe(503);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });

  it.each([
    { fault: 'lasting', code: 78 },
    { fault: 'retryable', code: 69 },
  ])('ends with $code and one sentence when a component cannot start ($fault)', async ({ fault, code }) => {
    const service = start({ TEST_START_FAULT: fault });
    expect(await service.exited).toBe(code);
    expect(service.output()).toContain('ai-service: NOT_THERE: second is not there');
    expect(messages(service.output())).toContain('stop first');
  });

  it('names the owner of a taken port', async () => {
    const first = start();
    const port = new URL(await first.url()).port;
    const second = start({ PORT: port });
    expect(await second.exited).toBe(78);
    expect(second.output()).toContain(`Port ${port} is taken by process ${first.child.pid}`);
  });

  it('ends with 78 and every fault of its configuration', async () => {
    const service = start({ PORT: 'x', LOG_LEVEL: 'loud' });
    expect(await service.exited).toBe(78);
    expect(service.output()).toMatch(/2 faults[\s\S]*PORT[\s\S]*LOG_LEVEL/);
  });

  it('ends at once on a second signal', async () => {
    const service = start({ TEST_NEVER_STOPS: '1' });
    await service.url();
    service.child.kill('SIGTERM');
    await until(() => service.output().includes('stop second'));
    service.child.kill('SIGTERM');
    expect(await service.exited).toBe(1);
  });

  it('drains while a drain file is there, and takes on work again when it is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'qt-drain-'));
    const service = start({ DRAIN_DIR: folder });
    const url = await service.url();
    writeFileSync(join(folder, 'drain_mode'), '');
    await until(() => messages(service.output()).includes('drain first'));
    expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ status: 'not_ready', state: 'draining' });
    rmSync(join(folder, 'drain_mode'));
    await until(() => messages(service.output()).includes('resume second'));
    expect((await fetch(`${url}/ready`)).status).toBe(200);
  }, 20_000);

  it('ends when the process that started it is gone', async () => {
    const parent = spawn('sleep', ['1'], { stdio: 'ignore' });
    children.push(parent);
    const service = start({ PARENT_PID: String(parent.pid) });
    expect(await service.exited).toBe(0);
  }, 20_000);
});
