import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixed, parseFixed, textOf } from './domain/fixed.ts';
import { createReplayMarket } from './domain/replay-market.ts';
import { readCandleFile, readFundingFile } from './market-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'market-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HEADER = 'open_time_ms,open,high,low,close,volume';
const ROW = '1704067200000,100,110,90,105,12.5';
const write = (name: string, lines: readonly string[]): string => {
  const path = join(folder, name);
  const text = `${lines.join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
};

describe('readCandleFile', () => {
  it.each(['ETHUSDT_um_1m_a.csv', 'ETHUSDT_um_1m_b.csv.gz'])('reads %s', (name) => {
    const series = readCandleFile(write(name, [HEADER, ROW, '1704067260000,105,106,104,104.5,0']));
    expect(series).toMatchObject({ symbol: 'ETHUSDT', interval: '1m', length: 2 });
    expect(series.at(0)).toEqual({
      openTimeMs: 1_704_067_200_000,
      open: fixed('100'),
      high: fixed('110'),
      low: fixed('90'),
      close: fixed('105'),
      volume: fixed('12.5'),
    });
  });

  it.each([
    {
      name: 'header',
      lines: ['time,open', ROW],
      message: 'line 1: found "time,open", expected the header open_time_ms',
    },
    { name: 'columns', lines: [HEADER, '1704067200000,1,2'], message: 'line 2: found 3 fields' },
    { name: 'blank line', lines: [HEADER, ROW, '', ROW], message: 'line 3: found 1 fields' },
    {
      name: 'time',
      lines: [HEADER, ROW.replace('1704067200000', 'soon')],
      message: 'line 2: found "soon", expected a time in UTC milliseconds',
    },
    {
      name: 'grid',
      lines: [HEADER, ROW.replace('1704067200000', '1704067200001')],
      message: 'expected an open time on the 1m grid',
    },
    {
      name: 'order',
      lines: [HEADER, ROW, ROW],
      message: 'line 3: found 1704067200000, expected an open time after 1704067200000',
    },
    {
      name: 'price',
      lines: [HEADER, ROW.replace(',100,', ',abc,')],
      message: 'line 2: found "abc", expected open as a plain decimal',
    },
    {
      name: 'zero price',
      lines: [HEADER, ROW.replace(',90,', ',0,')],
      message: 'expected low as a plain decimal of at most 8 places, above zero',
    },
    {
      name: 'price beyond all prices',
      lines: [HEADER, ROW.replace(',110,', ',100000000,')],
      message: 'line 2: found "100000000", expected high of at most 90071992.54740991',
    },
    {
      name: 'exponent',
      lines: [HEADER, ROW.replace(',110,', ',1.1e2,')],
      message: 'line 2: found "1.1e2", expected high as a plain decimal',
    },
    {
      name: 'volume',
      lines: [HEADER, ROW.replace('12.5', '-1')],
      message: 'expected volume as a plain decimal of at most 8 places, not negative',
    },
    {
      name: 'extremes',
      lines: [HEADER, ROW.replace(',110,', ',104,')],
      message: 'found open 100 high 104 low 90 close 105',
    },
    { name: 'empty', lines: [HEADER], message: 'expected at least one candle' },
  ])('names a fault in the $name', ({ lines, message }) => {
    expect(() => readCandleFile(write('ETHUSDT_um_1m_bad.csv', lines))).toThrow(message);
  });

  it('property: reads every way of writing a decimal to the same value', () => {
    const decimal = fc
      .tuple(
        fc.integer({ min: 1, max: 80_000_000 }),
        fc.integer({ min: 0, max: 99_999_999 }),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(
        ([whole, fraction, padding]) =>
          `${'0'.repeat(padding)}${whole}.${String(fraction).padStart(8, '0')}${'0'.repeat(padding)}`,
      );
    const volume = fc.oneof(decimal, fc.bigInt({ min: 0n, max: 10n ** 18n }).map(String), fc.constant('0'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(decimal, volume), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (rows, isWindows) => {
          const lines = rows.map(([price, size], index) => {
            const openTimeMs = 1_704_067_200_000 + index * 60_000;
            return `${openTimeMs},${price},${price},${price},${price},${size}`;
          });
          const path = join(folder, 'ETHUSDT_um_1m_property.csv');
          writeFileSync(path, [HEADER, ...lines].join(isWindows ? '\r\n' : '\n'));
          const series = readCandleFile(path);
          expect(series.length).toBe(rows.length);
          rows.forEach(([price, size], index) => {
            expect(series.at(index)).toMatchObject({
              open: parseFixed(price),
              close: parseFixed(price),
              volume: parseFixed(size),
            });
          });
        },
      ),
    );
  });

  it('needs symbol and interval from somewhere', () => {
    const path = write('candles.csv', [HEADER, ROW]);
    expect(() => readCandleFile(path)).toThrow('expected SYMBOL_market_interval_');
    expect(readCandleFile(path, { symbol: 'ETHUSDT', interval: '1m' }).length).toBe(1);
  });

  it('says when a file is missing or no gzip', () => {
    expect(() => readCandleFile(join(folder, 'ETHUSDT_um_1m_none.csv'))).toThrow('cannot be read');
    writeFileSync(join(folder, 'ETHUSDT_um_1m_fake.csv.gz'), 'text');
    expect(() => readCandleFile(join(folder, 'ETHUSDT_um_1m_fake.csv.gz'))).toThrow('is not a gzip file');
  });
});

describe('readFundingFile', () => {
  it('reads rates by whole hours', () => {
    const { symbol, rates } = readFundingFile(
      write('ETHUSDT_um_funding_a.csv', ['funding_time_ms,funding_rate', '1704067200006,-0.00026395']),
    );
    expect(symbol).toBe('ETHUSDT');
    expect(textOf(rates.get(1_704_067_200_000) ?? 0n)).toBe('-0.00026395');
  });

  it('names a bad rate', () => {
    const path = write('ETHUSDT_um_funding_b.csv', ['funding_time_ms,funding_rate', '1704067200006,lots']);
    expect(() => readFundingFile(path)).toThrow('line 2: found "lots", expected a funding rate');
  });
});

describe('createReplayMarket', () => {
  const series = (symbol: string, startMs: number, count: number, interval = '1m') =>
    readCandleFile(
      write(`${symbol}_um_${interval}_made.csv`, [
        HEADER,
        ...Array.from(
          { length: count },
          (_, index) => `${startMs + index * 60_000 * (interval === '1m' ? 1 : 60)},1,2,1,1.5,3`,
        ),
      ]),
    );
  const start = 1_704_067_200_000;

  it('plays the span that all files cover, the rest before is history', () => {
    const market = createReplayMarket({
      series: [series('ETHUSDT', start, 10), series('BTCUSDT', start + 180_000, 10)],
    });
    expect(market).toMatchObject({ startMs: start + 180_000, endMs: start + 600_000 });
    expect(market.history('ETHUSDT')).toHaveLength(3);
    expect(market.history('BTCUSDT')).toHaveLength(0);
  });

  it('may be cut', () => {
    const market = createReplayMarket({
      series: [series('ETHUSDT', start, 10)],
      fromMs: start + 61_000,
      toMs: start + 301_000,
    });
    expect(market).toMatchObject({ startMs: start + 120_000, endMs: start + 300_000 });
    expect(market.candleAt('ETHUSDT', start + 300_000)).toBeNull();
  });

  it('says why files do not fit together', () => {
    const one = series('ETHUSDT', start, 3);
    expect(() => createReplayMarket({ series: [] })).toThrow('no candle file was given');
    expect(() => createReplayMarket({ series: [one, one] })).toThrow('ETHUSDT stands in two candle files');
    expect(() => createReplayMarket({ series: [one, series('BTCUSDT', start, 3, '1h')] })).toThrow(
      'expected one interval for all',
    );
    expect(() => createReplayMarket({ series: [one, series('BTCUSDT', start + 600_000, 3)] })).toThrow(
      'have no common span',
    );
  });
});
