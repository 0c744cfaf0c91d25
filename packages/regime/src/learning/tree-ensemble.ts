import { Adwin, type AdwinState } from './adwin.ts';
import { BaseScale } from './base-scale.ts';
import { FACTOR_COUNT } from './factors.ts';
import { FEATURE_COUNT } from './learner-row.ts';
import { type ModelState, type OnlineModel } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';

const TREE_COUNT = 10;
const DEPTH = 3;
const LEAF_COUNT = 2 ** DEPTH;
const TREE_SIZE = LEAF_COUNT * FACTOR_COUNT;
const RATE = 0.003;
const LEAF_DECAY = 0.999;
/** One block's mean benefit, in units of what it usually is, is one value of a tree's window. */
const BLOCK_EXAMPLES = 16;
const SPREAD_DECAY = 0.98;
const MIN_SPREAD = 1e-4;
const BENEFIT_LIMIT = 4;
/** Examples between the first growth of two trees, so that they do not all see the same candle. */
const GROWTH_SPACING = 40;

/**
 * Ten shallow trees, each asking three questions of every row, that add up to one correction of the base's log marginals.
 * A question's threshold is the value some candle had; a tree whose benefit falls is grown anew with other questions.
 *
 * Source: oblivious trees under online gradient boosting; renewal by ADWIN as in adaptive random forests, Gomes et al. (2017).
 */
export class TreeEnsemble implements OnlineModel {
  readonly name = 'tree_ensemble';
  stepFactor = 1;
  readonly #leaves = new Float32Array(TREE_COUNT * TREE_SIZE);
  /** Per tree and depth: the feature asked for, and the threshold. */
  readonly #features = new Float32Array(TREE_COUNT * DEPTH);
  readonly #thresholds = new Float32Array(TREE_COUNT * DEPTH);
  readonly #benefits = new Float32Array(TREE_COUNT);
  readonly #spreads = new Float32Array(TREE_COUNT);
  readonly #windows: readonly Adwin[];
  readonly #scale = new BaseScale();
  readonly #work = new Float32Array(FACTOR_COUNT);
  #examples = 0;
  #growths = 0;

  constructor() {
    this.#windows = Array.from(
      { length: TREE_COUNT },
      () => new Adwin({ bucketsPerSize: 3, sizeCount: 5, checkEvery: 4 }),
    );
  }

  /** Trees grown so far; ten are the first planting. */
  get growths(): number {
    return this.#growths;
  }

  predict(row: Float32Array, into: Float32Array, at: number): void {
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1) into[at + factor] = 0;
    const planted = Math.min(TREE_COUNT, this.#growths);
    const leaves = this.#leaves;
    for (let tree = 0; tree < planted; tree += 1) {
      const leaf = this.#leafOf(tree, row);
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
        into[at + factor] = (into[at + factor] ?? 0) + (leaves[leaf + factor] ?? 0);
    }
    this.#scale.apply(row, into, at);
  }

  learn(row: Float32Array, teacher: Float64Array): void {
    this.predict(row, this.#work, 0);
    this.#scale.learn({ row, probabilities: this.#work, teacher, stepFactor: this.stepFactor });
    this.#examples += 1;
    if (this.#growths < TREE_COUNT && this.#examples % GROWTH_SPACING === 0) this.#grow(this.#growths, row);
    const planted = Math.min(TREE_COUNT, this.#growths);
    const step = RATE * this.stepFactor;
    const leaves = this.#leaves;
    const work = this.#work;
    for (let tree = 0; tree < planted; tree += 1) {
      const leaf = this.#leafOf(tree, row);
      let benefit = 0;
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
        const error = (teacher[factor] ?? 0) - (work[factor] ?? 0);
        const value = leaves[leaf + factor] ?? 0;
        benefit += value * error;
        leaves[leaf + factor] = LEAF_DECAY * value + step * error;
      }
      this.#benefits[tree] = (this.#benefits[tree] ?? 0) + benefit / BLOCK_EXAMPLES;
    }
    if (this.#examples % BLOCK_EXAMPLES === 0) this.#judge(row, planted);
  }

  save(): ModelState {
    return {
      leaves: packFloats(this.#leaves),
      features: packFloats(this.#features),
      thresholds: packFloats(this.#thresholds),
      benefits: packFloats(this.#benefits),
      spreads: packFloats(this.#spreads),
      scales: packFloats(this.#scale.scales),
      counters: JSON.stringify([this.#examples, this.#growths]),
      windows: JSON.stringify(this.#windows.map((window) => window.save())),
    };
  }

  restore(state: ModelState): void {
    unpackFloats(state.leaves ?? '', this.#leaves);
    unpackFloats(state.features ?? '', this.#features);
    unpackFloats(state.thresholds ?? '', this.#thresholds);
    unpackFloats(state.benefits ?? '', this.#benefits);
    unpackFloats(state.spreads ?? '', this.#spreads);
    unpackFloats(state.scales ?? '', this.#scale.scales);
    const [examples = 0, growths = 0] = JSON.parse(state.counters ?? '[]') as number[];
    this.#examples = examples;
    this.#growths = growths;
    const windows = JSON.parse(state.windows ?? '[]') as AdwinState[];
    this.#windows.forEach((window, tree) => {
      const saved = windows[tree];
      if (saved !== undefined) window.restore(saved);
    });
  }

  #leafOf(tree: number, row: Float32Array): number {
    let leaf = 0;
    for (let question = tree * DEPTH; question < (tree + 1) * DEPTH; question += 1) {
      const isAbove = (row[this.#features[question] ?? 0] ?? 0) > (this.#thresholds[question] ?? 0);
      leaf = 2 * leaf + (isAbove ? 1 : 0);
    }
    return tree * TREE_SIZE + leaf * FACTOR_COUNT;
  }

  /** Questions walk through the features in a fixed order that never gives one tree the same feature twice. */
  #grow(tree: number, row: Float32Array): void {
    for (let depth = 0; depth < DEPTH; depth += 1) {
      const feature =
        (7 * (this.#growths * DEPTH + depth) + 3 * Math.floor(this.#growths / TREE_COUNT)) % FEATURE_COUNT;
      this.#features[tree * DEPTH + depth] = feature;
      this.#thresholds[tree * DEPTH + depth] = row[feature] ?? 0;
    }
    this.#leaves.fill(0, tree * TREE_SIZE, (tree + 1) * TREE_SIZE);
    this.#windows[tree]?.clear();
    this.#spreads[tree] = 0;
    this.#growths += 1;
  }

  #judge(row: Float32Array, planted: number): void {
    for (let tree = 0; tree < planted; tree += 1) {
      const benefit = this.#benefits[tree] ?? 0;
      const spread = Math.max(MIN_SPREAD, this.#spreads[tree] ?? 0);
      const value = Math.min(BENEFIT_LIMIT, Math.max(-BENEFIT_LIMIT, benefit / spread));
      const moved = this.#windows[tree]?.add(value) ?? null;
      this.#spreads[tree] = SPREAD_DECAY * (this.#spreads[tree] ?? 0) + (1 - SPREAD_DECAY) * Math.abs(benefit);
      this.#benefits[tree] = 0;
      if (moved !== null && moved < 0) this.#grow(tree, row);
    }
  }
}
