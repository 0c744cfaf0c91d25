import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import type { SwingLaw } from './variance-swing.ts';
import { digamma, logGamma } from './gamma-functions.ts';

// Positions in the parameter vector.
export const LOG_SCALE = 0; // 0 to 2: ln of the return scale of each volatility level
export const DRIFT_MILD = 3; // drifts in units of the return scale; the down side mirrors the up side
export const DRIFT_STRONG = 4;
export const AR_TRENDING = 5;
export const AR_REVERTING = 6;
export const LOG_RETURN_DEGREES = 7; // ln of the degrees of freedom of the return
export const SHOCK_SHARE = 8; // share of the candle's path variance that follows its own squared shock
export const LOG_PATH_RATIO = 9; // ln of (path variance / squared return scale)
export const LOG_PATH_DEGREES = 10; // ln of the degrees of freedom of the path variance's own scale
export const LOG_PATH_SHAPE = 11; // ln of the gamma shape of the path variance
export const SWING_GAIN = 12; // how far the variance follows what one candle says of it; zero where levels do not swing
export const LOG_SWING_FADE = 13; // ln of the share of a swing that is gone one candle later
export const PARAMETER_COUNT = 14;
/** The law of swings comes last: filters whose levels do not swing learn and keep what stands before it. */
export const STEADY_PARAMETER_COUNT = 12;

const LEVEL_COUNT = REGIME_COUNT / SLOT_COUNT;
const NEGLIGIBLE_WEIGHT = 1e-4;
/** In variances: what one candle can say at most. */
const HIGHEST_SURPRISE = 5;

const { exp, log, min, sqrt } = Math;

/** One candle as the emission reads it. */
export interface CandleReading {
  readonly logReturn: number;
  readonly previousLogReturn: number;
  /** Rogers-Satchell: variance of the way inside the candle, free of its drift. Zero when the candle did not move. */
  readonly pathVariance: number;
  readonly elapsedCandles: number;
}

interface ScoreInput {
  readonly reading: CandleReading;
  /** As `VarianceSwing` predicted them for the candle. Shape: 9, swings and how each would move with gain and with fade. */
  readonly swings: Float64Array;
  /** Shape: 18 by regime id. */
  readonly weights: Float64Array;
  /** Shape: 14 by parameter, like `informations`; both are added to. */
  readonly scores: Float64Array;
  readonly informations: Float64Array;
}

/**
 * How likely a candle is under each regime: a Student-t return given the last one, and a path variance that is a gamma around the level's
 * own, whose scale is itself random and follows the shock of the candle as far as `SHOCK_SHARE` says. Inside this family are: Gaussian
 * returns on a Brownian bridge, a return and a path that share one random scale, heavy-tailed returns on an independent path, and a
 * path whose scale is the shock's.
 *
 * Source: Rogers and Satchell (1991); for a Brownian bridge twice the estimator over σ² is exactly the sum of two unit exponentials when
 * high and low are independent. With a shared inverse-gamma scale of ν degrees the joint density is the one here with share 1/(ν+1) and
 * ν+1 path degrees (own derivation).
 */
export class CandleEmission {
  readonly parameters = new Float64Array(PARAMETER_COUNT);
  readonly #slotDrift = new Float64Array(SLOT_COUNT);
  readonly #slotAr = new Float64Array(SLOT_COUNT);
  readonly #scale = new Float64Array(LEVEL_COUNT);
  #degrees = 0;
  #share = 0;
  #pathDegrees = 0;
  #shape = 0;
  #pathRatio = 0;
  #returnConstant = 0;
  #pathConstant = 0;
  #scaleInformation = 0;
  readonly #swingLaw = { gain: 0, persistence: 0, logVariances: new Float64Array(LEVEL_COUNT) };
  readonly #surprises = new Float64Array(LEVEL_COUNT);

  /** The law of swings may be left out: then levels do not swing. */
  constructor(parameters: ArrayLike<number>) {
    this.parameters.set(parameters);
    this.refresh();
  }

  /** The object stays the same one when parameters change. */
  get swingLaw(): SwingLaw {
    return this.#swingLaw;
  }

