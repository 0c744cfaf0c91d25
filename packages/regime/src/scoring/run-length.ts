import {
  FACTORS,
  normalizeFactor,
  normalShareBelow,
  REVERTING_AT,
  STRUCTURE_AT,
  TREND_AT,
  trendClassesInto,
  VOLATILITY_AT,
} from './factors.ts';
import type { ScoringInput, ScoringMethod } from './scoring-method.ts';

interface RunLengthState {
  readonly count: number;
  readonly runs: readonly number[];
  readonly previous: number;
}

const { exp, log, max, min, sqrt } = Math;
const RUNS = 64;
const FIELDS = 5;
// Fields of a run.
const PROBABILITY = 0;
const LENGTH = 1;
const MEAN = 2;
const SQUARES = 3; // sum of squared distances from the mean
const PRODUCTS = 4; // sum of products of neighbours
const HAZARD_RATIO = 1 / 300;
// What is believed of a run before it has a candle, in units of the medium return scale.
const PRIOR_MEAN_WEIGHT = 4;
const PRIOR_SHAPE = 1;
const PRIOR_SQUARES = 0.6;
// Runs less probable than this say nothing about the regime.
const LEAST_PROBABILITY = 0.02;
const RETURN_LIMIT = 8;

/**
 * Bayesian online change point detection: how long the present run of returns has lasted, over 64 lengths at most, each with a
 * normal-gamma belief about its mean and variance. The present run's mean, variance and lag-one product name the regime.
 *
 * Source: Adams and MacKay (2007); the least probable length is dropped when one too many are kept.
 */
export class RunLength implements ScoringMethod {
  readonly name = 'run_length';
  readonly factors: Float64Array;
  readonly #runs = new Float64Array(RUNS * FIELDS);
  readonly #trend = new Float64Array(10);
  #count = 0;
  #previous = 0;

  constructor(factors: Float64Array) {
    this.factors = factors;
  }

