import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import type { ComponentView, EngineAlert } from '../engine/classification.ts';
import { REGIME_COUNT } from '../regime-fold.ts';
import { AlertCooldown, type AlertCooldownState } from './alert-cooldown.ts';
import { DurationHistogram } from './duration-histogram.ts';
import { QuantileEstimator, type QuantileEstimatorState } from './quantile-estimator.ts';

const { log } = Math;

export interface TransitionMatrixOptions {
  /** Candles between two rebuilds of the published matrix and of its long-run shares. Hot. Default 1000. */
  readonly refreshCandles: number;
  /** Changes assumed for every pair before any was seen. Default 0.5. */
  readonly priorCount: number;
  /** What an earlier change or duration counts when a new one is seen. Default 0.999. */
  readonly decayRatio: number;
  /** Mean life of a regime before any ended. Default 300. */
  readonly priorDurationCandles: number;
  /** Changes before a surprising one is called unusual. Hot. Default 100. */
  readonly minChanges: number;
  /** A change at least this probable is never unusual, however predictable the others were. Hot. Default 0.02. */
  readonly unusualProbability: number;
  /** A regime is called long when fewer than this share last so long. Hot. Default 0.01. */
  readonly longDwellRatio: number;
  /** Candles before an alert of the same kind is raised again. Hot. Default 60. */
  readonly alertCooldownCandles: number;
}

export const TRANSITION_MATRIX_DEFAULTS: TransitionMatrixOptions = {
  refreshCandles: 1000,
  priorCount: 0.5,
  decayRatio: 0.999,
  priorDurationCandles: 300,
  minChanges: 100,
  unusualProbability: 0.02,
  longDwellRatio: 0.01,
  alertCooldownCandles: 60,
};

/** The published path at one candle. */
export interface TransitionMatrixInput {
  readonly regimeId: number;
  /** The regime left with this candle; null when none was. */
  readonly previousRegimeId: number | null;
  /** Candles in `regimeId`, this one included. */
  readonly dwellCandles: number;
}

export interface TransitionMatrixUpdate {
  /** -ln of the probability this change had; null when nothing changed. */
  readonly surpriseNats: number | null;
  /** Nobody saw this change before, in a regime left often enough to know. */
  readonly isUnseenTransition: boolean;
  readonly expectedRemainingCandles: number;
  readonly expectedTotalCandles: number;
  readonly alerts: readonly EngineAlert[];
}

export interface TransitionMatrixState {
  readonly counts: readonly number[];
  readonly durations: readonly (readonly number[])[];
  readonly allDurations: readonly number[];
  readonly lastDwellCandles: number;
  readonly candles: number;
  readonly changes: number;
  readonly refreshedAtCandle: number;
  readonly matrix: string;
  readonly stationary: readonly number[];
  readonly surprises: QuantileEstimatorState;
  readonly hasToldLongDwell: boolean;
  readonly cooldown: AlertCooldownState;
}

const CELLS = REGIME_COUNT * REGIME_COUNT;
const POWER_STEPS = 50;
const UNUSUAL_PROBABILITY = 0.99;
/** Changes out of a regime before one that was never seen means anything. */
const MIN_ROW_CHANGES = 20;
const MIN_DURATIONS = 20;

/**
 * Learns where the published path goes from each regime and how long it stays: Dirichlet counts of changes, and a histogram of
 * durations for each regime and for all. Counts are live; the matrix that is shown and its long-run shares are rebuilt at intervals.
 *
 * A long stay is judged against the durations that were learned: a fixed number of minutes would call every persistent regime stuck.
 */
export class TransitionMatrix {
  #options: TransitionMatrixOptions;
  readonly #counts = new Float64Array(CELLS);
  readonly #durations = Array.from({ length: REGIME_COUNT }, () => new DurationHistogram());
  readonly #allDurations = new DurationHistogram();
  readonly #matrix = new Float64Array(CELLS);
  readonly #stationary = new Float64Array(REGIME_COUNT);
  readonly #surprises = new QuantileEstimator(UNUSUAL_PROBABILITY);
  readonly #cooldown = new AlertCooldown('transition_matrix_analyzer');
  #lastDwellCandles = 0;
  #candles = 0;
  #changes = 0;
  #refreshedAtCandle = 0;
  #hasToldLongDwell = false;
  #current: TransitionMatrixUpdate | null = null;

  constructor(options: Partial<TransitionMatrixOptions> = {}) {
    this.#options = { ...TRANSITION_MATRIX_DEFAULTS, ...options };
    this.refresh();
  }

