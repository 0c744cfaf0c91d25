import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { observedMarket } from '../test/observed-market.ts';
import { BaseDetector, type BaseDetectorState, calibrate } from './base-detector.ts';
import type { Observation } from './likelihood-filter.ts';

const aMarket = (seed: number, candles: number): readonly Observation[] =>
  observedMarket({ seed, candles, durationCandles: 300 }).observations;
const readAll = (observations: readonly Observation[], detector = new BaseDetector()): readonly (readonly number[])[] =>
  observations.map((observation) => {
    const logDensity = detector.update(observation);
    return [logDensity, ...detector.posterior];
  });
const copied = (state: BaseDetectorState): BaseDetectorState => JSON.parse(JSON.stringify(state)) as BaseDetectorState;
const furthest = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Math.max(...Array.from(left, (value, index) => Math.abs(value - right[index]!)));
const bestOf = (values: Float64Array): number => values.indexOf(Math.max(...values));
const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const mirrorOf = (id: number): number => (id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6)));

/** Share of candles whose likeliest regime is the true one. */
const accuracyOf = (detector: BaseDetector, market: ReturnType<typeof observedMarket>, from: number): number => {
  let right = 0;
  market.observations.forEach((observation, index) => {
    detector.update(observation);
    if (index >= from && bestOf(detector.posterior) === market.regimeIds[index]) right += 1;
  });
  return right / (market.observations.length - from);
};

