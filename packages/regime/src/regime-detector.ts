import type { Candle, Regime } from '@qt/contracts';
import { invariant } from '@qt/kernel';
import { BaseDetector, type BaseDetectorState } from './base-detector.ts';
import { type Bar, type CandleFault, inspectCandle } from './candle-quality.ts';
import type { Observation } from './likelihood-filter.ts';
import { regimeOf, SLOT_COUNT, type TrendLevel } from './regime-fold.ts';
import {
  TRANSITION_GATE_DEFAULTS,
  TransitionGate,
  type TransitionGateOptions,
  type TransitionGateState,
} from './transition-gate.ts';

export interface RegimeDetectorOptions {
  readonly intervalMs: number;
  /** Candles before the state is `ready`; at least 100, which the start levels need. Default 200. */
  readonly warmupCandles?: number;
  readonly transition?: Partial<TransitionGateOptions>;
}

export interface Classification {
  readonly kind: 'classified';
  readonly state: 'warming' | 'ready';
  /** The published regime: the most probable one, held by the transition gate until a change is sure enough. */
  readonly regime: Regime;
  /** The published regime before this candle, when this candle changed it; null otherwise. */
  readonly previousRegimeId: number | null;
  /** Candles since the published regime changed, this one included. */
  readonly dwellCandles: number;
  /** Shape: 18, by regime id; sums to 1. */
  readonly probabilities: readonly number[];
}

export type RegimeUpdate =
  | Classification
  /** The candle was not taken in and no state changed. */
  | { readonly kind: 'refused'; readonly code: CandleFault; readonly detail: string };

/** Everything a detector knows, as plain JSON; numbers survive the text form bit for bit. */
export interface RegimeDetectorState {
  readonly version: 2;
  readonly intervalMs: number;
  readonly candles: number;
  readonly lastBar: Bar | null;
  readonly previousLogReturn: number;
  readonly drift: number;
  readonly base: BaseDetectorState;
  readonly gate: TransitionGateState;
}

/** Balanced market: medium, neutral, trending. */
const UNKNOWN_REGIME_ID = 8;
const START_CANDLES = 100;
const DEFAULT_WARMUP_CANDLES = 200;
// 20 candles: which way a mean-reverting market leans.
const DRIFT_DECAY = 0.5 ** (1 / 20);
// A 20-candle mean of returns has about .13 of one return's scale as its own noise; mild is twice that.
const MILD_LEAN = 0.25;
const STRONG_LEAN = 0.5;

const leanOf = (sizeInScales: number): TrendLevel => {
  if (sizeInScales <= -STRONG_LEAN) return 'strong_down';
  if (sizeInScales <= -MILD_LEAN) return 'down';
  if (sizeInScales < MILD_LEAN) return 'neutral';
  return sizeInScales < STRONG_LEAN ? 'up' : 'strong_up';
};

/**
 * Names the regime of one market, one closed candle at a time: constant work and memory per candle, no clock, no randomness.
 * The same candles always give the same bits, whatever comes after them.
 */
export class RegimeDetector {
  readonly #intervalMs: number;
  readonly #warmupCandles: number;
  readonly #gate: TransitionGate;
  #candles = 0;
  #lastBar: Bar | null = null;
  #previousLogReturn = 0;
  #drift = 0;
  readonly #base = new BaseDetector({ startCandles: START_CANDLES });

  constructor({ intervalMs, warmupCandles = DEFAULT_WARMUP_CANDLES, transition = {} }: RegimeDetectorOptions) {
    invariant(Number.isInteger(intervalMs) && intervalMs > 0, 'intervalMs is a positive integer');
    invariant(warmupCandles >= START_CANDLES, `warmupCandles is at least ${START_CANDLES}`);
    this.#intervalMs = intervalMs;
    this.#warmupCandles = warmupCandles;
    this.#gate = new TransitionGate(UNKNOWN_REGIME_ID, { ...TRANSITION_GATE_DEFAULTS, ...transition });
  }

  /** Accepted candles so far. */
  get candles(): number {
    return this.#candles;
  }

  /** Open time of the last accepted candle; null before the first. */
  get lastOpenTimeMs(): number | null {
    return this.#lastBar?.openTimeMs ?? null;
  }

  /** Takes one closed candle in. A faulty one is refused and leaves everything as it was; the gap it makes ages the filter later. */
  update(candle: Omit<Candle, 'symbol' | 'interval'>): RegimeUpdate {
    const verdict = inspectCandle(candle, { openTimeMs: this.lastOpenTimeMs, intervalMs: this.#intervalMs });
    if (verdict.kind === 'refused') return verdict;

    const observation = this.#observe(verdict.bar);
    this.#candles += 1;
    this.#base.update(observation);
    return this.#classify();
  }

  save(): RegimeDetectorState {
    return {
      version: 2,
      intervalMs: this.#intervalMs,
      candles: this.#candles,
      lastBar: this.#lastBar,
      previousLogReturn: this.#previousLogReturn,
      drift: this.#drift,
      base: this.#base.save(),
      gate: this.#gate.save(),
    };
  }

  /** Continues exactly where `save` was called. Throws: InvariantError when the state is of another interval. */
  restore(state: RegimeDetectorState): void {
    invariant(state.intervalMs === this.#intervalMs, `saved state is of ${this.#intervalMs} ms candles`);
    this.#candles = state.candles;
    this.#lastBar = state.lastBar;
    this.#previousLogReturn = state.previousLogReturn;
    this.#drift = state.drift;
    this.#base.restore(state.base);
    this.#gate.restore(state.gate);
  }

  #observe(bar: Bar): Observation {
    const last = this.#lastBar;
    const elapsedCandles = last === null ? 1 : (bar.openTimeMs - last.openTimeMs) / this.#intervalMs;
    // After a gap the move since the last known close spans several candles; only the move inside this one is comparable.
    const isContinuous = last !== null && elapsedCandles === 1;
    const logReturn = Math.log(bar.close / (isContinuous ? last.close : bar.open));
    const range = Math.log(bar.high / bar.low);
    const above = Math.log(bar.high / bar.open) * Math.log(bar.high / bar.close);
    const below = Math.log(bar.low / bar.open) * Math.log(bar.low / bar.close);
    const observation = {
      logReturn,
      previousLogReturn: isContinuous ? this.#previousLogReturn : 0,
      logRange: range > 0 ? Math.log(range) : null,
      pathVariance: above + below,
      elapsedCandles,
    };
    this.#lastBar = bar;
    this.#previousLogReturn = logReturn;
    this.#drift = DRIFT_DECAY * this.#drift + (1 - DRIFT_DECAY) * logReturn;
    return observation;
  }

  #classify(): Classification {
    // Before the base has levels nothing is known: the middle regime stands, with the probability it has.
    const { posterior } = this.#base;
    const { regimeId, dwellCandles, leftRegimeId } = this.#gate.decide(posterior);
    const scale = this.#base.returnScale(Math.floor(regimeId / SLOT_COUNT));
    const lean = leanOf(scale > 0 ? this.#drift / scale : 0);
    return {
      kind: 'classified',
      state: this.#candles >= this.#warmupCandles ? 'ready' : 'warming',
      regime: regimeOf(regimeId, lean, posterior[regimeId] ?? 0),
      previousRegimeId: leftRegimeId,
      dwellCandles,
      probabilities: [...posterior],
    };
  }
}
