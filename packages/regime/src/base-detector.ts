import type { CandleReading } from './base/candle-emission.ts';
import {
  BoundaryOptimizer,
  type BoundaryOptimizerState,
  type OptimizeOutcome,
} from './boundaries/boundary-optimizer.ts';
import type { ComponentView } from './engine/classification.ts';
import { ExpertBank, type ExpertBankState } from './expert-bank.ts';
import type { Observation } from './likelihood-filter.ts';
import { REGIME_COUNT } from './regime-fold.ts';
import type { BaseView } from './scoring/scoring-method.ts';

export interface BaseDetectorOptions {
  /**
   * Candles whose median path decides where the filters start. Then they are read again, a few with each new candle; until that is done,
   * half as many candles later, every regime is as likely. Default 100.
   */
  readonly startCandles?: number;
}

/** Everything a base detector knows, as plain JSON; numbers survive the text form bit for bit. */
export interface BaseDetectorState {
  readonly version: 3;
  /** Candles the filters have not read yet, oldest first. */
  readonly start: readonly CandleReading[];
  readonly bank: ExpertBankState | null;
  readonly boundaries: BoundaryOptimizerState;
}

const DEFAULT_START_CANDLES = 100;
/** Share of the first candles that must have moved: the scale of fewer would be one candle's word. */
const LEAST_MOVED_RATIO = 0.1;
/** Candles that the filters read at once while they catch up, so that no candle costs much more than another. */
const CATCH_UP_CANDLES = 3;
/** Where a bank starts that is restored at once; any finite value would do. */
const ANY_LOG_SCALE = Math.log(1e-6);
/** The median of a gamma of shape 2 over its mean. */
const MEDIAN_OVER_MEAN = 0.84;
/** A way along one line has no variance beside its body; a log density needs some. Share of the squared range. */
const LEAST_PATH_RATIO = 1 / 200;
/** Candles before the view says `running`: fewer than 30 lives of a regime say little about its parameters. */
const WARMUP_CANDLES = 1_000;

/** Returns an observation as the filters read it. */
const readingOf = ({
  logReturn,
  previousLogReturn,
  logRange,
  pathVariance,
  elapsedCandles,
}: Observation): CandleReading => {
  const squaredRange = logRange === null ? 0 : Math.exp(2 * logRange);
  const path = pathVariance ?? (squaredRange - logReturn * logReturn) / 2;
  return {
    logReturn,
    previousLogReturn,
    pathVariance: logRange === null ? 0 : Math.max(path, LEAST_PATH_RATIO * squaredRange),
    elapsedCandles,
  };
};

const medianLogScale = (readings: readonly CandleReading[]): number => {
  const moved = readings.map(({ pathVariance }) => pathVariance).filter((variance) => variance > 0);
  const median = moved.toSorted((left, right) => left - right)[moved.length >> 1] as number;
  return 0.5 * Math.log(median / MEDIAN_OVER_MEAN);
};

/**
 * The base regime detector (method 1): what the market's regime is, from the likelihood of its candles alone. It needs no history, and
 * learns its market as it goes; started from the state that `calibrate` returns it is near its ceiling at once.
 */
export class BaseDetector implements BaseView {
  readonly #startCandles: number;
  readonly #unknown = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #boundaries = new BoundaryOptimizer();
  #start: CandleReading[] = [];
  #bank: ExpertBank | null = null;

  constructor({ startCandles = DEFAULT_START_CANDLES }: BaseDetectorOptions = {}) {
    this.#startCandles = startCandles;
  }

