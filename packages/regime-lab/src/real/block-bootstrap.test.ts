import { describe, expect, it } from '@jest/globals';
import { normalDraws } from '../../test/toy-series.ts';
import { blockBootstrap } from './block-bootstrap.ts';

const mean = ([sum = 0, count = 0]: readonly number[]): number => sum / count;

describe('blockBootstrap', () => {
  it('is as wide as theory says for independent values, and wider for values that hang together', () => {
    const draw = normalDraws(3);
    const independent = Float64Array.from({ length: 4_000 }, draw);
    const ones = new Float64Array(4_000).fill(1);
    const alone = blockBootstrap([independent, ones], mean, { blockCandles: 50, resamples: 800 });
    const width = (alone?.high ?? 0) - (alone?.low ?? 0);
    expect(width).toBeGreaterThan(0.8 * 2 * 1.96 * (1 / Math.sqrt(4_000)));
    expect(width).toBeLessThan(1.2 * 2 * 1.96 * (1 / Math.sqrt(4_000)));
    const stuck = Float64Array.from(independent, (_, index) => independent[index - (index % 40)] ?? 0);
    const together = blockBootstrap([stuck, ones], mean, { blockCandles: 200, resamples: 800 });
    expect((together?.high ?? 0) - (together?.low ?? 0)).toBeGreaterThan(3 * width);
  });

  it('has no width where nothing varies, and the same seed gives the same interval', () => {
    const columns = [new Float64Array(100).fill(2), new Float64Array(100).fill(1)];
    expect(blockBootstrap(columns, mean, { blockCandles: 10 })).toEqual({ low: 2, high: 2 });
    const varied = [Float64Array.from({ length: 100 }, (_, index) => index % 7), new Float64Array(100).fill(1)];
    const options = { blockCandles: 10, seed: 5 };
    expect(blockBootstrap(varied, mean, options)).toEqual(blockBootstrap(varied, mean, options));
  });

  it.each([
    { name: 'no candle', columns: [[], []] },
    {
      name: 'no finite outcome',
      columns: [
        [1, 2],
        [0, 0],
      ],
    },
  ])('gives nothing for $name', ({ columns }) => {
    expect(blockBootstrap(columns, mean, { blockCandles: 10 })).toBeNull();
  });
});