  /** Changes hot options; what was learned stays. */
  configure(options: Partial<TransitionMatrixOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Shape: 18 x 18, row by row; probability that a regime, when left, goes to each other. Rows sum to 1, the diagonal is 0. */
  get matrix(): Float64Array {
    return this.#matrix;
  }

  /** Shape: 18; share of time in each regime in the long run, summing to 1. */
  get stationary(): Float64Array {
    return this.#stationary;
  }

  /** Changes of the published path so far. */
  get changes(): number {
    return this.#changes;
  }

  update({ regimeId, previousRegimeId, dwellCandles }: TransitionMatrixInput): TransitionMatrixUpdate {
    this.#candles += 1;
    const alerts: EngineAlert[] = [];
    let surpriseNats: number | null = null;
    let isUnseenTransition = false;
    if (previousRegimeId !== null && previousRegimeId !== regimeId) {
      surpriseNats = -log(this.#probabilityOf(previousRegimeId, regimeId));
      isUnseenTransition = this.#isUnseen(previousRegimeId, regimeId);
      this.#tellUnusual(alerts, { from: previousRegimeId, to: regimeId, surpriseNats, isUnseenTransition });
      this.#learn(previousRegimeId, regimeId, surpriseNats);
      this.#hasToldLongDwell = false;
    }
    this.#lastDwellCandles = dwellCandles;
    this.#tellLongDwell(alerts, regimeId, dwellCandles);
    if (this.#candles - this.#refreshedAtCandle >= this.#options.refreshCandles) this.refresh();

    const expectedTotalCandles = this.expectedTotalCandles(regimeId);
    const expectedRemainingCandles = this.expectedRemainingCandles(regimeId, dwellCandles);
    this.#current = { surpriseNats, isUnseenTransition, expectedRemainingCandles, expectedTotalCandles, alerts };
    return this.#current;
  }

  /** Returns the mean life of a regime. */
  expectedTotalCandles(regimeId: number): number {
    return this.#durationsOf(regimeId).meanCandles(this.#priorMean());
  }

  /** Returns how long a regime that stands since `dwellCandles` goes on, on average. */
  expectedRemainingCandles(regimeId: number, dwellCandles: number): number {
    return this.#durationsOf(regimeId).remainingCandles(dwellCandles, this.#priorMean());
  }

  /** Returns the probability that a regime that stands since `dwellCandles` ends within the next `horizonCandles`. */
  endProbability(regimeId: number, dwellCandles: number, horizonCandles: number): number {
    return this.#durationsOf(regimeId).endProbability(dwellCandles, horizonCandles, this.#priorMean());
  }

  /** Rebuilds the matrix that is shown and its long-run shares; `update` does so by itself at the set interval. */
  refresh(): void {
    this.#refreshedAtCandle = this.#candles;
    for (let from = 0; from < REGIME_COUNT; from += 1) {
      for (let to = 0; to < REGIME_COUNT; to += 1) {
        this.#matrix[from * REGIME_COUNT + to] = from === to ? 0 : this.#probabilityOf(from, to);
      }
    }
    this.#solveStationary();
  }

  save(): TransitionMatrixState {
    return {
      counts: [...this.#counts],
      durations: this.#durations.map((durations) => durations.save()),
      allDurations: this.#allDurations.save(),
      lastDwellCandles: this.#lastDwellCandles,
      candles: this.#candles,
      changes: this.#changes,
      refreshedAtCandle: this.#refreshedAtCandle,
      matrix: packFloats(this.#matrix),
      stationary: [...this.#stationary],
      surprises: this.#surprises.save(),
      hasToldLongDwell: this.#hasToldLongDwell,
      cooldown: this.#cooldown.save(),
    };
  }

  restore(state: TransitionMatrixState): void {
    this.#counts.set(state.counts);
    this.#durations.forEach((durations, regimeId) => {
      durations.restore(state.durations[regimeId] ?? []);
    });
    this.#allDurations.restore(state.allDurations);
    this.#lastDwellCandles = state.lastDwellCandles;
    this.#candles = state.candles;
    this.#changes = state.changes;
    this.#refreshedAtCandle = state.refreshedAtCandle;
    unpackFloats(state.matrix, this.#matrix);
    this.#stationary.set(state.stationary);
    this.#surprises.restore(state.surprises);
    this.#hasToldLongDwell = state.hasToldLongDwell;
    this.#cooldown.restore(state.cooldown);
    this.#current = null;
  }

  view(): ComponentView {
    const last = this.#current;
    return {
      state: this.#changes < this.#options.minChanges ? 'warming' : 'running',
      metrics: {
        changes: this.#changes,
        observations: this.#candles,
        observations_since_refresh: this.#candles - this.#refreshedAtCandle,
        mean_duration_candles: this.#priorMean(),
        expected_remaining_candles: last?.expectedRemainingCandles ?? null,
        surprise_p99_nats: this.#surprises.estimate,
      },
      debug: {
        options: this.#options,
        matrix: Array.from({ length: REGIME_COUNT }, (_, from) => [
          ...this.#matrix.subarray(from * REGIME_COUNT, (from + 1) * REGIME_COUNT),
        ]),
        stationary: [...this.#stationary],
        meanDurationCandles: this.#durations.map((_, regimeId) => this.expectedTotalCandles(regimeId)),
      },
    };
  }

  #priorMean(): number {
    return this.#allDurations.meanCandles(this.#options.priorDurationCandles);
  }

  /** A regime's own durations once there are enough of them; those of all regimes before. */
  #durationsOf(regimeId: number): DurationHistogram {
    const own = this.#durations[regimeId];
    return own !== undefined && own.total >= MIN_DURATIONS ? own : this.#allDurations;
  }

  #rowTotal(from: number): number {
    let total = 0;
    for (let to = 0; to < REGIME_COUNT; to += 1) total += this.#counts[from * REGIME_COUNT + to] ?? 0;
    return total;
  }

  #probabilityOf(from: number, to: number): number {
    const { priorCount } = this.#options;
    const count = this.#counts[from * REGIME_COUNT + to] ?? 0;
    return (count + priorCount) / (this.#rowTotal(from) + priorCount * (REGIME_COUNT - 1));
  }

  #isUnseen(from: number, to: number): boolean {
    return this.#counts[from * REGIME_COUNT + to] === 0 && this.#rowTotal(from) >= MIN_ROW_CHANGES;
  }

  #learn(from: number, to: number, surpriseNats: number): void {
    const { decayRatio } = this.#options;
    for (let cell = 0; cell < CELLS; cell += 1) this.#counts[cell] = (this.#counts[cell] ?? 0) * decayRatio;
    const cell = from * REGIME_COUNT + to;
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
    this.#durations[from]?.record(this.#lastDwellCandles, decayRatio);
    this.#allDurations.record(this.#lastDwellCandles, decayRatio);
    this.#surprises.update(surpriseNats);
    this.#changes += 1;
  }

  #tellUnusual(
    alerts: EngineAlert[],
    change: { from: number; to: number; surpriseNats: number; isUnseenTransition: boolean },
  ): void {
    const { from, to, surpriseNats, isUnseenTransition } = change;
    if (this.#changes < this.#options.minChanges) return;
    const usual = this.#surprises.estimate;
    const isRare = surpriseNats > -log(this.#options.unusualProbability);
    const isSurprising = isRare && usual !== null && surpriseNats > usual;
    if (!isSurprising && !isUnseenTransition) return;
    this.#cooldown.raise(alerts, {
      kind: 'unusual_transition',
      candle: this.#candles,
      cooldownCandles: this.#options.alertCooldownCandles,
      message: () =>
        `regime ${from} went to ${to}, which had a probability of ${Math.exp(-surpriseNats).toFixed(4)}; ` +
        `99 in 100 changes had more than ${Math.exp(-(usual ?? 0)).toFixed(4)}`,
    });
  }

