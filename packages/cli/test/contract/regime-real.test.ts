import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RealReport } from '@qt/regime-lab';
import { realCandles } from '@qt/testing';
import { runQt } from '../run-qt.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const qtEvaluate = (...args: readonly string[]) => runQt('regime', 'evaluate', ...args);

describe('qt regime evaluate --real', () => {
  it('judges a file of real candles, writes report and page, and names loudly what it could not judge', async () => {
    const short = join(folder, 'ETHUSDT_um_1h_short.csv');
    writeFileSync(short, 'open_time_ms,open,high,low,close,volume\n3600000,1,2,1,2,1\n');
    const missing = join(folder, 'LTCUSDT_um_1h_missing.csv');
    const nameless = join(folder, 'candles.csv');
    writeFileSync(nameless, 'open_time_ms,open,high,low,close,volume\n3600000,1,2,1,2,1\n');
    const broken = join(folder, 'SOLUSDT_um_1h_broken.csv.gz');
    writeFileSync(broken, 'not gzip');
    const real = realCandles('BTCUSDT_um_1h_20230101-20240630');
    const files = [nameless, broken, real, short, missing].join(',');
    const run = await qtEvaluate('--real', files, '--real-candles', '2600', '--out', join(folder, 'out'));
    expect(run.code).toBe(1);
    expect(run.error).toContain('4 of 5 files of real candles could not be judged');
    expect(run.out).toContain(`NOT JUDGED: LTCUSDT_um_1h_missing.csv: found no file ${missing}`);
    expect(run.out).toMatch(/NOT JUDGED: ETHUSDT_um_1h_short\.csv: found 1 candles, expected at least \d+/);
    expect(run.out).toMatch(/NOT JUDGED: candles\.csv: .*the name does not say symbol and interval/);
    expect(run.out).toMatch(/NOT JUDGED: SOLUSDT_um_1h_broken\.csv\.gz: ./);
    expect(run.out).toContain('BTCUSDT_um_1h_20230101-20240630: 2600 candles, 600 judged');
    const report = JSON.parse(readFileSync(join(folder, 'out', 'real.json'), 'utf8')) as RealReport;
    expect(report.markets.map(({ name, skills }) => [name, skills.length])).toEqual([
      ['BTCUSDT_um_1h_20230101-20240630', 9],
    ]);
    for (const { entrants, contrasts, definition } of report.markets[0]?.skills ?? []) {
      expect(entrants.map(({ method }) => method)).toContain('engine and windows, read out');
      // Without a single label among the judged candles there is nothing to hold a lead against.
      const hasLabels = definition.confusion.some((candles) => candles > 0);
      for (const { leadInterval } of contrasts) expect(leadInterval === null).toBe(!hasLabels);
      expect(definition.engineCutsRatio).toBeLessThanOrEqual(1);
    }
    expect(report.markets[0]?.labelFree.forecasts.map(({ name }) => name)).toContain('HAR, engine');
    const page = readFileSync(join(folder, 'out', 'real.html'), 'utf8');
    for (const said of ['label ceiling', 'On even footing', 'If the lines did not matter'])
      expect(page).toContain(said);
  });

  it.each([
    { flags: ['--real', ','], says: '--real: found no file' },
    { flags: ['--real', 'x.csv', '--seeds', '1'], says: '--seeds: found beside --real' },
    { flags: ['--real', 'x.csv', '--out', import.meta.filename], says: 'cannot be made a folder' },
    {
      flags: ['--real', 'x.csv', '--real-candles', 'few'],
      says: '--real-candles: found "few", expected a whole number',
    },
  ])('refuses $flags', async ({ flags, says }) => {
    const run = await qtEvaluate(...flags);
    expect(run.code).toBe(1);
    expect(run.error).toContain(says);
  });
});
