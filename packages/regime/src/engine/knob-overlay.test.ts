import { describe, expect, it } from '@jest/globals';
import { TransitionDecider } from '../decision/transition-decider.ts';
import { PerformanceFeedback } from '../feedback/performance-feedback.ts';
import { ContinuousLearning } from '../learning/continuous-learning.ts';
import { ENGINE_DEFAULTS, patchedParameters } from './engine-parameters.ts';
import { KnobOverlay } from './knob-overlay.ts';

/** An overlay whose operator wants a margin, and feedback that has moved its own from 0.5. */
const anOverlay = (operatorMarginRatio: number, movedTo: number) => {
  const feedback = new PerformanceFeedback({ labelLagCandles: 40 });
  const saved = feedback.save();
  const knobs = saved.knobs.knobs.map((knob) => (knob.value === 0.5 ? { ...knob, value: movedTo } : knob));
  const decider = new TransitionDecider(8, { levelMarginRatio: operatorMarginRatio });
  const parameters = patchedParameters(ENGINE_DEFAULTS, { transition: { levelMarginRatio: operatorMarginRatio } });
  const learning = new ContinuousLearning({ teacherLagCandles: 20 });
  const overlay = new KnobOverlay({ parameters, feedback, learning, decider });
  const move = (): void => {
    feedback.restore({ ...saved, knobs: { ...saved.knobs, knobs } });
  };
  return { overlay, decider, parameters, move };
};

describe('KnobOverlay', () => {
  it('moves the margin from where operators set it, and back to there', () => {
    const { overlay, decider, parameters, move } = anOverlay(0.4, 0.55);
    expect(decider.marginRatios.level).toBe(0.4);
    move();
    overlay.apply();
    expect(decider.marginRatios.level).toBeCloseTo(0.44, 9);
    overlay.configure({ ...parameters, feedback: { isActing: false } });
    expect(decider.marginRatios.level).toBe(0.4);
  });

  it('finds moved knobs again, so that what moves next moves as it would have', () => {
    const { overlay, decider, move } = anOverlay(0.5, 0.55);
    move();
    overlay.restore();
    expect(decider.marginRatios.level).toBeCloseTo(0.55, 9);
  });

  it('keeps the lead that became of a margin when other parameters are set', () => {
    const { overlay, decider, parameters, move } = anOverlay(0.5, 0.55);
    move();
    overlay.apply();
    const saved = decider.save();
    decider.restore({ ...saved, level: { ...saved.level, lead: [0.3, 0.31] } });
    overlay.configure(patchedParameters(parameters, { transition: { levelMarginRatio: 0.5, minDwellCandles: 9 } }));
    expect(decider.marginRatios.level).toBe(0.31);
  });
});
