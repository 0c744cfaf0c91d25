import { describe, expect, it } from '@jest/globals';
import { MarketQuality } from './market-quality.ts';

const MINUTE_MS = 60_000;

describe('MarketQuality', () => {
  it('finds nothing wrong while there is nothing to measure', () => {
    const figures = new MarketQuality(MINUTE_MS).figures();
    expect(figures).toMatchObject({
      completenessRatio: 1,
      consistencyRatio: 1,
      timelinessRatio: 1,
      uniquenessRatio: 1,
    });
    expect(figures).toMatchObject({ missingCandles: 0, firstOpenTimeMs: null, lastOpenTimeMs: null });
  });

  it('measures holes, refusals, lateness and repetition', () => {
    const quality = new MarketQuality(MINUTE_MS);
    for (const minute of [0, 1, 2, 4]) quality.accepted(minute * MINUTE_MS, minute === 4 ? 'gap_fill' : 'stream');
    quality.gap();
    quality.refused('NOT_FINITE');
    quality.duplicate();
    for (const lagMs of [10, 20, 90, 40]) quality.streamed(lagMs, 50);
    expect(quality.figures()).toEqual({
      completenessRatio: 4 / 5,
      consistencyRatio: 4 / 5,
      timelinessRatio: 3 / 4,
      uniquenessRatio: 5 / 6,
      acceptedCandles: 4,
      missingCandles: 1,
      duplicateCandles: 1,
      lateCandles: 1,
      gaps: 1,
      filledCandles: 1,
      refused: { NOT_FINITE: 1 },
      firstOpenTimeMs: 0,
      lastOpenTimeMs: 4 * MINUTE_MS,
    });
  });
});
