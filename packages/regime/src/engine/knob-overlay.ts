import type { TransitionDecider } from '../decision/transition-decider.ts';
import type { FeedbackKnobs } from '../feedback/knob-board.ts';
import { KNOB_DEFAULTS, type PerformanceFeedback } from '../feedback/performance-feedback.ts';
import type { ContinuousLearning } from '../learning/continuous-learning.ts';
import type { ScoringParameters } from '../scoring/scoring-parameters.ts';
import type { EngineParameters } from './engine-parameters.ts';

interface KnobOverlayParts {
  readonly parameters: EngineParameters;
  readonly feedback: PerformanceFeedback;
  readonly learning: ContinuousLearning;
  readonly decider: TransitionDecider;
}

const KNOBS = Object.keys(KNOB_DEFAULTS) as readonly (keyof FeedbackKnobs)[];

/** Lays the knobs that feedback moves over the parameters that operators set: a knob counts as far as it is from its default. */
export class KnobOverlay {
  readonly #feedback: PerformanceFeedback;
  readonly #learning: ContinuousLearning;
  readonly #decider: TransitionDecider;
  #parameters: EngineParameters;
  #scoring: ScoringParameters;
  #applied: FeedbackKnobs = KNOB_DEFAULTS;

  constructor({ parameters, feedback, learning, decider }: KnobOverlayParts) {
    this.#parameters = parameters;
    this.#scoring = parameters.scoring;
    this.#feedback = feedback;
    this.#learning = learning;
    this.#decider = decider;
    this.#spread();
  }

  /** As operators set them. */
  get parameters(): EngineParameters {
    return this.#parameters;
  }

  /** Those of the scoring layer, with the knobs on them. */
  get scoring(): ScoringParameters {
    return this.#scoring;
  }

  configure(parameters: EngineParameters): void {
    this.#parameters = parameters;
    this.#spread();
  }

  /** Takes in what feedback has moved since the last candle. */
  apply(): void {
    const knobs = this.#wanted();
    const before = this.#applied;
    if (KNOBS.every((knob) => knobs[knob] === before[knob])) return;
    this.#applied = knobs;
    this.#spread();
    if (knobs.transitionMarginRatio !== before.transitionMarginRatio) {
      // Only the level's lead: that of slots is bound by how many of their changes are false, which the share kept says nothing of.
      const factor = knobs.transitionMarginRatio / KNOB_DEFAULTS.transitionMarginRatio;
      this.#decider.configure({ levelMarginRatio: this.#parameters.transition.levelMarginRatio * factor });
    }
  }

  /** Finds the knobs as they were when the parts, which keep what was done with them, were saved. */
  restore(): void {
    this.#applied = this.#wanted();
    this.#spread();
  }

  #wanted(): FeedbackKnobs {
    return this.#parameters.feedback.isActing ? this.#feedback.knobs : KNOB_DEFAULTS;
  }

  #spread(): void {
    const { scoring, learning } = this.#parameters;
    const knobs = this.#applied;
    const shareFactor = knobs.shareRatio / KNOB_DEFAULTS.shareRatio;
    this.#scoring = {
      ...scoring,
      weightShareRatio: Math.min(0.1, scoring.weightShareRatio * shareFactor),
      temperature: scoring.temperature * knobs.temperature,
    };
    this.#learning.tune({
      capRatio: learning.capRatio * (knobs.learnerCapRatio / KNOB_DEFAULTS.learnerCapRatio),
      shareRatio: knobs.shareRatio,
    });
  }
}
