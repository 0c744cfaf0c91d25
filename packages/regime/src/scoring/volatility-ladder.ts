import { normalizeFactor, FACTORS, VOLATILITY_AT } from './factors.ts';
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

interface VolatilityLadderState {
  readonly belief: readonly number[];
  readonly forecaster: readonly number[];
  readonly scalars: readonly number[];
}

const { exp, log, max, min } = Math;
const HAZARD_RATIO = 1 / 300;
const DEGREES = 7;
const STEP = 0.004;
const FORECAST_STEP = 0.01;
const SHARED_RATIO = 0.002;
// How far from a level a forecast of it may lie, in logarithms.
const LEVEL_WIDTH = 0.22;
// Positions among the scalars.
const OFFSET = 0; // median log range minus log return scale
const SPREAD = 1; // ln of the scale of the log range around its level
const FORECAST_SPREAD = 2; // ln of the scale of the log range around its forecast
const FORECAST_WEIGHT = 3;
const FORECAST = 4;
const IS_STARTED = 5;
// Positions in the forecaster: averages of the log range over one, five, 22 and 500 candles, and the weights of the first three.
const AVERAGE = 0;
const COEFFICIENT = 4;
const AVERAGE_GAINS = [1, 2 / 6, 2 / 23, 2 / 501];

/**
 * The volatility level, read from the log range twice: by a filter over three levels with a Student-t around each, and by a forecast
 * from averages over one, five and 22 candles. Both foretell the next log range; the one that does it better counts more.
 *
 * Source: HAR, Corsi (2009), on the log range as in Alizadeh, Brandt and Diebold (2002); coefficients by normalized least mean squares.
 */
export class VolatilityLadder implements ScoringMethod {
  readonly name = 'volatility_ladder';
  readonly factors: Float64Array;
  readonly #belief = new Float64Array(3).fill(1 / 3);
  readonly #levels = new Float64Array(3);
  readonly #forecaster = Float64Array.of(0, 0, 0, 0, 0.15, 0.3, 0.45);
  readonly #scalars = Float64Array.of(0.36, log(0.32), log(0.35), 0.5, 0, 0);

  constructor(factors: Float64Array) {
    this.factors = factors;
  }

  update({ observation, base, baseFactors }: ScoringInput): void {
    this.factors.set(baseFactors);
    const scalars = this.#scalars;
    for (let level = 0; level < 3; level += 1) {
      this.#levels[level] = log(base.returnScale(level)) + (scalars[OFFSET] ?? 0);
    }
    this.#predict(observation.elapsedCandles);
    const { logRange } = observation;
    if (logRange !== null) this.#take(logRange);
    this.#mix();
  }

  save(): VolatilityLadderState {
    return { belief: [...this.#belief], forecaster: [...this.#forecaster], scalars: [...this.#scalars] };
  }

  restore(state: unknown): void {
    const { belief, forecaster, scalars } = state as VolatilityLadderState;
    this.#belief.set(belief);
    this.#forecaster.set(forecaster);
    this.#scalars.set(scalars);
  }

  #predict(elapsedCandles: number): void {
    const belief = this.#belief;
    const hazard = 0.5 * (1 - (1 - HAZARD_RATIO) ** elapsedCandles);
    for (let level = 0; level < 3; level += 1) {
      const stay = belief[level] ?? 0;
      belief[level] = (1 - hazard) * stay + (hazard * (1 - stay)) / 2;
    }
  }

  #take(logRange: number): void {
    const scalars = this.#scalars;
    const spread = exp(scalars[SPREAD] ?? 0);
    const forecastSpread = exp(scalars[FORECAST_SPREAD] ?? 0);
    const isStarted = scalars[IS_STARTED] === 1;
    const surprise = isStarted ? (logRange - (scalars[FORECAST] ?? 0)) / forecastSpread : 0;
    const forecastDensity = isStarted ? tDensity(surprise) / forecastSpread : 0;
    const filterDensity = this.#filter(logRange, spread);
    const weight = isStarted ? (scalars[FORECAST_WEIGHT] ?? 0) : 0;
    const density = weight * forecastDensity + (1 - weight) * filterDensity;
    if (isStarted && density > 0) {
      scalars[FORECAST_WEIGHT] = (1 - SHARED_RATIO) * ((weight * forecastDensity) / density) + SHARED_RATIO / 2;
      scalars[FORECAST_SPREAD] = (scalars[FORECAST_SPREAD] ?? 0) + STEP * (tScore(surprise) * surprise - 1);
    }
    this.#learnForecast(logRange);
  }

