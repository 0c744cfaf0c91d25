import { invariant } from '@qt/kernel';
import type { ComponentView } from '../engine/classification.ts';
import type { BlockMeansState } from '../feedback/block-means.ts';
import type { Observation } from '../likelihood-filter.ts';
import { REGIME_COUNT, SLOT_COUNT } from '../regime-fold.ts';
import { evenFactors, marginalsInto, REVERTING_AT, STRUCTURE_AT, TREND_AT } from '../scoring/factors.ts';
import type { BaseView } from '../scoring/scoring-method.ts';
import { AdvantageWindow } from './advantage-window.ts';
import { type DriftKind, DriftMonitor, type DriftMonitorState } from './drift-monitor.ts';
import {
  crossEntropy,
  FACTOR_COUNT,
  LEVEL_COUNT,
  orientSlots,
  PROBABILITY_FLOOR,
  writeJoint,
  writeMarginals,
} from './factors.ts';
import { FixedShare } from './fixed-share.ts';
import { BASE_AT } from './learner-row.ts';
import type { ModelState, OnlineModel } from './online-model.ts';
import { NaiveBayes } from './naive-bayes.ts';
import { packFloats, unpackFloats } from './packed-floats.ts';
import { orientationOf, type PendingCandle, PendingCandles } from './pending-candles.ts';
import { PosteriorMemory } from './posterior-memory.ts';
import { RecentExamples } from './recent-examples.ts';
import { RowMaker } from './row-maker.ts';
import { ShadowRefit, type ShadowRefitState } from './shadow-refit.ts';
import { SmallNetwork } from './small-network.ts';
import { SoftmaxCorrector } from './softmax-corrector.ts';
import { TreeEnsemble } from './tree-ensemble.ts';

export interface ContinuousLearningOptions {
  /** Candles between a candle and the teacher's word on it, 1 to 40. Default 20. */
  readonly teacherLagCandles?: number;
  /** Names of models that neither the vote nor the pool shall hear, to measure what each is worth. Default none. */
  readonly disabled?: readonly string[];
}

export interface LearningInput {
  readonly observation: Observation;
  readonly base: BaseView;
  /** Shape: 18 smoothed probabilities of the candle `teacherLagCandles` before this one; null while there is none. */
  readonly teacher: Float64Array | null;
}

/** How one model stands. Losses are means over about 500 scored candles, in nats, levels and slots together. */
export interface ModelStanding {
  readonly name: string;
  readonly loss: number;
  readonly levelWeight: number;
  readonly slotWeight: number;
}

export interface ContinuousLearningState {
  readonly version: 2;
  readonly candles: number;
  readonly updates: number;
  readonly rows: string;
  readonly pending: string;
  readonly models: readonly ModelState[];
  readonly levelShare: string;
  readonly slotShare: string;
  readonly advantage: BlockMeansState;
  readonly drift: DriftMonitorState;
  readonly examples: { readonly seen: number; readonly bytes: string };
  readonly refit: ShadowRefitState;
  readonly losses: readonly number[];
  readonly probabilities: string;
  readonly capRatio: number;
  readonly shareRatio: number;
}

const DEFAULT_LAG_CANDLES = 20;
const MAX_LAG_CANDLES = 40;
const SHARE_RATIO = 0.002;
const MAX_SHARE_RATIO = 0.1;
const MAX_WEIGHT_RATIO = 0.3;
const LOSS_DECAY = 1 - 1 / 500;

/**
 * Five models that learn from the smoothed labels of past candles, tested first and taught after. Each is heard by itself in the pool
 * (`opinions`); beside that they are combined into one vote, which is shown and decides nothing. Models are scored by what they said
 * when the candle was new: one that copies the label of the candle before gains nothing by it.
 */
