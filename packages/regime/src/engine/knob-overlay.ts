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
    this.#applied = this.#wanted();
    this.#spread();
  }

  /** Takes in what feedback has moved since the last candle. */
  apply(): void {
    const knobs = this.#wanted();
    if (KNOBS.every((knob) => knobs[knob] === this.#applied[knob])) return;
    this.#applied = knobs;
    this.#spread();
  }

  /** Finds the knobs as feedback had them when it was saved. Before the decider is restored: it keeps what became of its lead. */
  restore(): void {
    this.#applied = this.#wanted();
    this.#spread();
  }

  #wanted(): FeedbackKnobs {
    return this.#parameters.feedback.isActing ? this.#feedback.knobs : KNOB_DEFAULTS;
  }

  #spread(): void {
    const { scoring, learning, transition } = this.#parameters;
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
    // Only the level's lead: that of slots is bound by how many of their changes are false, which the share kept says nothing of.
    const marginFactor = knobs.transitionMarginRatio / KNOB_DEFAULTS.transitionMarginRatio;
    this.#decider.configure({ ...transition, levelMarginRatio: transition.levelMarginRatio * marginFactor });
  }
}
