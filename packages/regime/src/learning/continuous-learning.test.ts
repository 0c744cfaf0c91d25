import { describe, expect, it } from '@jest/globals';
import { InvariantError } from '@qt/kernel';
import {
  baseViewsOf,
  type LearnerStep,
  learnerSteps,
  mirrored,
  observationsOf,
  teacherOf,
} from '../../test/learning-market.ts';
import { syntheticMarket } from '../../test/synthetic-market.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { evenFactors, FACTORS, marginalsInto } from '../scoring/factors.ts';
import type { BaseView } from '../scoring/scoring-method.ts';
import { ContinuousLearning, type ContinuousLearningState } from './continuous-learning.ts';

const LAG_CANDLES = 20;
const MARKET = learnerSteps(2, 1_600);
type Teachers = (candle: number) => Float64Array | null;

/** Runs the engine over a market; returns every vote. `teach` gives the teacher of the candle it is asked for. */
const votesOf = (
  steps: readonly { readonly observation: Observation; readonly base: BaseView }[],
  teach: Teachers,
  { learning = new ContinuousLearning(), from = 0 }: { learning?: ContinuousLearning; from?: number } = {},
): readonly Float64Array[] =>
  steps.slice(from).map(({ observation, base }, index) => {
    const known = from + index - LAG_CANDLES;
    learning.update({ observation, base, teacher: known < 0 ? null : teach(known) });
    return Float64Array.from(learning.probabilities);
  });
const truthOf =
  (steps: readonly LearnerStep[]): Teachers =>
  (candle) =>
    teacherOf(steps[candle]!.regimeId);
const mirrorId = (id: number): number => (id % SLOT_COUNT === 5 ? id : id - (id % SLOT_COUNT) + 4 - (id % SLOT_COUNT));
const furthest = (left: Float64Array, right: Float64Array): number =>
  left.reduce((most, value, id) => Math.max(most, Math.abs(value - right[id]!)), 0);
const sumOf = (values: Float64Array): number => values.reduce((left, right) => left + right, 0);

