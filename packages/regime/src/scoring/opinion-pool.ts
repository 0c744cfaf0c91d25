import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { evenFactors, FACTOR_CLASS_COUNT, type Factor, FACTORS, normalizeFactor, STRUCTURE_AT } from './factors.ts';
import { LABEL_LAG_CANDLES } from './scoring-method.ts';
import type { ScoringParameters } from './scoring-parameters.ts';

export interface OpinionPoolState {
  readonly weights: readonly number[];
  readonly losses: readonly number[];
  readonly logTemperatures: readonly number[];
  readonly ripening: string;
  readonly candles: number;
  readonly doubt: number;
}

/** What an update needs beside the opinions. */
export interface PoolInput {
  /** Mixed in last and not judged. */
  readonly guest: GuestOpinion;
  readonly temperature: number;
  /** How far the base contradicts itself about the volatility levels, 0 to 1. */
  readonly levelDoubt: number;
}

/** An opinion that gets the weight it comes with and is not judged. */
export interface GuestOpinion {
  /** Shape: 10 by factor. */
  readonly factors: Float64Array;
  readonly weightRatio: number;
}

const { exp, log, max, min } = Math;
// No opinion counts as surer than this: a single method that is wrong must not veto the others.
const LEAST_PROBABILITY = 1e-5;
const RIPENING = LABEL_LAG_CANDLES + 1;
/** Nobody beside the methods: weights and temperatures are judged without. */
const NO_GUEST: GuestOpinion = { factors: evenFactors(), weightRatio: 0 };
/** What came after may make a class so many times likelier, not more: the base's model is not the truth. */
const MOST_EVIDENCE = 1e4;
const FULL_TRUST_CANDLES = 1_000;
/** Where the base is in such doubt about its levels, methods that measure volatility by them count by half. */
const HALVING_DOUBT = 0.05;
const DOUBT_GAIN = 1 / 50;
const LOSS_GAIN = 1 / 500;
// Only softening is learned: the evidence of later candles comes from the base's own model, which cannot prove itself too modest.
const MOST_LOG_TEMPERATURE = log(3);
/** Overstatement that is not corrected: only ever softening, a temperature would otherwise rise on noise alone. */
const TEMPERATURE_MARGIN = 0.03;
// A single surprising label moves a weight or a temperature by no more than this many steps.
const GRADIENT_LIMIT = 4;

/**
 * One opinion out of several, factor by factor: a weighted geometric mean, softened by a temperature. Weights follow the
 * gradient of the pool's own log loss on labels that ripened, so a method earns weight by what it adds to the others, and an opinion
 * that only repeats the base earns none. A small share of every weight returns to the base with each candle.
 *
 * Source: logarithmic opinion pools, Genest and Zidek (1986); exponentiated gradient, Kivinen and Warmuth (1997); fixed share,
 * Herbster and Warmuth (1998); temperature scaling, Guo et al. (2017).
 */
export class OpinionPool {
  /** Shape: 10 by factor. The array is the pool's own: read it before its next update. */
  readonly factors = new Float64Array(FACTOR_CLASS_COUNT);
  readonly #count: number;
  readonly #restingWeights: readonly number[];
  readonly #weights: Float64Array;
  readonly #losses: Float64Array;
  readonly #logTemperatures = new Float64Array(FACTORS.length);
  readonly #logs: Float64Array;
  readonly #ripening: Float32Array;
  readonly #pooled = new Float64Array(FACTOR_CLASS_COUNT);
  readonly #judged = new Float64Array(FACTOR_CLASS_COUNT);
  readonly #gradient: Float64Array;
  #candles = 0;
  #doubt = 1;

  /**
   * Shape: one weight per method, summing to 1, the base first; `startWeights` has them for each factor. Weights return to
   * `restingWeights` where nothing else is learned.
   */
  constructor(startWeights: readonly (readonly number[])[], restingWeights: readonly number[]) {
    this.#count = restingWeights.length;
    this.#restingWeights = restingWeights;
    this.#weights = Float64Array.from(startWeights.flat());
    this.#losses = new Float64Array(FACTORS.length * this.#count);
    this.#logs = new Float64Array(this.#count * FACTOR_CLASS_COUNT);
    this.#ripening = new Float32Array(RIPENING * this.#count * FACTOR_CLASS_COUNT);
    this.#gradient = new Float64Array(this.#count);
  }

