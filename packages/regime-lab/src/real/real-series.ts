import type { Bar } from '@qt/regime';

/** A market's candles, column by column, oldest first. */
export interface RealSeries {
  readonly name: string;
  readonly intervalMs: number;
  readonly bars: readonly Bar[];
  /** Shape: as `bars`. */
  readonly logCloses: Float64Array;
  /** Shape: as `bars`; the first is the move inside the first candle. */
  readonly logReturns: Float64Array;
  /** ln(high / low); 0 when the candle did not move. Shape: as `bars`. */
  readonly ranges: Float64Array;
}

/** Returns the series of candles that follow each other; a gap in time counts as one step. */
export const seriesOf = (market: {
  readonly name: string;
  readonly intervalMs: number;
  readonly bars: readonly Bar[];
}): RealSeries => {
  const { bars } = market;
  const logCloses = Float64Array.from(bars, ({ close }) => Math.log(close));
  const logReturns = Float64Array.from(bars, ({ open, close }, index) =>
    Math.log(close / (index === 0 ? open : (bars[index - 1]?.close ?? open))),
  );
  const ranges = Float64Array.from(bars, ({ high, low }) => Math.log(high / low));
  return { ...market, logCloses, logReturns, ranges };
};