  /** Candles taken in so far. */
  get candles(): number {
    return (this.#bank?.candles ?? 0) + this.#start.length;
  }

  get posterior(): Float64Array {
    return this.#ready?.posterior ?? this.#unknown;
  }

  get logDensity(): number {
    return this.#ready?.logDensity ?? 0;
  }

  get driftMild(): number {
    return this.#ready?.driftMild ?? 0;
  }

  get driftStrong(): number {
    return this.#ready?.driftStrong ?? 0;
  }

  get arTrending(): number {
    return this.#ready?.arTrending ?? 0;
  }

  get arReverting(): number {
    return this.#ready?.arReverting ?? 0;
  }

  get levelDoubt(): number {
    return this.#ready?.levelDoubt ?? 1;
  }

  get boundaries(): BoundaryOptimizer {
    return this.#boundaries;
  }

  /** Zero before there are levels. */
  returnScale(volatility: number): number {
    return this.#ready?.returnScale(volatility) ?? 0;
  }

  /** Takes one candle and returns the log density predicted for its return and log path variance; 0 before there is a prediction. */
  update(observation: Observation): number {
    const reading = readingOf(observation);
    const bank = this.#ready;
    if (bank === null) this.#collect(reading);
    else {
      bank.update(reading);
      this.#boundaries.update(reading, bank);
    }
    return this.logDensity;
  }

  /** Proposes new boundaries from the recent candles; they are taken up 500 candles later, if they predicted better. */
  optimize(): OptimizeOutcome {
    return this.#ready === null ? 'too_early' : this.#boundaries.optimize(this.#ready);
  }

  save(): BaseDetectorState {
    return {
      version: 3,
      start: [...this.#start],
      bank: this.#bank?.save() ?? null,
      boundaries: this.#boundaries.save(),
    };
  }

  /** Continues exactly where `save` was called. */
  restore(state: BaseDetectorState): void {
    this.#start = [...state.start];
    this.#bank = null;
    this.#boundaries.restore(state.boundaries);
    if (state.bank === null) return;
    this.#bank = new ExpertBank(ANY_LOG_SCALE);
    this.#bank.restore(state.bank);
  }

  view(): ComponentView {
    const bank = this.#ready;
    const experts = bank?.experts ?? [];
    const occupancy = bank?.leader.occupancy;
    return {
      state: this.candles < WARMUP_CANDLES ? 'warming' : 'running',
      metrics: {
        candles: this.candles,
        log_density: this.logDensity,
        experts: experts.length,
        leader_weight: experts.length === 0 ? null : Math.max(...experts.map(({ weight }) => weight)),
        swinging_share: bank === null ? null : bank.swingingShare,
        level_doubt: this.levelDoubt,
        scale_low: bank === null ? null : this.returnScale(0),
        scale_medium: bank === null ? null : this.returnScale(1),
        scale_high: bank === null ? null : this.returnScale(2),
        occupancy_low: occupancy?.[0] ?? null,
        occupancy_medium: occupancy?.[1] ?? null,
        occupancy_high: occupancy?.[2] ?? null,
      },
      debug: {
        posterior: [...this.posterior],
        experts: experts.map(({ weight, filter }) => ({ weight, parameters: [...filter.parameters] })),
      },
    };
  }

  /** Whether the filters have read every candle: before, nothing is known. */
  get isReady(): boolean {
    return this.#ready !== null;
  }

  /** The filters once they have read every candle; null before. */
  get #ready(): ExpertBank | null {
    return this.#start.length === 0 ? this.#bank : null;
  }

  #collect(reading: CandleReading): void {
    this.#start.push(reading);
    if (this.#bank !== null) {
      for (const early of this.#start.splice(0, CATCH_UP_CANDLES)) {
        this.#bank.update(early);
        this.#boundaries.remember(early);
      }
    } else if (this.#start.length >= this.#startCandles) {
      // A market that has hardly moved shows no scale: a wrong one would take the filters many thousand candles to leave.
      const moved = this.#start.filter(({ pathVariance }) => pathVariance > 0).length;
      if (moved >= LEAST_MOVED_RATIO * this.#start.length) this.#bank = new ExpertBank(medianLogScale(this.#start));
      else this.#start.shift();
    }
  }
}

/** Passes over the history: the second one starts from what the first has learnt. */
const CALIBRATION_PASSES = 2;

/**
 * Returns the state of a detector that has learnt from unlabeled history, oldest first. Restore it and go on live with the first candle
 * after the history. Thirty lives of a regime are enough, some 10,000 candles; fewer are better than none.
 */
export const calibrate = (observations: readonly Observation[]): BaseDetectorState => {
  const detector = new BaseDetector();
  for (let pass = 0; pass < CALIBRATION_PASSES; pass += 1) {
    for (const observation of observations) detector.update(observation);
  }
  return detector.save();
};
