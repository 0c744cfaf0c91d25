import { describe, expect, it } from '@jest/globals';
import { changingReturns, toySeries } from '../../test/toy-series.ts';
import { LABEL_FAMILIES } from './label-families.ts';
import { evaluateReal } from './real-evaluation.ts';
import { realReportLines } from './real-report.ts';

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
