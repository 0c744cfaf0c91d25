import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { observedMarket } from '../../test/observed-market.ts';
import { BaseDetector } from '../base-detector.ts';
import { BOUNDARY_NAMES, type Boundaries, movedTowards } from './boundaries.ts';
import { SHADOW_CANDLES } from './boundary-optimizer.ts';
import { RECENT_CANDLES, RecentCandles } from './recent-candles.ts';

const { observations } = observedMarket({ seed: 41, candles: 6_000, durationCandles: 300 });
const louder = (by: number) => (observation: (typeof observations)[number]) => ({
  ...observation,
  logReturn: by * observation.logReturn,
  previousLogReturn: by * observation.previousLogReturn,
  logRange: observation.logRange! + Math.log(by),
  pathVariance: by * by * observation.pathVariance!,
});

describe('BoundaryOptimizer', () => {
  it('reports ordered cuts that never move by more than a fifth in 1000 candles, even when the market leaps', () => {
    const detector = new BaseDetector();
    const seen: Boundaries[] = [];
    [...observations.slice(0, 2_000), ...observations.slice(2_000, 4_000).map(louder(5))].forEach((observation) => {
      detector.update(observation);
      const { boundaries } = detector.boundaries;
      if (boundaries !== null) seen.push(boundaries);
    });
    expect(seen).toHaveLength(3_850);
    for (let candle = 1_000; candle < seen.length; candle += 100) {
      const now = seen[candle]!;
      const before = seen[candle - 1_000]!;
      expect(now.lowMedium).toBeLessThan(now.mediumHigh);
      expect(now.mildTrend).toBeLessThan(now.strongTrend);
      expect(Math.abs(now.lowMedium - before.lowMedium)).toBeLessThanOrEqual(Math.log(1.2) + 1e-9);
      expect(Math.abs(now.mediumHigh - before.mediumHigh)).toBeLessThanOrEqual(Math.log(1.2) + 1e-9);
    }
    expect(seen.at(-1)!.mediumHigh).toBeGreaterThan(seen[1_850]!.mediumHigh);
  });

  it('property: moves towards its target and never past it', () => {
    const cut = fc.double({ min: -10, max: 10, noNaN: true });
    const boundaries = fc.record({ lowMedium: cut, mediumHigh: cut, mildTrend: cut, strongTrend: cut, structure: cut });
    fc.assert(
      fc.property(boundaries, boundaries, (current, target) => {
        const moved = movedTowards(current, target);
        for (const name of BOUNDARY_NAMES) {
          expect(Math.abs(target[name] - moved[name])).toBeLessThanOrEqual(Math.abs(target[name] - current[name]));
          expect(Math.abs(moved[name] - current[name])).toBeLessThanOrEqual(2e-4);
        }
      }),
    );
  });

  it('needs enough candles, and runs one candidate at a time', () => {
    const detector = new BaseDetector();
    expect(detector.optimize()).toBe('too_early');
    for (const observation of observations.slice(0, RECENT_CANDLES - 1)) detector.update(observation);
    expect(detector.optimize()).toBe('too_early');
    detector.update(observations[RECENT_CANDLES - 1]!);
    expect(detector.optimize()).toBe('started');
    expect(detector.optimize()).toBe('already_running');
  });

  it('takes a candidate in that predicted better: the market had changed and it knew', () => {
    const detector = new BaseDetector();
    for (const observation of observations) detector.update(observation);
    // Candles go a third as far beside their bodies: what thousands of candles have taught is wrong at once.
    const changed = observations
      .slice(0, 1_000 + SHADOW_CANDLES)
      .map((observation) => ({ ...observation, pathVariance: 0.1 * observation.pathVariance! }));
    for (const observation of changed.slice(0, 1_000)) detector.update(observation);
    expect(detector.optimize()).toBe('started');
    for (const observation of changed.slice(1_000)) detector.update(observation);
    const [decision] = detector.boundaries.decisions;
    expect(decision).toMatchObject({ kind: 'accepted', atCandle: observations.length + 1_000 + SHADOW_CANDLES });
    expect(decision!.gainPerCandle).toBeGreaterThan(0);
  });

  it('rolls a candidate back that predicted worse: the change it had learnt was gone', () => {
    const detector = new BaseDetector();
    for (const observation of observations) detector.update(observation);
    const control = new BaseDetector();
    for (const observation of observations.slice(0, 1_000).map(louder(4))) detector.update(observation);
    control.restore(detector.save());
    expect(detector.optimize()).toBe('started');
    for (const observation of observations.slice(1_000, 1_000 + SHADOW_CANDLES).map(louder(0.25))) {
      detector.update(observation);
      control.update(observation);
    }
    expect(detector.boundaries.decisions[0]).toMatchObject({ kind: 'rolled_back' });
    expect(detector.boundaries.decisions[0]!.gainPerCandle).toBeLessThan(0);
    // As if it had never been.
    expect(detector.save().bank).toEqual({ ...control.save().bank, shadowGain: expect.any(Number) });
  });
});

describe('RecentCandles', () => {
  it('keeps the newest candles, motionless ones and gaps included', () => {
    const recent = new RecentCandles();
    const aCandle = { logReturn: 0, previousLogReturn: 0, pathVariance: 0, elapsedCandles: 1 };
    for (let index = 0; index < RECENT_CANDLES; index += 1) recent.push({ ...aCandle, logReturn: 0.5 });
    recent.push({ ...aCandle, logReturn: 0.25, pathVariance: 0.01 });
    recent.push({ ...aCandle, logReturn: -0.125, elapsedCandles: 4 });
    const readings = recent.readings();
    expect(readings).toHaveLength(RECENT_CANDLES);
    expect(readings.at(-1)).toEqual({ logReturn: -0.125, previousLogReturn: 0, pathVariance: 0, elapsedCandles: 4 });
    expect(readings.at(-2)).toMatchObject({ logReturn: 0.25, previousLogReturn: 0.5 });
    expect(readings.at(-2)!.pathVariance).toBeCloseTo(0.01, 5);
    const second = new RecentCandles();
    second.restore(recent.save());
    expect(second.readings()).toEqual(readings);
  });
});
