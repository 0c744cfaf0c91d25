import { type AblationRow, scenarioNameOf } from '../report.ts';
import { seedFigureOf } from '../score/bootstrap.ts';
import type { SeedResult } from './evaluate-seed.ts';
import { groupsBy } from './summarize.ts';

const metricOf = ({ scores }: SeedResult, metric: 'accuracyRatio' | 'logLoss'): number =>
  scores.metrics[metric] ?? Number.NaN;

/** Returns what each part adds, paired by seed: the whole engine minus the engine without it, of one scenario. */
export const ablationOf = (results: readonly SeedResult[]): AblationRow[] => {
  const engines = results.filter(({ entrant }) => entrant.classifier === 'engine' && !entrant.hasHistory);
  const whole = engines.filter(({ entrant }) => (entrant.disabled ?? []).length === 0);
  const lesser = engines.filter(({ entrant }) => (entrant.disabled ?? []).length > 0);
  return groupsBy(lesser, ({ entrant }) => (entrant.disabled ?? []).join(', ')).flatMap((group) => {
    const pairs = group.flatMap((without) => {
      const full = whole.find(({ seed }) => seed === without.seed);
      return full === undefined ? [] : [{ full, without }];
    });
    const [first] = group;
    if (first === undefined || pairs.length === 0) return [];
    const seeds = pairs.map(({ full }) => full.seed);
    const gainOf = (metric: 'accuracyRatio' | 'logLoss'): number[] =>
      pairs.map(({ full, without }) => metricOf(full, metric) - metricOf(without, metric));
    return [
      {
        part: (first.entrant.disabled ?? []).join(', '),
        scenario: scenarioNameOf(first.scenario),
        accuracyGain: seedFigureOf(gainOf('accuracyRatio'), seeds, 'high'),
        logLossGain: seedFigureOf(gainOf('logLoss'), seeds, 'low'),
      },
    ];
  });
};