export class ContinuousLearning {
  readonly #lagCandles: number;
  readonly #softmax = new SoftmaxCorrector();
  readonly #models: readonly OnlineModel[] = [
    this.#softmax,
    new PosteriorMemory(),
    new NaiveBayes(),
    new TreeEnsemble(),
    new SmallNetwork(),
  ];
  /** 1 for a model that is heard, 0 for one that is switched off. */
  readonly #heard: readonly number[];
  readonly #rows = new RowMaker();
  readonly #pending: PendingCandles;
  readonly #levelShare = new FixedShare(this.#models.length);
  readonly #slotShare = new FixedShare(this.#models.length);
  readonly #advantage = new AdvantageWindow();
  readonly #drift = new DriftMonitor(this.#models.length);
  readonly #examples = new RecentExamples();
  readonly #refit: ShadowRefit;
  readonly #modelLosses = new Float64Array(this.#models.length);
  /** Slow means: one per model, then the vote's and the base's. */
  readonly #slowLosses = new Float64Array(this.#models.length + 2);
  readonly #probabilities = new Float64Array(REGIME_COUNT).fill(1 / REGIME_COUNT);
  readonly #teacher = new Float64Array(FACTOR_COUNT);
  readonly #opinions = this.#models.map(() => evenFactors());
  readonly #turned = new Float64Array(FACTOR_COUNT);
  readonly #marginals = new Float64Array(FACTOR_COUNT);
  readonly #baseMarginals = new Float64Array(FACTOR_COUNT);
  #candles = 0;
  /** Examples learned from. */
  #updates = 0;
  #capRatio = MAX_WEIGHT_RATIO;
  #shareRatio = SHARE_RATIO;

  /** Throws: InvariantError when the lag is not 1 to 40. */
  constructor({ teacherLagCandles = DEFAULT_LAG_CANDLES, disabled = [] }: ContinuousLearningOptions = {}) {
    invariant(
      Number.isInteger(teacherLagCandles) && teacherLagCandles >= 1 && teacherLagCandles <= MAX_LAG_CANDLES,
      `teacherLagCandles is 1 to ${MAX_LAG_CANDLES}, was ${teacherLagCandles}`,
    );
    this.#lagCandles = teacherLagCandles;
    this.#heard = this.#models.map(({ name }) => (disabled.includes(name) ? 0 : 1));
    this.#pending = new PendingCandles({ lagCandles: teacherLagCandles, modelCount: this.#models.length });
    this.#refit = new ShadowRefit(teacherLagCandles);
  }

  /** The vote, for show. Shape: 18 by regime id, summing to 1. The array is its own: read it before the next update. */
  get probabilities(): Float64Array {
    return this.#probabilities;
  }

  /** What every model says. Shape: one per model, 10 by factor; that of the base for one that is switched off. Read before the next update. */
  get opinions(): readonly Float64Array[] {
    return this.#opinions;
  }

  /** The sum that the models' weights may reach in each factor of the pool. How much of it each gets, the pool learns. */
  get weightRatio(): number {
    return this.#heard.includes(1) ? this.#capRatio : 0;
  }

  /** Whether the vote has clearly beaten the base detector over the last 1000 scored candles. */
  get isAhead(): boolean {
    return this.#advantage.isClear;
  }

  /** Mean log loss of the base less that of the vote over the last 1000 scored candles; null before. */
  get advantage(): number | null {
    return this.#advantage.mean;
  }

  /** 0 to 1. */
  get driftScore(): number {
    return this.#drift.score;
  }

  get driftKind(): DriftKind {
    return this.#drift.kind;
  }

  get names(): readonly string[] {
    return this.#models.map(({ name }) => name);
  }

  get standings(): readonly ModelStanding[] {
    return this.#models.map(({ name }, index) => ({
      name,
      loss: this.#slowLosses[index] ?? 0,
      levelWeight: this.#levelShare.weights[index] ?? 0,
      slotWeight: this.#slotShare.weights[index] ?? 0,
    }));
  }

  /** Sets the sum that the models' weights in the pool may reach (at most .3), and the share by which weights in the vote forget. */
  tune({ capRatio = this.#capRatio, shareRatio = this.#shareRatio }: { capRatio?: number; shareRatio?: number }): void {
    this.#capRatio = Math.min(MAX_WEIGHT_RATIO, Math.max(0, capRatio));
    this.#shareRatio = Math.min(MAX_SHARE_RATIO, Math.max(0, shareRatio));
  }

  update({ observation, base, teacher }: LearningInput): void {
    // The slot of this candle still holds the one whose teacher has just come.
    const slot = this.#pending.slotOf(this.#candles);
    if (teacher !== null && this.#candles >= this.#lagCandles) this.#learn(slot, teacher);
    this.#vote(slot, observation, base);
    this.#candles += 1;
  }

  /** Batch mode: fits a candidate to recent examples and lets it run in the shadow. Takes milliseconds: not for every candle. */
  refit(): 'started' | 'already_running' | 'too_few_examples' {
    return this.#refit.start(this.#examples, this.#updates);
  }

  save(): ContinuousLearningState {
    return {
      version: 2,
      candles: this.#candles,
      updates: this.#updates,
      rows: this.#rows.save(),
      pending: this.#pending.save(),
      models: this.#models.map((model) => model.save()),
      levelShare: this.#levelShare.save(),
      slotShare: this.#slotShare.save(),
      advantage: this.#advantage.save(),
      drift: this.#drift.save(),
      examples: this.#examples.save(),
      refit: this.#refit.save(),
      losses: [...this.#slowLosses],
      probabilities: packFloats(this.#probabilities),
      capRatio: this.#capRatio,
      shareRatio: this.#shareRatio,
    };
  }

  /** Continues exactly where `save` was called. Throws: InvariantError when the state is of another lag. */
  restore(state: ContinuousLearningState): void {
    this.#pending.restore(state.pending);
    this.#candles = state.candles;
    this.#updates = state.updates;
    this.#rows.restore(state.rows);
    this.#models.forEach((model, index) => {
      const saved = state.models[index];
      if (saved !== undefined) model.restore(saved);
    });
    this.#levelShare.restore(state.levelShare);
    this.#slotShare.restore(state.slotShare);
    this.#advantage.restore(state.advantage);
    this.#drift.restore(state.drift);
    this.#examples.restore(state.examples);
    this.#refit.restore(state.refit);
    this.#slowLosses.set(state.losses);
    unpackFloats(state.probabilities, this.#probabilities);
    this.#capRatio = state.capRatio;
    this.#shareRatio = state.shareRatio;
    this.#setStepFactor();
  }

  view(): ComponentView {
    const voteAt = this.#models.length;
    return {
      state: this.#advantage.mean === null ? 'warming' : 'running',
      metrics: {
        updates: this.#updates,
        driftScore: this.driftScore,
        driftKind: this.driftKind,
        suddenDrifts: this.#drift.suddenAlarms,
        gradualDrifts: this.#drift.gradualAlarms,
        weightRatio: this.weightRatio,
        advantage: this.advantage,
        isAhead: this.isAhead ? 1 : 0,
        voteLoss: this.#slowLosses[voteAt] ?? 0,
        baseLoss: this.#slowLosses[voteAt + 1] ?? 0,
        refits: this.#refit.records.length,
      },
      debug: {
        models: this.standings,
        refits: this.#refit.records,
        isRefitRunning: this.#refit.isRunning,
        probabilities: [...this.#probabilities],
        capRatio: this.#capRatio,
        shareRatio: this.#shareRatio,
      },
    };
  }

  #learn(pending: PendingCandle, teacher: Float64Array): void {
    const wanted = this.#teacher;
    writeMarginals(teacher, orientationOf(pending), { into: wanted, at: 0 });
    this.#score(pending);
    for (const model of this.#models) model.learn(pending.row, wanted);
    this.#examples.add(pending.row, wanted);
    const promoted = this.#refit.learn(pending.row, wanted, this.#modelLosses[0] ?? 0);
    if (promoted !== null) this.#softmax.restore(promoted.save());
    this.#updates += 1;
  }

  #score({ row, said, vote }: PendingCandle): void {
    const wanted = this.#teacher;
    for (let model = 0; model < this.#models.length; model += 1) {
      const at = model * FACTOR_COUNT;
      const level = crossEntropy(wanted, said, { at, count: LEVEL_COUNT });
      const slot = crossEntropy(wanted, said, { teacherAt: LEVEL_COUNT, at: at + LEVEL_COUNT, count: SLOT_COUNT });
      this.#levelShare.losses[model] = level;
      this.#slotShare.losses[model] = slot;
      this.#modelLosses[model] = level + slot;
      this.#followLoss(model, level + slot);
    }
    const shareRatio = this.#drift.shareRatio(this.#shareRatio);
    this.#levelShare.update(shareRatio);
    this.#slotShare.update(shareRatio);
    const voteLoss = crossEntropy(wanted, vote, { count: FACTOR_COUNT });
    let baseLoss = 0;
    for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
      baseLoss -= (wanted[factor] ?? 0) * (row[BASE_AT + factor] ?? 0);
    this.#drift.watchModels(this.#modelLosses, baseLoss);
    this.#followLoss(this.#models.length, voteLoss);
    this.#followLoss(this.#models.length + 1, baseLoss);
    this.#advantage.add(baseLoss - voteLoss);
  }

  #vote(pending: PendingCandle, observation: Observation, base: BaseView): void {
    this.#rows.write(observation, base, pending.row);
    this.#drift.watchPrediction(this.#rows.standardizedLoss);
    this.#setStepFactor();
    pending.turned[0] = this.#rows.orientation;
    for (let model = 0; model < this.#models.length; model += 1)
      this.#models[model]?.predict(pending.row, pending.said, model * FACTOR_COUNT);
    this.#writeOpinions(pending, base);
    this.#refit.predict(pending.row);
    writeMarginals(base.posterior, 1, { into: this.#baseMarginals, at: 0 });
    if (this.#heard.includes(1)) this.#combine(pending);
    else this.#marginals.set(this.#baseMarginals);
    const { posterior } = base;
    writeJoint(
      { base: posterior, baseMarginals: this.#baseMarginals, marginals: this.#marginals },
      this.#probabilities,
    );
    writeMarginals(this.#probabilities, this.#rows.orientation, { into: pending.vote, at: 0 });
  }

  #writeOpinions({ said }: PendingCandle, base: BaseView): void {
    const turned = this.#turned;
    this.#opinions.forEach((opinion, model) => {
      if (this.#heard[model] === 0) {
        marginalsInto(opinion, base.posterior);
        return;
      }
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1)
        turned[factor] = said[model * FACTOR_COUNT + factor] ?? 0;
      orientSlots(turned, LEVEL_COUNT, this.#rows.orientation);
      for (let level = 0; level < LEVEL_COUNT; level += 1) opinion[level] = turned[level] ?? 0;
      const reverting = turned[FACTOR_COUNT - 1] ?? 0;
      opinion[STRUCTURE_AT] = 1 - reverting;
      opinion[REVERTING_AT] = reverting;
      const trending = Math.max(1 - reverting, PROBABILITY_FLOOR);
      for (let trend = 0; trend < SLOT_COUNT - 1; trend += 1)
        opinion[TREND_AT + trend] = (turned[LEVEL_COUNT + trend] ?? 0) / trending;
    });
  }

  #combine({ said }: PendingCandle): void {
    const marginals = this.#marginals.fill(0);
    const heardLevels = this.#heardShare(this.#levelShare.weights);
    const heardSlots = this.#heardShare(this.#slotShare.weights);
    for (let model = 0; model < this.#models.length; model += 1) {
      if (this.#heard[model] === 0) continue;
      const levelWeight = (this.#levelShare.weights[model] ?? 0) / heardLevels;
      const slotWeight = (this.#slotShare.weights[model] ?? 0) / heardSlots;
      for (let factor = 0; factor < FACTOR_COUNT; factor += 1) {
        const weight = factor < LEVEL_COUNT ? levelWeight : slotWeight;
        marginals[factor] = (marginals[factor] ?? 0) + weight * (said[model * FACTOR_COUNT + factor] ?? 0);
      }
    }
    orientSlots(marginals, LEVEL_COUNT, this.#rows.orientation);
  }

  /** Share of the weights that is heard; 1 when all are, whatever their sum has rounded to. */
  #heardShare(weights: Float64Array): number {
    let muted = 0;
    for (let model = 0; model < weights.length; model += 1)
      muted += (1 - (this.#heard[model] ?? 1)) * (weights[model] ?? 0);
    return 1 - muted;
  }

  #setStepFactor(): void {
    for (const model of this.#models) model.stepFactor = this.#drift.stepFactor;
  }

  #followLoss(index: number, loss: number): void {
    this.#slowLosses[index] = LOSS_DECAY * (this.#slowLosses[index] ?? 0) + (1 - LOSS_DECAY) * loss;
  }
}
