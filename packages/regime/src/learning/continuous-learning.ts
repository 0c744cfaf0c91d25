import { invariant } from '@qt/kernel';
import type { ComponentView } from '../engine/classification.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import type { BaseView } from '../scoring/scoring-method.ts';
import { AdvantageWindow, type AdvantageWindowState } from './advantage-window.ts';
import {
  crossEntropy,
  FACTOR_COUNT,
  LEVEL_COUNT,
  type Orientation,
  orientSlots,
  PROBABILITY_FLOOR,
  writeJoint,
  writeMarginals,
} from './factors.ts';
import { FeatureMaker } from './feature-row.ts';
import { FixedShare } from './fixed-share.ts';
import { BASE_AT, type ModelState, type OnlineModel, ROW_LENGTH } from './online-model.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import { SoftmaxCorrector } from './softmax-corrector.ts';

export interface ContinuousLearningOptions {
  /** Candles between a candle and the teacher's word on it. Default 20. */
  readonly teacherLagCandles?: number;
}

export interface LearningInput {
  readonly observation: Observation;
  readonly base: BaseView;
  /** Shape: 18 smoothed probabilities of the candle `teacherLagCandles` before this one; null while there is none. */
  readonly teacher: Float64Array | null;
}

export interface ContinuousLearningState {
  readonly version: 1;
  readonly candles: number;
  readonly updates: number;
  readonly features: string;
  readonly ring: string;
  readonly models: readonly ModelState[];
  readonly levelShare: string;
  readonly slotShare: string;
  readonly advantage: AdvantageWindowState;
  readonly losses: readonly number[];
  readonly probabilities: string;
}

const DEFAULT_LAG_CANDLES = 20;
const SHARE_RATIO = 0.002;
const MAX_WEIGHT_RATIO = 0.3;
/** Losses shown to operators: means over about this many candles. */
const LOSS_DECAY = 1 - 1 / 500;

/**
 * Five models that learn from the smoothed labels of candles past, test first and train after, combined into one vote.
 * A vote gets weight only while it was better than the base detector over the last 1000 scored candles.
 */
export class ContinuousLearning {
  readonly #lag: number;
  readonly #models: readonly OnlineModel[] = [new SoftmaxCorrector()];
  readonly #features = new FeatureMaker();
  readonly #levelShare: FixedShare;
  readonly #slotShare: FixedShare;
  readonly #advantage = new AdvantageWindow();
  readonly #losses: Float64Array;
  readonly #probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #teacher = new Float64Array(FACTOR_COUNT);
  readonly #marginals = new Float64Array(FACTOR_COUNT);
  readonly #baseMarginals = new Float64Array(FACTOR_COUNT);
  // One slot per candle that still waits for its teacher; all are windows on one buffer.
  readonly #ring: Float32Array;
  readonly #rows: readonly Float32Array[];
  readonly #said: readonly Float32Array[];
  readonly #votes: readonly Float32Array[];
  readonly #bases: readonly Float32Array[];
  readonly #orientations: Float32Array;
  #candles = 0;
  #updates = 0;
  #capRatio = MAX_WEIGHT_RATIO;
  #shareRatio = SHARE_RATIO;

  constructor({ teacherLagCandles = DEFAULT_LAG_CANDLES }: ContinuousLearningOptions = {}) {
    invariant(teacherLagCandles >= 1 && teacherLagCandles <= 40, 'teacherLagCandles is 1 to 40');
    this.#lag = teacherLagCandles;
    const modelCount = this.#models.length;
    this.#levelShare = new FixedShare(modelCount);
    this.#slotShare = new FixedShare(modelCount);
    // The base's own loss stands last.
    this.#losses = new Float64Array(modelCount + 2);
    const saidLength = modelCount * FACTOR_COUNT;
    const slotLength = ROW_LENGTH + saidLength + 2 * REGIME_COUNT;
    const ring = new Float32Array(teacherLagCandles * (slotLength + 1));
    const windows = (at: number, length: number): Float32Array[] =>
      Array.from({ length: teacherLagCandles }, (_, slot) =>
        ring.subarray(slot * slotLength + at, slot * slotLength + at + length),
      );
    this.#ring = ring;
    this.#rows = windows(0, ROW_LENGTH);
    this.#said = windows(ROW_LENGTH, saidLength);
    this.#votes = windows(ROW_LENGTH + saidLength, REGIME_COUNT);
    this.#bases = windows(ROW_LENGTH + saidLength + REGIME_COUNT, REGIME_COUNT);
    this.#orientations = ring.subarray(teacherLagCandles * slotLength);
  }

  /** Shape: 18 by regime id, summing to 1. The array is its own: read it before the next update. */
  get probabilities(): Float64Array {
    return this.#probabilities;
  }

