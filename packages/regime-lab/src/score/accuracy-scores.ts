import { MEAN_REVERTING_SLOT, REGIME_COUNT, SLOT_COUNT } from '@qt/regime';

/** Counts of candles: rows the true regime, columns the one said. */
export class ConfusionCounts {
  /** Shape: 18 x 18, row by row. */
  readonly counts = new Float64Array(REGIME_COUNT * REGIME_COUNT);

  static of(truth: Uint8Array, said: Uint8Array, first: number): ConfusionCounts {
    const confusion = new ConfusionCounts();
    for (let index = first; index < truth.length; index += 1) {
      const cell = (truth[index] ?? 0) * REGIME_COUNT + (said[index] ?? 0);
      confusion.counts[cell] = (confusion.counts[cell] ?? 0) + 1;
    }
    return confusion;
  }

  at(truth: number, said: number): number {
    return this.counts[truth * REGIME_COUNT + said] ?? 0;
  }

  /** Returns the share of candles for which `isRight` holds, among those whose truth is `counted`; NaN when there are none. */
  share(isRight: (truth: number, said: number) => boolean, counted: (truth: number) => boolean = () => true): number {
    let right = 0;
    let all = 0;
    for (let truth = 0; truth < REGIME_COUNT; truth += 1) {
      if (!counted(truth)) continue;
      for (let said = 0; said < REGIME_COUNT; said += 1) {
        all += this.at(truth, said);
        if (isRight(truth, said)) right += this.at(truth, said);
      }
    }
    return right / all;
  }
}

const levelOf = (id: number): number => Math.floor(id / SLOT_COUNT);
const slotOf = (id: number): number => id % SLOT_COUNT;
const isReverting = (id: number): boolean => slotOf(id) === MEAN_REVERTING_SLOT;
const isTrending = (id: number): boolean => !isReverting(id);
/** -1, 0 or 1; of trending regimes only. */
const signOf = (id: number): number => Math.sign(slotOf(id) - 2);
const isNear = (truth: number, said: number): boolean => {
  if (levelOf(truth) !== levelOf(said)) return false;
  if (isReverting(truth) || isReverting(said)) return truth === said;
  return Math.abs(slotOf(truth) - slotOf(said)) <= 1;
};

/** How often a classifier was right. Ratios of candles; what cannot be said is NaN. */
export interface AccuracyScores {
  readonly accuracyRatio: number;
  /** Mean over the regimes that occurred. */
  readonly balancedAccuracyRatio: number;
  readonly macroF1Ratio: number;
  readonly volatilityAccuracyRatio: number;
  readonly slotAccuracyRatio: number;
  readonly structureAccuracyRatio: number;
  /** Right but for one step of the trend. */
  readonly nearAccuracyRatio: number;
  /** Of candles that are truly trending: right direction, `neutral` being one of three. */
  readonly trendSignAccuracyRatio: number;
  readonly oppositeSignRatio: number;
}

/** Returns the scores of a table of counts. */
export const accuracyScoresOf = (confusion: ConfusionCounts): AccuracyScores => {
  let recallSum = 0;
  let f1Sum = 0;
  let classes = 0;
  for (let id = 0; id < REGIME_COUNT; id += 1) {
    let occurred = 0;
    let said = 0;
    for (let other = 0; other < REGIME_COUNT; other += 1) {
      occurred += confusion.at(id, other);
      said += confusion.at(other, id);
    }
    if (occurred === 0) continue;
    classes += 1;
    recallSum += confusion.at(id, id) / occurred;
    f1Sum += (2 * confusion.at(id, id)) / (occurred + said);
  }
  return {
    accuracyRatio: confusion.share((truth, said) => truth === said),
    balancedAccuracyRatio: recallSum / classes,
    macroF1Ratio: f1Sum / classes,
    volatilityAccuracyRatio: confusion.share((truth, said) => levelOf(truth) === levelOf(said)),
    slotAccuracyRatio: confusion.share((truth, said) => slotOf(truth) === slotOf(said)),
    structureAccuracyRatio: confusion.share((truth, said) => isReverting(truth) === isReverting(said)),
    nearAccuracyRatio: confusion.share(isNear),
    trendSignAccuracyRatio: confusion.share(
      (truth, said) => isTrending(said) && signOf(truth) === signOf(said),
      isTrending,
    ),
    oppositeSignRatio: confusion.share(
      (truth, said) => isTrending(said) && signOf(truth) * signOf(said) === -1,
      isTrending,
    ),
  };
};
