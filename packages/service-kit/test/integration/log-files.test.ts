import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { ComponentLogs } from '../../src/index.ts';

const shell = (command: string, directory: string): string =>
  execFileSync('sh', ['-c', command.replaceAll('/var/log/adaptive_regime', directory)], { encoding: 'utf8' });

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let waitedMs = 0; !isTrue() && waitedMs < 5_000; waitedMs += 10) await sleep(10);
  expect(isTrue()).toBe(true);
};

const someLogs = (maxBytes?: number): { readonly logs: ComponentLogs; readonly directory: string } => {
  const directory = join(mkdtempSync(join(tmpdir(), 'qt-logs-')), 'made');
  const logs = new ComponentLogs({ service: 'regime-service', level: 'info', isOnStdout: false });
  logs.writeToFiles({ directory, ...(maxBytes === undefined ? {} : { maxBytes, maxFiles: 3 }) });
  return { logs, directory };
};

describe('log files', () => {
  it("answers the guide's three questions with the guide's own commands", async () => {
    const { logs, directory } = someLogs();
    const detector = logs.of('base_regime_detector');
    logs.root.info('Regime changed', { symbol: 'BTCUSDT', from: 8, to: 9, reason: 'two\nlines' });
    logs.root.info('Query took 99.5 ms: SELECT 1');
    logs.root.info('Query took 250 ms: SELECT pg_sleep(0.25)');
    for (const symbol of ['BTCUSDT', 'ETHUSDT']) detector.error('candle refused', { code: 'NOT_FINITE', symbol });
    logs.root.error('request failed', { code: 'INTERNAL' });
    const sizeOf = (name: string): number =>
      existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8').split('\n').length - 1 : 0;
    await until(() => sizeOf('system.log') === 6 && sizeOf('error.log') === 3 && sizeOf('performance.log') === 2);

    const changes = shell('grep "Regime changed" /var/log/adaptive_regime/system.log', directory);
    expect(changes).toMatch(/^\S+Z INFO process Regime changed \{"symbol":"BTCUSDT","from":8,"to":9,.*\}\n$/);
    const slow = shell(`grep "Query took" /var/log/adaptive_regime/performance.log | awk '$4 > 100'`, directory);
    expect(slow).toMatch(/^\S+Z Query took 250 ms: SELECT pg_sleep\(0\.25\)\n$/);
    const patterns = shell(
      `grep ERROR /var/log/adaptive_regime/error.log | cut -d' ' -f5- | sort | uniq -c | sort -nr`,
      directory,
    );
    expect(patterns).toMatch(/^\s+2 candle refused\n\s+1 request failed\n$/);
    expect(shell('grep -r ERROR /var/log/adaptive_regime/ | wc -l', directory).trim()).toBe('6');
  });

  it('puts full files aside and keeps a few', async () => {
    const { logs, directory } = someLogs(2_000);
    for (let line = 0; line < 200; line += 1) {
      logs.root.error('something went wrong', { code: 'SOME_CODE', line });
      if (line % 20 === 0) await sleep(5);
    }
    await until(() => readdirSync(directory).some((name) => /^error\d\.log$/.test(name)));
    expect(readdirSync(directory).filter((name) => name.startsWith('error')).length).toBeLessThanOrEqual(3);
  });

  it('refuses a folder that cannot be', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'qt-logs-')), 'a-file');
    writeFileSync(file, '');
    const logs = new ComponentLogs({ service: 'regime-service', level: 'info', isOnStdout: false });
    expect(() => logs.writeToFiles({ directory: join(file, 'below') })).toThrow(/LOG_DIR: found .*below/);
  });
});
