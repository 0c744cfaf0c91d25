import { invariant } from '@qt/kernel';
import type { ComponentView } from '../engine/classification.ts';
import { ChangeTrack, type ChangeTrackState } from './change-track.ts';
import { type FeedbackKnobs, KnobBoard, type KnobBoardState } from './knob-board.ts';
import type { KnobScores } from './knob-controller.ts';
import { excessLogLoss, LabelScores, type LabelScoresState } from './label-scores.ts';
import { SaidHistory } from './said-history.ts';
import { type FeedbackTask, TaskList, type TaskListState } from './task-list.ts';

export type { FeedbackKnobs } from './knob-board.ts';

export interface PerformanceFeedbackOptions {
  /** Candles between a candle and its smoothed label. Default 40. */
  readonly labelLagCandles?: number;
  /** Where the knobs start. */
  readonly knobs?: Partial<FeedbackKnobs>;
}

export interface FeedbackInput {
  /** What is published for this candle, and with what calibrated probabilities (18). */
  readonly publishedId: number;
  readonly probabilities: ArrayLike<number>;
  /** Shape: 18 smoothed probabilities of the candle `labelLagCandles` before this one; null while there is none. */
  readonly smoothedLabel: ArrayLike<number> | null;
  /** Of the learning engine, 0 to 1. */
  readonly driftScore?: number;
}

export interface PerformanceFeedbackState {
  readonly version: 2;
  readonly candles: number;
  readonly labels: number;
  readonly said: string;
  readonly scores: LabelScoresState;
  readonly changes: ChangeTrackState;
  readonly tasks: TaskListState;
  readonly knobs: KnobBoardState;
}

export const KNOB_DEFAULTS: FeedbackKnobs = {
  transitionMarginRatio: 0.5,
  shareRatio: 0.002,
  temperature: 1,
  learnerCapRatio: 0.3,
};

const DEFAULT_LAG_CANDLES = 40;
/** Half the weight of every figure is of the last 1000 candles. */
const DECAY = 0.5 ** (1 / 1_000);
/** Labels before the first task or trial. */
const MIN_LABELS = 1_000;
const CHECK_EVERY_CANDLES = 50;
/** An undone change costs as much as this many candles under a wrong regime. */
const UNDONE_CHARGE_CANDLES = 10;
const LATENCY_DECAY = 0.99;

const LEAST_SKILL = 0.3;
const MOST_CALIBRATION_ERROR = 0.05;
const LEAST_KEPT_RATIO = 0.9;
const MOST_CHANGES_PER_1000 = 10;
const MOST_DRIFT_SCORE = 0.3;

/**
 * Watches what was published with a delay of 40 candles, and asks for work or turns a bounded knob when it was not good enough.
 * The figures are agreement with our own smoothed label, never accuracy: nobody knows the true regime of a live market.
 */
export class PerformanceFeedback {
  readonly #lagCandles: number;
  readonly #said: SaidHistory;
  readonly #scores = new LabelScores(DECAY);
  readonly #changes = new ChangeTrack(DECAY);
  readonly #tasks = new TaskList();
  readonly #knobs: KnobBoard;
  #candles = 0;
  #labels = 0;
  #latencyMs: number | null = null;

  /** Throws: InvariantError when the lag is no positive integer, or a knob starts out of its bounds. */
  constructor({ labelLagCandles = DEFAULT_LAG_CANDLES, knobs = {} }: PerformanceFeedbackOptions = {}) {
    invariant(Number.isInteger(labelLagCandles) && labelLagCandles > 0, 'labelLagCandles is a positive integer');
    this.#lagCandles = labelLagCandles;
    this.#said = new SaidHistory(labelLagCandles);
    this.#knobs = new KnobBoard({ ...KNOB_DEFAULTS, ...knobs });
  }

  /** What the engine is to use for the next candle. */
  get knobs(): FeedbackKnobs {
    return this.#knobs.values;
  }

  update({ publishedId, probabilities, smoothedLabel, driftScore = 0 }: FeedbackInput): void {
    const undone = this.#changes.add(publishedId);
    if (smoothedLabel !== null && this.#candles >= this.#lagCandles) this.#score(smoothedLabel, undone);
    this.#said.put(this.#candles, publishedId, probabilities);
    this.#candles += 1;
    if (this.#labels < MIN_LABELS || this.#candles % CHECK_EVERY_CANDLES !== 0) return;
    this.#askForWork(driftScore);
    this.#knobs.propose({
      atCandle: this.#candles,
      keptRatio: this.#changes.keptRatio,
      overconfidence: this.#scores.reliability.overconfidence,
      driftScore,
    });
  }

  /** Measured by the service and shown to operators. It takes no part in any decision and is not saved: a clock made it. */
  observeLatencyMs(latencyMs: number): void {
    const last = this.#latencyMs ?? latencyMs;
    this.#latencyMs = LATENCY_DECAY * last + (1 - LATENCY_DECAY) * latencyMs;
  }

  /** Returns the tasks asked for since the last call, most urgent first, and forgets them. At most one of a kind. */
  takeTasks(): readonly FeedbackTask[] {
    return this.#tasks.take();
  }

