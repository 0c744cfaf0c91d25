import { AppError } from '@qt/kernel';

export interface Shard {
  readonly index: number;
  readonly count: number;
}

/**
 * Returns the symbols one shard is responsible for, sorted. All shards together have every symbol once.
 *
 * Throws: SHARD_INVALID when the index is none of the count's, or the shard has nothing to do.
 */
export const symbolsOfShard = (symbols: readonly string[], { index, count }: Shard): readonly string[] => {
  const sorted = [...new Set(symbols)].toSorted();
  const own = sorted.filter((_, position) => position % count === index);
  if (index >= count || own.length === 0) {
    throw new AppError(
      'SHARD_INVALID',
      `SHARD_INDEX ${index} of SHARD_COUNT ${count} has no symbol among ${sorted.join(', ')}; give an index below the count, and no more shards than symbols`,
      { retryable: false },
    );
  }
  return own;
};

/** Returns the name under which a shard publishes: each has sequence numbers of its own. */
export const sourceOfShard = ({ index, count }: Shard): string =>
  count === 1 ? 'regime-service' : `regime-service-${index}`;
