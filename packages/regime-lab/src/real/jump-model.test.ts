import { describe, expect, it } from '@jest/globals';
import { normalDraws, toySeries } from '../../test/toy-series.ts';
import { UNLABELED } from './factor-labels.ts';
import { jumpLabels } from './jump-labels.ts';
import { fitJumpModel, onlineJumpStates, standardized } from './jump-model.ts';

const draw = normalDraws(17);
const step = Float64Array.from({ length: 300 }, (_, row) => (row < 120 ? -1 : 1) + 0.2 * draw());

describe('fitJumpModel', () => {
  it('finds a step where it is, numbers states from low to high, and takes an outlier for no change', () => {
    const withOutlier = step.slice();
    withOutlier[60] = 1;
    const { path, centers } = fitJumpModel(standardized([withOutlier]), 2);
    expect(path.indexOf(1)).toBe(120);
    expect(new Set(path.slice(0, 120))).toEqual(new Set([0]));
    expect(new Set(path.slice(120))).toEqual(new Set([1]));
    expect(centers[0]?.[0]).toBeLessThan(centers[1]?.[0] ?? 0);
  });

  it('sees more changes when they cost less', () => {
    const noisy = standardized([Float64Array.from({ length: 500 }, draw)]);
    const changes = (cost: number): number =>
      fitJumpModel(noisy, 2, cost).path.reduce(
        (count, state, row, path) => count + (row > 0 && state !== path[row - 1] ? 1 : 0),
        0,
      );
    expect(changes(0)).toBeGreaterThan(10 * Math.max(1, changes(30)));
  });
});

describe('onlineJumpStates', () => {
  it('says the same of a row whatever comes after it, and sees the step a little later', () => {
    const rows = standardized([step]);
    const { centers } = fitJumpModel(rows, 2);
    const whole = onlineJumpStates(rows, centers);
    const half = onlineJumpStates({ values: rows.values.slice(0, 130), width: 1 }, centers);
    expect(whole.slice(0, 130)).toEqual(half);
    const first = whole.indexOf(1, 100);
    expect(first).toBeGreaterThanOrEqual(120);
    expect(first).toBeLessThan(150);
  });
});

describe('jumpLabels', () => {
  it('labels calm and wild, up and down, going on and turning back', () => {
    const calmUp = Array.from(
      { length: 400 },
      (_, index) => (Math.floor(index / 6) % 3 < 2 ? 0.004 : -0.004) + 0.0005 * draw(),
    );
    const wildDown = Array.from({ length: 400 }, (_, index) => (index % 2 === 0 ? -0.06 : 0.04) + 0.002 * draw());
    const { volatility, trend, structure } = jumpLabels(toySeries([...calmUp, ...wildDown]));
    const usual = (labels: Int8Array, from: number, to: number): number => {
      const sorted = labels.slice(from, to).sort((left, right) => left - right);
      return sorted[Math.floor(sorted.length / 2)] ?? UNLABELED;
    };
    expect(usual(volatility, 60, 340)).toBeLessThan(usual(volatility, 460, 740));
    expect(usual(trend, 60, 340)).toBeGreaterThan(usual(trend, 460, 740));
    expect(usual(structure, 60, 340)).toBe(0);
    expect(usual(structure, 460, 740)).toBe(1);
    expect(volatility[0]).toBe(UNLABELED);
  });

  it('labels nothing of a series that is shorter than a window', () => {
    expect(new Set(jumpLabels(toySeries([0.01, 0.02])).trend)).toEqual(new Set([UNLABELED]));
  });
});
