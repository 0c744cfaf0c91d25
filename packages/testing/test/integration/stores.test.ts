import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createDatabase } from '@qt/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDatabase, eventually, type RunningStore, startRedis } from '../../src/index.ts';

describe('stores of a test', () => {
  let store: RunningStore;
  beforeAll(async () => {
    store = await aDatabase();
  }, 30_000);
  afterAll(() => store.stop());

  it('gives a migrated database', async () => {
    const database = createDatabase({ url: store.url, applicationName: 'test', maxConnections: 1 });
    await database.start();
    const { rows } = await database.query('SELECT count(*)::int AS n FROM outbox');
    await database.stop();
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('gives a Redis that keeps everything', async () => {
    const redis = await startRedis();
    expect(redis.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    await redis.stop();
  });

  it('leaves no server behind when the process that started it is killed', async () => {
    const script = `const { startRedis } = await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)});
      console.log((await startRedis()).server.pid); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = chunk.toString().trim();
    child.kill('SIGKILL');
    await eventually(() => {
      expect(() => execFileSync('kill', ['-0', pid], { stdio: 'pipe' })).toThrow();
    });
  }, 20_000);
});
