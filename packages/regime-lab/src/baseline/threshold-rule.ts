import { type Bar, MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { likeliestOf } from '../held-regime.ts';
import type { SyntheticMarket } from '../market/synthetic-market.ts';
import { ClassReadout } from './class-readout.ts';
import { DecayingMean, logRangeOf, moveOf } from './trailing-features.ts';

const LEVEL_HALF_LIVES = [1.5, 2.5, 4, 7] as const;
const TREND_HALF_LIVES = [6, 10, 16, 26, 40, 60, 90] as const;
const STRUCTURE_HALF_LIVES = [6, 10, 16, 26, 40, 60] as const;
const MAJORITY_CANDLES = 10;

/** Three averages and the cuts between the regimes' means of them. */
interface RuleSettings {
  readonly levelHalfLife: number;
  readonly trendHalfLife: number;
  readonly structureHalfLife: number;
  readonly levelCuts: readonly number[];
  readonly trendCuts: readonly number[];
  readonly structureCut: number;
  /** True ones. */
  readonly sigmas: readonly number[];
}

type Series = Float64Array;

const countBelow = (cuts: readonly number[], value: number): number =>
  cuts.reduce((count, cut) => (value > cut ? count + 1 : count), 0);

const averaged = (values: Series, halfLife: number): Series => {
  const mean = new DecayingMean(halfLife);
  return values.map((value) => mean.add(value));
};

/** Returns the midpoints between neighbouring groups' means. */
const midpoints = (values: Series, groupOf: (index: number) => number, groups: number): number[] => {
  const sums = new Float64Array(groups);
  const counts = new Float64Array(groups);
  for (let index = 0; index < values.length; index += 1) {
    const group = groupOf(index);
    if (group < 0) continue;
    sums[group] = (sums[group] ?? 0) + (values[index] ?? 0);
    counts[group] = (counts[group] ?? 0) + 1;
  }
  const means = Array.from(sums, (sum, group) => sum / Math.max(1, counts[group] ?? 1));
  return means.slice(1).map((mean, group) => (mean + (means[group] ?? 0)) / 2);
};

const hits = (candles: number, isRight: (index: number) => boolean): number => {
  let count = 0;
  for (let index = 0; index < candles; index += 1) if (isRight(index)) count += 1;
  return count;
};

const isBetter = <T extends { readonly right: number }>(best: T, next: T): T => (next.right > best.right ? next : best);

/** The cuts of the volatility level, and the level they give. */
const trainLevel = (
  market: SyntheticMarket,
): Pick<RuleSettings, 'levelHalfLife' | 'levelCuts'> & { readonly said: Uint8Array } => {
  const { candles, regimeIds } = market;
  const logRanges = Float64Array.from({ length: candles }, (_, index) => logRangeOf(market.barAt(index)));
  const levelOf = (index: number): number => Math.floor((regimeIds[index] ?? 0) / SLOT_COUNT);
  return LEVEL_HALF_LIVES.map((levelHalfLife) => {
    const values = averaged(logRanges, levelHalfLife);
    const levelCuts = midpoints(values, levelOf, 3);
    const said = Uint8Array.from(values, (value) => countBelow(levelCuts, value));
    const right = hits(candles, (index) => said[index] === levelOf(index));
    return { levelHalfLife, levelCuts, said, right };
  }).reduce(isBetter);
};

/** Finds the half-lives and midpoints that name most candles of a market right, whose truth is known. */
const trainedSettings = (market: SyntheticMarket): RuleSettings => {
  const { candles, regimeIds } = market;
  const level = trainLevel(market);
  const moves = Float64Array.from(
    { length: candles },
    (_, index) => moveOf(market.barAt(index)) / (market.settings.sigmas[level.said[index] ?? 0] ?? 1),
  );
  const products = moves.map((move, index) => move * (moves[index - 1] ?? 0));
  const slotOf = (index: number): number => (regimeIds[index] ?? 0) % SLOT_COUNT;
  const trends = TREND_HALF_LIVES.map((trendHalfLife) => {
    const values = averaged(moves, trendHalfLife);
    const trendOf = (index: number): number => (slotOf(index) === MEAN_REVERTING_SLOT ? -1 : slotOf(index));
    return { trendHalfLife, values, trendCuts: midpoints(values, trendOf, 5) };
  });
  const structures = STRUCTURE_HALF_LIVES.map((structureHalfLife) => {
    const values = averaged(products, structureHalfLife);
    const groupOf = (index: number): number => (slotOf(index) === MEAN_REVERTING_SLOT ? 0 : 1);
    return { structureHalfLife, values, structureCut: midpoints(values, groupOf, 2)[0] ?? 0 };
  });
  const slot = trends
    .flatMap(({ trendHalfLife, values, trendCuts }) =>
      structures.map(({ structureHalfLife, values: turns, structureCut }) => {
        const said = (index: number): number =>
          (turns[index] ?? 0) < structureCut ? MEAN_REVERTING_SLOT : countBelow(trendCuts, values[index] ?? 0);
        const right = hits(candles, (index) => said(index) === slotOf(index));
        return { trendHalfLife, trendCuts, structureHalfLife, structureCut, right };
      }),
    )
    .reduce(isBetter);
  return { ...level, ...slot, sigmas: market.settings.sigmas };
};

/** Three trailing averages against fixed cuts. */
class Rule {
  readonly #settings: RuleSettings;
  readonly #level: DecayingMean;
  readonly #trend: DecayingMean;
  readonly #structure: DecayingMean;
  #previousMove = 0;

  constructor(settings: RuleSettings) {
    this.#settings = settings;
    this.#level = new DecayingMean(settings.levelHalfLife);
    this.#trend = new DecayingMean(settings.trendHalfLife);
    this.#structure = new DecayingMean(settings.structureHalfLife);
  }

  label(bar: Bar): number {
    const { levelCuts, trendCuts, structureCut, sigmas } = this.#settings;
    const level = countBelow(levelCuts, this.#level.add(logRangeOf(bar)));
    const move = moveOf(bar) / (sigmas[level] ?? 1);
    const trend = countBelow(trendCuts, this.#trend.add(move));
    const isReverting = this.#structure.add(move * this.#previousMove) < structureCut;
    this.#previousMove = move;
    return SLOT_COUNT * level + (isReverting ? MEAN_REVERTING_SLOT : trend);
  }
}

/** A rule, and what most of its last ten labels say. */
class VotingRule {
  readonly #rule: Rule;
  readonly #lastLabels: number[] = [];
  readonly #votes = new Float64Array(REGIME_COUNT);

  constructor(settings: RuleSettings) {
    this.#rule = new Rule(settings);
  }

  label(bar: Bar): number {
    const label = this.#rule.label(bar);
    this.#lastLabels.push(label);
    this.#votes[label] = (this.#votes[label] ?? 0) + 1;
    if (this.#lastLabels.length > MAJORITY_CANDLES) {
      const gone = this.#lastLabels.shift() ?? 0;
      this.#votes[gone] = (this.#votes[gone] ?? 0) - 1;
    }
    return likeliestOf(this.#votes);
  }
}

/**
 * The threshold rule with everything in its favor: windows, cuts and probabilities are the best for a market of the same kind whose
 * truth and volatilities it was given. It says what most of its last ten labels say, which is better than the last one.
 */
export class ThresholdRule implements CausalClassifier {
  readonly #rule: VotingRule;
  readonly #readout: ClassReadout;

  /** `teacher`: another market of the same kind; its truth is used. */
  constructor(teacher: SyntheticMarket) {
    const settings = trainedSettings(teacher);
    this.#rule = new VotingRule(settings);
    const training = new VotingRule(settings);
    const labels = Uint8Array.from({ length: teacher.candles }, (_, index) => training.label(teacher.barAt(index)));
    this.#readout = new ClassReadout(teacher.regimeIds, labels);
  }

  update(bar: Bar): CausalClassification {
    const publishedId = this.#rule.label(bar);
    return { probabilities: this.#readout.probabilities(publishedId), publishedId };
  }
}
