import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { ConformalSet } from './conformal-set.ts';
import { evenFactors, FACTORS } from './factors.ts';
import { OpinionPool, type PoolInput, type PoolWeights } from './opinion-pool.ts';
import { LABEL_LAG_CANDLES } from './scoring-method.ts';
import { SCORING_DEFAULTS } from './scoring-parameters.ts';

const CALMLY: PoolInput = { mostGuestWeight: 0.3, temperature: 1, levelDoubt: 0 };
/** Of the methods beside the base, guests last. */
const weightsOf = (weights: readonly number[], guestCount = 0): PoolWeights => ({
  start: FACTORS.map(() => weights),
  resting: weights,
  stepRatios: weights.map(() => 1),
  guestCount,
});
const START = weightsOf([0.2, 0.2]);

const leaning = (level: number, probability: number): Float64Array => {
  const factors = evenFactors();
  for (let index = 0; index < 3; index += 1) factors[index] = index === level ? probability : (1 - probability) / 2;
  return factors;
};

/** Three methods: the first knows nothing, the second is right, the third is wrong. Labels tell the truth. */
const taughtPool = (candles: number): OpinionPool => {
  const random = seededRandom(3);
  const pool = new OpinionPool(START);
  const truths: number[] = [];
  for (let candle = 0; candle < candles; candle += 1) {
    const truth = Math.floor(random() * 3);
    truths.push(truth);
    pool.update([evenFactors(), leaning(truth, 0.8), leaning((truth + 1) % 3, 0.8)], CALMLY);
    const ripe = truths[candle - LABEL_LAG_CANDLES];
    if (ripe !== undefined)
      pool.learn(leaning(ripe, 1), { ...SCORING_DEFAULTS, weightStep: 0.02, temperatureStep: 0.002 });
  }
  return pool;
};

