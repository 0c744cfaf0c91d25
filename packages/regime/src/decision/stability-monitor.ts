import type { ComponentView, EngineAlert, StabilityBand } from '../engine/classification.ts';
import { PageHinkley, type PageHinkleyState } from '../learning/page-hinkley.ts';
import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { AlertCooldown, type AlertCooldownState } from './alert-cooldown.ts';
import { QuantileEstimator, type QuantileEstimatorState } from './quantile-estimator.ts';
import { volatilityOf } from './regime-neighbors.ts';

const { log, max, min } = Math;

export interface StabilityMonitorOptions {
  /** Lower ends of the bands very stable, stable, moderate and unstable; below the last it is critical. Hot. Default .8 .65 .5 .3. */
  readonly bandFloors: readonly [number, number, number, number];
  /** Missing candles before a gap is told. Hot. Default 3. */
  readonly gapCandles: number;
  /** Candles before an alert of the same kind is raised again. Hot. Default 60. */
  readonly alertCooldownCandles: number;
}

export const STABILITY_MONITOR_DEFAULTS: StabilityMonitorOptions = {
  bandFloors: [0.8, 0.65, 0.5, 0.3],
  gapCandles: 3,
  alertCooldownCandles: 60,
};

export interface StabilityInput {
  /** Shape: 18 calibrated probabilities by regime id. */
  readonly posterior: Float64Array;
  /** The published regime. */
  readonly regimeId: number;
  /** The most probable one: how often it changes is the flicker. */
  readonly candidateId: number;
  readonly dwellCandles: number;
  /** Agreement of the scoring methods, 0 to 1. */
  readonly agreementRatio: number;
  /** Log density the base detector had predicted for this candle; null when it predicted none. */
  readonly logDensity: number | null;
  /** Candles since the last one; 1 when none is missing. */
  readonly elapsedCandles: number;
  readonly expectedRemainingCandles: number;
  readonly expectedTotalCandles: number;
  readonly isUnseenTransition: boolean;
}

export interface Stability {
  /** 0 to 1. */
  readonly stabilityRatio: number;
  readonly stabilityBand: StabilityBand;
  readonly alerts: readonly EngineAlert[];
}

export interface StabilityMonitorState {
  readonly candles: number;
  readonly regimeId: number;
  readonly candidateId: number;
  readonly meanProbability: number;
  readonly flips: readonly number[];
  readonly shocks: readonly number[];
  readonly levelDensities: readonly number[];
  readonly levelCandles: readonly number[];
  readonly lowDensity: QuantileEstimatorState;
  readonly misfit: PageHinkleyState;
  readonly anomalies: readonly number[];
  readonly isUnstable: boolean;
  readonly cooldown: AlertCooldownState;
}

/** 20 candles: the mean probability of the published regime. */
const PROBABILITY_STEP = 1 - 0.5 ** (1 / 20);
const FLICKER_CANDLES = 60;
const SHOCK_CANDLES = 10;
const SHOCK_COUNT = 3;
const LOW_DENSITY_PROBABILITY = 0.01;
const MIN_DENSITIES = 500;
/** 1000 candles: the usual log density of each volatility level, from which surprises are measured. */
const DENSITY_STEP = 1 - 0.5 ** (1 / 1000);
/** No part of the score can pull it below this on its own: a product of five would otherwise be ruled by the smallest. */
const MIN_PART = 0.01;
const PARTS = ['confidence', 'certainty', 'remaining_life', 'agreement', 'steadiness'] as const;
/** Forgets sooner than the drift monitor's test, and tolerates a little more. */
const MISFIT_TEST = { tolerance: 0.15, alarmLevel: 50, memoryValues: 720 };
const ANOMALIES = ['market_shock', 'model_misfit', 'unseen_transition', 'data_gap'] as const;
type Anomaly = (typeof ANOMALIES)[number];

const clampPart = (part: number): number => min(1, max(MIN_PART, part));

const normalizedEntropyOf = (posterior: Float64Array): number => {
  let entropy = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const probability = posterior[id] ?? 0;
    if (probability > 0) entropy -= probability * log(probability);
  }
  return entropy / log(REGIME_COUNT);
};

/** Returns the band of a stability; `floors` are the lower ends of the four upper bands. */
export const stabilityBandOf = (
  stabilityRatio: number,
  floors: StabilityMonitorOptions['bandFloors'],
): StabilityBand => {
  if (stabilityRatio >= floors[0]) return 'very_stable';
  if (stabilityRatio >= floors[1]) return 'stable';
  if (stabilityRatio >= floors[2]) return 'moderate';
  return stabilityRatio >= floors[3] ? 'unstable' : 'critical';
};

