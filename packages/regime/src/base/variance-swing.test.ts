import { describe, expect, it } from '@jest/globals';
import { VarianceSwing } from './variance-swing.ts';

const LEVELS = Float64Array.of(-10, -9, -8);
const surely = (level: number): Float64Array => {
  const posterior = new Float64Array(18);
  posterior.fill(1 / 6, 6 * level, 6 * level + 6);
  return posterior;
};
const NEVER = 1e-300;
const aSwing = (gain = 0.1, persistence = 0.9): VarianceSwing =>
  new VarianceSwing({ gain, persistence, logVariances: LEVELS });

describe('VarianceSwing', () => {
  it('follows what the candles say and fades to the level when they say nothing', () => {
    const swing = aSwing();
    for (let candle = 0; candle < 20; candle += 1) {
      swing.advance(surely(1), NEVER, 1);
      swing.hear(Float64Array.of(0, 1, 0));
    }
    swing.advance(surely(1), NEVER, 1);
    const high = swing.predicted[1]!;
    expect(high).toBeCloseTo((0.1 * (1 - 0.9 ** 20)) / 0.1, 9);
    swing.hear(new Float64Array(3));
    swing.advance(surely(1), NEVER, 1);
    expect(swing.predicted[1]).toBeCloseTo(0.9 * high, 9);
  });

  it('fades over a gap as over as many silent candles', () => {
    const heard = (): VarianceSwing => {
      const swing = aSwing();
      swing.advance(surely(0), NEVER, 1);
      swing.hear(Float64Array.of(3, 0, 0));
      return swing;
    };
    const gapped = heard();
    gapped.advance(surely(0), NEVER, 5);
    const silent = heard();
    for (let candle = 0; candle < 5; candle += 1) {
      silent.advance(surely(0), NEVER, 1);
      if (candle < 4) silent.hear(new Float64Array(3));
    }
    expect(gapped.predicted[0]).toBeCloseTo(silent.predicted[0]!, 12);
  });

  it('lets a new level inherit the variance of the one it came from', () => {
    const swing = aSwing();
    swing.advance(surely(0), NEVER, 1);
    swing.hear(Float64Array.of(2, 0, 0));
    // After a change to high the variance is still near that of low, one step of fading on.
    swing.advance(surely(0), 0.5, 1);
    expect(swing.predicted[2]).toBeCloseTo(0.9 * -2 + 0.2, 9);
  });

  it('knows how it would move with its own law', () => {
    const surprises = [0.4, -0.3, 1.2, 0.1, -0.6];
    const swingAfter = (gain: number, persistence: number): VarianceSwing => {
      const swing = aSwing(gain, persistence);
      let level = 0;
      for (const surprise of surprises) {
        swing.advance(surely(1), NEVER, 1);
        // The higher the swing, the less surprising the candle.
        level = surprise - swing.predicted[1]!;
        swing.hear(Float64Array.of(0, level, 0));
      }
      swing.advance(surely(1), NEVER, 1);
      return swing;
    };
    const step = 1e-6;
    const now = swingAfter(0.1, 0.9);
    const byGain = (swingAfter(0.1 + step, 0.9).predicted[1]! - now.predicted[1]!) / step;
    const byPersistence = (swingAfter(0.1, 0.9 + step).predicted[1]! - now.predicted[1]!) / step;
    expect(now.predicted[4]).toBeCloseTo(byGain, 4);
    // The fade is the logarithm of what persistence lacks.
    expect(now.predicted[7]).toBeCloseTo(-0.1 * byPersistence, 4);
  });
});
