import { agreementOf, confusionOf } from './agreement.ts';
import { type EngineRun, expectedClasses } from './engine-run.ts';
import { type Factor, FACTOR_CLASSES } from './factor-labels.ts';
import { bestCutsAccuracy, rankCorrelation, relabeledAccuracy } from './monotone-fit.ts';
import { TRAIN_CANDLES } from './walk-forward.ts';

/**
 * Whether a method draws its lines elsewhere, or knows less. What is found afterwards here is no achievement: it is what is left when
 * the lines no longer matter.
 */
export interface DefinitionGap {
  /** Candles by label and published class. Shape: classes x classes by rows, label first. */
  readonly confusion: readonly number[];
  readonly publishedRatio: number;
  /** The published class, each standing for the class that suits best in the same order. */
  readonly relabeledRatio: number;
  /** The class that the engine expects, cut where it suits best. */
  readonly engineCutsRatio: number;
  /** An exponential average of the candles, cut where it suits best. */
  readonly averageCutsRatio: number;
  /** Spearman's, of published class, expected class and average with the label. */
  readonly publishedRankCorrelation: number;
  readonly engineRankCorrelation: number;
  readonly averageRankCorrelation: number;
}

/** Returns what moving the lines would be worth to the engine and to an average. `average`: higher where the class is. */
export const definitionGap = (input: {
  readonly factor: Factor;
  readonly labels: Int8Array;
  readonly run: EngineRun;
  readonly average: Float64Array;
}): DefinitionGap => {
  const { factor, labels, run, average } = input;
  const classes = FACTOR_CLASSES[factor].length;
  const judged = { labels, from: TRAIN_CANDLES };
  const confusion = confusionOf(labels, run.published[factor], { classes, from: TRAIN_CANDLES });
  const expected = expectedClasses(run)[factor];
  return {
    confusion: [...confusion],
    publishedRatio: agreementOf(confusion).accuracyRatio,
    relabeledRatio: relabeledAccuracy(confusion),
    engineCutsRatio: bestCutsAccuracy(expected, judged, classes),
    averageCutsRatio: bestCutsAccuracy(average, judged, classes),
    publishedRankCorrelation: rankCorrelation(run.published[factor], judged),
    engineRankCorrelation: rankCorrelation(expected, judged),
    averageRankCorrelation: rankCorrelation(average, judged),
  };
};
