import type { Candle } from '@qt/contracts';
import { invariant } from '@qt/kernel';
import { FixedLagSmoother, type FixedLagSmootherState } from '../base/fixed-lag-smoother.ts';
import { BaseDetector, type BaseDetectorState } from '../base-detector.ts';
import type { OptimizeOutcome } from '../boundaries/boundary-optimizer.ts';
import { type Bar, inspectCandle } from '../candle-quality.ts';
import { CELL_COUNT, unfoldInto } from '../cell-fold.ts';
import { AlertCooldown, type AlertCooldownState } from '../decision/alert-cooldown.ts';
import { EarlyWarning, type EarlyWarningState } from '../decision/early-warning.ts';
import { StabilityMonitor, type StabilityMonitorState } from '../decision/stability-monitor.ts';
import { TransitionDecider, type TransitionDeciderState } from '../decision/transition-decider.ts';
import { TransitionMatrix, type TransitionMatrixState } from '../decision/transition-matrix.ts';
import { PerformanceFeedback, type PerformanceFeedbackState } from '../feedback/performance-feedback.ts';
import type { FeedbackTask } from '../feedback/task-list.ts';
import { ContinuousLearning, type ContinuousLearningState } from '../learning/continuous-learning.ts';
import type { Observation } from '../likelihood-filter.ts';
import { NoiseFilter, type NoiseFilterState } from '../noise/noise-filter.ts';
import { REGIME_COUNT, regimeOf, SLOT_COUNT } from '../regime-fold.ts';
import { AdaptiveScoring, type AdaptiveScoringState } from '../scoring/adaptive-scoring.ts';
import { LABEL_LAG_CANDLES } from '../scoring/scoring-method.ts';
import type {
  ComponentView,
  EngineAlert,
  EngineClassification,
  EngineComponent,
  EngineUpdate,
} from './classification.ts';
import {
  ENGINE_DEFAULTS,
  type EngineParameters,
  type EngineParametersPatch,
  patchedParameters,
} from './engine-parameters.ts';
import { KnobOverlay } from './knob-overlay.ts';
import { ObservationReader, type ObservationReaderState } from './observation-reader.ts';
import { TrendLean } from './trend-lean.ts';

/** A closed candle; whose it is does not matter. */
export type EngineCandle = Omit<Candle, 'symbol' | 'interval'>;

export interface RegimeEngineOptions {
  readonly intervalMs: number;
  /** Candles before the state is `ready`; at least 100, and never before the base has read its first 150. Default 200. */
  readonly warmupCandles?: number;
  readonly parameters?: EngineParametersPatch;
  /** Names of scoring methods and learning models that shall not be heard, to measure what each is worth. Default none. */
  readonly disabled?: readonly string[];
}

/** Everything an engine knows, as plain JSON; numbers survive the text form bit for bit. */
export interface RegimeEngineState {
  readonly version: 5;
  readonly intervalMs: number;
  readonly candles: number;
  readonly reader: ObservationReaderState;
  readonly noise: NoiseFilterState;
  readonly base: BaseDetectorState;
  readonly smoother: FixedLagSmootherState;
  readonly learning: ContinuousLearningState;
  readonly scoring: AdaptiveScoringState;
  readonly decider: TransitionDeciderState;
  readonly matrix: TransitionMatrixState;
  readonly warning: EarlyWarningState;
  readonly stability: StabilityMonitorState;
  readonly feedback: PerformanceFeedbackState;
  readonly driftAlerts: AlertCooldownState;
  readonly lean: number;
}

/** Balanced market: medium, neutral, trending. */
const UNKNOWN_REGIME_ID = 8;
const MIN_WARMUP_CANDLES = 100;
const DEFAULT_WARMUP_CANDLES = 200;
/** Candles after which a label is as good as it gets here: what live agreement and early warning are measured against. */
const LATE_LAG_CANDLES = 40;
/** The drift score is 1 at an alarm and fades. */
const DRIFT_ALERT_SCORE = 0.9;
const DRIFT_COOLDOWN_CANDLES = 200;
const UNKNOWN_PROBABILITIES = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);

