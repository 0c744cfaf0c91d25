import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import fc from 'fast-check';
import { Calibration, learned, NO_EVIDENCE, STRENGTH_BINS, strengthBinOf, supported } from './calibration.ts';

const EVEN = Array.from({ length: STRENGTH_BINS }, () => 0.5);

describe('Calibration', () => {
  it('says the prior before the first outcome: no floor, no bonus', () => {
    const calibration = new Calibration(12, [0.46, 0.5, 0.52, 0.55]);
    expect([0.1, 0.5, 0.7, 0.95].map((strength) => calibration.confidenceOf(strength, 'trending'))).toEqual([
      0.46, 0.5, 0.52, 0.55,
    ]);
  });

  it.each([{ rightRatio: 0.35 }, { rightRatio: 0.5 }, { rightRatio: 0.65 }])(
    'comes to believe what happens: right in $rightRatio of 60 000 outcomes',
    ({ rightRatio }) => {
      const random = seededRandom(5);
      const calibration = new Calibration(1, EVEN);
      for (let index = 0; index < 60_000; index += 1) calibration.learn(0.5, 'trending', random() < rightRatio);
      expect(Math.abs(calibration.confidenceOf(0.5, 'trending') - rightRatio)).toBeLessThan(0.06);
      expect(calibration.confidenceOf(0.95, 'trending')).toBe(0.5);
    },
  );

  it('twelve overlapping outcomes weigh as one', () => {
    const calibration = new Calibration(12, EVEN);
    for (let index = 0; index < 12; index += 1) calibration.learn(0.5, 'trending', true);
    expect(calibration.evidence().total).toBeCloseTo(1, 1);
    expect(calibration.confidenceOf(0.5, 'trending')).toBeLessThan(0.52);
  });

  it('lends what it learned in one structure to the other, but less of it', () => {
    const calibration = new Calibration(1, EVEN);
    for (let index = 0; index < 100; index += 1) calibration.learn(0.5, 'mean_reverting', true);
    const there = calibration.confidenceOf(0.5, 'mean_reverting');
    const elsewhere = calibration.confidenceOf(0.5, 'trending');
    expect(there).toBeGreaterThan(elsewhere);
    expect(elsewhere).toBeGreaterThan(0.5);
  });

  it('property: stays strictly between 0 and 1 and moves towards each outcome', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (outcomes, strength) => {
          const calibration = new Calibration(3, EVEN);
          for (const isRight of outcomes) {
            const before = calibration.confidenceOf(strength, 'trending');
            calibration.learn(strength, 'trending', isRight);
            const after = calibration.confidenceOf(strength, 'trending');
            expect(isRight ? after > before : after < before).toBe(true);
            expect(after > 0 && after < 1).toBe(true);
          }
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  it('evidence is bounded by its memory', () => {
    let evidence = NO_EVIDENCE;
    for (let index = 0; index < 5_000; index += 1)
      evidence = learned(evidence, true, { horizonCandles: 1, memoryOutcomes: 100 });
    expect(evidence.total).toBeCloseTo(100, 3);
    expect(supported(evidence, 0.5, 100)).toBeCloseTo(0.75, 3);
  });

  it.each([
    [0, 0],
    [0.39, 0],
    [0.4, 1],
    [0.79, 2],
    [1, 3],
  ])('strength %d is in bin %d', (strength, bin) => {
    expect(strengthBinOf(strength)).toBe(bin);
  });
});
