import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@qt/kernel';
import { crossEntropy, FACTOR_COUNT, LEVEL_COUNT } from './factors.ts';
import { BASE_AT, FEATURE_COUNT, ROW_LENGTH } from './learner-row.ts';
import { RecentExamples } from './recent-examples.ts';
import { ShadowRefit, type ShadowRefitState } from './shadow-refit.ts';

const LAG_CANDLES = 3;

/** The level can be read off the first feature; the base does not know it. */
const exampleOf = (random: () => number): { row: Float32Array; teacher: Float64Array } => {
  const level = Math.floor(random() * LEVEL_COUNT);
  const row = new Float32Array(ROW_LENGTH);
  row[0] = 2 * (level - 1);
  row[1] = random();
  row.fill(Math.log(1 / 6), FEATURE_COUNT);
  row.fill(Math.log(1 / 3), BASE_AT, BASE_AT + LEVEL_COUNT);
  const teacher = new Float64Array(FACTOR_COUNT);
  teacher[level] = 1;
  teacher[LEVEL_COUNT + 2] = 1;
  return { row, teacher };
};
const examplesOf = (seed: number, count: number): RecentExamples => {
  const random = seededRandom(seed);
  const examples = new RecentExamples();
  for (let index = 0; index < count; index += 1) {
    const { row, teacher } = exampleOf(random);
    examples.add(row, teacher);
  }
  return examples;
};

describe('RecentExamples', () => {
  it('keeps one example in twenty, at most 48, nearly as they were', () => {
    const examples = examplesOf(1, 160);
    expect(examples.count).toBe(8);
    expect(examplesOf(1, 5_000).count).toBe(48);
    const random = seededRandom(1);
    const { row, teacher } = exampleOf(random);
    let first: { row: Float32Array; teacher: Float64Array } | null = null;
    examples.forEach((kept, wanted) => {
      first ??= { row: Float32Array.from(kept), teacher: Float64Array.from(wanted) };
    });
    expect(first).not.toBeNull();
    row.forEach((value, index) => {
      expect(Math.abs(first!.row[index]! - value)).toBeLessThan(0.04);
    });
    expect(crossEntropy(teacher, first!.teacher, { count: FACTOR_COUNT })).toBeLessThan(1e-9);
  });

  it('comes back from text with the same bits', () => {
    const examples = examplesOf(2, 700);
    const back = new RecentExamples();
    back.restore(JSON.parse(JSON.stringify(examples.save())) as { seen: number; bytes: string });
    expect(back.save()).toEqual(examples.save());
  });
});

/** Runs a candidate beside a live model of known loss, candle by candle, until it ends; says whether it was promoted. */
const runShadow = (refit: ShadowRefit, seed: number, liveLoss: number): { promoted: boolean; candles: number } => {
  const random = seededRandom(seed);
  const waiting: { row: Float32Array; teacher: Float64Array }[] = [];
  for (let candle = 0; candle < 2_000; candle += 1) {
    const known = waiting.length === LAG_CANDLES ? waiting.shift() : undefined;
    if (known !== undefined) {
      const promoted = refit.learn(known.row, known.teacher, liveLoss);
      if (!refit.isRunning) return { promoted: promoted !== null, candles: candle };
    }
    const next = exampleOf(random);
    waiting.push(next);
    refit.predict(next.row);
  }
  return { promoted: false, candles: 2_000 };
};
const NOTHING_LEARNED = Math.log(3) + Math.log(6);

describe('ShadowRefit', () => {
  it('promotes a candidate that was better over 500 candles, and keeps the record', () => {
    const refit = new ShadowRefit(LAG_CANDLES);
    expect(refit.start(examplesOf(3, 1_024), 77)).toBe('started');
    expect(refit.start(examplesOf(3, 1_024), 78)).toBe('already_running');
    const { promoted, candles } = runShadow(refit, 4, NOTHING_LEARNED);
    expect(promoted).toBe(true);
    expect(candles).toBe(500 + LAG_CANDLES - 1);
    const [record] = refit.records;
    expect(record).toMatchObject({ startedAtUpdate: 77, outcome: 'promoted' });
    expect(record!.candidateLoss).toBeLessThan(record!.liveLoss);
  });

  it('drops one that was not', () => {
    const refit = new ShadowRefit(LAG_CANDLES);
    refit.start(examplesOf(5, 1_024), 1);
    expect(runShadow(refit, 6, 0).promoted).toBe(false);
    expect(refit.records).toMatchObject([{ outcome: 'dropped' }]);
  });

  it('does not start from a handful of examples', () => {
    expect(new ShadowRefit(LAG_CANDLES).start(examplesOf(7, 100), 1)).toBe('too_few_examples');
  });

  it('continues bit for bit from a state saved as text, in the middle of a trial', () => {
    const whole = new ShadowRefit(LAG_CANDLES);
    whole.start(examplesOf(8, 1_024), 9);
    const random = seededRandom(9);
    for (let index = 0; index < 40; index += 1) {
      const { row, teacher } = exampleOf(random);
      whole.predict(row);
      if (index >= LAG_CANDLES) whole.learn(row, teacher, 1);
    }
    const second = new ShadowRefit(LAG_CANDLES);
    second.restore(JSON.parse(JSON.stringify(whole.save())) as ShadowRefitState);
    runShadow(whole, 10, 1);
    runShadow(second, 10, 1);
    expect(second.save()).toEqual(whole.save());
    expect(whole.records).toHaveLength(1);
  });
});