  save(): PerformanceFeedbackState {
    return {
      version: 2,
      candles: this.#candles,
      labels: this.#labels,
      said: this.#said.save(),
      scores: this.#scores.save(),
      changes: this.#changes.save(),
      tasks: this.#tasks.save(),
      knobs: this.#knobs.save(),
    };
  }

  /** Continues exactly where `save` was called. Throws: InvariantError when the state is of another lag. */
  restore(state: PerformanceFeedbackState): void {
    this.#said.restore(state.said);
    this.#candles = state.candles;
    this.#labels = state.labels;
    this.#scores.restore(state.scores);
    this.#changes.restore(state.changes);
    this.#tasks.restore(state.tasks);
    this.#knobs.restore(state.knobs);
  }

  view(): ComponentView {
    const { regimes, volatility, structure, trend, reliability, logLoss, excessLoss } = this.#scores;
    return {
      state: this.#labels < MIN_LABELS ? 'warming' : 'running',
      metrics: {
        labels: this.#labels,
        agreement: regimes.agreement,
        constantRegimeAgreement: regimes.constantAgreement,
        precision: regimes.precision,
        recall: regimes.recall,
        volatilityAgreement: volatility.agreement,
        volatilityPrecision: volatility.precision,
        volatilityRecall: volatility.recall,
        trendAgreement: trend.agreement,
        trendPrecision: trend.precision,
        trendRecall: trend.recall,
        structureAgreement: structure.agreement,
        structurePrecision: structure.precision,
        structureRecall: structure.recall,
        changesPer1000: this.#changes.changesPer1000,
        keptChangeRatio: this.#changes.keptRatio,
        logLoss,
        excessLogLoss: excessLoss,
        calibrationError: reliability.calibrationError,
        latencyMs: this.#latencyMs,
        waitingTasks: this.#tasks.waiting.length,
      },
      debug: { knobs: this.knobs, trials: this.#knobs.trials, tasks: this.#tasks.waiting },
    };
  }

  #score(label: ArrayLike<number>, undone: number): void {
    const probabilities = this.#said.probabilitiesBefore(this.#candles);
    const scores = this.#scores.add(label, this.#said.regimeBefore(this.#candles), probabilities);
    const used = { ...scores, decisionLoss: scores.decisionLoss + UNDONE_CHARGE_CANDLES * undone };
    this.#knobs.observe(used, this.#withTrialTemperature(label, probabilities, used));
    this.#labels += 1;
  }

  /** The same candle with the temperature on trial: known without having been published, and it moves no decision. */
  #withTrialTemperature(
    label: ArrayLike<number>,
    probabilities: ArrayLike<number>,
    used: KnobScores,
  ): KnobScores | null {
    const trial = this.#knobs.temperatureTrial;
    if (trial === null) return null;
    return { ...used, logLoss: excessLogLoss(label, probabilities, trial.candidate / trial.used) };
  }

  #askForWork(driftScore: number): void {
    const createdAtCandle = this.#candles;
    const { regimes, reliability } = this.#scores;
    const agreement = regimes.agreement ?? 1;
    const constant = regimes.constantAgreement ?? 0;
    // The share of what a constant regime leaves open that was got right.
    const skill = constant < 1 ? (agreement - constant) / (1 - constant) : 1;
    if (skill < LEAST_SKILL)
      this.#tasks.ask({
        kind: 'optimize_boundaries',
        priority: 6 + 4 * (LEAST_SKILL - skill),
        reason: `agreement ${agreement.toFixed(3)}, a constant regime has ${constant.toFixed(3)}`,
        createdAtCandle,
      });
    const error = reliability.calibrationError ?? 0;
    if (error > MOST_CALIBRATION_ERROR)
      this.#tasks.ask({
        kind: 'refit_learners',
        priority: 5 + 20 * (error - MOST_CALIBRATION_ERROR),
        reason: `calibration error ${error.toFixed(3)}, ${MOST_CALIBRATION_ERROR} is allowed`,
        createdAtCandle,
      });
    if (driftScore > MOST_DRIFT_SCORE)
      this.#tasks.ask({
        kind: 'refit_learners',
        priority: 4 + 6 * driftScore,
        reason: `drift score ${driftScore.toFixed(3)}, ${MOST_DRIFT_SCORE} is allowed`,
        createdAtCandle,
      });
    this.#askForTransitions(createdAtCandle);
    this.#tasks.ask({ kind: 'audit', priority: 2, reason: 'routine check of every figure', createdAtCandle });
  }

  #askForTransitions(createdAtCandle: number): void {
    const { keptRatio, changesPer1000 } = this.#changes;
    const isUndone = keptRatio !== null && keptRatio < LEAST_KEPT_RATIO;
    if (!isUndone && changesPer1000 <= MOST_CHANGES_PER_1000) return;
    this.#tasks.ask({
      kind: 'update_transition_matrix',
      priority: isUndone ? 7 : 5,
      reason: `${changesPer1000.toFixed(1)} changes per 1000 candles, ${(keptRatio ?? 1).toFixed(3)} of them kept`,
      createdAtCandle,
    });
  }
}
