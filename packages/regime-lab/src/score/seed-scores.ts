import type { DelayHistogram, MetricName } from '../report.ts';
import { accuracyScoresOf, ConfusionCounts } from './accuracy-scores.ts';
import { calibrationScoresOf, type ReliabilityCounts } from './calibration-scores.ts';
import { delayScoresOf } from './delay-scores.ts';
import { factorScoresOf } from './factor-scores.ts';
import type { RunRecord } from './run-record.ts';
import { transitionScoresOf } from './transition-scores.ts';
import { type WarningScores, warningScoresOf } from './warning-scores.ts';

/** Everything measured of one classifier on one market. */
export interface SeedScores {
  /** Figures that do not exist for this run are left out; shares of the ceiling are added by whoever knows it. */
  readonly metrics: Partial<Record<MetricName, number>>;
  /** Shape: 18 x 18, rows true, columns the likeliest. */
  readonly confusion: Float64Array;
  readonly reliability: ReliabilityCounts;
  readonly delays: DelayHistogram;
}

const warningMetrics = (horizon: 10 | 30, scores: WarningScores | null): Partial<Record<MetricName, number>> =>
  scores === null
    ? {}
    : {
        [`warning${horizon}Auc`]: scores.auc,
        [`warning${horizon}AucOverDuration`]: scores.aucOverDuration,
        [`warning${horizon}PrecisionRatio`]: scores.precisionRatio,
        [`warning${horizon}BaseRatio`]: scores.baseRatio,
        [`warning${horizon}LeadSkillCandles`]: scores.leadSkillCandles,
      };

const isRight = (truth: number, said: number): boolean => truth === said;

/** Returns every score of a run. */
export const seedScoresOf = (record: RunRecord): SeedScores => {
  const { truth, firstScored } = record;
  const confusion = ConfusionCounts.of(truth, record.likeliestIds, firstScored);
  const late = ConfusionCounts.of(truth, record.likeliestIds, Math.floor((firstScored + record.candles) / 2));
  const published = ConfusionCounts.of(truth, record.publishedIds, firstScored);
  const calibration = calibrationScoresOf(record);
  const delay = delayScoresOf(record);
  const metrics: Partial<Record<MetricName, number>> = {
    ...accuracyScoresOf(confusion),
    publishedAccuracyRatio: published.share(isRight),
    lateAccuracyRatio: late.share(isRight),
    ...calibration.scores,
    ...transitionScoresOf(record),
    ...delay.scores,
    ...factorScoresOf(record),
    ...warningMetrics(10, warningScoresOf(record, 10)),
    ...warningMetrics(30, warningScoresOf(record, 30)),
  };
  for (const [name, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) delete metrics[name as MetricName];
  }
  return { metrics, confusion: confusion.counts, reliability: calibration.reliability, delays: delay.histogram };
};
