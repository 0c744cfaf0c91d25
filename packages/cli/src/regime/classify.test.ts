import { describe, expect, it } from '@jest/globals';
import { intervalOfTimes } from './classify-options.ts';
import { CLASSIFICATION_HEADER, classificationRow } from './classify-rows.ts';
import { ClassifySummary } from './classify-summary.ts';

describe('classificationRow', () => {
  const regime = {
    id: 17,
    name: 'Volatile Range',
    volatility: 'high',
    trend: 'neutral',
    structure: 'mean_reverting',
    probability: 0.25,
  } as const;

  it('has a field for each column, and plain decimals that still sum to one', () => {
    const raw = Array.from({ length: 18 }, (_, id) => 3.7 ** -id);
    const total = raw.reduce((sum, share) => sum + share, 0);
    const probabilities = raw.map((share) => share / total);
    const row = classificationRow(1_700_000_000_000, {
      regime,
      previousRegimeId: null,
      changeWithin10Probability: 1e-7,
      probabilities,
    });
    const fields = row.split(',');
    expect(fields).toHaveLength(CLASSIFICATION_HEADER.split(',').length);
    expect(row).toMatch(/^1700000000000,17,high,neutral,mean_reverting,0\.25,0\.0000001000,/);
    expect(row).not.toMatch(/e-/);
    const sum = fields.slice(7).reduce((all, text) => all + Number(text), 0);
    expect(Math.abs(sum - 1)).toBeLessThan(1e-9);
  });
});

describe('intervalOfTimes', () => {
  const start = Date.UTC(2024, 0, 1);
  it.each([
    { name: 'hours with a gap', steps: [0, 1, 2, 5, 6], unitMs: 3_600_000, interval: '1h' },
    { name: 'trading days over a weekend', steps: [0, 1, 4, 5], unitMs: 86_400_000, interval: '1d' },
    { name: 'a time that goes back', steps: [0, 3, 2, 3, 4], unitMs: 60_000, interval: '1m' },
    { name: 'seven minutes', steps: [0, 7, 14], unitMs: 60_000, interval: null },
    { name: 'a single candle', steps: [0], unitMs: 60_000, interval: null },
    { name: 'no number', steps: [Number.NaN, Number.NaN], unitMs: 60_000, interval: null },
  ])('says $interval of $name', ({ steps, unitMs, interval }) => {
    expect(intervalOfTimes(steps.map((step) => start + step * unitMs))).toBe(interval);
  });
});

describe('ClassifySummary', () => {
  it('shows five of the lines that were refused for a reason, and counts them all', () => {
    const summary = new ClassifySummary();
    for (let line = 2; line < 30; line += 1) summary.countRefused('NOT_FINITE', line, `detail of ${line}`);
    for (let index = 0; index < 4; index += 1)
      summary.countClassified({ id: index < 3 ? 9 : 12, probability: index / 4 }, index === 3);
    const said = summary.lines();
    expect(said).toContain('refused 28 x NOT_FINITE, lines 2, 3, 4, 5, 6, …: detail of 2');
    expect(said).toContain('changes: 1, 250.0 per 1000 candles');
    expect(said.join('\n')).toContain('mean confidence: 37.5 %');
    expect(said[1]).toContain('Steady Bull Market');
    expect(said[1]).toContain('75.0 %');
    expect(summary.firstRefusal).toBe('line 2: NOT_FINITE, detail of 2');
  });
});