  /** The share of the pool this vote may have: 0 unless it beat the base detector over the last 1000 scored candles. */
  get weightRatio(): number {
    return (this.#advantage.mean ?? 0) > 0 ? this.#capRatio : 0;
  }

  /** Examples learned from. */
  get updates(): number {
    return this.#updates;
  }

  /** 0 to 1. */
  get driftScore(): number {
    return 0;
  }

  /** Sets the most weight the vote may have, at most .3, and the share by which model weights forget. */
  tune({ capRatio, shareRatio }: { capRatio?: number; shareRatio?: number }): void {
    if (capRatio !== undefined) this.#capRatio = Math.min(MAX_WEIGHT_RATIO, Math.max(0, capRatio));
    if (shareRatio !== undefined) this.#shareRatio = Math.min(0.1, Math.max(0, shareRatio));
  }

  update({ observation, base, teacher }: LearningInput): void {
    const slot = this.#candles % this.#lag;
    // The slot holds the candle `lag` before this one, whose teacher has just come.
    if (teacher !== null && this.#candles >= this.#lag) this.#learn(slot, teacher);
    this.#vote(slot, observation, base);
    this.#candles += 1;
  }

  save(): ContinuousLearningState {
    return {
      version: 1,
      candles: this.#candles,
      updates: this.#updates,
      features: this.#features.save(),
      ring: packFloats(this.#ring),
      models: this.#models.map((model) => model.save()),
      levelShare: this.#levelShare.save(),
      slotShare: this.#slotShare.save(),
      advantage: this.#advantage.save(),
      losses: [...this.#losses],
      probabilities: packFloats(this.#probabilities),
    };
  }

  restore(state: ContinuousLearningState): void {
    this.#candles = state.candles;
    this.#updates = state.updates;
    this.#features.restore(state.features);
    unpackFloats(state.ring, this.#ring);
    this.#models.forEach((model, index) => {
      const saved = state.models[index];
      if (saved !== undefined) model.restore(saved);
    });
    this.#levelShare.restore(state.levelShare);
    this.#slotShare.restore(state.slotShare);
    this.#advantage.restore(state.advantage);
    this.#losses.set(state.losses);
    unpackFloats(state.probabilities, this.#probabilities);
  }

  view(): ComponentView {
    const metrics: Record<string, number | string | null> = {
      updates: this.#updates,
      driftScore: this.driftScore,
      weightRatio: this.weightRatio,
      advantage: this.#advantage.mean,
    };
    this.#models.forEach(({ name }, index) => {
      metrics[`loss_${name}`] = this.#losses[index] ?? 0;
      metrics[`levelWeight_${name}`] = this.#levelShare.weights[index] ?? 0;
      metrics[`slotWeight_${name}`] = this.#slotShare.weights[index] ?? 0;
    });
    metrics.loss_vote = this.#losses[this.#models.length] ?? 0;
    metrics.loss_base = this.#losses[this.#models.length + 1] ?? 0;
    return { state: this.#advantage.mean === null ? 'warming' : 'running', metrics, debug: {} };
  }

  #learn(slot: number, teacher: Float64Array): void {
    const row = this.#rows[slot];
    const said = this.#said[slot];
    const vote = this.#votes[slot];
    const base = this.#bases[slot];
    if (row === undefined || said === undefined || vote === undefined || base === undefined) return;
    const wanted = this.#teacher;
    writeMarginals(teacher, this.#orientationOf(slot), { into: wanted, at: 0 });
    // Scored first, by what was said when the candle was new: a model must not be judged by what it learned from its neighbors.
    for (let index = 0; index < this.#models.length; index += 1) {
      const at = index * FACTOR_COUNT;
      const level = crossEntropy(wanted, said, { at, count: LEVEL_COUNT });
      const slots = crossEntropy(wanted, said, { teacherAt: LEVEL_COUNT, at: at + LEVEL_COUNT, count: SLOT_COUNT });
      this.#levelShare.losses[index] = level;
      this.#slotShare.losses[index] = slots;
      this.#followLoss(index, level + slots);
    }
    this.#levelShare.update(this.#shareRatio);
    this.#slotShare.update(this.#shareRatio);
    const voteLoss = crossEntropy(teacher, vote);
    const baseLoss = crossEntropy(teacher, base);
    this.#followLoss(this.#models.length, voteLoss);
    this.#followLoss(this.#models.length + 1, baseLoss);
    this.#advantage.add(baseLoss - voteLoss);
    for (const model of this.#models) model.learn(row, wanted);
    this.#updates += 1;
  }

  #vote(slot: number, observation: Observation, view: BaseView): void {
    const row = this.#rows[slot];
    const said = this.#said[slot];
    if (row === undefined || said === undefined) return;
    this.#features.write(observation, view, row);
    const orientation = this.#features.orientation;
    this.#orientations[slot] = orientation;
    writeMarginals(view.posterior, orientation, { into: row, at: BASE_AT });
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
      row[BASE_AT + factor] = Math.log(Math.max(row[BASE_AT + factor] ?? 0, PROBABILITY_FLOOR));
    this.#models.forEach((model, index) => {
      model.predict(row, said, index * FACTOR_COUNT);
    });
    this.#combine(said, orientation);
    writeMarginals(view.posterior, 1, { into: this.#baseMarginals, at: 0 });
    writeJoint(
      { base: view.posterior, baseMarginals: this.#baseMarginals, marginals: this.#marginals },
      this.#probabilities,
    );
    this.#votes[slot]?.set(this.#probabilities);
    this.#bases[slot]?.set(view.posterior);
  }

  #combine(said: Float32Array, orientation: Orientation): void {
    const marginals = this.#marginals.fill(0);
    for (let index = 0; index < this.#models.length; index += 1) {
      const levelWeight = this.#levelShare.weights[index] ?? 0;
      const slotWeight = this.#slotShare.weights[index] ?? 0;
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
        const weight = factor < LEVEL_COUNT ? levelWeight : slotWeight;
        marginals[factor] = (marginals[factor] ?? 0) + weight * (said[index * FACTOR_COUNT + factor] ?? 0);
      }
    }
    orientSlots(marginals, LEVEL_COUNT, orientation);
  }

  #orientationOf(slot: number): Orientation {
    const saved = this.#orientations[slot] ?? 0;
    return saved > 0 ? 1 : saved < 0 ? -1 : 0;
  }

  #followLoss(index: number, loss: number): void {
    this.#losses[index] = LOSS_DECAY * (this.#losses[index] ?? 0) + (1 - LOSS_DECAY) * loss;
  }
}
