import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { DurationHistogram } from './duration-histogram.ts';

const PRIOR_MEAN = 300;
const histogramOf = (lives: readonly number[]): DurationHistogram => {
  const histogram = new DurationHistogram();
  for (const life of lives) histogram.record(life, 1);
  return histogram;
};
const exponentialLives = (seed: number, mean: number, count: number): readonly number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.ceil(-mean * Math.log(Math.max(random(), 1e-12))));
};

describe('DurationHistogram', () => {
  it('is memoryless around the prior mean before anything ended', () => {
    const histogram = new DurationHistogram();
    expect(histogram.meanCandles(PRIOR_MEAN)).toBe(PRIOR_MEAN);
    expect(histogram.survivalProbability(300, PRIOR_MEAN)).toBeCloseTo(Math.exp(-1), 12);
    expect(histogram.remainingCandles(1_000, PRIOR_MEAN)).toBeCloseTo(PRIOR_MEAN, 9);
    expect(histogram.endProbability(50, 10, PRIOR_MEAN)).toBeCloseTo(1 - Math.exp(-10 / 300), 12);
  });

  it('learns an exponential law: the same end probability at every age', () => {
    const histogram = histogramOf(exponentialLives(1, 200, 20_000));
    expect(Math.abs(histogram.meanCandles(PRIOR_MEAN) - 200)).toBeLessThan(6);
    for (const age of [20, 100, 400]) {
      expect(Math.abs(histogram.endProbability(age, 30, PRIOR_MEAN) - (1 - Math.exp(-30 / 200)))).toBeLessThan(0.035);
      expect(Math.abs(histogram.remainingCandles(age, PRIOR_MEAN) - 200)).toBeLessThan(25);
    }
  });

  it('learns that lives of one length end at that length', () => {
    const histogram = histogramOf(new Array<number>(200).fill(100));
    expect(histogram.endProbability(20, 10, PRIOR_MEAN)).toBeLessThan(0.01);
    expect(histogram.endProbability(80, 50, PRIOR_MEAN)).toBeGreaterThan(0.9);
    expect(histogram.remainingCandles(20, PRIOR_MEAN)).toBeLessThan(100);
  });

  it('survives less the longer it is', () => {
    const histogram = histogramOf(exponentialLives(2, 50, 500));
    let last = 1;
    for (let candles = 1; candles < 5_000; candles = Math.ceil(candles * 1.1)) {
      const survival = histogram.survivalProbability(candles, PRIOR_MEAN);
      expect(survival).toBeLessThanOrEqual(last);
      expect(survival).toBeGreaterThanOrEqual(0);
      last = survival;
    }
  });

  it('forgets', () => {
    const histogram = new DurationHistogram();
    for (let index = 0; index < 200; index += 1) histogram.record(1_000, 0.9);
    for (let index = 0; index < 200; index += 1) histogram.record(10, 0.9);
    expect(histogram.total).toBeCloseTo(10, 6);
    expect(histogram.meanCandles(10)).toBeCloseTo(10, 3);
  });

  it('takes lives longer than its last bin', () => {
    const histogram = histogramOf([10_000_000]);
    expect(Number.isFinite(histogram.remainingCandles(9_000_000, PRIOR_MEAN))).toBe(true);
  });

  it('continues bit for bit from a saved state', () => {
    const first = histogramOf(exponentialLives(3, 80, 300));
    const second = new DurationHistogram();
    second.restore(JSON.parse(JSON.stringify(first.save())) as number[]);
    first.record(7, 0.999);
    second.record(7, 0.999);
    expect(second.save()).toEqual(first.save());
  });
});
