import type { DelayHistogram } from '../report.ts';
import { changesIn, type RunRecord } from './run-record.ts';

const BIN_CANDLES = 5;
const BINS = 25;

/** Candles from each true change until its regime is published; a regime never published is as late as its whole life. */
export interface DelayScores {
  readonly delayMedianCandles: number;
  readonly delayP90Candles: number;
}

/** Returns the value below which `share` of the sorted values lie; NaN of none. */
export const quantileOf = (sorted: ArrayLike<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

/** Returns the delays of the published path, and their histogram: bins of 5 candles, the last for 120 and more and for never. */
export const delayScoresOf = ({
  truth,
  publishedIds,
  firstScored,
}: RunRecord): { readonly scores: DelayScores; readonly histogram: DelayHistogram } => {
  const counts = Array.from({ length: BINS }, () => 0);
  const delays: number[] = [];
  for (const { at, to, lifeCandles } of changesIn(truth, firstScored)) {
    let delay = 0;
    while (delay < lifeCandles && publishedIds[at + delay] !== to) delay += 1;
    delays.push(delay);
    const bin = delay === lifeCandles ? BINS - 1 : Math.min(BINS - 1, Math.floor(delay / BIN_CANDLES));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  delays.sort((left, right) => left - right);
  return {
    scores: { delayMedianCandles: quantileOf(delays, 0.5), delayP90Candles: quantileOf(delays, 0.9) },
    histogram: { binCandles: BIN_CANDLES, counts },
  };
};
