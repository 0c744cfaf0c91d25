import { BASELINE_NAMES } from '../src/real/baseline-calls.ts';
import { FACTORS } from '../src/real/factor-labels.ts';
import { LABEL_FAMILIES } from '../src/real/label-families.ts';
import type { RealMarketReport } from '../src/real/real-evaluation.ts';
import type { MethodScore } from '../src/real/skill-row.ts';

const score = (method: string, accuracyRatio: number): MethodScore => ({
  method,
  candles: 600,
  accuracyRatio,
  kappa: 0.21,
  correlation: 0.22,
});
const interval = { low: -0.12, high: 0.034 };

/** Returns a report with every part of one, some of them empty as they may be. */
export const aMarketReport = (overrides: Partial<RealMarketReport> = {}): RealMarketReport => ({
  name: 'BTCUSDT_um_1h',
  candles: 2_600,
  judgedCandles: 600,
  changesPer1000: 4.5,
  refused: 0,
  chain: { driftMild: 0.1, driftStrong: 0.25, arTrending: 0, arReverting: -0.18, hazard: 1 / 48 },
  labelAgreement: FACTORS.map((factor) => ({ factor, families: ['chain', 'jump'], ...score('', 0.77) })),
  skills: LABEL_FAMILIES.flatMap((family) =>
    FACTORS.map((factor) => ({
      family,
      factor,
      labelCeilingRatio: 0.77,
      engine: ['published', 'likeliest', 'named by the past', 'cold start'].map((name) =>
        score(`engine, ${name}`, 0.6),
      ),
      baselines: BASELINE_NAMES.map((name) => score(name, name === 'threshold rule' ? 0.7 : 0.5)),
      bestBaseline: 'threshold rule',
      lead: -0.1,
      leadInterval: interval,
      skill: factor === 'trend' ? null : -1.43,
      skillInterval: factor === 'trend' ? null : interval,
      renamedSkill: null,
      renamedSkillInterval: null,
      entrants: ['engine, read out', 'windows, read out', 'engine and windows, read out'].map((name) => ({
        ...score(name, 0.68),
        lead: -0.02,
        leadInterval: interval,
        skill: null,
        skillInterval: null,
      })),
      contrasts: [
        {
          method: 'engine and windows, read out',
          rival: 'windows, read out',
          lead: 0.013,
          leadInterval: { low: 0.004, high: 0.02 },
        },
        { method: 'engine, published', rival: 'persistence', lead: -0.04, leadInterval: null },
      ],
      definition: {
        confusion: [300, 100, 0, 300],
        publishedRatio: 0.6,
        relabeledRatio: 0.64,
        engineCutsRatio: 0.66,
        averageCutsRatio: 0.71,
        publishedRankCorrelation: 0.5,
        engineRankCorrelation: 0.55,
        averageRankCorrelation: 0.62,
      },
    })),
  ),
  referenceSpans: [1_000, null].map((spanCandles) => ({
    spanCandles,
    publishedRatio: 0.45,
    likeliestRatio: 0.51,
    averageRatio: 0.66,
    leadInterval: interval,
  })),
  labelFree: {
    forecasts: ['engine', 'GARCH(1,1)', 'HAR of log range', 'EWMA .94'].map((name) => ({
      name,
      qlikeOfReturn: -9.1,
      qlikeOfRange: -9.2,
      logDensity: 4.1,
      qlikeOfReturnLessGarch: name === 'GARCH(1,1)' ? null : interval,
      qlikeOfRangeLessGarch: name === 'GARCH(1,1)' ? null : interval,
      qlikeOfReturnLessHar: name === 'HAR of log range' ? null : interval,
      qlikeOfRangeLessHar: name === 'HAR of log range' ? null : interval,
      qlikeOfRangeLessLongHar: interval,
    })),
    levels: [
      { level: 'low', candles: 0, nextVolatility: null },
      { level: 'medium', candles: 300, nextVolatility: 0.002 },
      { level: 'high', candles: 300, nextVolatility: 0.004 },
    ],
    isMonotone: true,
    structures: [
      { structure: 'trending', candles: 600, varianceRatio: 1.05, interval },
      { structure: 'mean_reverting', candles: 0, varianceRatio: null, interval: null },
    ],
    structureGap: null,
  },
  doubts: [],
  ...overrides,
});
