import { CorrectionStack, type CorrectionStackState } from './correction-stack.ts';
import { packFloats, unpackFloats } from '../learning/packed-floats.ts';
import { FACTOR_CLASS_COUNT, type Factor, FACTORS, normalizeFactor, STRUCTURE_AT } from './factors.ts';
import { LABEL_LAG_CANDLES } from './scoring-method.ts';
import type { ScoringParameters } from './scoring-parameters.ts';

export interface OpinionPoolState {
  readonly stacks: readonly CorrectionStackState[];
  readonly losses: readonly number[];
  readonly logTemperatures: readonly number[];
  readonly ripening: string;
  readonly candles: number;
  readonly doubt: number;
}

/** Where the weights of a pool start and where they return to. Shape: one per opinion beside the base, which has what they leave. */
export interface PoolWeights {
  /** By factor. */
  readonly start: readonly (readonly number[])[];
  readonly resting: readonly number[];
  /** How many times longer than those of methods an opinion's first steps are. */
  readonly stepRatios: readonly number[];
  /** The last so many opinions are guests: together they get no more than what `PoolInput` allows. */
  readonly guestCount: number;
}

/** What an update needs beside the opinions. */
export interface PoolInput {
  /** The sum that the weights of guests may reach, in each factor. */
  readonly mostGuestWeight: number;
  readonly temperature: number;
  /** How far the base contradicts itself about the volatility levels, 0 to 1. */
  readonly levelDoubt: number;
}

const { exp, log, max, min } = Math;
// No opinion counts as surer than this: a single method that is wrong must not veto the others.
const LEAST_PROBABILITY = 1e-5;
const RIPENING = LABEL_LAG_CANDLES + 1;
/** Logarithms that wait for their label are kept as whole numbers of such parts: down to that of the least probability in 16 bits. */
const LOG_STEPS = 4_096;
const NO_WEIGHTS = new Float64Array();
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
// A single surprising label moves a temperature by no more than this many steps.
const GRADIENT_LIMIT = 4;
/** Opinions that differ move a pool much: the first step of a method is so many times what its parameter says. */
const FIRST_STEP_RATIO = 0.14;

/**
 * One opinion out of several, factor by factor: what the base says, plus how far every other opinion is from it, in logarithms and by
 * weight, softened by a temperature. Weights follow the pool's own log loss on labels that ripened, so an opinion earns weight by what
 * it adds to the others, and one that only repeats the base adds nothing. Opinions that correct different faults count in full, side
 * by side; those of guests only up to a sum. A small share of every weight returns to where it rests with each candle.
 *
 * Source: logarithmic opinion pools, Genest and Zidek (1986); fixed share, Herbster and Warmuth (1998); temperature scaling, Guo et
 * al. (2017); weights as in `CorrectionStack`.
 */
export class OpinionPool {
  /** Shape: 10 by factor. The array is the pool's own: read it before its next update. */
  readonly factors = new Float64Array(FACTOR_CLASS_COUNT);
  /** Opinions, with the base. */
  readonly #count: number;
  /** Where the guests begin among the corrections. */
  readonly #guestsAt: number;
  /** By factor: the weights of the methods beside the base, as corrections of it. */
  readonly #stacks: readonly CorrectionStack[];
  readonly #losses: Float64Array;
  readonly #logTemperatures = new Float64Array(FACTORS.length);
  readonly #logs: Float64Array;
  readonly #ripening: Uint16Array;
  readonly #ripe: Float64Array;
  readonly #pooled = new Float64Array(FACTOR_CLASS_COUNT);
  readonly #judged = new Float64Array(FACTOR_CLASS_COUNT);
  #candles = 0;
  #doubt = 1;

