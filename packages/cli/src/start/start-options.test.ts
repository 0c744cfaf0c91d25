import { mkdtempSync, readlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readStartOptions } from './start-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'qt-options-'));
const aFile = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, '');
  return path;
};
const btc = aFile('BTCUSDT_um_1h_2023.csv');
const eth = aFile('ETHUSDT_um_1h_2023.csv.gz');
const ethMinutes = aFile('ETHUSDT_um_1m_2023.csv');
const nameless = aFile('prices.csv');

describe('readStartOptions', () => {
  it('trades the built-in market at 60x when no file is given', () => {
    expect(readStartOptions({}, folder)).toMatchObject({
      replayFiles: [],
      speed: 60,
      symbols: ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'],
      interval: '1m',
      portOffset: 0,
      keepsAccount: false,
    });
  });

  it('replays files at full speed and takes symbols and interval from their names', () => {
    expect(readStartOptions({ replay: `${btc},${eth}` }, folder)).toMatchObject({
      replayFiles: [btc, eth],
      speed: 'max',
      symbols: ['BTCUSDT', 'ETHUSDT'],
      interval: '1h',
    });
  });

  it('replays those of the files that --symbols names', () => {
    expect(readStartOptions({ replay: `${btc},${eth}`, symbols: 'ETHUSDT' }, folder).replayFiles).toEqual([eth]);
  });

  it('gives a nameless file the name that the flags say', () => {
    const { replayFiles } = readStartOptions({ replay: nameless, symbols: 'XRPUSDT', interval: '5m' }, folder);
    expect(replayFiles.map((path) => basename(path))).toEqual(['XRPUSDT_um_5m_prices.csv']);
    expect(readlinkSync(replayFiles[0] ?? '')).toBe(nameless);
  });

  it.each([
    { text: '2023-03-01', timeMs: Date.UTC(2023, 2, 1) },
    { text: '2023-03-01T06:00Z', timeMs: Date.UTC(2023, 2, 1, 6) },
    { text: '1677628800000', timeMs: 1_677_628_800_000 },
  ])('reads the time $text', ({ text, timeMs }) => {
    expect(readStartOptions({ replay: btc, from: text }, folder).fromMs).toBe(timeMs);
  });

  it.each([
    { name: 'a missing file', raw: { replay: '/nowhere/BTCUSDT_um_1h_x.csv' }, says: 'found no file' },
    { name: 'a nameless file', raw: { replay: nameless }, says: 'SYMBOL_market_interval_' },
    { name: 'mixed intervals', raw: { replay: `${btc},${ethMinutes}` }, says: '1h and 1m' },
    { name: 'one symbol twice', raw: { replay: `${btc},${btc}` }, says: 'two files of BTCUSDT' },
    { name: 'a symbol in none of the files', raw: { replay: btc, symbols: 'DOGEUSDT' }, says: 'DOGEUSDT is in none' },
    { name: 'a symbol that is none', raw: { symbols: 'btc/usd' }, says: '"btc/usd"' },
    { name: 'an interval that is none', raw: { interval: '7m' }, says: '"7m"' },
    { name: 'a speed that is none', raw: { speed: 'fast' }, says: '"fast"' },
    { name: 'a time that is none', raw: { replay: btc, from: 'yesterday' }, says: '"yesterday"' },
    { name: 'an empty span', raw: { replay: btc, from: '2023-02-01', to: '2023-01-01' }, says: 'is not before' },
    { name: 'a port offset that is none', raw: { portOffset: '-1' }, says: '"-1"' },
    { name: 'a duration that is none', raw: { for: '3 days' }, says: '"3 days"' },
  ])('refuses $name', ({ raw, says }) => {
    expect(() => readStartOptions(raw, folder)).toThrow(says);
  });
});