describe('BaseDetector', () => {
  it('says the same about a candle whatever follows it', () => {
    const observations = aMarket(21, 1_000);
    const altered = observations.map((observation, index) =>
      index < 600 ? observation : { ...observation, logReturn: 5 * observation.logReturn },
    );
    const whole = readAll(observations);
    expect(readAll(observations.slice(0, 600))).toEqual(whole.slice(0, 600));
    expect(readAll(altered).slice(0, 600)).toEqual(whole.slice(0, 600));
  });

  it.each([0, 60, 99, 100, 131, 149, 150, 200, 433, 1_000, 5_017])(
    'continues bit for bit from a state saved as text after %i candles',
    (cut) => {
      const observations = aMarket(22, cut + 150);
      const whole = readAll(observations);
      const first = new BaseDetector();
      readAll(observations.slice(0, cut), first);
      const saved = copied(first.save());
      const second = new BaseDetector();
      second.restore(saved);
      expect(second.save()).toEqual(saved);
      expect([second.logDensity, ...second.posterior]).toEqual(cut === 0 ? [0, ...second.posterior] : whole[cut - 1]);
      expect(readAll(observations.slice(cut), second)).toEqual(whole.slice(cut));
    },
  );

  it('reads its first candles again a few at a time, and says nothing until it has', () => {
    const detector = new BaseDetector();
    let readBefore = 0;
    aMarket(20, 200).forEach((observation, index) => {
      const logDensity = detector.update(observation);
      const { start, bank } = detector.save();
      const read = bank?.window.count ?? 0;
      expect(read - readBefore).toBeLessThanOrEqual(3);
      expect(read + start.length).toBe(index + 1);
      expect(detector.candles).toBe(index + 1);
      expect(logDensity !== 0).toBe(index + 1 >= 150);
      expect(Math.max(...detector.posterior) > 1 / 18 + 1e-9).toBe(index + 1 >= 150);
      expect(detector.returnScale(1) > 0).toBe(index + 1 >= 150);
      readBefore = read;
    });
  });

  it('waits for a market that has not moved yet, and then finds its levels as fast as in any other', () => {
    const motionless = Array.from({ length: 150 }, () => ({
      logReturn: 0,
      previousLogReturn: 0,
      logRange: null,
      pathVariance: 0,
      elapsedCandles: 1,
    }));
    const detector = new BaseDetector();
    readAll(motionless, detector);
    expect(detector.isReady).toBe(false);
    const second = new BaseDetector();
    second.restore(copied(detector.save()));
    const moving = aMarket(20, 600);
    expect(readAll(moving, second)).toEqual(readAll(moving, detector));
    expect(detector.isReady).toBe(true);
    const never = new BaseDetector();
    readAll(moving, never);
    expect(Math.abs(Math.log(detector.returnScale(1) / never.returnScale(1)))).toBeLessThan(0.7);
  });

  it('continues bit for bit while a candidate is shadowed', () => {
    const observations = aMarket(23, 1_700);
    const first = new BaseDetector();
    readAll(observations.slice(0, 1_100), first);
    expect(first.optimize()).toBe('started');
    readAll(observations.slice(1_100, 1_333), first);
    const second = new BaseDetector();
    second.restore(copied(first.save()));
    expect(readAll(observations.slice(1_333), second)).toEqual(readAll(observations.slice(1_333), first));
    expect(second.boundaries.decisions).toHaveLength(1);
    expect(copied(second.save())).toEqual(copied(first.save()));
  });

  it('mirrors the trend when returns are mirrored', () => {
    const observations = aMarket(24, 2_000);
    const straight = new BaseDetector();
    const mirrored = new BaseDetector();
    for (const observation of observations) {
      straight.update(observation);
      const { logReturn, previousLogReturn } = observation;
      mirrored.update({ ...observation, logReturn: -logReturn, previousLogReturn: -previousLogReturn });
      const expected = straight.posterior.map((_, id) => straight.posterior[mirrorOf(id)]!);
      expect(furthest(mirrored.posterior, expected)).toBeLessThan(1e-9);
    }
  });

  it('sees the same regimes in a market that moves ten times as much', () => {
    const straight = new BaseDetector();
    const louder = new BaseDetector();
    for (const observation of aMarket(25, 2_000)) {
      straight.update(observation);
      louder.update({
        ...observation,
        logReturn: 10 * observation.logReturn,
        previousLogReturn: 10 * observation.previousLogReturn,
        logRange: observation.logRange! + Math.log(10),
        pathVariance: 100 * observation.pathVariance!,
      });
      expect(furthest(louder.posterior, straight.posterior)).toBeLessThan(1e-6);
    }
    expect(louder.returnScale(1) / straight.returnScale(1)).toBeCloseTo(10, 6);
  });

  it('stays finite on a price that never moves, and on a shock after it', () => {
    const detector = new BaseDetector();
    const still: Observation = {
      logReturn: 0,
      previousLogReturn: 0,
      logRange: null,
      pathVariance: 0,
      elapsedCandles: 1,
    };
    const shock: Observation = { ...still, logReturn: 6, logRange: Math.log(11), pathVariance: 30 };
    for (const observation of [...Array.from({ length: 3_000 }, () => still), shock, still]) {
      expect(Number.isFinite(detector.update(observation))).toBe(true);
      expect(Math.abs(sumOf(detector.posterior) - 1)).toBeLessThan(1e-9);
    }
  });

  it('goes towards not knowing over a gap', () => {
    const observations = aMarket(26, 1_001);
    const joined = new BaseDetector();
    readAll(observations.slice(0, 1_000), joined);
    const gapped = new BaseDetector();
    gapped.restore(joined.save());
    joined.update(observations[1_000]!);
    gapped.update({ ...observations[1_000]!, previousLogReturn: 0, elapsedCandles: 5_000 });
    expect(Math.max(...gapped.posterior)).toBeLessThan(Math.max(...joined.posterior));
  });

  it('estimates the path of a candle that tells only range and return', () => {
    const { observations } = observedMarket({ seed: 27, candles: 4_000, durationCandles: 300 });
    const full = new BaseDetector();
    const partial = new BaseDetector();
    let agreed = 0;
    // Before the market has shown its levels, the two may take different ones for what they see.
    const settled = 2_000;
    observations.forEach(({ pathVariance, ...observation }, index) => {
      full.update({ ...observation, pathVariance: pathVariance! });
      partial.update(observation);
      if (index >= settled && bestOf(full.posterior) === bestOf(partial.posterior)) agreed += 1;
    });
    expect(agreed / (observations.length - settled)).toBeGreaterThan(0.95);
  });

  it('property: keeps its levels in order and its probabilities summing to 1, whatever the candles', () => {
    const candle = fc.record({
      logReturn: fc.double({ min: -1, max: 1, noNaN: true }),
      previousLogReturn: fc.double({ min: -1, max: 1, noNaN: true }),
      logRange: fc.option(fc.double({ min: -20, max: 1, noNaN: true })),
      pathVariance: fc.double({ min: 0, max: 1, noNaN: true }),
      elapsedCandles: fc.integer({ min: 1, max: 1_000 }),
    });
    fc.assert(
      fc.property(fc.array(candle, { minLength: 150, maxLength: 400 }), (candles) => {
        const detector = new BaseDetector();
        for (const observation of candles) {
          expect(Number.isFinite(detector.update(observation))).toBe(true);
          expect(Math.abs(sumOf(detector.posterior) - 1)).toBeLessThan(1e-9);
        }
        expect(detector.returnScale(0)).toBeLessThan(detector.returnScale(1));
        expect(detector.returnScale(1)).toBeLessThan(detector.returnScale(2));
        expect(detector.driftMild).toBeLessThan(detector.driftStrong);
        expect(detector.arReverting).toBeLessThan(detector.arTrending);
      }),
      { numRuns: 20 },
    );
  });

  it('tells the state of itself in plain JSON of under 55 kB', () => {
    const detector = new BaseDetector();
    expect(detector.view().state).toBe('warming');
    readAll(aMarket(28, 1_500), detector);
    detector.optimize();
    const view = detector.view();
    expect(view.state).toBe('running');
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(JSON.stringify(detector.save()).length).toBeLessThan(55_000);
  });

  // The floors are below what was measured (docs/base-detector.md): only a broken detector falls through them.
  it.each([
    { market: 'easy', tail: 'gaussian', floor: 0.85 },
    { market: 'medium', tail: 'tied', floor: 0.82 },
    { market: 'easy', tail: 'shared', floor: 0.82 },
    { market: 'easy', tail: 'free', floor: 0.82 },
  ] as const)('finds the regimes of a $market market with $tail tails after calibration', ({ market, tail, floor }) => {
    const history = observedMarket({ seed: 31, candles: 5_000, durationCandles: 300, market, tail });
    const live = observedMarket({ seed: 1, candles: 3_000, durationCandles: 300, market, tail });
    const detector = new BaseDetector();
    detector.restore(calibrate(history.observations));
    const accuracy = accuracyOf(detector, live, 0);
    process.stdout.write(`${market} ${tail}, D=300, calibrated on 5000 candles: accuracy ${accuracy.toFixed(3)}\n`);
    expect(accuracy).toBeGreaterThan(floor);
  });
});