  /** Probability that the present run is at most ten candles old. */
  get shortRunProbability(): number {
    let probability = 0;
    for (let run = 0; run < this.#count; run += 1) {
      if (this.#at(run, LENGTH) <= 10) probability += this.#at(run, PROBABILITY);
    }
    return min(1, probability);
  }

  update(input: ScoringInput): number {
    const { observation, base } = input;
    const scale = base.returnScale(1);
    const move = max(-RETURN_LIMIT, min(RETURN_LIMIT, observation.logReturn / scale));
    this.#open(observation.elapsedCandles);
    const density = this.#grow(move, observation.elapsedCandles === 1);
    this.#previous = move;
    this.#classify(input);
    return log(max(density, Number.MIN_VALUE)) - log(scale);
  }

  save(): RunLengthState {
    return {
      count: this.#count,
      runs: [...this.#runs.subarray(0, this.#count * FIELDS)],
      previous: this.#previous,
    };
  }

  restore(state: unknown): void {
    const { count, runs, previous } = state as RunLengthState;
    this.#count = count;
    this.#runs.fill(0).set(runs);
    this.#previous = previous;
  }

  /** Lets a new run begin with the probability of a change, in the place of the least probable one when there is no other. */
  #open(elapsedCandles: number): void {
    const runs = this.#runs;
    const hazard = this.#count === 0 ? 1 : 1 - (1 - HAZARD_RATIO) ** elapsedCandles;
    let least = this.#count;
    if (least === RUNS) {
      least = RUNS - 1;
      for (let run = RUNS - 2; run >= 0; run -= 1) {
        if (this.#at(run, PROBABILITY) < this.#at(least, PROBABILITY)) least = run;
      }
    } else this.#count += 1;
    for (let run = 0; run < this.#count; run += 1) {
      const at = run * FIELDS + PROBABILITY;
      runs[at] = (runs[at] ?? 0) * (1 - hazard);
    }
    runs.copyWithin(FIELDS, 0, least * FIELDS);
    runs.fill(0, 0, FIELDS);
    runs[PROBABILITY] = hazard;
  }

  /** Takes the move into every run and returns the density that all of them together had predicted for it. */
  #grow(move: number, isContinuous: boolean): number {
    const runs = this.#runs;
    const previous = isContinuous ? this.#previous : 0;
    let density = 0;
    for (let run = 0; run < this.#count; run += 1) {
      const at = run * FIELDS;
      const length = runs[at + LENGTH] ?? 0;
      const mean = runs[at + MEAN] ?? 0;
      const weight = PRIOR_MEAN_WEIGHT + length;
      const shape = PRIOR_SHAPE + length / 2;
      const squares = PRIOR_SQUARES + (runs[at + SQUARES] ?? 0) / 2;
      const apart = move - mean;
      const variance = (squares * (weight + 1)) / (shape * weight);
      // ln of the ratio of gamma functions half apart; exact to a thousandth at a shape of one.
      const constant = 0.5 * log(shape) - 0.125 / shape - 0.5 * log(2 * Math.PI * shape * variance);
      const predicted = exp(constant - (shape + 0.5) * log(1 + (apart * apart) / (2 * shape * variance)));
      const joint = (runs[at + PROBABILITY] ?? 0) * predicted;
      runs[at + PROBABILITY] = joint;
      density += joint;
      runs[at + LENGTH] = length + 1;
      runs[at + MEAN] = mean + apart / (weight + 1);
      runs[at + SQUARES] = (runs[at + SQUARES] ?? 0) + (apart * apart * weight) / (weight + 1);
      if (length > 0) runs[at + PRODUCTS] = (runs[at + PRODUCTS] ?? 0) + move * previous;
    }
    for (let run = 0; run < this.#count; run += 1) {
      const at = run * FIELDS + PROBABILITY;
      runs[at] = density > 0 ? (runs[at] ?? 0) / density : 1 / this.#count;
    }
    return density;
  }

  #classify({ base, baseFactors }: ScoringInput): void {
    const factors = this.factors.fill(0);
    const medium = log(base.returnScale(1));
    const lowCut = (log(base.returnScale(0)) - medium) / 2;
    const highCut = (log(base.returnScale(2)) - medium) / 2;
    const structureCut = (base.arTrending + base.arReverting) / 2;
    let known = 0;
    for (let run = 0; run < this.#count; run += 1) {
      const probability = this.#at(run, PROBABILITY);
      if (probability < LEAST_PROBABILITY) continue;
      known += probability;
      const length = this.#at(run, LENGTH);
      const shape = PRIOR_SHAPE + length / 2;
      const variance = (PRIOR_SQUARES + this.#at(run, SQUARES) / 2) / shape;
      const logScale = 0.5 * log(variance);
      const width = sqrt(1 / (2 * shape));
      const low = normalShareBelow((lowCut - logScale) / width);
      const high = normalShareBelow((logScale - highCut) / width);
      this.#add(VOLATILITY_AT, probability * low);
      this.#add(VOLATILITY_AT + 1, probability * max(0, 1 - low - high));
      this.#add(VOLATILITY_AT + 2, probability * high);
      const scale = sqrt(variance);
      trendClassesInto(this.#trend, {
        mean: this.#at(run, MEAN) / scale,
        deviation: sqrt((1 + base.arTrending) / (1 - base.arTrending) / (PRIOR_MEAN_WEIGHT + length)),
        mild: base.driftMild,
        strong: base.driftStrong,
      });
      for (let trend = 0; trend < 5; trend += 1) {
        this.#add(TREND_AT + trend, probability * (this.#trend[TREND_AT + trend] ?? 0));
      }
      const mean = this.#at(run, MEAN);
      const correlation = (this.#at(run, PRODUCTS) / length - mean * mean) / variance;
      const shrunk = (length * correlation) / (length + 8);
      const reverting = normalShareBelow((structureCut - shrunk) * sqrt(length + 8));
      this.#add(REVERTING_AT, probability * reverting);
      this.#add(STRUCTURE_AT, probability * (1 - reverting));
    }
    // A little of the base stands in for the runs left out.
    const rest = max(0.02, 1 - known);
    for (let at = 0; at < factors.length; at += 1) this.#add(at, rest * (baseFactors[at] ?? 0));
    for (const factor of FACTORS) normalizeFactor(factors, factor);
  }

  #add(at: number, probability: number): void {
    this.factors[at] = (this.factors[at] ?? 0) + probability;
  }

  #at(run: number, field: number): number {
    return this.#runs[run * FIELDS + field] ?? 0;
  }
}
