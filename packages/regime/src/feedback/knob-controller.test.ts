import { describe, expect, it } from '@jest/globals';
import { InvariantError, seededRandom } from '@qt/kernel';
import { KnobController, type KnobRecord, type KnobState } from './knob-controller.ts';

const aKnob = (mode: 'live' | 'shadow', settleCandles = 0): KnobController =>
  new KnobController({ name: 'margin', start: 0.5, min: 0.2, max: 0.6, step: 0.1, mode, settleCandles });
const noise = (random: () => number): number => random() - 0.5;

/** Feeds losses that depend on the value in use; returns the verdict. */
const tryOut = (
  knob: KnobController,
  random: () => number,
  lossOf: (value: number) => { logLoss: number; decisionLoss: number },
): KnobRecord | null => {
  const scoresAt = (value: number) => {
    const { logLoss, decisionLoss } = lossOf(value);
    const shared = noise(random);
    return { logLoss: logLoss + shared, decisionLoss: decisionLoss + shared };
  };
  for (let candle = 0; candle < 600; candle += 1) knob.observe(scoresAt(knob.value));
  if (!knob.propose({ direction: -1, atCandle: 600, reason: 'too few changes' })) return null;
  for (let candle = 0; candle < 2_000; candle += 1) {
    const used = scoresAt(knob.value);
    const candidate = knob.candidate ?? knob.value;
    const apart = lossOf(candidate).logLoss - lossOf(knob.value).logLoss;
    const shadow = { ...used, logLoss: used.logLoss + apart + 0.01 * noise(random) };
    const verdict = knob.observe(used, shadow);
    if (verdict !== null) return verdict;
  }
  return null;
};

describe.each(['live', 'shadow'] as const)('KnobController, %s', (mode) => {
  it('keeps a move that lowers the log loss', () => {
    const knob = aKnob(mode);
    const verdict = tryOut(knob, seededRandom(1), (value) => ({ logLoss: value, decisionLoss: 1 }));
    expect(verdict).toEqual({ atCandle: 600, from: 0.5, to: 0.4, reason: 'too few changes', verdict: 'accepted' });
    expect(knob.value).toBe(0.4);
    expect(knob.history).toEqual([verdict]);
  });

  it('undoes a move that raises it', () => {
    const knob = aKnob(mode);
    expect(tryOut(knob, seededRandom(2), (value) => ({ logLoss: -value, decisionLoss: 1 }))?.verdict).toBe('reverted');
    expect(knob.value).toBe(0.5);
  });

  it('undoes a move that does nothing, nine times in ten', () => {
    const verdicts = Array.from({ length: 60 }, (_, seed) =>
      tryOut(aKnob(mode), seededRandom(100 + seed), () => ({ logLoss: 1, decisionLoss: 1 })),
    );
    expect(verdicts.filter((verdict) => verdict?.verdict === 'accepted').length).toBeLessThanOrEqual(6);
  });

  it('continues bit for bit from a state saved in the middle of a trial', () => {
    const whole = aKnob(mode);
    const random = seededRandom(3);
    const scores = Array.from({ length: 1_400 }, () => ({ logLoss: random(), decisionLoss: random() }));
    const run = (knob: KnobController, from: number, to: number): void => {
      for (let candle = from; candle < to; candle += 1) {
        if (candle === 600) knob.propose({ direction: 1, atCandle: candle, reason: 'r' });
        knob.observe(scores[candle]!, scores[candle]!);
      }
    };
    run(whole, 0, 1_400);
    const first = aKnob(mode);
    run(first, 0, 750);
    const second = aKnob(mode);
    second.restore(JSON.parse(JSON.stringify(first.save())) as KnobState);
    run(second, 750, 1_400);
    expect(second.save()).toEqual(whole.save());
    expect(whole.history).toHaveLength(1);
  });
});

describe('KnobController', () => {
  it('uses the candidate during a live trial, and never during a shadow trial', () => {
    const live = aKnob('live');
    const shadow = aKnob('shadow');
    for (let candle = 0; candle < 600; candle += 1)
      for (const knob of [live, shadow]) knob.observe({ logLoss: 1, decisionLoss: 1 });
    for (const knob of [live, shadow]) knob.propose({ direction: 1, atCandle: 600, reason: 'r' });
    expect([live.value, shadow.value]).toEqual([0.6, 0.5]);
    expect([live.candidate, shadow.candidate]).toEqual([0.6, 0.6]);
  });

  it('does not count the candles that a live move needs to settle', () => {
    const knob = aKnob('live', 50);
    for (let candle = 0; candle < 600; candle += 1) knob.observe({ logLoss: 1, decisionLoss: 1 });
    knob.propose({ direction: 1, atCandle: 600, reason: 'r' });
    let candles = 0;
    while (knob.candidate !== null) {
      knob.observe({ logLoss: candles < 50 ? 99 : 0.5, decisionLoss: 1 });
      candles += 1;
    }
    expect(candles).toBe(550);
    expect(knob.history[0]?.verdict).toBe('accepted');
  });

  it('accepts no gain in one loss that the other pays for', () => {
    const knob = aKnob('live');
    const verdict = tryOut(knob, seededRandom(4), (value) => ({ logLoss: value, decisionLoss: 1 - value }));
    expect(verdict?.verdict).toBe('reverted');
  });

  it('stays within its bounds, on one trial at a time, and not before it knows what the value in use costs', () => {
    const knob = aKnob('live');
    expect(knob.propose({ direction: 1, atCandle: 0, reason: 'r' })).toBe(false);
    for (let candle = 0; candle < 500; candle += 1) knob.observe({ logLoss: 1, decisionLoss: 1 });
    expect(knob.propose({ direction: 1, atCandle: 500, reason: 'r' })).toBe(true);
    expect(knob.propose({ direction: 1, atCandle: 501, reason: 'r' })).toBe(false);
    for (let candle = 0; candle < 500; candle += 1) knob.observe({ logLoss: 0, decisionLoss: 0 });
    expect(knob.value).toBe(0.6);
    for (let candle = 0; candle < 500; candle += 1) knob.observe({ logLoss: 1, decisionLoss: 1 });
    expect(knob.propose({ direction: 1, atCandle: 1_500, reason: 'r' })).toBe(false);
  });

  it('stops on a start out of bounds', () => {
    const options = { name: 'x', min: 0, max: 1, step: 0.1, mode: 'live' } as const;
    expect(() => new KnobController({ ...options, start: 2 })).toThrow(InvariantError);
    expect(() => new KnobController({ ...options, start: 1, step: 0 })).toThrow(InvariantError);
  });
});
