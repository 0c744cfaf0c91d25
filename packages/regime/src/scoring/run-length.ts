import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
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
  readonly runs: string;
  readonly previous: number;
}

const { exp, log, max, min, sqrt } = Math;
const RUNS = 64;
const FIELDS = 8;
// Fields of a run: what is believed of `move = constant + slope * previous move + noise` since it began.
const PROBABILITY = 0;
const LENGTH = 1;
const CONSTANT = 2;
const SLOPE = 3;
// Covariance of constant and slope, in units of the noise variance.
const CONSTANT_VARIANCE = 4;
const COVARIANCE = 5;
const SLOPE_VARIANCE = 6;
const SQUARES = 7; // half the sum of squared surprises
const HAZARD_RATIO = 1 / 300;
// What is believed of a run before it has a candle, in units of the medium return scale.
const PRIOR_CONSTANT_VARIANCE = 0.25;
const PRIOR_SLOPE_VARIANCE = 0.12;
const PRIOR_SHAPE = 1;
const PRIOR_SQUARES = 0.6;
// Runs less probable than this say nothing about the regime.
const LEAST_PROBABILITY = 0.02;
const SHORT_RUN_CANDLES = 10;
const RETURN_LIMIT = 8;

/**
 * Bayesian online change point detection: how long the present run of returns has lasted, over 64 lengths at most, each with a
 * normal-gamma belief about a drift, a dependence on the return before and a variance. What is believed of the present run names
 * the regime.
 *
 * Source: Adams and MacKay (2007), with a regression on the return before; the least probable length is dropped for a new one.
 */
