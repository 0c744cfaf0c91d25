import { type Bar, MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { HeldRegime, likeliestOf } from '../held-regime.ts';
import { emissionsInto, filterStep, fitModel, type HiddenMarkovModel, startModel } from './hidden-markov-fit.ts';
import { DecayingMean, logRangeOf, moveOf } from './trailing-features.ts';

// Taken once: this is the hot path.
const { SQRT2, exp, floor } = Math;

/** More than any window asked for: while a market has shown two of its levels only, nobody can name them. */
const WINDOW_CANDLES = 20_000;
const REFIT_CANDLES = 500;
// More rounds fit the window better and the regimes worse: every refit starts anew for the same reason.
const LEVEL_ROUNDS = 3;
const SLOT_ROUNDS = 1;
const LEVELS = 3;
const START_DRIFTS = [-0.7, -0.3, 0, 0.3, 0.7, 0] as const;
const START_AUTOREGRESSIONS = [0.2, 0.2, 0.2, 0.2, 0.2, -0.4] as const;
/** Mean of ln(range / sigma) of a Brownian path. Source: Alizadeh, Brandt and Diebold (2002). */
const MEAN_LOG_RANGE = 0.43;

/** A fitted model, and what it believes candle by candle. */
class ModelReading {
  readonly model: HiddenMarkovModel;
  /** Shape: by state of the model. */
  readonly belief: Float64Array;
  readonly #row: Float64Array;
  readonly #emissions: { readonly row: 0; readonly into: Float64Array; readonly first: 0 };
  readonly #step: { readonly prior: Float64Array; readonly emissions: Float64Array; readonly first: 0 };

  constructor(model: HiddenMarkovModel, belief: Float64Array = new Float64Array(model.states).fill(1 / model.states)) {
    this.model = model;
    this.belief = belief;
    const emissions = new Float64Array(model.states);
    this.#row = new Float64Array(2);
    this.#emissions = { row: 0, into: emissions, first: 0 };
    this.#step = { prior: new Float64Array(model.states), emissions, first: 0 };
  }

  /** `second`: of models with two features. */
  step(first: number, second = 0): void {
    this.#row[0] = first;
    this.#row[1] = second;
    emissionsInto(this.model, this.#row, this.#emissions);
    filterStep(this.model, this.belief, this.#step);
  }
}

const levelStart = (rows: Float64Array): HiddenMarkovModel => {
  const sorted = rows.toSorted();
  const at = (share: number): number => sorted[floor(share * sorted.length)] ?? 0;
  return startModel(LEVELS, [at(1 / 6), at(1 / 2), at(5 / 6)], [0.1, 0.1, 0.1]);
};
/** Of the sum and the difference of two neighboring returns, in sigmas: their variances say the autoregression. */
const slotStart = (): HiddenMarkovModel =>
  startModel(
    SLOT_COUNT,
    START_DRIFTS.flatMap((drift) => [SQRT2 * drift, 0]),
    START_AUTOREGRESSIONS.flatMap((autoregression) => [1 + autoregression, 1 - autoregression]),
  );
const slotRow = (size: number, previousSize: number): readonly [sum: number, difference: number] => [
  (size + previousSize) / SQRT2,
  (size - previousSize) / SQRT2,
];

const orderOf = (states: readonly number[], valueOf: (state: number) => number): number[] =>
  states.toSorted((left, right) => valueOf(left) - valueOf(right));

/** Returns the states by what they stand for: the one with the lowest autoregression last, the others by their return. */
const slotOrder = ({ means, variances }: HiddenMarkovModel): number[] => {
  const states = [...Array(SLOT_COUNT).keys()];
  const sumOverDifference = (state: number): number => (variances[2 * state] ?? 1) / (variances[2 * state + 1] ?? 1);
  const [reverting = MEAN_REVERTING_SLOT] = orderOf(states, sumOverDifference);
  const trending = states.filter((state) => state !== reverting);
  return [...orderOf(trending, (state) => means[2 * state] ?? 0), reverting];
};

/**
 * Gaussian hidden Markov models refitted every 500 candles by Baum-Welch on all candles so far, 20,000 at most, and read by their forward
 * filter: three states of a short mean of the log range, six of the last two returns in sigmas of the likeliest level. Sees no truth;
 * states are named by their ordered parameters. This is the best of what was tried on a few tuning seeds: it names 66 % of the candles of
 * easy and 55 % of medium markets (D=300, Gaussian) right, 28 % of hard ones (D=600). Of easy ones, a single model of 18 states on raw
 * candles named 44 to 65 %; ten rounds for the slots fifteen points fewer than one. The log range of one candle alone, unaveraged, names up to
 * three more on easy and medium markets and five fewer on hard ones.
 */
export class HiddenMarkov implements CausalClassifier {
  readonly #meanLogRange = new DecayingMean(3);
  readonly #held = new HeldRegime();
  readonly #probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  #logRanges: number[] = [];
  #moves: number[] = [];
  #level: ModelReading | null = null;
  #slot: ModelReading | null = null;
  #levelOrder: readonly number[] = [];
  #slotOrder: readonly number[] = [];
  #previousSize = 0;
  #seen = 0;

  update(bar: Bar): CausalClassification {
    const { logRange, move } = this.#remember(bar);
    if (this.#seen % REFIT_CANDLES === 0) this.#refit();
    else this.#step(logRange, move);
    this.#combine();
    return { probabilities: this.#probabilities, publishedId: this.#held.publish(this.#probabilities) };
  }

  /** Fits once, where the last of the fits would have been: each starts anew, and nobody asks for what the earlier ones would say. */
  calibrate(history: readonly Bar[]): void {
    const lastFit = history.length - (history.length % REFIT_CANDLES);
    history.forEach((bar, index) => {
      const { logRange, move } = this.#remember(bar);
      if (index + 1 === lastFit) this.#refit();
      else this.#step(logRange, move);
    });
  }

  #remember(bar: Bar): { readonly logRange: number; readonly move: number } {
    const logRange = this.#meanLogRange.add(logRangeOf(bar));
    const move = moveOf(bar);
    this.#logRanges.push(logRange);
    this.#moves.push(move);
    this.#seen += 1;
    return { logRange, move };
  }

  #step(logRange: number, move: number): void {
    if (this.#level === null || this.#slot === null) return;
    this.#level.step(logRange);
    this.#slot.step(...this.#slotRowOf(this.#level, move));
  }

  #refit(): void {
    this.#logRanges = this.#logRanges.slice(-WINDOW_CANDLES);
    this.#moves = this.#moves.slice(-WINDOW_CANDLES);
    const logRanges = Float64Array.from(this.#logRanges);
    const level = fitModel(levelStart(logRanges), logRanges, LEVEL_ROUNDS);
    const filtered = new ModelReading(level.model);
    this.#previousSize = 0;
    const rows = new Float64Array(2 * logRanges.length);
    this.#moves.forEach((move, index) => {
      filtered.step(logRanges[index] ?? 0);
      rows.set(this.#slotRowOf(filtered, move), 2 * index);
    });
    const slot = fitModel(slotStart(), rows, SLOT_ROUNDS);
    this.#level = new ModelReading(level.model, level.belief);
    this.#slot = new ModelReading(slot.model, slot.belief);
    this.#levelOrder = orderOf([...Array(LEVELS).keys()], (state) => level.model.means[state] ?? 0);
    this.#slotOrder = slotOrder(slot.model);
  }

  #slotRowOf({ model, belief }: ModelReading, move: number): readonly [sum: number, difference: number] {
    const size = move / exp((model.means[likeliestOf(belief)] ?? 0) - MEAN_LOG_RANGE);
    const row = slotRow(size, this.#previousSize);
    this.#previousSize = size;
    return row;
  }

  #combine(): void {
    if (this.#level === null || this.#slot === null) return;
    for (let id = 0; id < REGIME_COUNT; id += 1) {
      const level = this.#level.belief[this.#levelOrder[floor(id / SLOT_COUNT)] ?? 0] ?? 0;
      const slot = this.#slot.belief[this.#slotOrder[id % SLOT_COUNT] ?? 0] ?? 0;
      this.#probabilities[id] = level * slot;
    }
  }
}
