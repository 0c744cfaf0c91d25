import type { Candle } from '@qt/contracts';
import { invariant } from '@qt/kernel';
import { inspectCandle } from '../candle-quality.ts';
import { CELL_COUNT, unfoldInto } from '../cell-fold.ts';
import { REGIME_COUNT, regimeOf, SLOT_COUNT } from '../regime-fold.ts';
import { TransitionGate, type TransitionGateState } from '../transition-gate.ts';
import {
  type ComponentView,
  type EngineClassification,
  type EngineComponent,
  type EngineUpdate,
  type StabilityBand,
  type TransitionDecision,
} from './classification.ts';
import {
  ENGINE_DEFAULTS,
  type EngineParameters,
  type EngineParametersPatch,
  patchedParameters,
} from './engine-parameters.ts';
import { ObservationReader, type ObservationReaderState } from './observation-reader.ts';
import { START_CANDLES, StartedBank, type StartedBankState } from './started-bank.ts';
import { TrendLean } from './trend-lean.ts';

export interface RegimeEngineOptions {
  readonly intervalMs: number;
  /** Candles before the state is `ready`; at least 100, which the start levels need. Default 200. */
  readonly warmupCandles?: number;
  readonly parameters?: EngineParametersPatch;
}

/** Everything an engine knows, as plain JSON; numbers survive the text form bit for bit. */
export interface RegimeEngineState {
  readonly version: 2;
  readonly intervalMs: number;
  readonly candles: number;
  readonly reader: ObservationReaderState;
  readonly base: StartedBankState;
  readonly lean: number;
  readonly gate: TransitionGateState;
}

/** Balanced market: medium, neutral, trending. */
const UNKNOWN_REGIME_ID = 8;
const DEFAULT_WARMUP_CANDLES = 200;

/**
 * The regime engine of one market, one closed candle at a time: constant work and memory per candle, no clock, no randomness.
 * The same candles always give the same bits, whatever comes after them.
 */
export class RegimeEngine {
  readonly #intervalMs: number;
  readonly #warmupCandles: number;
  readonly #reader: ObservationReader;
  readonly #base = new StartedBank();
  readonly #lean = new TrendLean();
  readonly #cells = new Float64Array(CELL_COUNT);
  readonly #gate: TransitionGate;
  #parameters: EngineParameters;
  #candles = 0;

  constructor({ intervalMs, warmupCandles = DEFAULT_WARMUP_CANDLES, parameters = {} }: RegimeEngineOptions) {
    invariant(Number.isInteger(intervalMs) && intervalMs > 0, 'intervalMs is a positive integer');
    invariant(warmupCandles >= START_CANDLES, `warmupCandles is at least ${START_CANDLES}`);
    this.#intervalMs = intervalMs;
    this.#warmupCandles = warmupCandles;
    this.#parameters = patchedParameters(ENGINE_DEFAULTS, parameters);
    this.#reader = new ObservationReader(intervalMs);
    this.#gate = new TransitionGate(UNKNOWN_REGIME_ID, this.#parameters.transition);
  }

  /** Accepted candles so far. */
  get candles(): number {
    return this.#candles;
  }

  /** Open time of the last accepted candle; null before the first. */
  get lastOpenTimeMs(): number | null {
    return this.#reader.lastOpenTimeMs;
  }

  get parameters(): EngineParameters {
    return this.#parameters;
  }

  /** Takes other parameters in at once; nothing that was learned is lost. */
  configure(patch: EngineParametersPatch): void {
    this.#parameters = patchedParameters(this.#parameters, patch);
    this.#gate.configure(this.#parameters.transition);
  }