/**
 * Says how firmly the published regime stands, and tells of what shakes it: shocks the detector had not expected, a detector that no
 * longer fits, gaps in the candles.
 *
 * Stability is the geometric mean of five shares: mean probability of the published regime, certainty (1 - entropy), expected
 * remaining life of its total, agreement of the methods, and steadiness (1 - flicker of the best guess over 60 candles).
 */
export class StabilityMonitor {
  #options: StabilityMonitorOptions;
  readonly #flips = new Uint8Array(FLICKER_CANDLES);
  readonly #shocks = new Uint8Array(SHOCK_CANDLES);
  readonly #levelDensities = new Float64Array(3);
  readonly #levelCandles = new Float64Array(3);
  readonly #lowDensity = new QuantileEstimator(LOW_DENSITY_PROBABILITY);
  readonly #misfit = new PageHinkley(MISFIT_TEST);
  readonly #anomalies = new Float64Array(ANOMALIES.length);
  readonly #cooldown = new AlertCooldown('regime_stability_monitor');
  readonly #parts = new Float64Array(PARTS.length);
  #candles = 0;
  #regimeId = -1;
  #candidateId = -1;
  #dwellCandles = 0;
  #meanProbability = 0;
  #isUnstable = false;
  #current: Stability | null = null;

  constructor(options: Partial<StabilityMonitorOptions> = {}) {
    this.#options = { ...STABILITY_MONITOR_DEFAULTS, ...options };
  }

