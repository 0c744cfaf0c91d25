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
  it('holds the published regime while its level and its slot are the likeliest ones', () => {
    const decision = aSettledDecider().update({ posterior: belief({ 8: 0.6, 9: 0.4 }) });
    expect(decision).toMatchObject({ regimeId: 8, previousRegimeId: null, dwellCandles: 11 });
    expect(decision.decision).toMatchObject({ kind: 'held', candidateId: 8 });
  });

  it.each([
    { name: 'a lead of the next trend that stays below .42', posterior: belief({ 9: 0.7, 8: 0.3 }), regimeId: 8 },
    { name: 'the same lead of a trend further off', posterior: belief({ 10: 0.68, 9: 0.04, 8: 0.28 }), regimeId: 10 },
    { name: 'a lead of the next trend that stays above .42', posterior: belief({ 9: 0.72, 8: 0.28 }), regimeId: 9 },
    { name: 'a lead above .45 to higher volatility', posterior: belief({ 14: 0.75, 8: 0.25 }), regimeId: 14 },
    { name: 'the same lead to lower volatility', posterior: belief({ 2: 0.75, 8: 0.25 }), regimeId: 8 },
    { name: 'a level that leads without .7', posterior: belief({ 14: 0.66, 8: 0.17, 2: 0.17 }), regimeId: 8 },
    { name: 'a slot among too few neighbors', posterior: belief({ 10: 0.6, 5: 0.2, 11: 0.2 }), regimeId: 8 },
    { name: 'the same slot among neighbors', posterior: belief({ 10: 0.6, 9: 0.2, 11: 0.2 }), regimeId: 10 },
  ])('answers $name', ({ posterior, regimeId }) => {
    expect(feed(aSettledDecider({ isAdaptive: false }), posterior, 40).at(-1)!.regimeId).toBe(regimeId);
  });

  it('says a level that is clear where no slot is', () => {
    const spreadHigh = belief({ 12: 0.15, 13: 0.16, 14: 0.19, 15: 0.16, 16: 0.15, 17: 0.16, 8: 0.02, 9: 0.01 });
    const path = feed(aSettledDecider(), spreadHigh, 20);
    expect(path.at(-1)!.regimeId).toBe(14);
    expect(path.find(({ previousRegimeId }) => previousRegimeId !== null)!.decision.reasons.join('; ')).toContain(
      'trend: none is clear, the likeliest is neutral with 0.210',
    );
    expect(path.at(-1)!.decision).toMatchObject({ kind: 'tentative', candidateId: 14 });
  });

  it('moves the slot along with a level, as one change', () => {
    const both = belief({ 16: 0.75, 8: 0.2 });
    const changes = feed(aSettledDecider({ slotMarginRatio: 0.9 }), both, 30).filter(
      ({ previousRegimeId }) => previousRegimeId !== null,
    );
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ regimeId: 16, previousRegimeId: 8, dwellCandles: 1 });
    expect(changes[0]!.decision.reasons).toContain('trend: the likeliest is taken along with the new level');
  });

  it('does not move the level along with a slot', () => {
    const slotAlone = belief({ 16: 0.52, 10: 0.38, 8: 0.1 });
    const path = feed(aSettledDecider({ isAdaptive: false }), slotAlone, 40);
    expect(path.at(-1)!.regimeId).toBe(10);
    expect(path.at(-1)!.decision.reasons.join('; ')).toContain('volatility: high has 0.520 against 0.480 of medium');
  });

  it('asks for the lead on more than one candle', () => {
    const decider = aSettledDecider({ smoothingRatio: 0.3 });
    const leads = belief({ 9: 0.85, 8: 0.12 });
    expect(decider.update({ posterior: leads }).regimeId).toBe(8);
    expect(decider.update({ posterior: belief({ 8: 0.85, 9: 0.12 }) }).regimeId).toBe(8);
    expect(feed(decider, leads, 2).map(({ regimeId }) => regimeId)).toEqual([8, 9]);
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

  it('takes higher volatility at once when the published level has become impossible', () => {
    const impossible = { 14: 0.6, 13: 0.2, 15: 0.199999, 8: 1e-6 };
    expect(aSettledDecider().update({ posterior: belief(impossible) }).regimeId).toBe(14);
    const lower = { 2: 0.6, 1: 0.2, 3: 0.199999, 8: 1e-6 };
    expect(aSettledDecider().update({ posterior: belief(lower) }).regimeId).toBe(8);
  });

  it('never changes twice within the dwell unless it is a shock', () => {
    fc.assert(
      fc.property(beliefs, (candles) => {
        const decider = new TransitionDecider(8);
        let dwell = Number.POSITIVE_INFINITY;
        for (const candle of candles) {
          const shocksBefore = decider.view().metrics['shock_changes'];
          const path = decider.update({ posterior: spread(candle) });
          const isShock = decider.view().metrics['shock_changes'] !== shocksBefore;
          if (path.previousRegimeId !== null && !isShock) expect(dwell).toBeGreaterThanOrEqual(5);
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
          expect(path.previousRegimeId !== null).toBe(path.regimeId !== regimeId);
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
      words: ['trend: up has 0.550 against 0.400 of neutral', 'trend: the smoothed lead of 0.023 is not above 0.420'],
    },
    {
      name: 'neighbors that have too little',
      posterior: belief({ 10: 0.6, 11: 0.38, 8: 0.02 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1 },
      kind: 'tentative',
      words: ['trend: it and its neighbors have together 0.600, below 0.7'],
    },
    {
      name: 'a level that has too little',
      posterior: belief({ 14: 0.65, 8: 0.2, 2: 0.15 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1 },
      kind: 'tentative',
      words: ['volatility: high has 0.650 against 0.200 of medium', 'volatility: it has 0.650, below 0.7'],
    },
    {
      name: 'a change',
      posterior: belief({ 9: 0.8, 8: 0.1 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1 },
      kind: 'confirmed',
      words: ['trend: the smoothed lead of 0.700 is above 0.420 after 10 candles'],
    },
    {
      name: 'a change of one factor while the other is in doubt',
      posterior: belief({ 15: 0.6, 14: 0.38, 8: 0.02 }),
      options: { smoothingRatio: 1, minAgreeingCandles: 1, confidenceThreshold: 0.7 },
      kind: 'confirmed',
      words: [
        'volatility: the smoothed lead of 0.960 is above 0.450 after 10 candles',
        'trend: the likeliest is taken along with the new level',
      ],
    },
    {
      name: 'a shock',
      posterior: belief({ 14: 0.97 }),
      kind: 'confirmed',
      words: ['above 0.95 the regime is taken at once, after 10 candles'],
    },
    {
      name: 'a shock of the level alone',
      posterior: belief({ 14: 0.6, 13: 0.399999, 8: 1e-6 }),
      kind: 'confirmed',
      words: ['volatility: it rises with log odds of 13.8, above 10: it is taken at once, after 10 candles'],
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
    expect(decision.reasons[1]).toBe('the published regime stands for 1 of at least 5 candles');
  });

  describe('the leads that adapt', () => {
    /** Goes to and fro between two levels, or two slots. */
    const changeBack = (
      decider: TransitionDecider,
      ids: readonly [number, number],
      { every, candles }: { every: number; candles: number },
    ) => {
      for (let candle = 0; candle < candles; candle += 1) {
        const [id, other] = Math.floor(candle / every) % 2 === 0 ? ids : [ids[1], ids[0]];
        decider.update({ posterior: belief({ [id]: 0.94, [other]: 0.06 }) });
      }
    };
    const QUICK = { smoothingRatio: 0.5 };

    it.each([
      { factor: 'level', other: 'slot', ids: [14, 8] },
      { factor: 'slot', other: 'level', ids: [9, 8] },
    ] as const)('rises to its upper bound when changes of $factor are undone, and leaves that of $other', (one) => {
      const decider = aSettledDecider(QUICK);
      changeBack(decider, one.ids, { every: 8, candles: 400 });
      expect(decider.standingRatio).toBeLessThan(0.1);
      expect(decider.marginRatios[one.factor]).toBe(0.6);
      expect(decider.marginRatios[one.other]).toBeLessThanOrEqual(one.other === 'level' ? 0.6 : 0.3);
    });

    it('comes down while changes stand and are sure', () => {
      const decider = aSettledDecider();
      changeBack(decider, [14, 8], { every: 200, candles: 20_000 });
      expect(decider.standingRatio).toBe(1);
      expect(decider.marginRatios.level).toBeLessThan(0.4);
    });

    it('goes no further up or down than .15 to .6', () => {
      fc.assert(
        fc.property(beliefs, fc.double({ min: 0, max: 50, noNaN: true }), (candles, allowed) => {
          const decider = new TransitionDecider(8, {
            allowedFalseLevelsPer1000: allowed,
            allowedFalseSlotsPer1000: allowed,
          });
          for (const candle of candles) {
            decider.update({ posterior: spread(candle) });
            for (const ratio of Object.values(decider.marginRatios)) {
              expect(ratio).toBeGreaterThanOrEqual(0.15);
              expect(ratio).toBeLessThanOrEqual(0.6);
            }
          }
        }),
      );
    });

    it('stay where they are put when they may not adapt', () => {
      const decider = aSettledDecider({ ...QUICK, isAdaptive: false, levelMarginRatio: 0.3, slotMarginRatio: 0.2 });
      changeBack(decider, [15, 8], { every: 8, candles: 400 });
      expect(decider.marginRatios).toEqual({ level: 0.3, slot: 0.2 });
      decider.configure({ levelMarginRatio: 0.4 });
      expect(decider.marginRatios).toEqual({ level: 0.4, slot: 0.2 });
    });

    it('keep what they became when other options change', () => {
      const decider = aSettledDecider({ ...QUICK, levelMarginRatio: 0.5 });
      changeBack(decider, [14, 8], { every: 8, candles: 400 });
      const { level } = decider.marginRatios;
      decider.configure({ levelMarginRatio: 0.5, slotMarginRatio: 0.2, confidenceThreshold: 0.6 });
      expect(decider.marginRatios).toEqual({ level, slot: 0.2 });
    });
  });

  it('applies hot options without losing its state', () => {
    const decider = aSettledDecider();
    decider.configure({ confidenceThreshold: 0.95 });
    expect(feed(decider, belief({ 9: 0.8, 11: 0.2 }), 20).at(-1)).toMatchObject({ regimeId: 8, dwellCandles: 30 });
    decider.configure({ confidenceThreshold: 0.7 });
    expect(decider.update({ posterior: belief({ 9: 0.8, 11: 0.2 }) }).regimeId).toBe(9);
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
    expect(metrics).toMatchObject({
      regime_id: 14,
      confirmed_changes: 1,
      shock_changes: 1,
      level_margin_ratio: 0.6,
    });
    expect(debug['lastDecision']).toMatchObject({ kind: 'confirmed', candidateId: 14 });
  });
});