describe('ContinuousLearning', () => {
  it('says what the base says while it has learned nothing', () => {
    const steps = MARKET.slice(0, 120);
    const votes = votesOf(steps, () => null);
    const apart = votes.map((vote, candle) => furthest(vote, steps[candle]!.base.posterior));
    expect(Math.max(...apart)).toBeLessThan(1e-4);
  });

  it('does not hear a model that is switched off, and has no say with none left', () => {
    const { names } = new ContinuousLearning();
    const heard = votesOf(MARKET, truthOf(MARKET)).at(-1)!;
    for (const name of names) {
      const lesser = votesOf(MARKET, truthOf(MARKET), { learning: new ContinuousLearning({ disabled: [name] }) });
      expect(furthest(lesser.at(-1)!, heard)).toBeGreaterThan(0);
    }
    const mute = new ContinuousLearning({ disabled: names });
    const said = votesOf(MARKET, truthOf(MARKET), { learning: mute }).at(-1)!;
    expect(furthest(said, MARKET.at(-1)!.base.posterior)).toBeLessThan(1e-6);
    expect(mute.weightRatio).toBe(0);
  });

  it('tells the opinion of every model by factor, and that of the base for one that is switched off', () => {
    const learning = new ContinuousLearning({ disabled: ['small_network'] });
    votesOf(MARKET, truthOf(MARKET), { learning });
    const base = evenFactors();
    marginalsInto(base, MARKET.at(-1)!.base.posterior);
    learning.opinions.forEach((opinion, model) => {
      for (const { first, size } of FACTORS) expect(sumOf(opinion.slice(first, first + size))).toBeCloseTo(1, 4);
      const apart = furthest(opinion, base);
      if (learning.names[model] === 'small_network') expect(apart).toBe(0);
      else expect(apart).toBeGreaterThan(1e-4);
    });
  });

  it('lets no label touch a vote on its own candle or on any before it is known', () => {
    const steps = MARKET.slice(0, 400);
    const honest = votesOf(steps, truthOf(steps));
    const altered = votesOf(steps, (candle) =>
      teacherOf(candle === 200 ? (steps[candle]!.regimeId + 7) % REGIME_COUNT : steps[candle]!.regimeId),
    );
    const firstApart = honest.findIndex((vote, candle) => vote.some((value, id) => value !== altered[candle]![id]));
    expect(firstApart).toBe(200 + LAG_CANDLES);
  });

  it('scores what was said when a candle was new, not what was learned since', () => {
    // The label of every candle is a surprise that was not there before: whoever copies the last label is always wrong.
    const steps = MARKET.slice(0, 700);
    const learning = new ContinuousLearning();
    votesOf(steps, (candle) => teacherOf((candle * 5) % REGIME_COUNT), { learning });
    const { voteLoss } = learning.view().metrics;
    expect(voteLoss).toBeGreaterThan(Math.log(REGIME_COUNT) * 0.8);
  });

  it('learns from a teacher that knows better, and gets ahead of the base; the cap is kept', () => {
    const steps = MARKET.slice(0, 1_600);
    // A market the base cannot see: the truth is always one level higher than it says.
    const shifted = steps.map(({ observation, base, regimeId }) => ({
      observation,
      base,
      regimeId: (regimeId + SLOT_COUNT) % REGIME_COUNT,
    }));
    const learning = new ContinuousLearning();
    const votes = votesOf(shifted, truthOf(shifted), { learning });
    const lossOf = (said: (candle: number) => Float64Array): number => {
      let loss = 0;
      for (let candle = 1_100; candle < 1_600; candle += 1)
        loss -= Math.log(Math.max(said(candle)[shifted[candle]!.regimeId]!, 1e-6));
      return loss / 500;
    };
    expect(lossOf((candle) => votes[candle]!)).toBeLessThan(lossOf((candle) => shifted[candle]!.base.posterior));
    expect(learning.isAhead).toBe(true);
    expect(learning.weightRatio).toBe(0.3);
    learning.tune({ capRatio: 0.1 });
    expect(learning.weightRatio).toBe(0.1);
    learning.tune({ capRatio: 7 });
    expect(learning.weightRatio).toBe(0.3);
  });

  it('is not ahead while the teacher agrees with the base, nor before 1000 scored candles', () => {
    const steps = MARKET.slice(0, 1_300);
    const learning = new ContinuousLearning();
    votesOf(steps, (candle) => steps[candle]!.base.posterior, { learning });
    expect(learning.advantage).toBeLessThan(1e-6);
    expect(learning.isAhead).toBe(false);
    const early = new ContinuousLearning();
    votesOf(steps.slice(0, 500), truthOf(steps), { learning: early });
    expect(early.advantage).toBeNull();
    expect(early.isAhead).toBe(false);
  });

  it('gives mirrored prices mirrored votes', () => {
    const observations = observationsOf(
      syntheticMarket({ seed: 6, candles: 400, durationCandles: 100 }).map(({ candle }) => candle),
    );
    const labels = syntheticMarket({ seed: 6, candles: 400, durationCandles: 100 }).map(({ regimeId }) => regimeId);
    const stepsOf = (some: readonly Observation[]) => {
      const views = baseViewsOf(some);
      return some.map((observation, index) => ({ observation, base: views[index]! }));
    };
    const straight = votesOf(stepsOf(observations), (candle) => teacherOf(labels[candle]!));
    const turned = votesOf(stepsOf(mirrored(observations)), (candle) => teacherOf(mirrorId(labels[candle]!)));
    const apart = straight.map((vote, candle) =>
      furthest(
        vote,
        turned[candle]!.map((_, id) => turned[candle]![mirrorId(id)]!),
      ),
    );
    expect(Math.max(...apart)).toBeLessThan(1e-6);
  });

  it.each([10, 430])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    const steps = MARKET.slice(0, 760);
    const whole = new ContinuousLearning();
    const first = new ContinuousLearning();
    const expected = votesOf(steps, truthOf(steps), { learning: whole });
    votesOf(steps.slice(0, cut), truthOf(steps), { learning: first });
    const second = new ContinuousLearning();
    second.restore(JSON.parse(JSON.stringify(first.save())) as ContinuousLearningState);
    const votes = votesOf(steps, truthOf(steps), { learning: second, from: cut });
    // As bytes: minus zero is not zero here.
    expect(votes.map((vote) => Buffer.from(vote.buffer).toString('base64'))).toEqual(
      expected.slice(cut).map((vote) => Buffer.from(vote.buffer).toString('base64')),
    );
    expect(second.save()).toEqual(whole.save());
    expect(second.view()).toEqual(whole.view());
  });

  it('keeps a state under 40 kB, with a refit running', () => {
    const steps = MARKET.slice(0, 700);
    const learning = new ContinuousLearning();
    votesOf(steps, truthOf(steps), { learning });
    expect(learning.refit()).toBe('started');
    expect(learning.refit()).toBe('already_running');
    expect(JSON.stringify(learning.save()).length).toBeLessThan(40_000);
  });

  it('stays finite on a price that never moves, through gaps, and before the base has a scale', () => {
    const learning = new ContinuousLearning();
    const base: BaseView = {
      posterior: new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT),
      logDensity: 0,
      levelDoubt: 0,
      returnScale: () => 0,
      driftMild: 0.3,
      driftStrong: 0.8,
      arTrending: 0.2,
      arReverting: -0.4,
    };
    const scaled: BaseView = { ...base, returnScale: (volatility) => 0.01 * 2 ** volatility };
    let worst = 0;
    for (let candle = 0; candle < 400; candle += 1) {
      learning.update({
        observation: {
          logReturn: 0,
          previousLogReturn: 0,
          logRange: null,
          elapsedCandles: candle % 50 === 0 ? 10 : 1,
        },
        base: candle < 100 ? base : scaled,
        teacher: candle < LAG_CANDLES ? null : teacherOf(2),
      });
      worst = Math.max(worst, Math.abs(sumOf(learning.probabilities) - 1));
    }
    expect(worst).toBeLessThan(1e-9);
    // Nothing leans: up and down must be equally likely, whatever was learned.
    expect(learning.probabilities[6]).toBeCloseTo(learning.probabilities[10]!, 12);
  });

  it('refuses a lag it has no room for, and a state of another lag', () => {
    expect(() => new ContinuousLearning({ teacherLagCandles: 41 })).toThrow(InvariantError);
    const state = new ContinuousLearning({ teacherLagCandles: 10 }).save();
    expect(() => new ContinuousLearning().restore(state)).toThrow(InvariantError);
  });
});