  /** Changes hot options; what was learned stays. */
  configure(options: Partial<StabilityMonitorOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  update(input: StabilityInput): Stability {
    this.#candles += 1;
    const alerts: EngineAlert[] = [];
    this.#measure(input);
    const stabilityRatio = this.#score();
    const stabilityBand = stabilityBandOf(stabilityRatio, this.#options.bandFloors);
    this.#tellUnstable(alerts, input.regimeId, stabilityRatio);
    this.#tellGap(alerts, input.elapsedCandles);
    if (input.isUnseenTransition) this.#count('unseen_transition');
    if (input.logDensity !== null) this.#judgeDensity(alerts, input.regimeId, input.logDensity);
    this.#current = { stabilityRatio, stabilityBand, alerts };
    return this.#current;
  }

  save(): StabilityMonitorState {
    return {
      candles: this.#candles,
      regimeId: this.#regimeId,
      candidateId: this.#candidateId,
      meanProbability: this.#meanProbability,
      flips: [...this.#flips],
      shocks: [...this.#shocks],
      levelDensities: [...this.#levelDensities],
      levelCandles: [...this.#levelCandles],
      lowDensity: this.#lowDensity.save(),
      misfit: this.#misfit.save(),
      anomalies: [...this.#anomalies],
      isUnstable: this.#isUnstable,
      cooldown: this.#cooldown.save(),
    };
  }

  restore(state: StabilityMonitorState): void {
    this.#candles = state.candles;
    this.#regimeId = state.regimeId;
    this.#candidateId = state.candidateId;
    this.#meanProbability = state.meanProbability;
    this.#flips.set(state.flips);
    this.#shocks.set(state.shocks);
    this.#levelDensities.set(state.levelDensities);
    this.#levelCandles.set(state.levelCandles);
    this.#lowDensity.restore(state.lowDensity);
    this.#misfit.restore(state.misfit);
    this.#anomalies.set(state.anomalies);
    this.#isUnstable = state.isUnstable;
    this.#cooldown.restore(state.cooldown);
    this.#current = null;
  }

  view(): ComponentView {
    const stability = this.#current;
    return {
      state: this.#lowDensity.observations < MIN_DENSITIES ? 'warming' : 'running',
      metrics: {
        stability_ratio: stability?.stabilityRatio ?? null,
        stability_band: stability?.stabilityBand ?? null,
        duration_candles: this.#dwellCandles,
        volatility_level: this.#regimeId < 0 ? null : volatilityOf(this.#regimeId),
        ...Object.fromEntries(PARTS.map((part, index) => [part, this.#parts[index] ?? 0])),
        ...Object.fromEntries(ANOMALIES.map((anomaly, index) => [`${anomaly}_count`, this.#anomalies[index] ?? 0])),
      },
      debug: {
        options: this.#options,
        lowDensityShare: LOW_DENSITY_PROBABILITY,
        lowDensityResidual: this.#lowDensity.estimate,
        misfitRiseRatio: this.#misfit.pressureRatio,
        usualLogDensityByVolatility: [...this.#levelDensities],
      },
    };
  }

  #measure(input: StabilityInput): void {
    const { posterior, regimeId, candidateId } = input;
    const probability = posterior[regimeId] ?? 0;
    // A new regime starts from its own probability, not from what the last one had.
    if (regimeId === this.#regimeId) this.#meanProbability += PROBABILITY_STEP * (probability - this.#meanProbability);
    else this.#meanProbability = probability;
    this.#flips[this.#candles % FLICKER_CANDLES] = this.#candidateId >= 0 && candidateId !== this.#candidateId ? 1 : 0;
    this.#regimeId = regimeId;
    this.#candidateId = candidateId;
    this.#dwellCandles = input.dwellCandles;

    const parts = this.#parts;
    parts[0] = clampPart(this.#meanProbability);
    parts[1] = clampPart(1 - normalizedEntropyOf(posterior));
    parts[2] = clampPart(input.expectedRemainingCandles / input.expectedTotalCandles);
    parts[3] = clampPart(input.agreementRatio);
    parts[4] = clampPart(1 - this.#flickerRatio());
  }

  #flickerRatio(): number {
    let flips = 0;
    for (let index = 0; index < FLICKER_CANDLES; index += 1) flips += this.#flips[index] ?? 0;
    return flips / FLICKER_CANDLES;
  }

  #score(): number {
    let product = 1;
    for (let part = 0; part < PARTS.length; part += 1) product *= this.#parts[part] ?? MIN_PART;
    return product ** (1 / PARTS.length);
  }

  #count(anomaly: Anomaly): void {
    const index = ANOMALIES.indexOf(anomaly);
    this.#anomalies[index] = (this.#anomalies[index] ?? 0) + 1;
  }

  #tellUnstable(alerts: EngineAlert[], regimeId: number, stabilityRatio: number): void {
    const floor = this.#options.bandFloors[2];
    const isUnstable = stabilityRatio < floor;
    // Told when it begins; while it lasts, the band says so.
    if (isUnstable && !this.#isUnstable) {
      this.#raise(alerts, 'unstable_regime', () => {
        const parts = PARTS.map((part, index) => `${part} ${(this.#parts[index] ?? 0).toFixed(2)}`).join(', ');
        return `stability of regime ${regimeId} fell to ${stabilityRatio.toFixed(3)}, below ${floor}: ${parts}`;
      });
    }
    this.#isUnstable = isUnstable;
  }

  #tellGap(alerts: EngineAlert[], elapsedCandles: number): void {
    const missing = elapsedCandles - 1;
    if (missing < this.#options.gapCandles) return;
    this.#count('data_gap');
    this.#raise(alerts, 'data_gap', () => `${missing} candles are missing before this one`);
  }

  /** Measured from what is usual at this volatility: a density per log return is smaller whenever moves are larger. */
  #judgeDensity(alerts: EngineAlert[], regimeId: number, logDensity: number): void {
    const level = Math.floor(regimeId / SLOT_COUNT);
    const seen = this.#levelCandles[level] ?? 0;
    const usual = seen === 0 ? logDensity : (this.#levelDensities[level] ?? 0);
    const residual = logDensity - usual;
    this.#levelCandles[level] = seen + 1;
    this.#levelDensities[level] = usual + max(DENSITY_STEP, 1 / (seen + 1)) * residual;

    const floor = this.#lowDensity.estimate;
    const isKnown = this.#lowDensity.observations >= MIN_DENSITIES;
    const isLow = isKnown && floor !== null && residual < floor;
    this.#shocks[this.#candles % SHOCK_CANDLES] = isLow ? 1 : 0;
    this.#lowDensity.update(residual);
    if (isLow) this.#tellShock(alerts, residual, floor);

    if (this.#misfit.add(-residual)) {
      this.#count('model_misfit');
      this.#raise(
        alerts,
        'model_misfit',
        () => 'the base detector predicts candles lastingly worse than it did: its levels no longer fit',
      );
    }
  }

  #tellShock(alerts: EngineAlert[], residual: number, floor: number): void {
    let shocks = 0;
    for (let index = 0; index < SHOCK_CANDLES; index += 1) shocks += this.#shocks[index] ?? 0;
    if (shocks < SHOCK_COUNT) return;
    this.#count('market_shock');
    this.#raise(
      alerts,
      'market_shock',
      () =>
        `${shocks} of the last ${SHOCK_CANDLES} candles were less likely than 99 in 100 before: log density ` +
        `${residual.toFixed(2)} from the usual, the limit is ${floor.toFixed(2)}`,
    );
  }

  #raise(alerts: EngineAlert[], kind: EngineAlert['kind'], message: () => string): void {
    const { alertCooldownCandles } = this.#options;
    this.#cooldown.raise(alerts, { kind, candle: this.#candles, cooldownCandles: alertCooldownCandles, message });
  }
}
