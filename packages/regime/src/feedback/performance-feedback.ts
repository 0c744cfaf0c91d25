import type { ComponentView } from '../engine/classification.ts';
import type { FeedbackTask } from './task-list.ts';

export interface PerformanceFeedbackOptions {
  /** Candles between a candle and its smoothed label. Default 40. */
  readonly labelLagCandles?: number;
}

export interface FeedbackInput {
  /** What is published for this candle, and with what calibrated probabilities (18). */
  readonly publishedId: number;
  readonly probabilities: ArrayLike<number>;
  /** Shape: 18 smoothed probabilities of the candle `labelLagCandles` before this one; null while there is none. */
  readonly smoothedLabel: ArrayLike<number> | null;
}

/** Values the engine reads before each candle. Feedback moves them within fixed bounds. */
export interface FeedbackKnobs {
  readonly transitionMarginRatio: number;
  readonly shareRatio: number;
  readonly anchorPullRatio: number;
  readonly temperature: number;
  readonly learnerCapRatio: number;
}

export const KNOB_DEFAULTS: FeedbackKnobs = {
  transitionMarginRatio: 0.5,
  shareRatio: 0.002,
  anchorPullRatio: 0.0005,
  temperature: 1,
  learnerCapRatio: 0.3,
};

export interface PerformanceFeedbackState {
  readonly version: 1;
  readonly candles: number;
}

/** Watches what was published with a delay, and asks for work or moves a bounded knob when it was not good enough. */
export class PerformanceFeedback {
  readonly labelLagCandles: number;
  #candles = 0;

  constructor({ labelLagCandles = 40 }: PerformanceFeedbackOptions = {}) {
    this.labelLagCandles = labelLagCandles;
  }

  get knobs(): FeedbackKnobs {
    return KNOB_DEFAULTS;
  }

  update(_input: FeedbackInput): void {
    this.#candles += 1;
  }

  /** Measured by the service; shown to operators, never used to classify. */
  observeLatencyMs(_latencyMs: number): void {}

  /** Returns the tasks asked for since the last call, most urgent first, and forgets them. */
  takeTasks(): readonly FeedbackTask[] {
    return [];
  }

  save(): PerformanceFeedbackState {
    return { version: 1, candles: this.#candles };
  }

  restore(state: PerformanceFeedbackState): void {
    this.#candles = state.candles;
  }

  view(): ComponentView {
    return { state: 'warming', metrics: { candles: this.#candles }, debug: {} };
  }
}