  /** How wide the swings are in the long run: standard deviation of ln scale. */
  get swingWidth(): number {
    const { gain, persistence } = this.#swingLaw;
    return gain / sqrt(this.#scaleInformation * (1 - persistence * persistence));
  }

  /** Must be called after the parameters were changed. */
  refresh(): void {
    const p = this.parameters;
    for (let level = 0; level < LEVEL_COUNT; level += 1) this.#scale[level] = exp(p[LOG_SCALE + level] as number);
    const mild = p[DRIFT_MILD] as number;
    const strong = p[DRIFT_STRONG] as number;
    this.#slotDrift.set([-strong, -mild, 0, mild, strong, 0]);
    this.#slotAr.fill(p[AR_TRENDING] as number);
    this.#slotAr[MEAN_REVERTING_SLOT] = p[AR_REVERTING] as number;
    const degrees = exp(p[LOG_RETURN_DEGREES] as number);
    const pathDegrees = exp(p[LOG_PATH_DEGREES] as number);
    const shape = exp(p[LOG_PATH_SHAPE] as number);
    this.#degrees = degrees;
    this.#pathDegrees = pathDegrees;
    this.#shape = shape;
    this.#share = p[SHOCK_SHARE] as number;
    this.#pathRatio = exp(p[LOG_PATH_RATIO] as number);
    this.#returnConstant = logGamma((degrees + 1) / 2) - logGamma(degrees / 2) - 0.5 * log(Math.PI * degrees);
    this.#pathConstant =
      logGamma(pathDegrees / 2 + shape) -
      logGamma(pathDegrees / 2) -
      logGamma(shape) +
      shape * log((2 * shape) / pathDegrees);
    const half = pathDegrees / 2;
    // Of ln scale in one candle, the shock's share in the path left out.
    this.#scaleInformation = (2 * degrees) / (degrees + 3) + (4 * shape * half) / (half + shape + 1);
    this.#swingLaw.gain = p[SWING_GAIN] as number;
    this.#swingLaw.persistence = 1 - exp(p[LOG_SWING_FADE] as number);
    for (let level = 0; level < LEVEL_COUNT; level += 1) {
      this.#swingLaw.logVariances[level] = 2 * (p[LOG_SCALE + level] as number);
    }
  }

  /** Writes the log density of the return and of the log path variance under each of the 18 regimes. `swings`: as `VarianceSwing` predicts. */
  logDensities(
    { logReturn, previousLogReturn, pathVariance }: CandleReading,
    swings: Float64Array,
    into: Float64Array,
  ): void {
    const hasPath = pathVariance > 0;
    const degrees = this.#degrees;
    const halfDegrees = (degrees + 1) / 2;
    const share = this.#share;
    const shape = this.#shape;
    const pathHalf = this.#pathDegrees / 2 + shape;
    const pathTail = (2 * shape) / this.#pathDegrees;
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      const scale = (this.#scale[level] as number) * exp(0.5 * (swings[level] as number));
      const size = logReturn / scale;
      const lagged = previousLogReturn / scale;
      let common = this.#returnConstant - log(scale);
      let path = 0;
      if (hasPath) {
        path = pathVariance / (scale * scale * this.#pathRatio);
        common += this.#pathConstant + shape * log(path);
      }
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) {
        const drift = this.#slotDrift[slot] as number;
        const shock = size - drift - (this.#slotAr[slot] as number) * (lagged - drift);
        const square = shock * shock;
        let density = common - halfDegrees * log(1 + square / degrees);
        if (hasPath) {
          const spread = 1 - share + share * square;
          density -= shape * log(spread) + pathHalf * log(1 + (pathTail * path) / spread);
        }
        into[id] = density;
      }
    }
  }

  /**
   * Returns how much more than its predicted variance the candle showed under each level: the score in ln variance, averaged over the
   * level's slots by their posterior, over the information of one candle. Heavy tails bound it: a jump is one candle's word, no more.
   *
   * Shape: 3. The array is the emission's own: read it before the next call.
   */
  surprises(
    { logReturn, previousLogReturn, pathVariance }: CandleReading,
    swings: Float64Array,
    posterior: Float64Array,
  ): Float64Array {
    const hasPath = pathVariance > 0;
    const into = this.#surprises.fill(0);
    if (!hasPath && logReturn === 0) return into;
    const degrees = this.#degrees;
    const share = this.#share;
    const shape = this.#shape;
    const pathTail = (2 * shape) / this.#pathDegrees;
    const pathHalf = this.#pathDegrees / 2 + shape;
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      const scale = (this.#scale[level] as number) * exp(0.5 * (swings[level] as number));
      const size = logReturn / scale;
      const lagged = previousLogReturn / scale;
      const path = hasPath ? pathVariance / (scale * scale * this.#pathRatio) : 0;
      let mass = 0;
      let sum = 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) {
        const weight = posterior[id] as number;
        const drift = this.#slotDrift[slot] as number;
        const ar = this.#slotAr[slot] as number;
        const shock = size - drift - ar * (lagged - drift);
        const square = shock * shock;
        let push = ((degrees + 1) * shock) / (degrees + square);
        let excess = 0;
        if (hasPath) {
          const spread = 1 - share + share * square;
          const ratio = (pathTail * path) / spread;
          excess = (pathHalf * ratio) / (1 + ratio) - shape;
          push -= (excess * 2 * share * shock) / spread;
        }
        mass += weight;
        sum += weight * (push * (shock + drift * (1 - ar)) - 1 + 2 * excess);
      }
      if (mass > 0) into[level] = min(HIGHEST_SURPRISE, (2 * sum) / (mass * this.#scaleInformation));
    }
    return into;
  }

  /** Adds one candle's score of every parameter, and the square of it, weighted by how likely each regime was. */
  addScores({ reading, swings, weights, scores, informations }: ScoreInput): void {
    const { logReturn, previousLogReturn, pathVariance } = reading;
    const hasPath = pathVariance > 0;
    // A candle without any move is the price grid's doing: it may lower the odds of high volatility, but teaches no size.
    if (!hasPath && logReturn === 0) return;
    const degrees = this.#degrees;
    const share = this.#share;
    const shape = this.#shape;
    const pathDegrees = this.#pathDegrees;
    const pathTail = (2 * shape) / pathDegrees;
    const { gain, persistence } = this.#swingLaw;
    // How much of a change of the level's own variance is left when the swing has answered it.
    const levelShare = (1 - persistence) / (1 - persistence + gain);
    const add = (index: number, weight: number, score: number): void => {
      scores[index] = (scores[index] as number) + weight * score;
      informations[index] = (informations[index] as number) + weight * score * score;
    };
    const degreesConstant = 0.5 * degrees * (digamma((degrees + 1) / 2) - digamma(degrees / 2) - 1 / degrees);
    const half = pathDegrees / 2;
    const pathDigamma = digamma(half + shape);
    const pathDegreesConstant = half * (pathDigamma - digamma(half)) - shape;
    const shapeConstant = shape * (pathDigamma - digamma(shape) + log(pathTail) + 1);
    for (let level = 0, id = 0; level < LEVEL_COUNT; level += 1) {
      const scale = (this.#scale[level] as number) * exp(0.5 * (swings[level] as number));
      const size = logReturn / scale;
      const lagged = previousLogReturn / scale;
      const path = hasPath ? pathVariance / (scale * scale * this.#pathRatio) : 0;
      for (let slot = 0; slot < SLOT_COUNT; slot += 1, id += 1) {
        const weight = weights[id] as number;
        if (weight < NEGLIGIBLE_WEIGHT) continue;
        const drift = this.#slotDrift[slot] as number;
        const ar = this.#slotAr[slot] as number;
        const shock = size - drift - ar * (lagged - drift);
        const square = shock * shock;
        const tail = 1 + square / degrees;
        const pull = ((degrees + 1) * shock) / (degrees + square);
        add(LOG_RETURN_DEGREES, weight, degreesConstant - 0.5 * degrees * log(tail) + 0.5 * pull * shock);
        let push = pull;
        let excess = 0;
        if (hasPath) {
          const spread = 1 - share + share * square;
          const ratio = path / spread;
          const pathTails = 1 + pathTail * ratio;
          const fit = ((half + shape) * pathTail * ratio) / pathTails;
          excess = fit - shape;
          push -= (excess * 2 * share * shock) / spread;
          add(SHOCK_SHARE, weight, (excess * (square - 1)) / spread);
          add(LOG_PATH_RATIO, weight, excess);
          add(LOG_PATH_DEGREES, weight, pathDegreesConstant - half * log(pathTails) + fit);
          add(LOG_PATH_SHAPE, weight, shapeConstant + shape * log(ratio) - shape * log(pathTails) - fit);
        }
        const along = push * (1 - ar);
        const scaleScore = push * (shock + drift * (1 - ar)) - 1 + 2 * excess;
        add(LOG_SCALE + level, weight, levelShare * scaleScore);
        if (slot === 0) add(DRIFT_STRONG, weight, -along);
        else if (slot === 1) add(DRIFT_MILD, weight, -along);
        else if (slot === 3) add(DRIFT_MILD, weight, along);
        else if (slot === 4) add(DRIFT_STRONG, weight, along);
        add(slot === MEAN_REVERTING_SLOT ? AR_REVERTING : AR_TRENDING, weight, push * (lagged - drift));
        add(SWING_GAIN, weight, 0.5 * scaleScore * (swings[LEVEL_COUNT + level] as number));
        add(LOG_SWING_FADE, weight, 0.5 * scaleScore * (swings[2 * LEVEL_COUNT + level] as number));
      }
    }
  }
}