export class RunLength implements ScoringMethod {
  readonly name = 'run_length';
  readonly factors: Float64Array;
  readonly #runs = new Float32Array(RUNS * FIELDS);
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
      if (this.#at(run, LENGTH) <= SHORT_RUN_CANDLES) probability += this.#at(run, PROBABILITY);
    }
    return min(1, probability);
  }

  update(input: ScoringInput): void {
    const { observation, base } = input;
    const scale = base.returnScale(1);
    const move = max(-RETURN_LIMIT, min(RETURN_LIMIT, observation.logReturn / scale));
    this.#open(observation.elapsedCandles);
    this.#grow(move, observation.elapsedCandles === 1 ? this.#previous : 0);
    this.#previous = move;
    this.#classify(input);
  }

  save(): RunLengthState {
    return { count: this.#count, runs: packFloats(this.#runs), previous: this.#previous };
  }

  restore(state: unknown): void {
    const { count, runs, previous } = state as RunLengthState;
    this.#count = count;
    unpackFloats(runs, this.#runs);
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
    runs[CONSTANT_VARIANCE] = PRIOR_CONSTANT_VARIANCE;
    runs[SLOPE_VARIANCE] = PRIOR_SLOPE_VARIANCE;
    runs[SQUARES] = PRIOR_SQUARES;
  }

  /** Takes the move into every run. */
  #grow(move: number, previous: number): void {
    const runs = this.#runs;
    let density = 0;
    for (let at = 0; at < this.#count * FIELDS; at += FIELDS) {
      const length = runs[at + LENGTH] ?? 0;
      const shape = PRIOR_SHAPE + length / 2;
      const squares = runs[at + SQUARES] ?? 0;
      const constantVariance = runs[at + CONSTANT_VARIANCE] ?? 0;
      const covariance = runs[at + COVARIANCE] ?? 0;
      const slopeVariance = runs[at + SLOPE_VARIANCE] ?? 0;
      const onConstant = constantVariance + covariance * previous;
      const onSlope = covariance + slopeVariance * previous;
      const spread = 1 + onConstant + onSlope * previous;
      const apart = move - (runs[at + CONSTANT] ?? 0) - (runs[at + SLOPE] ?? 0) * previous;
      const surprise = (apart * apart) / spread;
      // ln of the ratio of gamma functions half apart, by its series: exact to a thousandth at a shape of one.
      const constant = 0.5 * log(shape / (2 * Math.PI * squares * spread)) - 0.125 / shape;
      const predicted = exp(constant - (shape + 0.5) * log(1 + surprise / (2 * squares)));
      const joint = (runs[at + PROBABILITY] ?? 0) * predicted;
      runs[at + PROBABILITY] = joint;
      density += joint;
      runs[at + LENGTH] = length + 1;
      runs[at + CONSTANT] = (runs[at + CONSTANT] ?? 0) + (onConstant * apart) / spread;
      runs[at + SLOPE] = (runs[at + SLOPE] ?? 0) + (onSlope * apart) / spread;
      runs[at + CONSTANT_VARIANCE] = constantVariance - (onConstant * onConstant) / spread;
      runs[at + COVARIANCE] = covariance - (onConstant * onSlope) / spread;
      runs[at + SLOPE_VARIANCE] = slopeVariance - (onSlope * onSlope) / spread;
      runs[at + SQUARES] = squares + surprise / 2;
    }
    for (let run = 0; run < this.#count; run += 1) {
      const at = run * FIELDS + PROBABILITY;
      runs[at] = density > 0 ? (runs[at] ?? 0) / density : 1 / this.#count;
    }
  }

  #classify({ base, baseFactors }: ScoringInput): void {
    const factors = this.factors.fill(0);
    const medium = log(base.returnScale(1));
    const cuts = {
      low: (log(base.returnScale(0)) - medium) / 2,
      high: (log(base.returnScale(2)) - medium) / 2,
      slope: (base.arTrending + base.arReverting) / 2,
    };
    let known = 0;
    for (let run = 0; run < this.#count; run += 1) {
      const probability = this.#at(run, PROBABILITY);
      if (probability < LEAST_PROBABILITY) continue;
      known += probability;
      this.#hear(run, base, cuts);
    }
    // A little of the base stands in for the runs left out.
    const rest = max(0.02, 1 - known);
    for (let at = 0; at < factors.length; at += 1) this.#add(at, rest * (baseFactors[at] ?? 0));
    for (const factor of FACTORS) normalizeFactor(factors, factor);
  }

  #hear(run: number, base: ScoringInput['base'], cuts: { low: number; high: number; slope: number }): void {
    const probability = this.#at(run, PROBABILITY);
    const shape = PRIOR_SHAPE + this.#at(run, LENGTH) / 2;
    const variance = this.#at(run, SQUARES) / shape;
    const logScale = 0.5 * log(variance);
    const width = sqrt(1 / (2 * shape));
    const low = normalShareBelow((cuts.low - logScale) / width);
    const high = normalShareBelow((logScale - cuts.high) / width);
    this.#add(VOLATILITY_AT, probability * low);
    this.#add(VOLATILITY_AT + 1, probability * max(0, 1 - low - high));
    this.#add(VOLATILITY_AT + 2, probability * high);

    const slope = max(-0.9, min(0.9, this.#at(run, SLOPE)));
    const scale = sqrt(variance);
    trendClassesInto(this.#trend, {
      mean: this.#at(run, CONSTANT) / (scale * (1 - slope)),
      deviation: sqrt(this.#at(run, CONSTANT_VARIANCE)) / (1 - slope),
      mild: base.driftMild,
      strong: base.driftStrong,
    });
    for (let trend = 0; trend < 5; trend += 1) {
      this.#add(TREND_AT + trend, probability * (this.#trend[TREND_AT + trend] ?? 0));
    }
    const reverting = normalShareBelow((cuts.slope - slope) / (scale * sqrt(this.#at(run, SLOPE_VARIANCE))));
    this.#add(REVERTING_AT, probability * reverting);
    this.#add(STRUCTURE_AT, probability * (1 - reverting));
  }

  #add(at: number, probability: number): void {
    this.factors[at] = (this.factors[at] ?? 0) + probability;
  }

  #at(run: number, field: number): number {
    return this.#runs[run * FIELDS + field] ?? 0;
  }
}
