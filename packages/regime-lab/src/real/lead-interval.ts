import type { Calls } from './baseline-calls.ts';
import { blockBootstrap, type Interval95 } from './block-bootstrap.ts';
import { UNLABELED } from './factor-labels.ts';
import { TRAIN_CANDLES } from './walk-forward.ts';

const BLOCK_CANDLES = 250;

const hitsOf = (labels: Int8Array, calls: Int8Array): Float64Array =>
  Float64Array.from({ length: Math.max(0, labels.length - TRAIN_CANDLES) }, (_, row) => {
    const label = labels[row + TRAIN_CANDLES] ?? UNLABELED;
    return label !== UNLABELED && label === calls[row + TRAIN_CANDLES] ? 1 : 0;
  });

/** Returns the interval of the accuracy of `calls` less that of `rival` in resamples of the judged candles. */
export const leadIntervalOf = (labels: Int8Array, calls: Calls, rival: Calls): Interval95 | null => {
  const labeled = Float64Array.from({ length: Math.max(0, labels.length - TRAIN_CANDLES) }, (_, row) =>
    labels[row + TRAIN_CANDLES] === UNLABELED ? 0 : 1,
  );
  return blockBootstrap(
    [hitsOf(labels, calls), hitsOf(labels, rival), labeled],
    ([own = 0, other = 0, count = 0]) => (own - other) / count,
    { blockCandles: BLOCK_CANDLES },
  );
};
