import { describe, expect, it } from '@jest/globals';
import { SmoothedPath } from './smoothed-path.ts';

const sureOf = (id: number, share = 0.95): Float64Array => {
  const posterior = new Float64Array(18).fill((1 - share) / 17);
  posterior[id] = share;
  return posterior;
};
const feed = (path: SmoothedPath, { id, candles, share }: { id: number; candles: number; share?: number }): void => {
  for (let candle = 0; candle < candles; candle += 1) path.update(sureOf(id, share));
};

describe('SmoothedPath', () => {
  it('dates a change to the first candle of the lead that confirmed it', () => {
    const path = new SmoothedPath();
    feed(path, { id: 8, candles: 100 });
    feed(path, { id: 9, candles: 4 });
    expect(path.hasChangedWithin(100)).toBe(false);
    feed(path, { id: 9, candles: 1 });
    // Labels up to the first candle of regime 9 are final: it changed with that candle.
    expect(path.hasChangedWithin(1)).toBe(true);
    expect(path.ageCandles).toBe(1);
    feed(path, { id: 9, candles: 10 });
    expect(path.ageCandles).toBe(11);
    expect(path.hasChangedWithin(10)).toBe(false);
    expect(path.hasChangedWithin(11)).toBe(true);
  });

  it('knows no age before its first change', () => {
    const path = new SmoothedPath();
    feed(path, { id: 8, candles: 50 });
    expect(path.ageCandles).toBeNull();
    expect(path.hasChangedWithin(1_000)).toBe(false);
  });

  it('takes no side while all regimes are alike', () => {
    const [path, mirrored] = [new SmoothedPath(), new SmoothedPath()];
    feed(path, { id: 6, candles: 10, share: 1 / 18 });
    feed(mirrored, { id: 10, candles: 10, share: 1 / 18 });
    feed(path, { id: 6, candles: 10, share: 0.6 });
    feed(mirrored, { id: 10, candles: 10, share: 0.6 });
    expect(path.ageCandles).not.toBeNull();
    expect({ ...path.save(), regimeId: 10 }).toEqual(mirrored.save());
  });

  it('follows neither flicker nor a lead that is small', () => {
    const path = new SmoothedPath();
    feed(path, { id: 8, candles: 50 });
    for (let round = 0; round < 20; round += 1) {
      feed(path, { id: 9, candles: 3 });
      feed(path, { id: 8, candles: 1 });
    }
    for (let round = 0; round < 20; round += 1) {
      feed(path, { id: 9, candles: 3 });
      feed(path, { id: 10, candles: 3 });
    }
    feed(path, { id: 9, candles: 100, share: 0.4 });
    expect(path.ageCandles).toBeNull();
  });

  it('continues from a saved state', () => {
    const first = new SmoothedPath();
    feed(first, { id: 8, candles: 50 });
    feed(first, { id: 9, candles: 3 });
    const second = new SmoothedPath();
    second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<SmoothedPath['save']>);
    feed(second, { id: 9, candles: 2 });
    expect(second.ageCandles).toBe(1);
  });
});