describe('OpinionPool', () => {
  it('gives the base alone when the base has all the weight', () => {
    const pool = new OpinionPool(weightsOf([0]));
    const base = leaning(2, 0.7);
    pool.update([base, leaning(0, 0.9)], CALMLY);
    pool.factors.forEach((value, at) => {
      expect(value).toBeCloseTo(base[at] ?? 0, 12);
    });
  });

  it('moves weight to the method that is right, away from the one that is wrong', () => {
    const pool = taughtPool(600);
    expect(pool.weightOf(0, 1)).toBeGreaterThan(0.4);
    expect(pool.weightOf(0, 2)).toBeLessThan(0.1);
    expect(pool.lossOf(0, 1)).toBeLessThan(pool.lossOf(0, 2));
  });

  it('takes the weight of a method that is wrong down to the floor, no further, and gives the base what is left', () => {
    const pool = taughtPool(2_000);
    const { weightFloorRatio } = SCORING_DEFAULTS;
    expect(pool.weightOf(0, 2)).toBeGreaterThanOrEqual(weightFloorRatio);
    expect(pool.weightOf(0, 2)).toBeLessThan(2 * weightFloorRatio);
    expect(pool.weightOf(0, 0)).toBeCloseTo(1 - pool.weightOf(0, 1) - pool.weightOf(0, 2), 12);
  });

  it('softens a pool that is wrong more often than it says, and sharpens none', () => {
    const random = seededRandom(4);
    const pool = new OpinionPool(START);
    const truths: number[] = [];
    for (let candle = 0; candle < 2_000; candle += 1) {
      const said = Math.floor(random() * 3);
      truths.push(random() < 0.6 ? said : Math.floor(random() * 3));
      const opinion = leaning(said, 0.98);
      pool.update([opinion, opinion, opinion], CALMLY);
      const ripe = truths[candle - LABEL_LAG_CANDLES];
      if (ripe !== undefined) pool.learn(leaning(ripe, 0.98), { ...SCORING_DEFAULTS, temperatureStep: 0.002 });
    }
    expect(pool.temperatureOf(0)).toBeGreaterThan(1.3);
    // Nobody knew anything of the trend: nothing to soften.
    expect(pool.temperatureOf(2)).toBeCloseTo(1, 6);
    expect(taughtPool(600).temperatureOf(0)).toBe(1);
  });

  it('hears the base alone about volatility while the base doubts its levels', () => {
    const opinions = [leaning(0, 0.6), leaning(2, 0.99), leaning(2, 0.99)];
    const sure = new OpinionPool(START);
    const doubting = new OpinionPool(START);
    for (let candle = 0; candle < 1_200; candle += 1) {
      sure.update(opinions, CALMLY);
      doubting.update(opinions, { ...CALMLY, levelDoubt: 0.4 });
    }
    expect(sure.factors[2]).toBeGreaterThan(0.6);
    expect(doubting.factors[2]).toBeLessThan(0.25);
  });

  it('hears guests together no more than it is told to', () => {
    const pool = new OpinionPool(weightsOf([0.1, 0.3, 0.2], 2));
    const opinions = [evenFactors(), evenFactors(), leaning(1, 0.9), leaning(1, 0.9)];
    for (let candle = 0; candle < 1_000; candle += 1) pool.update(opinions, CALMLY);
    expect(pool.weightOf(0, 2) + pool.weightOf(0, 3)).toBeCloseTo(0.3, 12);
    expect(pool.weightOf(0, 2)).toBeCloseTo(0.18, 12);
    expect(pool.weightOf(0, 1)).toBe(0.1);
    expect(pool.factors[1]).toBeGreaterThan(0.4);
    pool.update(opinions, { ...CALMLY, mostGuestWeight: 0 });
    expect(pool.factors[1]).toBeCloseTo(1 / 3, 12);
  });

  it('goes on bit for bit from its saved text', () => {
    const first = taughtPool(150);
    const second = new OpinionPool(START);
    second.restore(JSON.parse(JSON.stringify(first.save())) as ReturnType<OpinionPool['save']>);
    for (let candle = 0; candle < 50; candle += 1) {
      for (const pool of [first, second]) {
        pool.update([evenFactors(), leaning(candle % 3, 0.7), leaning(0, 0.6)], CALMLY);
        pool.learn(leaning(candle % 2, 0.9), SCORING_DEFAULTS);
      }
      expect([...second.factors]).toEqual([...first.factors]);
    }
    expect(second.save()).toEqual(first.save());
  });
});

describe('ConformalSet', () => {
  it('holds the truth in the wanted share of candles although the probabilities overstate', () => {
    const random = seededRandom(8);
    const conformal = new ConformalSet();
    const truths: number[] = [];
    let held = 0;
    const candles = 20_000;
    for (let candle = 0; candle < candles; candle += 1) {
      // Says .9 for a regime that is true in six of ten candles.
      const said = Math.floor(random() * 18);
      const truth = random() < 0.6 ? said : Math.floor(random() * 18);
      const probabilities = Float64Array.from({ length: 18 }, (_, id) =>
        id === said ? 0.9 : (0.1 / 17) * (0.8 + 0.4 * random()),
      );
      conformal.update(probabilities);
      if (conformal.ids.includes(truth)) held += 1;
      truths.push(truth);
      const ripe = truths[candle - LABEL_LAG_CANDLES];
      if (ripe === undefined) continue;
      const labels = new Float64Array(18);
      labels[ripe] = 1;
      conformal.learn(labels, { coverageRatio: 0.9, step: 0.0005 });
    }
    expect(held / candles).toBeGreaterThan(0.88);
    expect(held / candles).toBeLessThan(0.92);
  });

  it('names the likeliest first', () => {
    const conformal = new ConformalSet();
    const probabilities = new Float64Array(18).fill(0.01);
    probabilities[3] = 0.3;
    probabilities[7] = 0.45;
    probabilities[12] = 0.15;
    conformal.update(probabilities);
    expect(conformal.ids).toEqual([7, 3, 12]);
  });
});
