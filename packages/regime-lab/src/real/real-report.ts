import type { Interval95 } from './block-bootstrap.ts';
import type { RealMarketReport, SkillRow } from './real-evaluation.ts';

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

const marketLines = (market: RealMarketReport): string[] => {
  const { name, candles, judgedCandles, changesPer1000, chain, labelAgreement, skills, labelFree, doubts } = market;
  const { forecasts, levels, isMonotone, structures, structureGap } = labelFree;
  return [
    `${name}: ${candles} candles, ${judgedCandles} judged, ${changesPer1000.toFixed(1)} changes per 1000`,
    `  chain fit: drifts ${chain.driftMild.toFixed(2)} and ${chain.driftStrong.toFixed(2)}, autoregressions ${chain.arTrending.toFixed(2)} and ${chain.arReverting.toFixed(2)}, mean regime ${(1 / chain.hazard).toFixed(0)} candles`,
    ...labelAgreement.map(
      ({ factor, families, accuracyRatio, kappa }) =>
        `  labels ${families.join(' and ').padEnd(16)} agree on ${factor.padEnd(10)} ${share(accuracyRatio)} (kappa ${kappa.toFixed(2)})`,
    ),
    ...skills.map((row) => `  ${skillLine(row)}`),
    ...forecasts.map(
      ({ name: forecast, qlikeOfReturn, qlikeOfRange, logDensity, qlikeOfRangeLessGarch }) =>
        `  forecast ${forecast.padEnd(20)} QLIKE of return ${qlikeOfReturn.toFixed(4)}, of range ${qlikeOfRange.toFixed(4)} (less GARCH ${between(qlikeOfRangeLessGarch, 4)}), log density ${logDensity.toFixed(4)}`,
    ),
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
