import { describe, expect, it } from '@jest/globals';
import { normalDraws, toySeries, withOtherFuture } from '../../test/toy-series.ts';
import { LABEL_HALF_WINDOW_CANDLES, UNLABELED, windowLabels } from './factor-labels.ts';

const draw = normalDraws(11);
const stretch = (count: number, returnAt: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => returnAt(index));

describe('windowLabels', () => {
  it('says calm, normal and wild where the market was', () => {
    const series = toySeries([
      ...stretch(400, () => 0.001 * draw()),
      ...stretch(400, () => 0.01 * draw()),
      ...stretch(400, () => 0.1 * draw()),
    ]);
    const { volatility } = windowLabels(series);
    for (const [from, to, label] of [
      [60, 340, 0],
      [460, 740, 1],
      [860, 1_140, 2],
    ] as const) {
      // Thirds of the sample: the lost ends move the cuts a little into the middle stretch.
      const share = volatility.slice(from, to).filter((found) => found === label).length / (to - from);
      expect(share).toBeGreaterThan(0.85);
    }
  });

  it('says which way a steady market went, and mirrors with it', () => {
    const returns = stretch(1_200, (index) => (index % 400 < 200 ? 0.004 : -0.004) + 0.001 * draw());
    const up = windowLabels(toySeries(returns)).trend;
    const down = windowLabels(toySeries(returns.map((value) => -value))).trend;
    expect(up[100]).toBeGreaterThan(2);
    expect(up[300]).toBeLessThan(2);
    const mirrored = [...up].map((label) => (label === UNLABELED ? UNLABELED : 4 - label));
    expect([...down]).toEqual(mirrored);
  });

  it('makes five classes of a fifth each of a random walk', () => {
    const { trend } = windowLabels(toySeries(stretch(12_000, () => 0.01 * draw())));
    for (const label of [0, 1, 2, 3, 4]) {
      const share = trend.filter((found) => found === label).length / trend.length;
      expect(share).toBeGreaterThan(0.14);
      expect(share).toBeLessThan(0.26);
    }
  });

  it('tells moves that go on from moves that turn back, and is silent between', () => {
    const { structure } = windowLabels(
      toySeries([
        ...stretch(300, (index) => (Math.floor(index / 8) % 2 === 0 ? 0.01 : -0.01)),
        ...stretch(300, (index) => (index % 2 === 0 ? 0.01 : -0.01)),
      ]),
    );
    expect(new Set(structure.slice(60, 240))).toEqual(new Set([0]));
    expect(new Set(structure.slice(360, 560))).toEqual(new Set([1]));
    const walk = windowLabels(toySeries(stretch(3_000, () => 0.01 * draw()))).structure;
    const silent = walk.filter((label) => label === UNLABELED).length / walk.length;
    expect(silent).toBeGreaterThan(0.2);
    expect(silent).toBeLessThan(0.6);
  });

  it('is hindsight: the future changes labels before it, but none further back than half a window', () => {
    const series = toySeries(stretch(600, () => 0.01 * draw()));
    const before = windowLabels(series).trend;
    const after = windowLabels(withOtherFuture(series, 400)).trend;
    expect(after.slice(380, 400)).not.toEqual(before.slice(380, 400));
    const ends = [...before.slice(0, LABEL_HALF_WINDOW_CANDLES), ...before.slice(-LABEL_HALF_WINDOW_CANDLES)];
    expect(new Set(ends)).toEqual(new Set([UNLABELED]));
  });
});
