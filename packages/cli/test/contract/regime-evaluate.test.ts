import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { EvaluationReport } from '@qt/regime-lab';

// Whole evaluations: seconds on a machine of one's own, more beside others.
const PATIENCE_MS = 180_000;
const main = new URL('../../src/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'qt-regime-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly output: string;
}

const qtRegime = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, 'regime', ...args], { maxBuffer: 1e8 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` }),
    );
  });

const rowsOf = (path: string): string[][] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

describe('qt regime simulate', () => {
  it('writes candles with the truth beside them, the same for the same seed', async () => {
    const path = join(folder, 'market.csv');
    const args = ['--candles', '3000', '--duration', '100', '--generator', 'semi-markov', '--seed', '7'];
    const { code, output } = await qtRegime('simulate', ...args, '--interval', '5m', '--out', path);
    expect(output).toContain('3000 candles of 5m');
    expect(code).toBe(0);
    const [header = [], ...rows] = rowsOf(path);
    expect(header.join(',')).toBe(
      'open_time_ms,open,high,low,close,volume,true_regime_id,true_volatility,true_slot,true_structure,is_change',
    );
    expect(rows).toHaveLength(3_000);
    expect(Number(rows[1]?.[0]) - Number(rows[0]?.[0])).toBe(300_000);
    for (const [index, row] of rows.entries()) {
      const [, open = 0, high = 0, low = 0, close = 0] = row.map(Number);
      expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
      expect(low).toBeLessThanOrEqual(Math.min(open, close));
      expect(row.slice(1, 5).join('')).not.toContain('e');
      expect(row[10]).toBe(index > 0 && row[6] !== rows[index - 1]?.[6] ? '1' : '0');
    }
    const again = join(folder, 'again.csv');
    await qtRegime('simulate', ...args, '--interval', '5m', '--out', again);
    expect(readFileSync(again, 'utf8')).toBe(readFileSync(path, 'utf8'));
  });

  it('writes what qt regime classify reads', async () => {
    const path = join(folder, 'BTCUSDT_um_1m_made.csv.gz');
    await qtRegime('simulate', '--candles', '500', '--out', path);
    const classified = join(folder, 'classified.csv');
    const { code, output } = await qtRegime('classify', '--candles', path, '--out', classified);
    expect(output).toContain('500 candles of 1m classified');
    expect(code).toBe(0);
    expect(rowsOf(classified)).toHaveLength(501);
  });

  it.each([
    [['--generator', 'dice'], '--generator: found "dice", expected one of gaussian, student-t4'],
    [['--difficulty', 'hopeless'], '--difficulty: found "hopeless", expected one of easy, medium, hard, real-like'],
    [['--candles', '0'], '--candles: found "0", expected a whole number from 1'],
  ])('refuses %j and leaves nothing', async (options, said) => {
    const path = join(folder, 'refused.csv');
    const { code, output } = await qtRegime('simulate', '--out', path, ...options);
    expect(output).toContain(said);
    expect(code).toBe(1);
    expect(existsSync(path)).toBe(false);
  });
});

describe('qt regime evaluate', () => {
  it(
    '--quick shows tables, writes JSON and ends well',
    async () => {
      const out = join(folder, 'evaluation');
      const { code, output } = await qtRegime('evaluate', '--quick', '--out', out);
      for (const said of [
        'gaussian-easy-d300',
        'student-t4-easy-d300',
        'engine + history',
        'T4 false changes per 1000',
      ]) {
        expect(output).toContain(said);
      }
      expect(output).toMatch(/all \d+ gates passed/);
      expect(code).toBe(0);
      const report = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as EvaluationReport;
      expect(report.version).toBe(1);
      expect(report.scenarios.map(({ name }) => name)).toEqual(['gaussian-easy-d300', 'student-t4-easy-d300']);
      const rows = report.scenarios[0]?.rows ?? [];
      expect(rows.map(({ classifier }) => classifier)).toContain('threshold rule');
      expect(rows[0]?.confusion).toHaveLength(18);
      expect(rows[0]?.reliability.length).toBeGreaterThan(3);
      expect(report.scenarios[0]?.timelines[0]?.closes).toHaveLength(1_500);
    },
    PATIENCE_MS,
  );

  it(
    'ends with 1 when an aim is missed, says by how much, and with 0 when it is only to report',
    async () => {
      // The cold start of one short market: no detector knows it in 1,500 candles as well as in 20,000.
      const args = [
        'evaluate',
        '--seeds',
        '1',
        '--candles',
        '2500',
        '--history',
        '1000',
        '--scenario',
        'gaussian-hard-d300',
      ];
      const strict = await qtRegime(...args, '--classifier', 'engine,never change');
      expect(strict.output).toMatch(/missed by 0\.\d+/);
      expect(strict.output).toMatch(/\d+ of \d+ gates missed/);
      expect(strict.code).toBe(1);
      expect(strict.output).not.toContain('jump model');
      const lenient = await qtRegime(...args, '--classifier', 'engine,never change', '--report-only');
      expect(lenient.code).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    '--ablate says of each part whether it earns its place',
    async () => {
      const out = join(folder, 'ablation');
      const args = ['--seeds', '1', '--candles', '2100', '--history', '300', '--scenario', 'gaussian-easy-d300'];
      const { code, output } = await qtRegime('evaluate', '--ablate', ...args, '--out', out);
      expect(output).toMatch(/jump_model earns it/);
      expect(output).toMatch(/all learners earns? it/);
      expect(output).toMatch(/\d+ of 13 parts earn their place for certain/);
      expect(output).not.toContain('threshold rule');
      expect(code).toBe(0);
      const report = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as EvaluationReport;
      expect(report.ablation?.rows).toHaveLength(13 * 2);
      expect(report.ablation?.verdicts.map(({ kind }) => kind).filter((kind) => kind === 'learner')).toHaveLength(5);
      expect(readFileSync(join(out, 'evaluation.html'), 'utf8')).toContain('What each part is worth');
    },
    PATIENCE_MS,
  );

  it(
    'goes on where a run was killed, and finds the same as one that was not',
    async () => {
      const args = ['--seeds', '1-5', '--candles', '2100', '--history', '500', '--scenario', 'gaussian-easy-d300'];
      const asked = [...args, '--classifier', 'engine,never change', '--report-only', '--threads', '1'];
      const [straight, cut] = [join(folder, 'straight'), join(folder, 'cut')];
      await qtRegime('evaluate', ...asked, '--out', straight);
      const unfinished = join(cut, 'unfinished');
      const finishedMarkets = (): number =>
        existsSync(unfinished)
          ? readdirSync(unfinished, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz')).length
          : 0;
      const killed = spawn(process.execPath, [main, 'regime', 'evaluate', ...asked, '--out', cut], { stdio: 'ignore' });
      const ended = once(killed, 'exit');
      while (finishedMarkets() < 2 && killed.exitCode === null) await setTimeout(5);
      killed.kill('SIGKILL');
      await ended;
      expect(finishedMarkets()).toBeGreaterThanOrEqual(2);
      expect(existsSync(join(cut, 'evaluation.json'))).toBe(false);
      const { output, code } = await qtRegime('evaluate', ...asked, '--out', cut);
      expect(output).toMatch(/[2-5] of 5 markets were finished by an earlier run/);
      expect(code).toBe(0);
      expect(readFileSync(join(cut, 'evaluation.json'), 'utf8')).toBe(
        readFileSync(join(straight, 'evaluation.json'), 'utf8'),
      );
      expect(existsSync(unfinished)).toBe(false);
    },
    PATIENCE_MS,
  );

  it.each([
    [['--ablate', '--classifier', 'engine'], '--classifier: found beside --ablate'],
    [['--scenario', 'moon'], '--scenario: found "moon", expected the start of one of gaussian-easy-d300'],
    [['--classifier', 'oracle,tarot'], '--classifier: found "tarot", expected some of ceiling, engine'],
    [['--seeds', 'many'], '--seeds: found "many", expected a whole number'],
    [['--candles', '1500'], '--candles: found 1500, expected over 2000'],
    [['--real-candles', '3000'], '--real-candles: found without --real'],
    [['--seeds', '1', '--out', main], `--out: ${main} cannot be made a folder`],
  ])('refuses %j before it starts', async (options, said) => {
    const { code, output } = await qtRegime('evaluate', ...options);
    expect(output).toContain(said);
    expect(code).toBe(1);
  });
});