  #tellLongDwell(alerts: EngineAlert[], regimeId: number, dwellCandles: number): void {
    if (this.#hasToldLongDwell || this.#allDurations.total < MIN_DURATIONS) return;
    const survival = this.#durationsOf(regimeId).survivalProbability(dwellCandles, this.#priorMean());
    if (survival >= this.#options.longDwellRatio) return;
    this.#hasToldLongDwell = true;
    this.#cooldown.raise(alerts, {
      kind: 'long_dwell',
      candle: this.#candles,
      cooldownCandles: this.#options.alertCooldownCandles,
      message: () =>
        `regime ${regimeId} stands for ${dwellCandles} candles; its mean is ` +
        `${this.expectedTotalCandles(regimeId).toFixed(0)} and ${(1 - survival).toFixed(3)} of them ended earlier`,
    });
  }

  /** Long-run shares of changes, by power steps of the lazy chain so that no cycle can keep them swinging, times mean durations. */
  #solveStationary(): void {
    let shares = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
    for (let step = 0; step < POWER_STEPS; step += 1) {
      const next = new Float64Array(REGIME_COUNT);
      for (let from = 0; from < REGIME_COUNT; from += 1) {
        const share = shares[from] ?? 0;
        next[from] = (next[from] ?? 0) + share / 2;
        for (let to = 0; to < REGIME_COUNT; to += 1) {
          next[to] = (next[to] ?? 0) + (share / 2) * (this.#matrix[from * REGIME_COUNT + to] ?? 0);
        }
      }
      shares = next;
    }
    let total = 0;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      this.#stationary[id] = (shares[id] ?? 0) * this.expectedTotalCandles(id);
      total += this.#stationary[id] ?? 0;
    }
    for (let id = 0; id < REGIME_COUNT; id += 1) this.#stationary[id] = (this.#stationary[id] ?? 0) / total;
  }
}
