import { describe, expect, it } from '@jest/globals';
import type { Candle } from '@qt/contracts';
import { AppError } from '@qt/kernel';
import { aCandle, silentLogger } from '@qt/testing';
import type { MarketSource } from '../ports.ts';
import { copiedPatterns } from './copied-patterns.ts';
import { withHistory } from './heavydb-history.ts';

const HOUR_MS = 3_600_000;
const hours = (...indexes: readonly number[]): Candle[] =>
  indexes.map((index) => aCandle({ openTimeMs: index * HOUR_MS }));
const range = { symbol: 'BTCUSDT', interval: '1h', startMs: 1 * HOUR_MS, endMs: 4 * HOUR_MS } as const;
const venue = { candles: () => Promise.resolve([aCandle({ close: '16541' })]) } as unknown as MarketSource;
const away = new AppError('HEAVYDB_UNREACHABLE', 'away', { retryable: true });

describe('a history in front of the venue', () => {
  it.each([
    { name: 'is taken when it has every candle', stored: hours(1, 2, 3), isTaken: true },
    { name: 'is not when one is missing', stored: hours(1, 3), isTaken: false },
    { name: 'is not when one is doubled', stored: hours(1, 1, 3), isTaken: false },
    { name: 'is not when it has none', stored: [], isTaken: false },
  ])('$name', async ({ stored, isTaken }) => {
    const source = withHistory({ venue, history: { candles: () => Promise.resolve(stored) }, logger: silentLogger });
    expect(await source.candles(range)).toEqual(isTaken ? stored : await venue.candles(range));
  });

  it('is left out while it is away; what is broken is not hidden', async () => {
    const failing = (error: Error) =>
      withHistory({ venue, history: { candles: () => Promise.reject(error) }, logger: silentLogger });
    expect(await failing(away).candles(range)).toEqual(await venue.candles(range));
    await expect(failing(new TypeError('broken')).candles(range)).rejects.toThrow('broken');
  });
});

describe('a history that hangs', () => {
  it('is not asked again for a minute: no candle waits for it twice', async () => {
    let asked = 0;
    let nowMs = 0;
    const history = {
      candles: () => {
        asked += 1;
        return Promise.reject(away);
      },
    };
    const source = withHistory({ venue, history, logger: silentLogger, clock: { nowMs: () => nowMs } });
    for (let query = 0; query < 3; query += 1) expect(await source.candles(range)).toHaveLength(1);
    expect(asked).toBe(1);
    nowMs = 60_000;
    await source.candles(range);
    expect(asked).toBe(2);
  });
});

describe('a copy of the patterns', () => {
  it('never keeps the record from being written', async () => {
    const saved: string[] = [];
    const record = {
      save: () => Promise.resolve(void saved.push('record')),
      listNewest: () => Promise.resolve([]),
    };
    await copiedPatterns(record, { save: () => Promise.reject(away) }, silentLogger).save([]);
    await copiedPatterns(record, { save: () => Promise.resolve(void saved.push('copy')) }, silentLogger).save([]);
    expect(saved).toEqual(['record', 'record', 'copy']);
  });
});
