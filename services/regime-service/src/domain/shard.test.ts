import { describe, expect, it } from '@jest/globals';
import { sourceOfShard, symbolsOfShard } from './shard.ts';

const SYMBOLS = ['SOLUSDT', 'BTCUSDT', 'ETHUSDT', 'BTCUSDT', 'XRPUSDT'];

describe('shards', () => {
  it('have every symbol once between them', () => {
    const shards = [0, 1, 2].map((index) => symbolsOfShard(SYMBOLS, { index, count: 3 }));
    expect(shards).toEqual([['BTCUSDT', 'XRPUSDT'], ['ETHUSDT'], ['SOLUSDT']]);
  });

  it.each([
    { index: 3, count: 3 },
    { index: 5, count: 6 },
  ])('refuse to run without a symbol: %j', (shard) => {
    expect(() => symbolsOfShard(SYMBOLS, shard)).toThrow(/SHARD_INDEX/);
  });

  it('publish under a name of their own only when there are several', () => {
    expect(sourceOfShard({ index: 0, count: 1 })).toBe('regime-service');
    expect(sourceOfShard({ index: 1, count: 2 })).toBe('regime-service-1');
  });
});
