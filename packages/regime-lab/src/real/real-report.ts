import type { Interval95 } from './block-bootstrap.ts';
import type { ForecastScore } from './label-free.ts';
import type { RealMarketReport } from './real-evaluation.ts';
import type { SkillRow } from './skill-row.ts';

/** A file that was to be judged and was not. */
export interface UnjudgedFile {
  readonly file: string;
  readonly reason: string;
}

/** What became of the engine on real candles, as plain JSON. */
export interface RealReport {
  readonly version: 1;
  readonly markets: readonly RealMarketReport[];
  /** Empty when everything that was asked for could be judged. */
  readonly unjudged: readonly UnjudgedFile[];
}

const share = (ratio: number): string => (100 * ratio).toFixed(1);
const signed = (value: number, digits: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;
const between = (interval: Interval95 | null, digits: number, factor = 1): string =>
  interval === null
    ? 'no interval'
    : `${signed(factor * interval.low, digits)} to ${signed(factor * interval.high, digits)}`;

const skillText = ({ skill, skillInterval }: SkillRow): string =>
  skill === null
    ? 'no skill can be measured: the labels leave no room above the best baseline'
    : `skill ${signed(skill, 2)} (${between(skillInterval, 2)})`;

const skillLine = (row: SkillRow): string => {
  const { family, factor, labelCeilingRatio, engine, baselines, bestBaseline, lead, leadInterval } = row;
  const best = baselines.find(({ method }) => method === bestBaseline);
  const own = engine.map(({ method, accuracyRatio }) => `${method.replace('engine, ', '')} ${share(accuracyRatio)}`);
  return [
    `${factor.padEnd(10)} by ${family.padEnd(6)} ceiling ${share(labelCeilingRatio)}, ${own.join(', ')}`,
    `best baseline ${bestBaseline} ${share(best?.accuracyRatio ?? 0)}`,
    `lead ${signed(100 * lead, 1)} points (${between(leadInterval, 1, 100)}), ${skillText(row)}`,
  ].join('; ');
};

/** What is said of a row when the lines are drawn alike, and when all know the past labels. */
const evenLines = ({ family, factor, entrants, contrasts, definition }: SkillRow): string[] => {
  const { publishedRatio, relabeledRatio, engineCutsRatio, averageCutsRatio } = definition;
  const { publishedRankCorrelation, engineRankCorrelation, averageRankCorrelation } = definition;
  return [
    `lines of ${factor} by ${family}: published ${share(publishedRatio)}, renamed in order ${share(relabeledRatio)}, engine cut best ${share(engineCutsRatio)}, average cut best ${share(averageCutsRatio)}; rank correlation published ${publishedRankCorrelation.toFixed(2)}, engine ${engineRankCorrelation.toFixed(2)}, average ${averageRankCorrelation.toFixed(2)}`,
    ...entrants.map(
      ({ method, accuracyRatio, lead, leadInterval }) =>
        `  ${method} ${share(accuracyRatio)}, against the best baseline ${signed(100 * lead, 1)} points (${between(leadInterval, 1, 100)})`,
    ),
    ...contrasts.map(
      ({ method, rival, lead, leadInterval }) =>
        `  ${method} against ${rival} ${signed(100 * lead, 1)} points (${between(leadInterval, 1, 100)})`,
    ),
  ];
};

const forecastLine = (score: ForecastScore): string => {
  const against = [
    `GARCH ${between(score.qlikeOfRangeLessGarch, 4)}`,
    `HAR ${between(score.qlikeOfRangeLessHar, 4)}`,
    `HAR, 100 ${between(score.qlikeOfRangeLessLongHar, 4)}`,
  ];
  return `forecast ${score.name.padEnd(20)} QLIKE of return ${score.qlikeOfReturn.toFixed(4)}, of range ${score.qlikeOfRange.toFixed(4)} (less ${against.join('; ')}), log density ${score.logDensity.toFixed(4)}`;
};

const marketLines = (market: RealMarketReport): string[] => {
  const {
    name,
    candles,
    judgedCandles,
    changesPer1000,
    chain,
    labelAgreement,
    skills,
    referenceSpans,
    labelFree,
    doubts,
  } = market;
  const { forecasts, levels, isMonotone, structures, structureGap } = labelFree;
  return [
    `${name}: ${candles} candles, ${judgedCandles} judged, ${changesPer1000.toFixed(1)} changes per 1000`,
    `  chain fit: drifts ${chain.driftMild.toFixed(2)} and ${chain.driftStrong.toFixed(2)}, autoregressions ${chain.arTrending.toFixed(2)} and ${chain.arReverting.toFixed(2)}, mean regime ${(1 / chain.hazard).toFixed(0)} candles`,
    ...labelAgreement.map(
      ({ factor, families, accuracyRatio, kappa }) =>
        `  labels ${families.join(' and ').padEnd(16)} agree on ${factor.padEnd(10)} ${share(accuracyRatio)} (kappa ${kappa.toFixed(2)})`,
    ),
    ...skills.map((row) => `  ${skillLine(row)}`),
    ...skills.flatMap((row) => evenLines(row).map((line) => `  ${line}`)),
    ...referenceSpans.map(
      ({ spanCandles, publishedRatio, likeliestRatio, averageRatio, leadInterval }) =>
        `  volatility in thirds of ${spanCandles === null ? 'all candles' : `the last ${spanCandles}`} before: published ${share(publishedRatio)}, likeliest ${share(likeliestRatio)}, average ${share(averageRatio)}; likeliest less average ${between(leadInterval, 1, 100)} points`,
    ),
    ...forecasts.map((score) => `  ${forecastLine(score)}`),
    `  volatility of the next 20 candles after ${levels.map(({ level, nextVolatility }) => `${level} ${nextVolatility === null ? '-' : (1e4 * nextVolatility).toFixed(1)}`).join(', ')} bps: ${isMonotone ? 'monotone' : 'NOT monotone'}`,
    `  VR(4) after ${structures.map(({ structure, varianceRatio }) => `${structure} ${varianceRatio?.toFixed(3) ?? '-'}`).join(', ')}; difference ${between(structureGap, 3)}`,
    ...doubts.map((doubt) => `  DOUBT: ${doubt}`),
  ];
};

/** Returns the report as lines for people, what could not be judged first. */
export const realReportLines = ({ markets, unjudged }: RealReport): string[] => [
  ...unjudged.map(({ file, reason }) => `NOT JUDGED: ${file}: ${reason}`),
  ...markets.flatMap(marketLines),
];
