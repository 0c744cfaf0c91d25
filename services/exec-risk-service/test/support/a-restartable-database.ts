import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@qt/database';
import { freePort, PostgresCluster } from '@qt/testing';

/** A Postgres of the test's own that can go away and come back with what it had committed. */
export const aRestartableDatabase = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'qt-restart-'));
  const cluster = new PostgresCluster({
    port: await freePort(),
    password: 'of-this-test-alone',
    directory: join(folder, 'data'),
  });
  await cluster.start();
  await migrate({ url: cluster.url() });
  return {
    url: cluster.url(),
    /** Ends every session and stops; what was not committed is gone. */
    goAway: () => cluster.stop(),
    comeBack: () => cluster.start(),
    stop: async (): Promise<void> => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
