import { crossEntropy, FACTOR_COUNT, LEVEL_COUNT } from './factors.ts';
import type { ModelState } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import type { RecentExamples } from './recent-examples.ts';
import { SoftmaxCorrector } from './softmax-corrector.ts';

/** What became of one batch refit. */
export interface RefitRecord {
  readonly startedAtUpdate: number;
  readonly outcome: 'promoted' | 'dropped';
  /** Mean log loss of the candidate and of the model it would have replaced, over the same candles. */
  readonly candidateLoss: number;
  readonly liveLoss: number;
}

export interface ShadowRefitState {
  readonly candidate: ModelState | null;
  readonly said: string;
  readonly startedAtUpdate: number;
  readonly predictions: number;
  readonly scored: number;
  readonly candidateLoss: number;
  readonly liveLoss: number;
  readonly records: readonly RefitRecord[];
}

const PASSES = 4;
/** A batch example stands for twenty candles. */
const BATCH_STEP_FACTOR = 4;
const MIN_EXAMPLES = 24;
const SHADOW_CANDLES = 500;
const RECORD_LIMIT = 4;

/**
 * Batch mode of the softmax regression: a candidate fitted anew to recent examples runs beside the live model for 500 scored
 * candles, and replaces it only when its log loss was lower. Until then nothing of it is published.
 */
export class ShadowRefit {
  readonly #lagCandles: number;
  readonly #said: Float32Array;
  #candidate: SoftmaxCorrector | null = null;
  #records: RefitRecord[] = [];
  #startedAtUpdate = 0;
  #predictions = 0;
  #scored = 0;
  #candidateLoss = 0;
  #liveLoss = 0;

  constructor(lagCandles: number) {
    this.#lagCandles = lagCandles;
    this.#said = new Float32Array(lagCandles * FACTOR_COUNT);
  }

  get isRunning(): boolean {
    return this.#candidate !== null;
  }

  /** Oldest first, at most four. */
  get records(): readonly RefitRecord[] {
    return this.#records;
  }

  /** Starts a candidate. Says why when it does not. */
  start(examples: RecentExamples, startedAtUpdate: number): 'started' | 'already_running' | 'too_few_examples' {
    if (this.#candidate !== null) return 'already_running';
    if (examples.count < MIN_EXAMPLES) return 'too_few_examples';
    const candidate = new SoftmaxCorrector();
    candidate.stepFactor = BATCH_STEP_FACTOR;
    for (let pass = 0; pass < PASSES; pass += 1)
      examples.forEach((row, teacher) => {
        candidate.learn(row, teacher);
      });
    candidate.stepFactor = 1;
    this.#candidate = candidate;
    this.#startedAtUpdate = startedAtUpdate;
    this.#predictions = 0;
    this.#scored = 0;
    this.#candidateLoss = 0;
    this.#liveLoss = 0;
    return 'started';
  }

  /** Predicts a new candle, unseen by anyone. */
  predict(row: Float32Array): void {
    if (this.#candidate === null) return;
    const slot = this.#predictions % this.#lagCandles;
    this.#candidate.predict(row, this.#said, slot * FACTOR_COUNT);
    this.#predictions += 1;
  }

  /** Scores and teaches the candidate as the live model is; returns the candidate when it has won, once. */
  learn(row: Float32Array, teacher: Float64Array, liveLoss: number): SoftmaxCorrector | null {
    const candidate = this.#candidate;
    if (candidate === null) return null;
    if (this.#predictions >= this.#lagCandles) {
      const at = (this.#predictions % this.#lagCandles) * FACTOR_COUNT;
      this.#candidateLoss +=
        crossEntropy(teacher, this.#said, { at, count: LEVEL_COUNT }) +
        crossEntropy(teacher, this.#said, {
          teacherAt: LEVEL_COUNT,
          at: at + LEVEL_COUNT,
          count: FACTOR_COUNT - LEVEL_COUNT,
        });
      this.#liveLoss += liveLoss;
      this.#scored += 1;
    }
    candidate.learn(row, teacher);
    return this.#scored < SHADOW_CANDLES ? null : this.#end(candidate);
  }

  save(): ShadowRefitState {
    return {
      candidate: this.#candidate?.save() ?? null,
      said: this.#candidate === null ? '' : packFloats(this.#said),
      startedAtUpdate: this.#startedAtUpdate,
      predictions: this.#predictions,
      scored: this.#scored,
      candidateLoss: this.#candidateLoss,
      liveLoss: this.#liveLoss,
      records: [...this.#records],
    };
  }

  restore(state: ShadowRefitState): void {
    this.#candidate = null;
    if (state.candidate !== null) {
      this.#candidate = new SoftmaxCorrector();
      this.#candidate.restore(state.candidate);
      unpackFloats(state.said, this.#said);
    }
    this.#startedAtUpdate = state.startedAtUpdate;
    this.#predictions = state.predictions;
    this.#scored = state.scored;
    this.#candidateLoss = state.candidateLoss;
    this.#liveLoss = state.liveLoss;
    this.#records = [...state.records];
  }

  #end(candidate: SoftmaxCorrector): SoftmaxCorrector | null {
    const isBetter = this.#candidateLoss < this.#liveLoss;
    this.#records.push({
      startedAtUpdate: this.#startedAtUpdate,
      outcome: isBetter ? 'promoted' : 'dropped',
      candidateLoss: this.#candidateLoss / this.#scored,
      liveLoss: this.#liveLoss / this.#scored,
    });
    if (this.#records.length > RECORD_LIMIT) this.#records.shift();
    this.#candidate = null;
    return isBetter ? candidate : null;
  }
}