  constructor({ start, resting, stepRatios, guestCount }: PoolWeights) {
    this.#count = 1 + resting.length;
    this.#guestsAt = resting.length - guestCount;
    this.#stacks = FACTORS.map(
      ({ size }, factor) =>
        new CorrectionStack({
          startWeights: start[factor] ?? resting,
          restingWeights: resting,
          stepRatios,
          classCount: size,
        }),
    );
    this.#losses = new Float64Array(FACTORS.length * this.#count);
    this.#logs = new Float64Array(this.#count * FACTOR_CLASS_COUNT);
    this.#ripening = new Uint16Array(RIPENING * this.#logs.length);
    this.#ripe = new Float64Array(this.#logs.length);
  }

  /** Returns the weight of an opinion in a factor; the base has what the others leave, which may be below zero. */
  weightOf(factor: number, method: number): number {
    const weights = this.#stacks[factor]?.weights ?? NO_WEIGHTS;
    return method === 0 ? weights.reduce((rest, weight) => rest - weight, 1) : (weights[method - 1] ?? 0);
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
  update(opinions: readonly Float64Array[], { mostGuestWeight, temperature, levelDoubt }: PoolInput): void {
    for (const stack of this.#stacks) stack.limit(this.#guestsAt, mostGuestWeight);
    this.#doubt += DOUBT_GAIN * (levelDoubt - this.#doubt);
    const at = (this.#candles % RIPENING) * this.#logs.length;
    for (let method = 0; method < this.#count; method += 1) {
      const opinion = opinions[method];
      for (let position = 0; position < FACTOR_CLASS_COUNT; position += 1) {
        const value = log(max(opinion?.[position] ?? 0, LEAST_PROBABILITY));
        const index = method * FACTOR_CLASS_COUNT + position;
        this.#logs[index] = value;
        this.#ripening[at + index] = Math.round(-LOG_STEPS * value);
      }
    }
    this.#candles += 1;
    for (let factor = 0; factor < FACTORS.length; factor += 1) {
      this.#poolInto(this.factors, { factor, logs: this.#logs, temperature });
    }
  }

  /** Takes the base's smoothed labels of `LABEL_LAG_CANDLES` ago in. Call it after `update` of the same candle. Shape: 10 by factor. */
  learn(labels: Float64Array, parameters: ScoringParameters): void {
    if (this.#candles <= LABEL_LAG_CANDLES) return;
    const ripe = this.#ripe;
    const from = (this.#candles % RIPENING) * ripe.length;
    for (let index = 0; index < ripe.length; index += 1) ripe[index] = -(this.#ripening[from + index] ?? 0) / LOG_STEPS;
    for (let factor = 0; factor < FACTORS.length; factor += 1) {
      this.#learnFactor({ factor, logs: ripe, temperature: parameters.temperature }, labels, parameters);
    }
  }

  save(): OpinionPoolState {
    return {
      stacks: this.#stacks.map((stack) => stack.save()),
      losses: [...this.#losses],
      logTemperatures: [...this.#logTemperatures],
      ripening: packFloats(this.#ripening),
      candles: this.#candles,
      doubt: this.#doubt,
    };
  }

  restore({ stacks, losses, logTemperatures, ripening, candles, doubt }: OpinionPoolState): void {
    this.#stacks.forEach((stack, factor) => {
      const saved = stacks[factor];
      if (saved !== undefined) stack.restore(saved);
    });
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

  #poolInto(into: Float64Array, { factor, logs, temperature }: Opinions): void {
    const { first, size } = FACTORS[factor] as Factor;
    const sharpness = exp(-(this.#logTemperatures[factor] ?? 0)) / temperature;
    const trust = this.#trustIn(factor);
    const stack = this.#stacks[factor] as CorrectionStack;
    this.#writeCorrections(stack, { ...(FACTORS[factor] as Factor), logs });
    let best = Number.NEGATIVE_INFINITY;
    for (let position = first; position < first + size; position += 1) {
      const own = (logs[position] ?? 0) + trust * stack.correctionOf(position - first);
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
    const { factor, logs } = opinions;
    const { first, size, name } = FACTORS[factor] as Factor;
    // Trends are those of a trending market: a label that says reverting teaches nothing about them.
    const share = name === 'trend' ? (smoothed[STRUCTURE_AT] ?? 0) : 1;
    const pooled = this.#pooled;
    this.#poolInto(pooled, opinions);
    this.#judgeInto(this.#judged, opinions, smoothed);
    const labels = this.#judged;
    const sharpness = exp(-(this.#logTemperatures[factor] ?? 0)) / opinions.temperature;
    // How much more the pool would have been surprised, had it said the same more firmly.
    let slope = 0;
    for (let position = first; position < first + size; position += 1)
      slope += ((labels[position] ?? 0) - (pooled[position] ?? 0)) * log(max(pooled[position] ?? 0, 1e-300));
    for (let method = 0; method < this.#count; method += 1) {
      let loss = 0;
      for (let position = first; position < first + size; position += 1)
        loss -= (labels[position] ?? 0) * (logs[method * FACTOR_CLASS_COUNT + position] ?? 0);
      const index = factor * this.#count + method;
      const known = this.#losses[index] ?? 0;
      this.#losses[index] = known + LOSS_GAIN * share * (loss - known);
    }
    this.#stacks[factor]?.learn({
      answer: pooled,
      answerAt: first,
      wanted: labels,
      wantedAt: first,
      gain: sharpness * this.#trustIn(factor),
      share,
      step: FIRST_STEP_RATIO * parameters.weightStep,
      restRatio: parameters.weightShareRatio,
      leastWeight: parameters.weightFloorRatio,
    });
    const steps = max(-GRADIENT_LIMIT, min(GRADIENT_LIMIT, share * slope));
    const logTemperature =
      (this.#logTemperatures[factor] ?? 0) - parameters.temperatureStep * (steps + TEMPERATURE_MARGIN);
    this.#logTemperatures[factor] = max(0, min(MOST_LOG_TEMPERATURE, logTemperature)) + 0;
  }

  /**
   * Writes the label of a factor: what the pool said, corrected by what came after. The base's smoothed label over what it said at the
   * time is the evidence of the candles since; the base's own opinion of then is left out, or the pool would learn to repeat it.
   */
  #judgeInto(into: Float64Array, { factor, logs }: Opinions, smoothed: Float64Array): void {
    const { first, size } = FACTORS[factor] as Factor;
    for (let position = first; position < first + size; position += 1) {
      const evidence = (smoothed[position] ?? 0) / exp(logs[position] ?? 0);
      into[position] = (this.#pooled[position] ?? 0) * min(MOST_EVIDENCE, evidence);
    }
    normalizeFactor(into, FACTORS[factor] as Factor);
  }

  /** How far each method is from the base, in logarithms. */
  #writeCorrections({ corrections }: CorrectionStack, { first, size, logs }: Factor & Pick<Opinions, 'logs'>): void {
    for (let method = 1; method < this.#count; method += 1) {
      for (let index = 0; index < size; index += 1) {
        const base = logs[first + index] ?? 0;
        corrections[(method - 1) * size + index] = (logs[method * FACTOR_CLASS_COUNT + first + index] ?? 0) - base;
      }
    }
  }
}

interface Opinions {
  readonly factor: number;
  readonly logs: Float64Array;
  readonly temperature: number;
}
