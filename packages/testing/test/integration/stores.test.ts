import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDatabase } from '@qt/database';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aDatabase, eventually, freePort, PostgresCluster, type RunningStore, startRedis } from '../../src/index.ts';

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

  it('finds an open place for its data when the folder asked for is closed to the server', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'qt-closed-'));
    const directory = join(closed, 'state', 'postgres');
    const cluster = new PostgresCluster({ port: await freePort(), password: 'long-enough-for-a-test', directory });
    await cluster.start();
    const database = createDatabase({ url: cluster.url(), applicationName: 'test', requiresSchema: false });
    expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.stop();
    await cluster.stop();
    for (const path of [closed, dirname(cluster.directory)]) rmSync(path, { recursive: true, force: true });
  }, 30_000);

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
