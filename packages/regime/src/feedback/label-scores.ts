import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { ClassTally, type ClassTallyState } from './class-tally.ts';
import type { KnobScores } from './knob-controller.ts';
import { Reliability, type ReliabilityState } from './reliability.ts';

export interface LabelScoresState {
  readonly tallies: readonly ClassTallyState[];
  readonly reliability: ReliabilityState;
  readonly logLoss: number;
  readonly excessLoss: number;
  readonly weight: number;
}

const PROBABILITY_FLOOR = 1e-6;

/** Returns the id with the largest value; the smallest id of equals. */
export const likeliestOf = (probabilities: ArrayLike<number>): number => {
  let best = 0;
  for (let id = 1; id < REGIME_COUNT; id += 1) if ((probabilities[id] ?? 0) > (probabilities[best] ?? 0)) best = id;
  return best;
};

/**
 * Returns the log loss of probabilities to the power 1 / temperature against a label, less the label's own entropy: what is left
 * is theirs to answer for, however unclear the market was.
 */
export const excessLogLoss = (
  label: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  temperature: number,
): number => {
  let mass = 0;
  let loss = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const logarithm = Math.log(Math.max(probabilities[id] ?? 0, PROBABILITY_FLOOR)) / temperature;
    const wanted = label[id] ?? 0;
    mass += Math.exp(logarithm);
    if (wanted > 0) loss += wanted * (Math.log(wanted) - logarithm);
  }
  return loss + Math.log(mass);
};

const entropyOf = (label: ArrayLike<number>): number => {
  let entropy = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    const wanted = label[id] ?? 0;
    if (wanted > 0) entropy -= wanted * Math.log(wanted);
  }
  return entropy;
};

/** Agreement of what was published with the labels that came later, whole and by factor, and how well its probabilities held. */
export class LabelScores {
  readonly #decay: number;
  readonly regimes: ClassTally;
  readonly volatility: ClassTally;
  readonly structure: ClassTally;
  /** Of candles both call trending. */
  readonly trend: ClassTally;
  readonly reliability: Reliability;
  #logLoss = 0;
  #excessLoss = 0;
  #weight = 0;

  constructor(decay: number) {
    this.#decay = decay;
    this.regimes = new ClassTally(REGIME_COUNT, decay);
    this.volatility = new ClassTally(REGIME_COUNT / SLOT_COUNT, decay);
    this.structure = new ClassTally(2, decay);
    this.trend = new ClassTally(SLOT_COUNT - 1, decay);
    this.reliability = new Reliability(decay);
  }

  /** Mean log loss against the soft label; null before the first. */
  get logLoss(): number | null {
    return this.#weight === 0 ? null : this.#logLoss / this.#weight;
  }

  /** The part of it that the label's own uncertainty does not explain. */
  get excessLoss(): number | null {
    return this.#weight === 0 ? null : this.#excessLoss / this.#weight;
  }

  /** Takes in a label and what had been published for its candle; returns what that cost. */
  add(label: ArrayLike<number>, publishedId: number, probabilities: ArrayLike<number>): KnobScores {
    const wanted = likeliestOf(label);
    const likeliest = likeliestOf(probabilities);
    this.regimes.add(publishedId, wanted);
    this.volatility.add(Math.floor(publishedId / SLOT_COUNT), Math.floor(wanted / SLOT_COUNT));
    const slot = publishedId % SLOT_COUNT;
    const wantedSlot = wanted % SLOT_COUNT;
    this.structure.add(slot === MEAN_REVERTING_SLOT ? 1 : 0, wantedSlot === MEAN_REVERTING_SLOT ? 1 : 0);
    if (slot !== MEAN_REVERTING_SLOT && wantedSlot !== MEAN_REVERTING_SLOT) this.trend.add(slot, wantedSlot);
    this.reliability.add(probabilities[likeliest] ?? 0, label[likeliest] ?? 0);
    const excess = excessLogLoss(label, probabilities, 1);
    this.#weight = this.#decay * this.#weight + 1;
    this.#excessLoss = this.#decay * this.#excessLoss + excess;
    this.#logLoss = this.#decay * this.#logLoss + excess + entropyOf(label);
    return { logLoss: excess, decisionLoss: 1 - (label[publishedId] ?? 0) };
  }

  save(): LabelScoresState {
    return {
      tallies: this.#tallies.map((tally) => tally.save()),
      reliability: this.reliability.save(),
      logLoss: this.#logLoss,
      excessLoss: this.#excessLoss,
      weight: this.#weight,
    };
  }

  restore(state: LabelScoresState): void {
    this.#tallies.forEach((tally, index) => {
      const saved = state.tallies[index];
      if (saved !== undefined) tally.restore(saved);
    });
    this.reliability.restore(state.reliability);
    this.#logLoss = state.logLoss;
    this.#excessLoss = state.excessLoss;
    this.#weight = state.weight;
  }

  get #tallies(): readonly ClassTally[] {
    return [this.regimes, this.volatility, this.structure, this.trend];
  }
}