/**
 * The regime engine of one market, one closed candle at a time: constant work and memory per candle, no clock, no randomness.
 * The same candles always give the same bits, whatever comes after them.
 */
export class RegimeEngine {
  readonly #intervalMs: number;
  readonly #warmupCandles: number;
  readonly #reader: ObservationReader;
  readonly #noise: NoiseFilter;
  readonly #base = new BaseDetector();
  readonly #smoother = new FixedLagSmoother({ lagsCandles: [LABEL_LAG_CANDLES, LATE_LAG_CANDLES] });
  readonly #learning: ContinuousLearning;
  readonly #scoring: AdaptiveScoring;
  readonly #decider: TransitionDecider;
  readonly #matrix: TransitionMatrix;
  readonly #warning = new EarlyWarning({ smoothingLagCandles: LATE_LAG_CANDLES });
  readonly #stability: StabilityMonitor;
  readonly #feedback = new PerformanceFeedback({ labelLagCandles: LATE_LAG_CANDLES });
  readonly #driftAlerts = new AlertCooldown('continuous_learning_engine');
  readonly #knobs: KnobOverlay;
  readonly #lean = new TrendLean();
  readonly #cells = new Float64Array(CELL_COUNT);
  #candles = 0;

  constructor(options: RegimeEngineOptions) {
    const { intervalMs, warmupCandles = DEFAULT_WARMUP_CANDLES, parameters = {}, disabled = [] } = options;
    invariant(Number.isInteger(intervalMs) && intervalMs > 0, 'intervalMs is a positive integer');
    invariant(warmupCandles >= MIN_WARMUP_CANDLES, `warmupCandles is at least ${MIN_WARMUP_CANDLES}`);
    this.#intervalMs = intervalMs;
    this.#warmupCandles = warmupCandles;
    const set = patchedParameters(ENGINE_DEFAULTS, parameters);
    this.#reader = new ObservationReader(intervalMs);
    this.#noise = new NoiseFilter(set.noise);
    this.#learning = new ContinuousLearning({ teacherLagCandles: LABEL_LAG_CANDLES, disabled });
    this.#decider = new TransitionDecider(UNKNOWN_REGIME_ID, set.transition);
    this.#matrix = new TransitionMatrix(set.matrix);
    this.#stability = new StabilityMonitor(set.stability);
    this.#knobs = new KnobOverlay({
      parameters: set,
      feedback: this.#feedback,
      learning: this.#learning,
      decider: this.#decider,
    });
    this.#scoring = new AdaptiveScoring(() => this.#knobs.scoring, disabled);
    const parts = [...this.#scoring.names, ...this.#learning.names];
    const unknown = disabled.filter((name) => !parts.includes(name));
    invariant(unknown.length === 0, `disabled names methods and models, not ${unknown.join(', ')}`);
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
    return this.#knobs.parameters;
  }

  /** Takes other hot parameters in at once; nothing that was learned is lost. */
  configure(patch: EngineParametersPatch): void {
    if (patch.noise !== undefined) this.#noise.configure(patch.noise);
    if (patch.matrix !== undefined) this.#matrix.configure(patch.matrix);
    if (patch.stability !== undefined) this.#stability.configure(patch.stability);
    this.#knobs.configure(patchedParameters(this.#knobs.parameters, patch));
  }

  /**
   * Learns a market from its unlabeled history before the first live candle: once with the base alone, then with everything. Candles
   * that are refused are passed over. Some 10,000 candles are enough; fewer are better than none. Returns what it says of the newest
   * candle, knowing all of them; null when there is none.
   *
   * Throws: InvariantError after the first candle.
   */
  calibrate(history: readonly EngineCandle[]): EngineClassification | null {
    invariant(this.#candles === 0, 'an engine is calibrated before its first candle');
    const reader = new ObservationReader(this.#intervalMs);
    for (const candle of history) {
      const verdict = inspectCandle(candle, { openTimeMs: reader.lastOpenTimeMs, intervalMs: this.#intervalMs });
      if (verdict.kind === 'accepted') this.#base.update(reader.read(verdict.bar));
    }
    let newest: EngineClassification | null = null;
    for (const candle of history) {
      const update = this.update(candle);
      if (update.kind === 'classified') newest = update;
    }
    return newest;
  }

  /** Takes one closed candle in. A faulty one is refused and leaves everything as it was; the gap it makes ages the filter later. */
  update(candle: EngineCandle): EngineUpdate {
    const verdict = inspectCandle(candle, { openTimeMs: this.lastOpenTimeMs, intervalMs: this.#intervalMs });
    if (verdict.kind === 'refused') return verdict;
    const observation = this.#reader.read(verdict.bar);
    this.#candles += 1;
    const probabilities = this.#judge(verdict.bar, observation);
    return this.#decide(probabilities, observation);
  }

  /** Returns the work that measured performance asks for since the last call, most urgent first. */
  takeTasks(): readonly FeedbackTask[] {
    return this.#feedback.takeTasks();
  }

  /** Tells the feedback how long the service took for a candle; it is shown, and never used to classify. */
  observeLatencyMs(latencyMs: number): void {
    this.#feedback.observeLatencyMs(latencyMs);
  }

  /** Proposes other boundaries from recent candles; they are taken up later, if they predicted better by then. */
  optimizeBoundaries(): OptimizeOutcome {
    return this.#base.optimize();
  }

  /** Fits a candidate to the learners' recent examples; it runs in the shadow and is taken in later, if it predicted better by then. */
  refitLearners(): 'started' | 'already_running' | 'too_few_examples' {
    return this.#learning.refit();
  }

  /** Rebuilds the published transition matrix and its long-run shares now. */
  refreshTransitionMatrix(): void {
    this.#matrix.refresh();
  }

  /** Shows one component as dashboards and debuggers see it. */
  view(component: EngineComponent): ComponentView {
    switch (component) {
      case 'base_regime_detector':
        return this.#base.view();
      case 'adaptive_scoring_layer':
        return this.#scoring.view();
      case 'transition_matrix_analyzer':
        return this.#matrix.view();
      case 'dynamic_boundary_optimizer':
        return this.#base.boundaries.view();
      case 'intelligent_transition_manager':
        return this.#decider.view();
      case 'regime_stability_monitor':
        return this.#stability.view();
      case 'adaptive_noise_filter':
        return this.#noise.view();
      case 'performance_feedback':
        return this.#feedback.view();
      case 'continuous_learning_engine':
        return this.#learning.view();
    }
  }

  save(): RegimeEngineState {
    return {
      version: 5,
      intervalMs: this.#intervalMs,
      candles: this.#candles,
      reader: this.#reader.save(),
      noise: this.#noise.save(),
      base: this.#base.save(),
      smoother: this.#smoother.save(),
      learning: this.#learning.save(),
      scoring: this.#scoring.save(),
      decider: this.#decider.save(),
      matrix: this.#matrix.save(),
      warning: this.#warning.save(),
      stability: this.#stability.save(),
      feedback: this.#feedback.save(),
      driftAlerts: this.#driftAlerts.save(),
      lean: this.#lean.save(),
    };
  }

  /** Continues exactly where `save` was called. Throws: InvariantError when the state is of another interval or version. */
  restore(state: RegimeEngineState): void {
    invariant(state.version === 5, `saved state is of version 5, was ${state.version as number}`);
    invariant(state.intervalMs === this.#intervalMs, `saved state is of ${this.#intervalMs} ms candles`);
    this.#candles = state.candles;
    this.#reader.restore(state.reader);
    this.#noise.restore(state.noise);
    this.#base.restore(state.base);
    this.#smoother.restore(state.smoother);
    this.#learning.restore(state.learning);
    this.#scoring.restore(state.scoring);
    this.#matrix.restore(state.matrix);
    this.#warning.restore(state.warning);
    this.#stability.restore(state.stability);
    this.#feedback.restore(state.feedback);
    this.#driftAlerts.restore(state.driftAlerts);
    this.#lean.restore(state.lean);
    this.#knobs.restore();
    this.#decider.restore(state.decider);
  }

  /** What all methods together think of the candle. Until the base has levels nobody knows anything. */
  #judge(bar: Bar, observation: Observation): Float64Array {
    const base = this.#base;
    const logPrice = Math.log(bar.close);
    const { filteredLogPrice } = this.#noise.update({ logPrice, elapsedCandles: observation.elapsedCandles });
    base.update(observation);
    if (!base.isReady) return UNKNOWN_PROBABILITIES;
    this.#smoother.update(base.posterior, observation.elapsedCandles);
    const labels = this.#smoother.smoothed(LABEL_LAG_CANDLES);
    this.#learning.update({ observation, base, teacher: labels });
    this.#scoring.update({ observation, base, filteredLogPrice, logPrice, labels, guests: this.#learning });
    return this.#scoring.probabilities;
  }

  #decide(probabilities: Float64Array, observation: Observation): EngineClassification {
    const { agreementRatio } = this.#scoring;
    const path = this.#decider.update({ posterior: probabilities });
    const { regimeId, previousRegimeId, dwellCandles, decision } = path;
    const transition = this.#matrix.update(path);
    const lateLabels = this.#smoother.smoothed(LATE_LAG_CANDLES);
    const change = this.#warning.update({
      observation,
      posterior: probabilities,
      dwellCandles,
      agreementRatio,
      shortRunProbability: this.#scoring.shortRunProbability,
      smoothed: lateLabels,
    });
    const stability = this.#stability.update({
      posterior: probabilities,
      regimeId,
      candidateId: decision.candidateId,
      dwellCandles,
      agreementRatio,
      logDensity: this.#base.isReady ? this.#base.logDensity : null,
      elapsedCandles: observation.elapsedCandles,
      ...transition,
    });
    this.#feedback.update({
      publishedId: regimeId,
      probabilities,
      smoothedLabel: lateLabels,
      driftScore: this.#learning.driftScore,
    });
    this.#knobs.apply();
    this.#lean.update(observation.logReturn, this.#base.returnScale(Math.floor(regimeId / SLOT_COUNT)));
    unfoldInto(this.#cells, probabilities, this.#lean.probabilities);
    return {
      kind: 'classified',
      state: this.#candles >= this.#warmupCandles && this.#base.isReady ? 'ready' : 'warming',
      regime: regimeOf(regimeId, this.#lean.trend, probabilities[regimeId] ?? 0),
      previousRegimeId,
      dwellCandles,
      probabilities: [...probabilities],
      cells: [...this.#cells],
      agreementRatio,
      changeWithin10Probability: change.changeWithin10Probability,
      changeWithin30Probability: change.changeWithin30Probability,
      conformalSet: [...this.#scoring.conformalSet],
      decision,
      stabilityRatio: stability.stabilityRatio,
      stabilityBand: stability.stabilityBand,
      alerts: [...transition.alerts, ...stability.alerts, ...this.#driftAlert()],
    };
  }

  #driftAlert(): readonly EngineAlert[] {
    const score = this.#learning.driftScore;
    if (score < DRIFT_ALERT_SCORE) return [];
    const alerts: EngineAlert[] = [];
    this.#driftAlerts.raise(alerts, {
      kind: 'concept_drift',
      candle: this.#candles,
      cooldownCandles: DRIFT_COOLDOWN_CANDLES,
      message: () => `the market is no longer what the models learned: drift score ${score.toFixed(2)}`,
    });
    return alerts;
  }
}