  /** Returns the weight of a method in a factor. */
  weightOf(factor: number, method: number): number {
    return this.#weights[factor * this.#count + method] ?? 0;
  }

  /** Returns the mean log loss of a method in a factor over some 500 labels. */
  lossOf(factor: number, method: number): number {
    return this.#losses[factor * this.#count + method] ?? 0;
  }

  temperatureOf(factor: number): number {
    return exp(this.#logTemperatures[factor] ?? 0);
  }

  /** Softens factors, each summing to 1, by what the pool has learned that the base overstates. */
  soften(factors: Float64Array): void {
    FACTORS.forEach((factor, index) => {
      const sharpness = exp(-(this.#logTemperatures[index] ?? 0));
      if (sharpness === 1) return;
      for (let at = factor.first; at < factor.first + factor.size; at += 1)
        factors[at] = (factors[at] ?? 0) ** sharpness;
      normalizeFactor(factors, factor);
    });
  }

  /** Whether a label has been ripe yet. */
  get isTaught(): boolean {
    return this.#candles > LABEL_LAG_CANDLES;
  }

  /** Pools the opinions, each 10 by factor, and keeps them until their label is ripe. */
  update(opinions: readonly Float64Array[], { guest, temperature, levelDoubt }: PoolInput): void {
    this.#doubt += DOUBT_GAIN * (levelDoubt - this.#doubt);
    const at = (this.#candles % RIPENING) * this.#logs.length;
    for (let method = 0; method < this.#count; method += 1) {
      const opinion = opinions[method];
      for (let position = 0; position < FACTOR_CLASS_COUNT; position += 1) {
        const value = log(max(opinion?.[position] ?? 0, LEAST_PROBABILITY));
        const index = method * FACTOR_CLASS_COUNT + position;
        this.#logs[index] = value;
        this.#ripening[at + index] = value;
      }
    }
    this.#candles += 1;
    for (let factor = 0; factor < FACTORS.length; factor += 1) {
      this.#poolInto(this.factors, { factor, logs: this.#logs, at: 0, temperature, guest });
    }
  }

  /** Takes the base's smoothed labels of `LABEL_LAG_CANDLES` ago in. Call it after `update` of the same candle. Shape: 10 by factor. */
  learn(labels: Float64Array, parameters: ScoringParameters): void {
    if (this.#candles <= LABEL_LAG_CANDLES) return;
    const at = (this.#candles % RIPENING) * this.#logs.length;
    for (let factor = 0; factor < FACTORS.length; factor += 1) {
      this.#learnFactor(
        { factor, logs: this.#ripening, at, temperature: parameters.temperature, guest: NO_GUEST },
        labels,
        parameters,
      );
    }
  }

  save(): OpinionPoolState {
    return {
      weights: [...this.#weights],
      losses: [...this.#losses],
      logTemperatures: [...this.#logTemperatures],
      ripening: packFloats(this.#ripening),
      candles: this.#candles,
      doubt: this.#doubt,
    };
  }

  restore({ weights, losses, logTemperatures, ripening, candles, doubt }: OpinionPoolState): void {
    this.#weights.set(weights);
    this.#losses.set(losses);
    this.#logTemperatures.set(logTemperatures);
    unpackFloats(ripening, this.#ripening);
    this.#candles = candles;
    this.#doubt = doubt;
  }

  /**
   * How far the methods are heard beside the base. All stand on the base's levels, which the first candles may get wrong; those that
   * measure volatility by them have nothing to say while the base cannot tell which of its readings is true.
   */
  #trustIn(factor: number): number {
    const trust = min(1, this.#candles / FULL_TRUST_CANDLES);
    return FACTORS[factor]?.name === 'volatility' ? trust / (1 + (this.#doubt / HALVING_DOUBT) ** 2) : trust;
  }

  #poolInto(into: Float64Array, { factor, logs, at, temperature, guest }: Opinions): void {
    const { first, size } = FACTORS[factor] as Factor;
    const sharpness = exp(-(this.#logTemperatures[factor] ?? 0)) / temperature;
    const trust = this.#trustIn(factor);
    let best = Number.NEGATIVE_INFINITY;
    for (let position = first; position < first + size; position += 1) {
      let sum = 0;
      for (let method = 0; method < this.#count; method += 1) {
        sum += (this.#weights[factor * this.#count + method] ?? 0) * (logs[at + method * 10 + position] ?? 0);
      }
      const base = logs[at + position] ?? 0;
      let own = base + trust * (sum - base);
      if (guest.weightRatio > 0) {
        own += guest.weightRatio * (log(max(guest.factors[position] ?? 0, LEAST_PROBABILITY)) - own);
      }
      into[position] = sharpness * own;
      best = max(best, into[position] ?? 0);
    }
    let total = 0;
    for (let position = first; position < first + size; position += 1) {
      into[position] = exp((into[position] ?? 0) - best);
      total += into[position] ?? 0;
    }
    for (let position = first; position < first + size; position += 1) into[position] = (into[position] ?? 0) / total;
  }

  #learnFactor(opinions: Opinions, smoothed: Float64Array, parameters: ScoringParameters): void {
    const { factor, logs, at } = opinions;
    const { first, size, name } = FACTORS[factor] as Factor;
    // Trends are those of a trending market: a label that says reverting teaches nothing about them.
    const share = name === 'trend' ? (smoothed[STRUCTURE_AT] ?? 0) : 1;
    const pooled = this.#pooled;
    this.#poolInto(pooled, opinions);
    this.#judgeInto(this.#judged, opinions, smoothed);
    const labels = this.#judged;
    let slope = 0;
    for (let method = 0; method < this.#count; method += 1) {
      let difference = 0;
      let loss = 0;
      for (let position = first; position < first + size; position += 1) {
        const value = logs[at + method * FACTOR_CLASS_COUNT + position] ?? 0;
        difference += ((labels[position] ?? 0) - (pooled[position] ?? 0)) * value;
        loss -= (labels[position] ?? 0) * value;
      }
      this.#gradient[method] = difference;
      const index = factor * this.#count + method;
      slope += (this.#weights[index] ?? 0) * difference;
      const known = this.#losses[index] ?? 0;
      this.#losses[index] = known + LOSS_GAIN * share * (loss - known);
    }
    const sharpness = exp(-(this.#logTemperatures[factor] ?? 0));
    this.#moveWeights(factor, share * sharpness, slope, parameters);
    const steps = max(-GRADIENT_LIMIT, min(GRADIENT_LIMIT, share * sharpness * slope));
    const logTemperature =
      (this.#logTemperatures[factor] ?? 0) - parameters.temperatureStep * (steps + TEMPERATURE_MARGIN);
    this.#logTemperatures[factor] = max(0, min(MOST_LOG_TEMPERATURE, logTemperature)) + 0;
  }

  /**
   * Writes the label of a factor: what the pool said, corrected by what came after. The base's smoothed label over what it said at the
   * time is the evidence of the candles since; the base's own opinion of then is left out, or the pool would learn to repeat it.
   */
  #judgeInto(into: Float64Array, { factor, logs, at }: Opinions, smoothed: Float64Array): void {
    const { first, size } = FACTORS[factor] as Factor;
    for (let position = first; position < first + size; position += 1) {
      const evidence = (smoothed[position] ?? 0) / exp(logs[at + position] ?? 0);
      into[position] = (this.#pooled[position] ?? 0) * min(MOST_EVIDENCE, evidence);
    }
    normalizeFactor(into, FACTORS[factor] as Factor);
  }

  #moveWeights(factor: number, share: number, slope: number, parameters: ScoringParameters): void {
    const { weightStep, weightShareRatio, weightFloorRatio } = parameters;
    let total = 0;
    for (let method = 0; method < this.#count; method += 1) {
      const index = factor * this.#count + method;
      // Against the mean gradient: what is common to all is the temperature's.
      const steps = max(-GRADIENT_LIMIT, min(GRADIENT_LIMIT, share * ((this.#gradient[method] ?? 0) - slope)));
      this.#weights[index] = max(weightFloorRatio, (this.#weights[index] ?? 0) * exp(weightStep * steps));
      total += this.#weights[index] ?? 0;
    }
    for (let method = 0; method < this.#count; method += 1) {
      const index = factor * this.#count + method;
      const kept = (1 - weightShareRatio) * ((this.#weights[index] ?? 0) / total);
      this.#weights[index] = kept + weightShareRatio * (this.#restingWeights[method] ?? 0);
    }
  }
}

interface Opinions {
  readonly factor: number;
  readonly logs: Float32Array | Float64Array;
  readonly at: number;
  readonly temperature: number;
  /** Softened with the others: it has learned from the base how sure to be, which the temperature corrects. */
  readonly guest: GuestOpinion;
}
