import { baselineInputs } from './baseline-calls.ts';
import { chainLabels, type ChainModel, fitChainModel } from './chain-labels.ts';
import { runEngine, withColdStart } from './engine-run.ts';
import { type Factor, FACTORS, LABEL_HALF_WINDOW_CANDLES, windowLabels } from './factor-labels.ts';
import { jumpLabels } from './jump-labels.ts';
import { agreementsOf, ceilingOf, LABEL_FAMILIES, type LabelAgreement } from './label-families.ts';
import { type LabelFreeReport, labelFreeReport } from './label-free.ts';
import { readoutsOf } from './readout-calls.ts';
import { engineFeatures, windowFeatures } from './readout-features.ts';
import type { RealSeries } from './real-series.ts';
import { type ReferenceSpan, referenceSpans } from './reference-spans.ts';
import { type SkillRow, skillRow } from './skill-row.ts';
import { averageScores } from './unsupervised-calls.ts';
import { PURGED_CANDLES, TRAIN_CANDLES } from './walk-forward.ts';

/** Fifths of a centered trend that a causal method can call right on a random walk, and a margin for the sample. */
const RANDOM_WALK_TREND_RATIO = 0.41;
const RANDOM_WALK_MARGIN = 0.04;

export interface RealMarketReport {
  readonly name: string;
  readonly candles: number;
  readonly judgedCandles: number;
  readonly changesPer1000: number;
  readonly refused: number;
  /** What the fit behind the chain labels found; drifts and autoregressions at their bounds mean that there is little of them. */
  readonly chain: Pick<ChainModel, 'driftMild' | 'driftStrong' | 'arTrending' | 'arReverting' | 'hazard'>;
  readonly labelAgreement: readonly LabelAgreement[];
  readonly skills: readonly SkillRow[];
  readonly referenceSpans: readonly ReferenceSpan[];
  readonly labelFree: LabelFreeReport;
  /** What is too good to be believed without a look for a leak. */
  readonly doubts: readonly string[];
}

const doubtsOf = (skills: readonly SkillRow[]): string[] =>
  skills.flatMap(({ family, factor, engine, baselines, entrants }) =>
    factor !== 'trend' || family !== 'window'
      ? []
      : [...engine, ...baselines, ...entrants]
          .filter(({ accuracyRatio }) => accuracyRatio > RANDOM_WALK_TREND_RATIO + RANDOM_WALK_MARGIN)
          .map(
            ({ method, accuracyRatio }) =>
              `${method} calls ${(100 * accuracyRatio).toFixed(1)} % of the centered trend fifths; a random walk allows ${100 * RANDOM_WALK_TREND_RATIO} %: a real trend, or a leak`,
          ),
  );

/** Candles that the protocol needs: to learn from, and a few folds to judge. */
export const LEAST_REAL_CANDLES = TRAIN_CANDLES + 4 * PURGED_CANDLES + LABEL_HALF_WINDOW_CANDLES;

/**
 * Judges a new engine on real candles: against three families of hindsight labels with five baselines beside it, walking forward with
 * purge and embargo, and against what came without any label.
 *
 * Shape: `series.bars[n]`, n >= LEAST_REAL_CANDLES.
 */
export const evaluateReal = (series: RealSeries): RealMarketReport => {
  const run = runEngine(series, TRAIN_CANDLES);
  const cold = runEngine(series, 0);
  const inputs = baselineInputs(series);
  const whole = withColdStart(run, cold, TRAIN_CANDLES);
  const readoutsOfFactor = (factor: Factor) =>
    readoutsOf(engineFeatures(whole, factor), windowFeatures(series, inputs.trailing, factor));
  const readouts = {
    volatility: readoutsOfFactor('volatility'),
    trend: readoutsOfFactor('trend'),
    structure: readoutsOfFactor('structure'),
  };
  const market = { run, cold, inputs, readouts, averages: averageScores(series) };
  const chain = fitChainModel(series);
  const families = { chain: chainLabels(series, chain), jump: jumpLabels(series), window: windowLabels(series) };
  const labelAgreement = agreementsOf(families);
  const skills = LABEL_FAMILIES.flatMap((family) =>
    FACTORS.map((factor) => {
      const ceiling = ceilingOf(labelAgreement, family, factor);
      return skillRow({ family, factor, labels: families[family][factor], ceiling }, market);
    }),
  );
  return {
    name: series.name,
    candles: series.bars.length,
    judgedCandles: series.bars.length - TRAIN_CANDLES,
    changesPer1000: (1_000 * run.changes) / (series.bars.length - TRAIN_CANDLES),
    refused: run.refused,
    chain: {
      driftMild: chain.driftMild,
      driftStrong: chain.driftStrong,
      arTrending: chain.arTrending,
      arReverting: chain.arReverting,
      hazard: chain.hazard,
    },
    labelAgreement,
    skills,
    referenceSpans: referenceSpans(series, run, market.averages.volatility),
    labelFree: labelFreeReport(series, run, cold),
    doubts: doubtsOf(skills),
  };
};