  /** Takes one closed candle in. A faulty one is refused and leaves everything as it was; the gap it makes ages the filter later. */
  update(candle: Omit<Candle, 'symbol' | 'interval'>): EngineUpdate {
    const verdict = inspectCandle(candle, { openTimeMs: this.lastOpenTimeMs, intervalMs: this.#intervalMs });
    if (verdict.kind === 'refused') return verdict;

    const observation = this.#reader.read(verdict.bar);
    this.#candles += 1;
    this.#base.update(observation);
    return this.#classify(observation.logReturn);
  }

  /** Shows one component as dashboards and debuggers see it. */
  view(_component: EngineComponent): ComponentView {
    return { state: this.#candles < this.#warmupCandles ? 'warming' : 'running', metrics: {}, debug: {} };
  }

  save(): RegimeEngineState {
    return {
      version: 2,
      intervalMs: this.#intervalMs,
      candles: this.#candles,
      reader: this.#reader.save(),
      base: this.#base.save(),
      lean: this.#lean.save(),
      gate: this.#gate.save(),
    };
  }

  /** Continues exactly where `save` was called. Throws: InvariantError when the state is of another interval or version. */
  restore(state: RegimeEngineState): void {
    invariant(state.version === 2, 'saved state is of this version');
    invariant(state.intervalMs === this.#intervalMs, `saved state is of ${this.#intervalMs} ms candles`);
    this.#candles = state.candles;
    this.#reader.restore(state.reader);
    this.#base.restore(state.base);
    this.#lean.restore(state.lean);
    this.#gate.restore(state.gate);
  }

  #classify(logReturn: number): EngineClassification {
    const posterior = this.#base.posterior;
    const { regimeId, dwellCandles, leftRegimeId } = this.#gate.decide(posterior);
    this.#lean.update(logReturn, this.#base.returnScale(Math.floor(regimeId / SLOT_COUNT)));
    unfoldInto(this.#cells, posterior, this.#lean.probabilities);
    const probability = posterior[regimeId] ?? 0;
    return {
      kind: 'classified',
      state: this.#candles >= this.#warmupCandles ? 'ready' : 'warming',
      regime: regimeOf(regimeId, this.#lean.trend, probability),
      previousRegimeId: leftRegimeId,
      dwellCandles,
      probabilities: [...posterior],
      cells: [...this.#cells],
      agreementRatio: 1,
      changeWithin10Probability: 1 - (1 - 1 / 300) ** 10,
      changeWithin30Probability: 1 - (1 - 1 / 300) ** 30,
      conformalSet: likeliestFirst(posterior, 0.9),
      decision: decisionOf(posterior, regimeId, leftRegimeId),
      stabilityRatio: probability,
      stabilityBand: bandOf(probability),
      alerts: [],
    };
  }
}

/** Returns the fewest regimes that together have at least `share` of the probability. */
const likeliestFirst = (posterior: Float64Array, share: number): readonly number[] => {
  const ids = Array.from({ length: REGIME_COUNT }, (_, id) => id).sort(
    (left, right) => (posterior[right] ?? 0) - (posterior[left] ?? 0),
  );
  let held = 0;
  const size = ids.findIndex((id) => {
    held += posterior[id] ?? 0;
    return held >= share;
  });
  return size < 0 ? ids : ids.slice(0, size + 1);
};

const decisionOf = (posterior: Float64Array, regimeId: number, leftRegimeId: number | null): TransitionDecision => {
  let best = 0;
  for (let id = 1; id < REGIME_COUNT; id += 1) if ((posterior[id] ?? 0) > (posterior[best] ?? 0)) best = id;
  const probability = (posterior[best] ?? 0).toFixed(3);
  if (leftRegimeId !== null)
    return { kind: 'confirmed', candidateId: best, reasons: [`regime ${best} leads with ${probability}`] };
  if (best === regimeId)
    return { kind: 'held', candidateId: best, reasons: [`regime ${best} stays the likeliest with ${probability}`] };
  return { kind: 'tentative', candidateId: best, reasons: [`regime ${best} leads with ${probability}, not enough`] };
};

const bandOf = (ratio: number): StabilityBand => {
  if (ratio >= 0.8) return 'very_stable';
  if (ratio >= 0.65) return 'stable';
  if (ratio >= 0.5) return 'moderate';
  return ratio >= 0.3 ? 'unstable' : 'critical';
};
