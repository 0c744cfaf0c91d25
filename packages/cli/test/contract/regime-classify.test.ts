import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { realCandles } from '@qt/testing';
import { runQt } from '../run-qt.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-classify-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HEADER = 'open_time_ms,open,high,low,close,volume';
const COLUMNS = [
  ...'open_time_ms,regime_id,volatility,trend,structure,confidence,p_change_10'.split(','),
  ...Array.from({ length: 18 }, (_, id) => `p${id}`),
];

const qtClassify = (...args: readonly string[]) => runQt('regime', 'classify', ...args);

const inFolder = (name: string): string => join(folder, name);
const aFile = (name: string, content: string | Buffer): string => {
  writeFileSync(inFolder(name), content);
  return inFolder(name);
};
const rowsOf = (path: string): string[] => {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text.trimEnd().split('\n');
};
const realLines = (): string[] =>
  gunzipSync(readFileSync(realCandles('ETHUSDT_um_1h_20230101-20240630')))
    .toString()
    .trim()
    .split('\n');
const START_MS = Date.UTC(2024, 0, 1);
const aCandle = (index: number, close = 100 + Math.sin(index)): string =>
  `${START_MS + index * 60_000},100,${Math.max(100, close) + 0.5},${Math.min(100, close) - 0.5},${close},1`;

