import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  TransitionDecider,
  type PublishedPath,
  type TransitionDeciderOptions,
  type TransitionDeciderState,
} from './transition-decider.ts';

/** The given probabilities; what is missing to 1 lies on regime 0. */
const belief = (shares: Readonly<Record<number, number>>): Float64Array => {
  const posterior = new Float64Array(18);
  for (const [id, share] of Object.entries(shares)) posterior[Number(id)] = share;
  posterior[0] = posterior[0]! + 1 - posterior.reduce((sum, share) => sum + share, 0);
  return posterior;
};
const feed = (decider: TransitionDecider, posterior: Float64Array, candles: number): readonly PublishedPath[] =>
  Array.from({ length: candles }, () => decider.update({ posterior }));
const aSettledDecider = (options: Partial<TransitionDeciderOptions> = {}): TransitionDecider => {
  const decider = new TransitionDecider(8, options);
  feed(decider, belief({ 8: 1 }), 10);
  return decider;
};
/** Probabilities of candles as property tests draw them: a guess that moves about, more or less sure. */
const beliefs = fc.array(fc.tuple(fc.integer({ min: 0, max: 17 }), fc.double({ min: 0.1, max: 0.94, noNaN: true })), {
  minLength: 20,
  maxLength: 200,
});
const spread = ([id, share]: readonly [number, number]): Float64Array => {
  const posterior = new Float64Array(18).fill((1 - share) / 17);
  posterior[id] = share;
  return posterior;
};

