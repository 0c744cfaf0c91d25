import { describe, expect, it } from '@jest/globals';
import { ObservationReader } from './observation-reader.ts';

const LOWEST = 5e-324;
const HIGHEST = 4e307;

describe('ObservationReader', () => {
  it('stays finite where the ratio of two prices is not', () => {
    const reader = new ObservationReader(60_000);
    reader.read({ openTimeMs: 0, open: LOWEST, high: HIGHEST, low: LOWEST, close: LOWEST, volume: 1 });
    const up = { openTimeMs: 60_000, open: LOWEST, high: HIGHEST, low: LOWEST, close: HIGHEST, volume: 1 };
    const { logReturn, logRange, pathVariance } = reader.read(up);
    expect(logReturn).toBeCloseTo(Math.log(HIGHEST) - Math.log(LOWEST), 9);
    expect(Number.isFinite(logRange)).toBe(true);
    expect(Number.isFinite(pathVariance)).toBe(true);
    const down = { ...up, openTimeMs: 120_000, open: HIGHEST, close: LOWEST };
    expect(reader.read(down).logReturn).toBeCloseTo(-logReturn, 9);
  });
});