  #filter(logRange: number, spread: number): number {
    const belief = this.#belief;
    let density = 0;
    for (let level = 0; level < 3; level += 1) {
      belief[level] = (belief[level] ?? 0) * tDensity((logRange - (this.#levels[level] ?? 0)) / spread);
      density += belief[level] ?? 0;
    }
    if (!(density > 0)) {
      belief.fill(1 / 3);
      return 0;
    }
    let offsetScore = 0;
    let spreadScore = -1;
    for (let level = 0; level < 3; level += 1) {
      const probability = (belief[level] ?? 0) / density;
      belief[level] = probability;
      const residual = (logRange - (this.#levels[level] ?? 0)) / spread;
      offsetScore += probability * tScore(residual);
      spreadScore += probability * tScore(residual) * residual;
    }
    const scalars = this.#scalars;
    scalars[OFFSET] = (scalars[OFFSET] ?? 0) + STEP * spread * offsetScore;
    scalars[SPREAD] = max(-3, min(0.5, (scalars[SPREAD] ?? 0) + STEP * 0.5 * spreadScore));
    return density / spread;
  }

  #learnForecast(logRange: number): void {
    const scalars = this.#scalars;
    const forecaster = this.#forecaster;
    if (scalars[IS_STARTED] !== 1) {
      forecaster.fill(logRange, AVERAGE, COEFFICIENT);
      scalars[IS_STARTED] = 1;
    }
    const mean = forecaster[AVERAGE + 3] ?? 0;
    const error = max(-1.5, min(1.5, logRange - (scalars[FORECAST] ?? logRange)));
    let norm = 0.05;
    for (let index = 0; index < 3; index += 1) norm += ((forecaster[AVERAGE + index] ?? 0) - mean) ** 2;
    for (let index = 0; index < 3; index += 1) {
      const change = (FORECAST_STEP * error * ((forecaster[AVERAGE + index] ?? 0) - mean)) / norm;
      forecaster[COEFFICIENT + index] = max(0, min(1, (forecaster[COEFFICIENT + index] ?? 0) + change));
    }
    let forecast = 0;
    for (let index = 0; index < 4; index += 1) {
      const average = forecaster[AVERAGE + index] ?? 0;
      forecaster[AVERAGE + index] = average + (AVERAGE_GAINS[index] ?? 0) * (logRange - average);
    }
    const newMean = forecaster[AVERAGE + 3] ?? 0;
    for (let index = 0; index < 3; index += 1) {
      forecast += (forecaster[COEFFICIENT + index] ?? 0) * ((forecaster[AVERAGE + index] ?? 0) - newMean);
    }
    scalars[FORECAST] = newMean + forecast;
  }

  #mix(): void {
    const scalars = this.#scalars;
    const weight = scalars[IS_STARTED] === 1 ? (scalars[FORECAST_WEIGHT] ?? 0) : 0;
    let total = 0;
    for (let level = 0; level < 3; level += 1) {
      total += exp(-0.5 * (((scalars[FORECAST] ?? 0) - (this.#levels[level] ?? 0)) / LEVEL_WIDTH) ** 2) + 1e-6;
    }
    for (let level = 0; level < 3; level += 1) {
      const near = exp(-0.5 * (((scalars[FORECAST] ?? 0) - (this.#levels[level] ?? 0)) / LEVEL_WIDTH) ** 2) + 1e-6;
      this.factors[VOLATILITY_AT + level] = weight * (near / total) + (1 - weight) * (this.#belief[level] ?? 0);
    }
    const volatility = FACTORS[0];
    if (volatility !== undefined) normalizeFactor(this.factors, volatility);
  }
}

// A t density with seven degrees, without its constant: the same in both densities that are compared.
const tDensity = (residual: number): number => (1 + (residual * residual) / DEGREES) ** -4;
const tScore = (residual: number): number => ((DEGREES + 1) * residual) / (DEGREES + residual * residual);