describe('TransitionDecider', () => {
  it('holds the published regime while it is the most probable one', () => {
    const decision = aSettledDecider().update({ posterior: belief({ 8: 0.6, 9: 0.4 }) });
    expect(decision).toMatchObject({ regimeId: 8, previousRegimeId: null, dwellCandles: 11 });
    expect(decision.decision).toMatchObject({ kind: 'held', candidateId: 8 });
  });

  it.each([
    { name: 'a lead that stays below .5', posterior: belief({ 9: 0.7, 8: 0.28 }), regimeId: 8 },
    { name: 'a lead that stays above .5', posterior: belief({ 9: 0.8, 8: 0.18 }), regimeId: 9 },
    { name: 'a lead above .25 to higher volatility', posterior: belief({ 14: 0.64, 8: 0.34 }), regimeId: 14 },
    { name: 'the same lead to lower volatility', posterior: belief({ 2: 0.64, 8: 0.34 }), regimeId: 8 },
    { name: 'a lead among too few neighbors', posterior: belief({ 10: 0.6, 5: 0.3, 8: 0.01 }), regimeId: 8 },
    { name: 'the same lead among neighbors', posterior: belief({ 10: 0.6, 9: 0.3, 8: 0.01 }), regimeId: 10 },
  ])('answers $name', ({ posterior, regimeId }) => {
    expect(feed(aSettledDecider(), posterior, 20).at(-1)!.regimeId).toBe(regimeId);
  });

  it('asks for the lead on more than one candle', () => {
    const decider = aSettledDecider();
    const leads = belief({ 9: 0.85, 8: 0.12 });
    expect(decider.update({ posterior: leads }).regimeId).toBe(8);
    expect(decider.update({ posterior: belief({ 8: 0.85, 9: 0.12 }) }).regimeId).toBe(8);
    expect(feed(decider, leads, 4).map(({ regimeId }) => regimeId)).toEqual([8, 8, 9, 9]);
  });

  it('asks candles in a row to point the same way', () => {
    const decider = aSettledDecider({ smoothingRatio: 1 });
    const up = belief({ 9: 0.9, 8: 0.08 });
    const down = belief({ 7: 0.9, 8: 0.08 });
    expect([up, down, up, down].map((posterior) => decider.update({ posterior }).regimeId)).toEqual([8, 8, 8, 8]);
    expect(decider.update({ posterior: down }).regimeId).toBe(7);
  });

  it('takes a regime above .95 at once, even within the dwell', () => {
    const decider = aSettledDecider();
    expect(decider.update({ posterior: belief({ 12: 0.96 }) })).toMatchObject({ regimeId: 12, previousRegimeId: 8 });
    expect(decider.update({ posterior: belief({ 9: 0.97 }) })).toMatchObject({ regimeId: 9, previousRegimeId: 12 });
  });

  it('takes higher volatility at once when the published regime has become impossible', () => {
    const impossible = { 14: 0.6, 13: 0.2, 15: 0.1999, 8: 1e-4 };
    expect(aSettledDecider().update({ posterior: belief(impossible) }).regimeId).toBe(14);
    const lower = { 2: 0.6, 1: 0.2, 3: 0.1999, 8: 1e-4 };
    expect(aSettledDecider().update({ posterior: belief(lower) }).regimeId).toBe(8);
  });

  it('never changes twice within the dwell unless a regime is above the shock level', () => {
    fc.assert(
      fc.property(beliefs, (candles) => {
        const decider = new TransitionDecider(8, { shockLogOdds: 1_000 });
        let dwell = Number.POSITIVE_INFINITY;
        for (const candle of candles) {
          const path = decider.update({ posterior: spread(candle) });
          if (path.previousRegimeId !== null) expect(dwell).toBeGreaterThanOrEqual(5);
          dwell = path.dwellCandles;
        }
      }),
    );
  });

  it('publishes one path: dwell counts from the last change and the regime left is the one before', () => {
    fc.assert(
      fc.property(beliefs, (candles) => {
        const decider = new TransitionDecider(8);
        let regimeId = 8;
        let dwell = 0;
        for (const candle of candles) {
          const path = decider.update({ posterior: spread(candle) });
          dwell = path.previousRegimeId === null ? dwell + 1 : 1;
          if (path.previousRegimeId !== null) expect(path.previousRegimeId).toBe(regimeId);
          else expect(path.regimeId).toBe(regimeId);
          expect(path.previousRegimeId !== null).toBe(path.decision.kind === 'confirmed');
          expect(path.dwellCandles).toBe(dwell);
          regimeId = path.regimeId;
        }
      }),
    );
  });

  it('mirrors its decisions with the trend', () => {
    const mirrorOf = (id: number): number => (id % 6 === 5 ? id : id - (id % 6) + (4 - (id % 6)));
    fc.assert(
      fc.property(beliefs, (candles) => {
        const decider = new TransitionDecider(8);
        const mirrored = new TransitionDecider(8);
        for (const [id, share] of candles) {
          const path = decider.update({ posterior: spread([id, share]) });
          const mirror = mirrored.update({ posterior: spread([mirrorOf(id), share]) });
          expect(mirror.regimeId).toBe(mirrorOf(path.regimeId));
          expect(mirror.decision.kind).toBe(path.decision.kind);
        }
      }),
    );
  });

  it.each([
    {
      name: 'a lead that is too small',
      posterior: belief({ 9: 0.55, 8: 0.4 }),
      kind: 'tentative',
      words: ['regime 9 has 0.550 against 0.400 of regime 8', 'lead of 0.045 is not above 0.500'],
    },
    {
      name: 'neighbors that have too little',
      posterior: belief({ 10: 0.6, 5: 0.38 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1 },
      kind: 'tentative',
      words: ['it and its neighbors have 0.600 together, below 0.7'],
    },
    {
      name: 'a change',
      posterior: belief({ 9: 0.8, 8: 0.1 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1 },
      kind: 'confirmed',
      words: ['lead of 0.700 is above 0.500 after 10 candles'],
    },
    {
      name: 'a shock',
      posterior: belief({ 14: 0.97 }),
      kind: 'confirmed',
      words: ['above 0.95 it is taken at once, after 10 candles'],
    },
  ])('gives the numbers of $name', ({ posterior, options, kind, words }) => {
    const { decision } = aSettledDecider(options).update({ posterior });
    expect(decision.kind).toBe(kind);
    for (const part of words) expect(decision.reasons.join('; ')).toContain(part);
  });

  it('says how long a regime must still stand', () => {
    const decider = aSettledDecider();
    decider.update({ posterior: belief({ 9: 0.96 }) });
    const { decision } = decider.update({ posterior: belief({ 10: 0.9, 9: 0.08 }) });
    expect(decision).toMatchObject({ kind: 'rejected', candidateId: 10 });
    expect(decision.reasons[1]).toBe('regime 9 stands for 1 of at least 5 candles');
  });

  describe('the lead that adapts', () => {
    const changeBack = (decider: TransitionDecider, everyCandles: number, candles: number): void => {
      for (let candle = 0; candle < candles; candle += 1) {
        const id = Math.floor(candle / everyCandles) % 2 === 0 ? 9 : 8;
        decider.update({ posterior: belief({ [id]: 0.9, [17 - id]: 0.08 }) });
      }
    };

    it('rises to its upper bound when changes are undone', () => {
      const decider = aSettledDecider();
      changeBack(decider, 8, 400);
      expect(decider.standingRatio).toBeLessThan(0.1);
      expect(decider.marginRatio).toBe(0.6);
    });

    it('comes down while changes stand and are sure', () => {
      const decider = aSettledDecider();
      changeBack(decider, 200, 20_000);
      expect(decider.standingRatio).toBe(1);
      expect(decider.marginRatio).toBeLessThan(0.4);
    });

    it('goes no further up or down than .15 to .6', () => {
      fc.assert(
        fc.property(beliefs, fc.double({ min: 0, max: 50, noNaN: true }), (candles, allowedFalsePer1000) => {
          const decider = new TransitionDecider(8, { allowedFalsePer1000 });
          for (const candle of candles) {
            decider.update({ posterior: spread(candle) });
            expect(decider.marginRatio).toBeGreaterThanOrEqual(0.15);
            expect(decider.marginRatio).toBeLessThanOrEqual(0.6);
          }
        }),
      );
    });

    it('stays where it is put when it may not adapt', () => {
      const decider = aSettledDecider({ isAdaptive: false, marginRatio: 0.3 });
      changeBack(decider, 8, 400);
      expect(decider.marginRatio).toBe(0.3);
      decider.configure({ marginRatio: 0.4 });
      expect(decider.marginRatio).toBe(0.4);
    });
  });

  it('applies hot options without losing its state', () => {
    const decider = aSettledDecider();
    decider.configure({ confidenceThreshold: 0.95 });
    expect(feed(decider, belief({ 9: 0.8, 8: 0.1 }), 20).at(-1)).toMatchObject({ regimeId: 8, dwellCandles: 30 });
    decider.configure({ confidenceThreshold: 0.7 });
    expect(decider.update({ posterior: belief({ 9: 0.8, 8: 0.1 }) }).regimeId).toBe(9);
  });

  it.each([1, 9, 60])('continues bit for bit from a state saved as text after %i candles', (cut) => {
    fc.assert(
      fc.property(beliefs, (candles) => {
        const whole = new TransitionDecider(8);
        const expected = candles.map((candle) => whole.update({ posterior: spread(candle) }));
        const first = new TransitionDecider(8);
        for (const candle of candles.slice(0, cut)) first.update({ posterior: spread(candle) });
        const second = new TransitionDecider(0);
        second.restore(JSON.parse(JSON.stringify(first.save())) as TransitionDeciderState);
        const rest = candles.slice(cut).map((candle) => second.update({ posterior: spread(candle) }));
        expect(rest).toEqual(expected.slice(cut));
        expect(second.save()).toEqual(whole.save());
      }),
      { numRuns: 25 },
    );
  });

  it('shows its last decision and what it asks for', () => {
    const decider = aSettledDecider();
    decider.update({ posterior: belief({ 14: 0.97 }) });
    const { metrics, debug } = decider.view();
    expect(metrics).toMatchObject({ regime_id: 14, confirmed_changes: 1, shock_changes: 1 });
    expect(debug['lastDecision']).toMatchObject({ kind: 'confirmed', candidateId: 14 });
  });
});
