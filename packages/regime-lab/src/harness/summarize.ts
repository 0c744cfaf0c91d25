import { REGIME_COUNT } from '@qt/regime';
import { ceilingKindOf } from '../ceiling/informed-filter.ts';
import {
  type ClassifierRow,
  METRIC_NAMES,
  type MetricName,
  type ScenarioReport,
  scenarioNameOf,
  type SeedFigure,
} from '../report.ts';
import { seedFigureOf } from '../score/bootstrap.ts';
import { addReliability, errorOfBins, reliabilityBins } from '../score/calibration-scores.ts';
import type { SeedResult } from './evaluate-seed.ts';

/** Figures of which less is better, or of which only the distance to an aim counts: their worst seed is the highest. */
const LOW_IS_GOOD: ReadonlySet<MetricName> = new Set([
  'oppositeSignRatio',
  'logLoss',
  'brier',
  'eceRatio',
  'conformalMeanSize',
  'falseChangesPer1000',
  'publishedChangesPer1000',
  'delayMedianCandles',
  'delayP90Candles',
  'volatilityEceRatio',
  'slotEceRatio',
  'structureEceRatio',
  'volatilityDelayMedianCandles',
  'slotDelayMedianCandles',
  'structureDelayMedianCandles',
]);

/** Returns the groups of `items` with equal keys, in order of appearance. */
export const groupsBy = <T>(items: readonly T[], keyOf: (item: T) => string): T[][] => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

/** Returns one figure over the seeds that have it; null when none has. */
export const figureOf = (results: readonly SeedResult[], metric: MetricName): SeedFigure | null => {
  const having = results.filter(({ scores }) => scores.metrics[metric] !== undefined);
  if (having.length === 0) return null;
  return seedFigureOf(
    having.map(({ scores }) => scores.metrics[metric] ?? Number.NaN),
    having.map(({ seed }) => seed),
    LOW_IS_GOOD.has(metric) ? 'low' : 'high',
  );
};

const confusionOf = (results: readonly SeedResult[]): number[][] =>
  Array.from({ length: REGIME_COUNT }, (_, truth) =>
    Array.from({ length: REGIME_COUNT }, (_, said) =>
      results.reduce((sum, { scores }) => sum + (scores.confusion[truth * REGIME_COUNT + said] ?? 0), 0),
    ),
  );

const rowOf = (results: readonly SeedResult[]): ClassifierRow | null => {
  const [first] = results;
  if (first === undefined) return null;
  const figures: Partial<Record<MetricName, SeedFigure>> = {};
  for (const metric of METRIC_NAMES) {
    const figure = figureOf(results, metric);
    if (figure !== null) figures[metric] = figure;
  }
  const reliability = reliabilityBins(addReliability(results.map(({ scores }) => scores.reliability)));
  const { binCandles, counts } = first.scores.delays;
  return {
    classifier: first.entrant.classifier,
    hasHistory: first.entrant.hasHistory,
    figures,
    confusion: confusionOf(results),
    reliability,
    pooledEceRatio: errorOfBins(reliability),
    delays: {
      binCandles,
      counts: counts.map((_, bin) => results.reduce((sum, { scores }) => sum + (scores.delays.counts[bin] ?? 0), 0)),
    },
  };
};

/** Returns the results of one scenario, all seeds and entrants, as a report reads them. Null of none. */
export const summarizeScenario = (results: readonly SeedResult[]): ScenarioReport | null => {
  const [first] = results;
  if (first === undefined) return null;
  const byEntrant = groupsBy(results, ({ entrant }) => `${entrant.classifier} ${entrant.hasHistory}`);
  return {
    name: scenarioNameOf(first.scenario),
    scenario: first.scenario,
    ceilingKind: ceilingKindOf(first.scenario.generator),
    rows: byEntrant.map(rowOf).filter((row) => row !== null),
    timelines: results.flatMap(({ seed, timeline }) => (seed === first.seed && timeline !== null ? [timeline] : [])),
  };
};
