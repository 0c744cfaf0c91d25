import { describe, expect, it } from '@jest/globals';
import { observedMarket } from '../test/observed-market.ts';
import { BaseDetector, type BaseDetectorState, calibrate } from './base-detector.ts';
import type { Observation } from './likelihood-filter.ts';

interface Run {
  readonly detector: BaseDetector;
  readonly accuracyRatio: number;
  readonly levelChanges: number;
  readonly meanLogDensity: number;
}

/** What a calibrated detector makes of 4,000 candles of a market whose variance swings inside its regimes. */
const runOn = (swing: number): Run => {
  const history = observedMarket({ seed: 31, candles: 6_000, durationCandles: 300, swing });
  const live = observedMarket({ seed: 1, candles: 4_000, durationCandles: 300, swing });
  const detector = new BaseDetector();
  detector.restore(calibrate(history.observations));
  let right = 0;
  let levelChanges = 0;
  let logDensity = 0;
  let lastLevel: number | null = null;
  live.observations.forEach((observation, index) => {
    logDensity += detector.update(observation);
    const id = detector.posterior.indexOf(Math.max(...detector.posterior));
    const level = Math.floor(id / 6);
    if (id === live.regimeIds[index]) right += 1;
    if (lastLevel !== null && level !== lastLevel) levelChanges += 1;
    lastLevel = level;
  });
  const candles = live.observations.length;
  return { detector, accuracyRatio: right / candles, levelChanges, meanLogDensity: logDensity / candles };
};
const swingingShareOf = (detector: BaseDetector): unknown => detector.view().metrics['swinging_share'];
/** Swings, with the faults of real markets: candles that do not move, and gaps. */
const aFaultyMarket = (candles: number): readonly Observation[] =>
  observedMarket({ seed: 33, candles, durationCandles: 300, swing: 0.3 }).observations.map((observation, index) => {
    if (index % 97 === 0) return { ...observation, logReturn: 0, logRange: null, pathVariance: 0 };
    return index % 89 === 0 ? { ...observation, previousLogReturn: 0, elapsedCandles: 7 } : observation;
  });

describe('BaseDetector on swinging variance', () => {
  it('holds the level while the variance swings around it, and says its candles better', () => {
    const run = runOn(0.3);
    process.stdout.write(
      `swings of .3: accuracy ${run.accuracyRatio.toFixed(3)}, ${run.levelChanges} changes of level, log density ${run.meanLogDensity.toFixed(3)}\n`,
    );
    expect(swingingShareOf(run.detector)).toBeGreaterThan(0.99);
    // Steady levels reach .704 here, with 101 changes of level and 1.984; the market has 4 changes.
    expect(run.accuracyRatio).toBeGreaterThan(0.78);
    expect(run.levelChanges).toBeLessThan(60);
    expect(run.meanLogDensity).toBeGreaterThan(2.05);
  });

  it('leaves the word to steady levels where variance does not swing', () => {
    expect(swingingShareOf(runOn(0).detector)).toBeLessThan(0.01);
  });

  it('leaves the word to steady levels where swings are as wide as the levels are apart, and forecasts with them all the same', () => {
    const run = runOn(0.6);
    expect(swingingShareOf(run.detector)).toBeLessThan(0.01);
    // Steady levels reach 1.696.
    expect(run.meanLogDensity).toBeGreaterThan(1.85);
  });

  it.each([131, 1_000, 5_017])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const observations = aFaultyMarket(cut + 200);
    const first = new BaseDetector();
    const readAll = (detector: BaseDetector, part: readonly Observation[]): readonly (readonly number[])[] =>
      part.map((observation) => [detector.update(observation), ...detector.posterior]);
    readAll(first, observations.slice(0, cut));
    const saved = JSON.parse(JSON.stringify(first.save())) as BaseDetectorState;
    const second = new BaseDetector();
    second.restore(saved);
    expect(second.save()).toEqual(saved);
    expect(readAll(second, observations.slice(cut))).toEqual(readAll(first, observations.slice(cut)));
    expect(second.save()).toEqual(first.save());
  });

  it('mirrors the trend, and sees the same in a market that moves ten times as much', () => {
    const straight = new BaseDetector();
    const mirrored = new BaseDetector();
    const louder = new BaseDetector();
    for (const observation of aFaultyMarket(2_500)) {
      const { logReturn, previousLogReturn, logRange, pathVariance } = observation;
      straight.update(observation);
      mirrored.update({ ...observation, logReturn: -logReturn, previousLogReturn: -previousLogReturn });
      louder.update({
        ...observation,
        logReturn: 10 * logReturn,
        previousLogReturn: 10 * previousLogReturn,
        logRange: logRange === null ? null : logRange + Math.log(10),
        pathVariance: 100 * pathVariance!,
      });
      for (let id = 0; id < 18; id += 1) {
        const mirror = id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6));
        expect(Math.abs(mirrored.posterior[mirror]! - straight.posterior[id]!)).toBeLessThan(1e-6);
        expect(Math.abs(louder.posterior[id]! - straight.posterior[id]!)).toBeLessThan(1e-6);
      }
    }
    expect(swingingShareOf(straight)).toBeGreaterThan(0.5);
  });
});
