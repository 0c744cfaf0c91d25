import type { ComponentView } from './engine/classification.ts';
import { ExpertBank, type ExpertBankState } from './expert-bank.ts';
import type { Observation } from './likelihood-filter.ts';
import { REGIME_COUNT } from './regime-fold.ts';
import type { BaseView } from './scoring/scoring-method.ts';

export interface BaseDetectorOptions {
  /** Candles of which the median log range decides where the filters start. Default 100. */
  readonly startCandles?: number;
}

export interface BaseDetectorState {
  readonly version: 1;
  readonly candles: number;
  readonly start: readonly Observation[];
  readonly startLogRange: number | null;
  readonly bank: ExpertBankState | null;
}

// The log range of a market that never moved in its first candles; any finite value would do.
const MOTIONLESS_LOG_RANGE = Math.log(1e-6);

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? MOTIONLESS_LOG_RANGE;
};

/** The base regime detector (method 1): what the market's regime is, from the likelihood of its candles alone. */
export class BaseDetector implements BaseView {
  readonly #startCandles: number;
  readonly #unknown = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #candles = 0;
  #logDensity = 0;
  #start: Observation[] = [];
  #startLogRange: number | null = null;
  #bank: ExpertBank | null = null;

  constructor({ startCandles = 100 }: BaseDetectorOptions = {}) {
    this.#startCandles = startCandles;
  }

  get posterior(): Float64Array {
    return this.#bank?.posterior ?? this.#unknown;
  }

  get logDensity(): number {
    return this.#logDensity;
  }

  get driftMild(): number {
    return 0.33;
  }

  get driftStrong(): number {
    return 0.8;
  }

  get arTrending(): number {
    return 0.18;
  }

  get arReverting(): number {
    return -0.45;
  }

  returnScale(volatility: number): number {
    return this.#bank?.returnScale(volatility) ?? 0;
  }

  /** Takes one candle and returns the logarithm of the density predicted for it; 0 while there is nothing to predict with. */
  update(observation: Observation): number {
    this.#candles += 1;
    if (this.#bank === null) this.#collect(observation);
    else this.#bank.update(observation);
    return this.#logDensity;
  }

  save(): BaseDetectorState {
    return {
      version: 1,
      candles: this.#candles,
      start: [...this.#start],
      startLogRange: this.#startLogRange,
      bank: this.#bank?.save() ?? null,
    };
  }

  restore(state: BaseDetectorState): void {
    this.#candles = state.candles;
    this.#start = [...state.start];
    this.#startLogRange = state.startLogRange;
    this.#bank = null;
    if (state.startLogRange !== null && state.bank !== null) {
      this.#bank = new ExpertBank(state.startLogRange);
      this.#bank.restore(state.bank);
    }
  }

  view(): ComponentView {
    return {
      state: this.#bank === null ? 'warming' : 'running',
      metrics: { candles: this.#candles, log_density: this.#logDensity },
      debug: { posterior: [...this.posterior] },
    };
  }

  #collect(observation: Observation): void {
    this.#start.push(observation);
    if (this.#start.length < this.#startCandles) return;
    this.#startLogRange = medianOf(this.#start.map(({ logRange }) => logRange ?? MOTIONLESS_LOG_RANGE));
    this.#bank = new ExpertBank(this.#startLogRange);
    for (const early of this.#start) this.#bank.update(early);
    this.#start = [];
  }
}

/** Returns the state of a detector that has learnt from unlabeled history, oldest first; restore it and go on live. */
export const calibrate = (observations: readonly Observation[]): BaseDetectorState => {
  const detector = new BaseDetector();
  for (const observation of observations) detector.update(observation);
  return detector.save();
};
