import { type Bar, MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime } from '../held-regime.ts';
import { emissionsInto, filterStep, fitModel, type HiddenMarkovModel, startModel } from './hidden-markov-fit.ts';
import { CandleReader, DecayingMean } from './trailing-features.ts';

// Taken once: this is the hot path.
const { floor } = Math;

const WINDOW_CANDLES = 5_000;
const REFIT_CANDLES = 500;
// More rounds fit the window better and the regimes worse: every refit starts anew for the same reason.
const ROUNDS = 3;
const LEVELS = 3;
const START_DRIFTS = [-0.7, -0.3, 0, 0.3, 0.7, 0] as const;
const START_TURNS = [0.3, 0.1, 0.05, 0.1, 0.3, -0.35] as const;

/** One factor's model on the last 5,000 candles, refitted every 500, read by its forward filter. */
class RefittedFactor {
  readonly #features: number;
  readonly #start: (rows: Float64Array) => HiddenMarkovModel;
  #rows: number[] = [];
  #model: HiddenMarkovModel | null = null;
  #belief: Float64Array = new Float64Array(0);
  #emissions = new Float64Array(0);

  constructor(features: number, start: (rows: Float64Array) => HiddenMarkovModel) {
    this.#features = features;
    this.#start = start;
  }

  get model(): HiddenMarkovModel | null {
    return this.#model;
  }

  /** Shape: by state of the model. */
  get belief(): Float64Array {
    return this.#belief;
  }

  update(row: readonly number[], isRefitDue: boolean): void {
    this.#rows.push(...row);
    if (isRefitDue) return this.#refit();
    if (this.#model === null) return;
    emissionsInto(this.#model, Float64Array.from(row), { row: 0, into: this.#emissions, first: 0 });
    filterStep(this.#model, this.#belief, this.#emissions);
  }

  #refit(): void {
    this.#rows = this.#rows.slice(-WINDOW_CANDLES * this.#features);
    const rows = Float64Array.from(this.#rows);
    const { model, belief } = fitModel(this.#start(rows), rows, ROUNDS);
    this.#model = model;
    this.#belief = belief;
    this.#emissions = new Float64Array(model.states);
  }
}

const levelStart = (rows: Float64Array): HiddenMarkovModel => {
  const sorted = rows.toSorted();
  const at = (share: number): number => sorted[floor(share * sorted.length)] ?? 0;
  return startModel(LEVELS, [at(1 / 6), at(1 / 2), at(5 / 6)], [0.15, 0.15, 0.15]);
};
const slotStart = (): HiddenMarkovModel =>
  startModel(
    SLOT_COUNT,
    START_DRIFTS.flatMap((drift, slot) => [drift, START_TURNS[slot] ?? 0]),
    START_DRIFTS.flatMap(() => [0.06, 0.06]),
  );

const orderOf = (states: readonly number[], valueOf: (state: number) => number): number[] =>
  states.toSorted((left, right) => valueOf(left) - valueOf(right));

/** Returns the states by what they stand for: the one that turns most last, the others by their return. */
const slotOrder = ({ means, features }: HiddenMarkovModel): number[] => {
  const states = [...Array(SLOT_COUNT).keys()];
  const [reverting = MEAN_REVERTING_SLOT] = orderOf(states, (state) => means[state * features + 1] ?? 0);
  const trending = states.filter((state) => state !== reverting);
  return [...orderOf(trending, (state) => means[state * features] ?? 0), reverting];
};

/**
 * Gaussian hidden Markov models refitted every 500 candles by Baum-Welch on the last 5,000 and read by their forward filter: three states
 * of a short mean of the log range, six of short means of the return and of its product with the last one. Sees no truth; states are
 * named by their ordered means. This is the best of what was tried: one model of 18 states on raw candles, which a library would be
 * asked for first, named 11 to 18 % of the candles right; two factors on raw candles 18 to 32 %.
 */
export class HiddenMarkov implements CausalClassifier {
  readonly #reader = new CandleReader();
  readonly #meanLogRange = new DecayingMean(2);
  readonly #meanMove = new DecayingMean(8);
  readonly #meanProduct = new DecayingMean(10);
  readonly #level = new RefittedFactor(1, levelStart);
  readonly #slot = new RefittedFactor(2, slotStart);
  readonly #held = new HeldRegime();
  readonly #probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #levelOrder: readonly number[] = [];
  #slotOrder: readonly number[] = [];
  #seen = 0;

  update(bar: Bar): CausalClassification {
    const { logRange, move, product } = this.#reader.read(bar);
    this.#seen += 1;
    const isRefitDue = this.#seen % REFIT_CANDLES === 0;
    this.#level.update([this.#meanLogRange.add(logRange)], isRefitDue);
    this.#slot.update([this.#meanMove.add(move), this.#meanProduct.add(product)], isRefitDue);
    if (isRefitDue) this.#nameStates();
    if (this.#slotOrder.length > 0) this.#combine();
    return { probabilities: this.#probabilities, publishedId: this.#held.publish(this.#probabilities) };
  }

  #nameStates(): void {
    const level = this.#level.model;
    const slot = this.#slot.model;
    if (level === null || slot === null) return;
    this.#levelOrder = orderOf([...Array(LEVELS).keys()], (state) => level.means[state] ?? 0);
    this.#slotOrder = slotOrder(slot);
  }

  #combine(): void {
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const level = this.#level.belief[this.#levelOrder[floor(id / SLOT_COUNT)] ?? 0] ?? 0;
      const slot = this.#slot.belief[this.#slotOrder[id % SLOT_COUNT] ?? 0] ?? 0;
      this.#probabilities[id] = level * slot;
    }
  }
}
