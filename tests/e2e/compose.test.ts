import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const root = new URL('../../', import.meta.url).pathname;
const HEALTHY_WITHIN_MS = 90_000;
/** Pages behind nginx on the ports of the guides. */
const PAGES = [
  'http://127.0.0.1:8001/ready',
  'http://127.0.0.1:8002/ready',
  'http://127.0.0.1:8003/ready',
  'http://127.0.0.1:8080/ready',
  'http://127.0.0.1:80/exec/health',
];

const engineVersion = async (): Promise<string | null> => {
  try {
    return (await run('docker', ['version', '--format', '{{.Server.Version}}'])).stdout.trim();
  } catch {
    return null;
  }
};

const versionOf = async (command: readonly string[]): Promise<string | null> => {
  try {
    const [file = '', ...args] = command;
    return (await run(file, [...args, 'version'])).stdout.split('\n')[0]?.trim() ?? '';
  } catch {
    return null;
  }
};

const answers200 = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200;
  } catch {
    return false;
  }
};

const engine = await engineVersion();
const composes = (
  await Promise.all(
    [['docker', 'compose'], ['docker-compose']].map(async (command) => ({
      command,
      version: await versionOf(command),
    })),
  )
).filter(({ version }) => version !== null);

if (engine === null || composes.length === 0) {
  describe('the suite in containers', () => {
    it('CANNOT RUN HERE: no Docker engine with Compose answers; start one and run this test again', () => {
      process.stderr.write(
        '\n*** NOT RUN: the suite in containers (no Docker engine with Compose answers here) ***\n\n',
      );
      expect(engine === null || composes.length === 0).toBe(true);
    });
  });
} else {
  describe.each(composes)('the suite in containers, $command', ({ command }) => {
    const [file = '', ...prefix] = command;
    const compose = (...args: string[]) =>
      run(file, [...prefix, '-p', 'qt-e2e', ...args], { cwd: root, maxBuffer: 64_000_000, timeout: 600_000 });

    beforeAll(async () => {
      await compose('down', '-v', '--remove-orphans');
      await compose('build');
    }, 600_000);

    afterAll(async () => {
      await compose('down', '-v', '--remove-orphans');
    }, 120_000);

    it('is healthy within 90 s, trades, and its metrics and barriers are not open to the outside', async () => {
      const startedAtMs = Date.now();
      await compose('up', '-d');
      const missing = new Set(PAGES);
      while (missing.size > 0 && Date.now() - startedAtMs < HEALTHY_WITHIN_MS) {
        for (const page of missing) if (await answers200(page)) missing.delete(page);
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      const logs = missing.size > 0 ? (await compose('logs', '--tail=20')).stdout : '';
      expect({ missing: [...missing], logs }).toEqual({ missing: [], logs: '' });
      process.stdout.write(`${command.join(' ')}: healthy after ${Date.now() - startedAtMs} ms\n`);

      for (const url of [
        'http://127.0.0.1:8002/metrics',
        'http://127.0.0.1:8002/idle',
        'http://127.0.0.1:80/ai/metrics',
      ]) {
        expect({ url, status: (await fetch(url)).status }).toEqual({ url, status: 403 });
      }
      const account = (await (await fetch('http://127.0.0.1:8002/api/v1/account')).json()) as { equityUsdt?: string };
      expect(Number(account.equityUsdt)).toBeGreaterThan(0);
      const candles = await fetch('http://127.0.0.1:8080/api/v1/regime/current');
      expect(candles.status).toBe(200);
    }, 240_000);
  });
}