describe('qt regime classify', () => {
  it('writes one row per candle, whose probabilities sum to one, and says how fast it was and what it saw', async () => {
    const lines = realLines().slice(0, 801);
    const candles = aFile('ETHUSDT_um_1h_first.csv.gz', gzipSync(`${lines.join('\n')}\n`));
    const { code, out, error } = await qtClassify('--candles', candles, '--out', inFolder('first.csv.gz'));
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(out).toMatch(/^800 candles of 1h classified in .* candles\/s$/m);
    expect(out).toMatch(/changes: \d+, [\d.]+ per 1000 candles/);
    expect(out).toContain('refused candles: none');
    const [header = '', ...rows] = rowsOf(inFolder('first.csv.gz'));
    expect(header.split(',')).toEqual(COLUMNS);
    expect(rows).toHaveLength(800);
    const shares = [...out.matchAll(/^ +\d+ {2}.* (\d+\.\d) %$/gm)].map((match) => Number(match[1]));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 0);
    for (const [index, row] of rows.entries()) {
      const [openTimeMs, id, volatility, trend, structure, confidence, change, ...probabilities] = row.split(',');
      expect(openTimeMs).toBe(lines[index + 1]?.split(',')[0]);
      expect(['low', 'medium', 'high']).toContain(volatility);
      expect(['strong_down', 'down', 'neutral', 'up', 'strong_up']).toContain(trend);
      expect(['trending', 'mean_reverting']).toContain(structure);
      expect(Math.floor(Number(id) / 6)).toBe(['low', 'medium', 'high'].indexOf(volatility ?? ''));
      expect(probabilities).toHaveLength(18);
      const sum = probabilities.reduce((total, text) => total + Number(text), 0);
      expect(Math.abs(sum - 1)).toBeLessThan(1e-8);
      for (const text of [confidence, change]) {
        expect(Number(text)).toBeGreaterThanOrEqual(0);
        expect(Number(text)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('says the same of a candle whatever comes after it', async () => {
    const lines = realLines().slice(0, 1_201);
    // The second half of one file has other prices: none of that may reach back.
    const bent = lines.map((line, index) => {
      if (index <= 600) return line;
      const [time, open, high, low, close, volume] = line.split(',');
      return [
        time,
        ...[open, high, low, close].map((price) => Number(price) * (2 + Math.sin(index / 9))),
        volume,
      ].join();
    });
    const files = { half: lines.slice(0, 601), whole: lines, bent };
    const rows: Record<string, string[]> = {};
    for (const [name, content] of Object.entries(files)) {
      const candles = aFile(`ETHUSDT_um_1h_${name}.csv`, content.join('\n'));
      expect((await qtClassify('--candles', candles, '--out', inFolder(`${name}-out.csv`))).code).toBe(0);
      rows[name] = rowsOf(inFolder(`${name}-out.csv`));
    }
    expect(rows['half']).toHaveLength(601);
    expect(rows['whole']?.slice(0, 601)).toEqual(rows['half']);
    expect(rows['bent']?.slice(0, 601)).toEqual(rows['half']);
    expect(rows['bent']?.slice(601)).not.toEqual(rows['whole']?.slice(601));
  });

  it('goes on past candles it has to refuse, and says which, where and why', async () => {
    const content = [
      HEADER,
      ...Array.from({ length: 150 }, (_, index) => aCandle(index)),
      `${START_MS + 150 * 60_000},100,NaN,99,100,1`, // line 152
      `${START_MS + 151 * 60_000},100,99,98,101,1`, // line 153: high below its body
      aCandle(20), // line 154: back in time
      aCandle(21),
      '1704067200000,1,2', // line 156
      `${START_MS + 152 * 60_000},100,101,,100,1`, // line 157: no low
      ...Array.from({ length: 50 }, (_, index) => aCandle(153 + index)),
    ].join('\r\n');
    const run = await qtClassify('--candles', aFile('faulty.csv', content), '--out', inFolder('faulty-out.csv'));
    expect(run.code).toBe(0);
    expect(run.out).toContain('200 candles of 1m classified');
    expect(run.out).toContain(
      'refused 2 x NOT_FINITE, lines 152, 157: every field must be a finite number, was 100 NaN 99',
    );
    expect(run.out).toContain('refused 1 x HIGH_BELOW_BODY, line 153: high 99 is below open 100 or close 101');
    expect(run.out).toContain('refused 2 x TIME_NOT_ADVANCING, lines 154, 155: open time');
    expect(run.out).toContain('refused 1 x FIELD_COUNT, line 156: found 3 fields in "1704067200000,1,2", expected 6');
    expect(run.out).toContain('gaps: 1');
    expect(rowsOf(inFolder('faulty-out.csv'))).toHaveLength(201);
  });

  it('finds columns by name, and learns from the first candles without classifying them', async () => {
    const rows = Array.from({ length: 130 }, (_, index) => `${aCandle(index)},7,x`);
    const plain = aFile('plain.csv', [HEADER, ...rows.map((row) => row.slice(0, -4))].join('\n'));
    const reordered = aFile(
      'reordered.csv',
      [
        'true_regime,volume,close,low,high,open,open_time_ms,note',
        ...rows.map((row) => ['7', ...row.split(',').slice(0, 6).toReversed(), 'x'].join()),
      ].join('\n'),
    );
    await qtClassify('--candles', plain, '--out', inFolder('plain-out.csv'));
    await qtClassify('--candles', reordered, '--out', inFolder('reordered-out.csv'));
    expect(rowsOf(inFolder('reordered-out.csv'))).toEqual(rowsOf(inFolder('plain-out.csv')));

    const { out } = await qtClassify('--candles', plain, '--out', inFolder('late-out.csv'), '--warmup', '100');
    expect(out).toContain('30 candles of 1m classified');
    expect(out).toContain('the 100 before them were learned from and not classified');
    const timesOf = (lines: readonly string[]): string[] => lines.map((line) => line.split(',')[0] ?? '');
    expect(timesOf(rowsOf(inFolder('late-out.csv')).slice(1))).toEqual(timesOf(rows.slice(100)));

    const tooLong = await qtClassify('--candles', plain, '--out', inFolder('none-out.csv'), '--warmup', '130');
    expect(tooLong.code).toBe(1);
    expect(tooLong.error).toContain('found 130 candles to learn from and none after them, expected more than the 130');
    expect(existsSync(inFolder('none-out.csv'))).toBe(false);
  });

  it.each([
    { name: 'empty', content: '', says: /empty\.csv, line 1: found an empty file, expected the header open_time_ms/ },
    {
      name: 'headless',
      content: `${HEADER}\n`,
      says: /headless\.csv, line 2: found the end of the file, expected at least one candle/,
    },
    {
      name: 'no-low',
      content: `open_time_ms,open,high,close\n1,2,3,4\n`,
      says: /no-low\.csv, line 1: found "open_time_ms,open,high,close" without the columns low, volume, expected a header with open_time_ms,open,high,low,close,volume/,
    },
    {
      name: 'all-bad',
      content: `${HEADER}\n${START_MS},1,0.5,0.4,1,1\n`,
      says: /found no candle that could be taken in, expected at least one; the first was refused at line 2: HIGH_BELOW_BODY, high 0.5/,
    },
    {
      name: 'binary',
      content: 'x'.repeat(200_000),
      says: /line 1: found a line of over 65536 characters, expected a CSV of candles/,
    },
  ])('refuses a file that is $name, names the line, and leaves nothing behind', async ({ name, content, says }) => {
    const outPath = inFolder(`${name}-out.csv`);
    const run = await qtClassify('--candles', aFile(`${name}.csv`, content), '--interval', '1m', '--out', outPath);
    expect(run.code).toBe(1);
    expect(run.error).toMatch(says);
    expect([existsSync(outPath), existsSync(`${outPath}.partial`)]).toEqual([false, false]);
  });

  it('refuses a gzip file that was cut off', async () => {
    const whole = gzipSync([HEADER, ...Array.from({ length: 5_000 }, (_, index) => aCandle(index))].join('\n'));
    const candles = aFile('BTCUSDT_um_1m_cut.csv.gz', Buffer.from(whole.subarray(0, 2_000)));
    const run = await qtClassify('--candles', candles, '--out', inFolder('cut-out.csv'));
    expect(run.code).toBe(1);
    expect(run.error).toMatch(/cut\.csv\.gz cannot be read: unexpected end of file/);
    expect(existsSync(inFolder('cut-out.csv'))).toBe(false);
  });

  it.each([
    { flags: ['--interval', '7m'], says: '--interval: found "7m", expected one of 1m, 3m, 5m' },
    { flags: ['--symbol', 'btc/usdt'], says: '--symbol: found "btc/usdt", expected a symbol such as BTCUSDT' },
    { flags: ['--warmup', 'ten'], says: '--warmup: found "ten", expected a whole number from 0 to' },
    { flags: ['--candles', '/nowhere/x.csv'], says: '--candles: found no file /nowhere/x.csv; expected a CSV' },
    { flags: ['--out', '/nowhere/x.csv'], says: '--out: found no folder /nowhere; make it first' },
  ])('refuses $flags', async ({ flags, says }) => {
    const candles = aFile('good.csv', [HEADER, aCandle(0), aCandle(1)].join('\n'));
    const run = await qtClassify('--candles', candles, '--out', inFolder('x.csv'), ...flags);
    expect(run.code).toBe(1);
    expect(run.error).toContain(says);
  });

  it('takes the interval from the times where the name does not say it, however long the file is', async () => {
    const candles = aFile(
      'nameless.csv',
      [HEADER, ...Array.from({ length: 9_000 }, (_, index) => aCandle(3 * index))].join('\n'),
    );
    const run = await qtClassify('--candles', candles, '--out', inFolder('nameless-out.csv'));
    expect({ code: run.code, error: run.error }).toEqual({ code: 0, error: '' });
    expect(run.out).toContain('9000 candles of 3m classified');
  });

  it('draws a page of it when asked, which holds no foreign markup', async () => {
    const name = '<b>&odd.csv';
    const candles = aFile(name, [HEADER, ...Array.from({ length: 300 }, (_, index) => aCandle(index))].join('\n'));
    const report = inFolder('report.html');
    const { code, out } = await qtClassify('--candles', candles, '--out', inFolder('drawn.csv'), '--report', report);
    expect(code).toBe(0);
    expect(out).toContain(`report written to ${report}`);
    const html = readFileSync(report, 'utf8');
    expect(html).toContain('&lt;b&gt;&amp;odd.csv 1m: regimes');
    expect(html).toContain('<polyline');
    expect(html).not.toMatch(/<b>|<script/);
  });

  it('asks for the interval when neither flag, name nor times say it', async () => {
    const candles = aFile('odd.csv', [HEADER, aCandle(0), aCandle(7), aCandle(14)].join('\n'));
    const run = await qtClassify('--candles', candles, '--out', inFolder('odd-out.csv'));
    expect(run.code).toBe(1);
    expect(run.error).toContain(
      'neither its name nor the times of its first 3 candles say an interval; expected --interval',
    );
  });
});
