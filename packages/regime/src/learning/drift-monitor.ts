import { Adwin, type AdwinState } from './adwin.ts';
import { PageHinkley, type PageHinkleyState } from './page-hinkley.ts';

/** `sudden`: what the base predicts fails, or most models do at once. `gradual`: one model's loss has risen. */
export type DriftKind = 'none' | 'gradual' | 'sudden';

export interface DriftMonitorState {
  readonly windows: readonly AdwinState[];
  readonly pageHinkley: PageHinkleyState;
  readonly blockSums: readonly number[];
  readonly blockCount: number;
  readonly suddenLeft: number;
  readonly gradualLeft: number;
  readonly recent: number;
  readonly alarms: readonly number[];
}

/** Losses of neighboring candles are alike; means over this many are nearly independent, which is what ADWIN's bound asks for. */
const BLOCK_CANDLES = 64;
const SUDDEN_CANDLES = 200;
const GRADUAL_CANDLES = 1_000;
/** 100 candles. */
const SCORE_DECAY = 0.5 ** (1 / 100);
const SUDDEN_SHARE_RATIO = 0.05;
const GRADUAL_STEP_FACTOR = 1.5;
/** Losses are cut here, in nats: one candle must not decide. */
const LOSS_LIMIT = 5;

/**
 * Watches whether the market still is what the models learned: ADWIN on how much worse than the base each does, Page-Hinkley on the base detector's
 * predictive loss. What follows is bounded: faster forgetting of model weights for 200 candles, or larger steps for 1000.
 *
 * Source: never a test per feature: 25 of those at 5 % raise a false alarm on nearly every candle.
 */
export class DriftMonitor {
  readonly #windows: readonly Adwin[];
  readonly #pageHinkley = new PageHinkley();
  readonly #blockSums: Float64Array;
  #blockCount = 0;
  #suddenLeft = 0;
  #gradualLeft = 0;
  #recent = 0;
  #suddenAlarms = 0;
  #gradualAlarms = 0;

  constructor(modelCount: number) {
    this.#windows = Array.from({ length: modelCount }, () => new Adwin({ sizeCount: 7, checkEvery: 1 }));
    this.#blockSums = new Float64Array(modelCount);
  }

  get kind(): DriftKind {
    if (this.#suddenLeft > 0) return 'sudden';
    return this.#gradualLeft > 0 ? 'gradual' : 'none';
  }

  /** 0 to 1: 1 at an alarm, halved every 100 candles after it; below half while no alarm was raised. */
  get score(): number {
    return Math.max(this.#recent, this.#pageHinkley.pressureRatio / 2);
  }

  get suddenAlarms(): number {
    return this.#suddenAlarms;
  }

  get gradualAlarms(): number {
    return this.#gradualAlarms;
  }

  /** Returns the share by which model weights forget, given the usual one. */
  shareRatio(usualRatio: number): number {
    return this.#suddenLeft > 0 ? Math.max(usualRatio, SUDDEN_SHARE_RATIO) : usualRatio;
  }

  /** What every learning step is multiplied by. */
  get stepFactor(): number {
    return this.#gradualLeft > 0 ? GRADUAL_STEP_FACTOR : 1;
  }

  /** Takes in how badly the base predicted a new candle; null when it predicted nothing. */
  watchPrediction(standardizedLoss: number | null): void {
    this.#suddenLeft = Math.max(0, this.#suddenLeft - 1);
    this.#gradualLeft = Math.max(0, this.#gradualLeft - 1);
    this.#recent *= SCORE_DECAY;
    if (standardizedLoss !== null && this.#pageHinkley.add(standardizedLoss)) this.#raiseSudden();
  }

  /** Takes in the losses of the models and of the base on one example: some candles are hard for everybody. */
  watchModels(losses: Float64Array, baseLoss: number): void {
    for (let model = 0; model < this.#blockSums.length; model += 1) {
      const excess = Math.min(LOSS_LIMIT, Math.max(-LOSS_LIMIT, (losses[model] ?? 0) - baseLoss));
      this.#blockSums[model] = (this.#blockSums[model] ?? 0) + excess;
    }
    this.#blockCount += 1;
    if (this.#blockCount < BLOCK_CANDLES) return;
    let risen = 0;
    this.#windows.forEach((window, model) => {
      const moved = window.add((this.#blockSums[model] ?? 0) / BLOCK_CANDLES);
      if (moved !== null && moved > 0) risen += 1;
      this.#blockSums[model] = 0;
    });
    this.#blockCount = 0;
    if (risen > this.#windows.length / 2) this.#raiseSudden();
    else if (risen > 0) this.#raiseGradual();
  }

  save(): DriftMonitorState {
    return {
      windows: this.#windows.map((window) => window.save()),
      pageHinkley: this.#pageHinkley.save(),
      blockSums: [...this.#blockSums],
      blockCount: this.#blockCount,
      suddenLeft: this.#suddenLeft,
      gradualLeft: this.#gradualLeft,
      recent: this.#recent,
      alarms: [this.#suddenAlarms, this.#gradualAlarms],
    };
  }

  restore(state: DriftMonitorState): void {
    this.#windows.forEach((window, model) => {
      const saved = state.windows[model];
      if (saved !== undefined) window.restore(saved);
    });
    this.#pageHinkley.restore(state.pageHinkley);
    this.#blockSums.set(state.blockSums);
    this.#blockCount = state.blockCount;
    this.#suddenLeft = state.suddenLeft;
    this.#gradualLeft = state.gradualLeft;
    this.#recent = state.recent;
    [this.#suddenAlarms = 0, this.#gradualAlarms = 0] = state.alarms;
  }

  #raiseSudden(): void {
    this.#suddenLeft = SUDDEN_CANDLES;
    this.#recent = 1;
    this.#suddenAlarms += 1;
  }

  #raiseGradual(): void {
    this.#gradualLeft = GRADUAL_CANDLES;
    this.#recent = Math.max(this.#recent, 0.5);
    this.#gradualAlarms += 1;
  }
}
