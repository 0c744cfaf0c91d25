import { describe, expect, it } from '@jest/globals';
import { changingReturns, toySeries } from '../../test/toy-series.ts';
import { LABEL_FAMILIES } from './label-families.ts';
import { evaluateReal } from './real-evaluation.ts';
import { realReportLines } from './real-report.ts';

/** Shares of the labels in a confusion by rows. */
const labelShares = (confusion: readonly number[]): number[] => {
  const classes = Math.sqrt(confusion.length);
  const sums = Array.from({ length: classes }, (_, label) =>
    confusion.slice(label * classes, (label + 1) * classes).reduce((sum, count) => sum + count, 0),
  );
  const all = sums.reduce((sum, count) => sum + count, 0);
  return sums.map((sum) => (all > 0 ? sum / all : 0));
};

describe('evaluateReal', () => {
  const market = evaluateReal(toySeries(changingReturns(2_300, 150, 71)));

  it('judges every factor by every family, as plain JSON without a hole', () => {
    expect(market.skills).toHaveLength(9);
    expect(market.labelAgreement).toHaveLength(9);
    expect(JSON.parse(JSON.stringify(market))).toEqual(market);
  });

  it('lets no label vouch for itself: the ceiling is what another family says', () => {
    for (const { family, factor, labelCeilingRatio } of market.skills) {
      const others = market.labelAgreement.filter((one) => one.factor === factor && one.families.includes(family));
      expect(others).toHaveLength(LABEL_FAMILIES.length - 1);
      expect(labelCeilingRatio).toBe(Math.max(...others.map(({ accuracyRatio }) => accuracyRatio)));
    }
  });

  it('gives skill as the lead in the room above the best baseline', () => {
    for (const { engine, baselines, bestBaseline, labelCeilingRatio, lead, skill } of market.skills) {
      const best = Math.max(...baselines.map(({ accuracyRatio }) => accuracyRatio));
      expect(baselines.find(({ method }) => method === bestBaseline)?.accuracyRatio).toBe(best);
      expect(lead).toBeCloseTo((engine[0]?.accuracyRatio ?? 0) - best, 12);
      if (skill === null) expect(labelCeilingRatio - best).toBeLessThan(0.02);
      else expect(skill).toBeCloseTo(lead / (labelCeilingRatio - best), 12);
    }
  });

  it('holds every entrant against the best baseline, and each contrast against a rival that was scored', () => {
    for (const { engine, baselines, entrants, contrasts, bestBaseline } of market.skills) {
      const all = [...engine, ...baselines, ...entrants];
      const ratioOf = (wanted: string): number =>
        all.find(({ method }) => method === wanted)?.accuracyRatio ?? Number.NaN;
      for (const { method, lead } of entrants) expect(lead).toBeCloseTo(ratioOf(method) - ratioOf(bestBaseline), 12);
      for (const { method, rival, lead } of contrasts) expect(lead).toBeCloseTo(ratioOf(method) - ratioOf(rival), 12);
    }
  });

  it('finds afterwards no less than was found without, and never more than all', () => {
    for (const { definition, engine } of market.skills) {
      expect(definition.publishedRatio).toBe(engine[0]?.accuracyRatio);
      for (const ratio of [definition.relabeledRatio, definition.engineCutsRatio, definition.averageCutsRatio]) {
        expect(ratio).toBeLessThanOrEqual(1);
      }
      expect(definition.relabeledRatio).toBeGreaterThanOrEqual(definition.publishedRatio);
      // Whoever finds the commonest label only needs no score: cuts at the end are cuts too.
      const majority = Math.max(...labelShares(definition.confusion));
      expect(definition.engineCutsRatio).toBeGreaterThanOrEqual(majority - 1e-12);
    }
  });

  it('sees calm and wild stretches apart without any label', () => {
    const known = market.labelFree.levels.flatMap(({ nextVolatility }) => nextVolatility ?? []);
    expect(known.length).toBeGreaterThan(1);
    expect(Math.max(...known) / Math.min(...known)).toBeGreaterThan(1.3);
    const garch = market.labelFree.forecasts.find(({ name }) => name.startsWith('GARCH'));
    expect(garch?.qlikeOfReturnLessGarch).toBeNull();
  });

  it('names what could not be judged before all else', () => {
    const lines = realReportLines({
      version: 1,
      markets: [market],
      unjudged: [{ file: 'X.csv', reason: 'found no file X.csv' }],
    });
    expect(lines[0]).toBe('NOT JUDGED: X.csv: found no file X.csv');
    expect(lines.filter((line) => line.includes('skill'))).toHaveLength(9);
  });
});
