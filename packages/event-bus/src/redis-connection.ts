import { AppError, messageOf } from '@qt/kernel';
import { Redis } from 'ioredis';

/** Longest silence of a server that is alive; after it a connection counts as half-open and is made anew. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 3_000;
const MAX_RECONNECT_DELAY_MS = 1_000;

/** Added to the block time of a read before its connection counts as half-open. */
export const BLOCK_GRACE_MS = 1_000;

export interface ConnectionOptions {
  readonly url: string;
  readonly name: string;
  /** A reader waits inside Redis; it gets a deadline per read instead of one per command. */
  readonly isReader: boolean;
}

/**
 * Returns a connection that fails fast and never sends a command twice: a resent XADD is a second entry.
 *
 * Source: measured with a reply lost on the way; `autoResendUnfulfilledCommands: false` alone leaves the promise hanging for ever.
 */
export const createConnection = ({ url, name, isReader }: ConnectionOptions): Redis => {
  const redis = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(50 * times, MAX_RECONNECT_DELAY_MS),
    ...(isReader
      ? { blockingTimeout: COMMAND_TIMEOUT_MS, blockingTimeoutGrace: BLOCK_GRACE_MS }
      : { commandTimeout: COMMAND_TIMEOUT_MS }),
  });
  // Each failed command rejects its own promise; without a listener the connection's error would be printed.
  redis.on('error', () => {});
  return redis;
};

/** Returns host and port of a connection string, without its password. */
const placeOf = (url: string): string => {
  try {
    const { hostname, port } = new URL(url);
    return `${hostname}:${port || '6379'}`;
  } catch {
    return 'an address that is not a URL';
  }
};

/** Connects, or throws AppError REDIS_UNREACHABLE that says where it tried. */
export const connect = async (redis: Redis, url: string): Promise<void> => {
  let reason = '';
  const note = (error: unknown): void => {
    reason = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  };
  redis.on('error', note);
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    throw new AppError(
      'REDIS_UNREACHABLE',
      `Redis at ${placeOf(url)} cannot be reached (${reason || messageOf(error)}). Start it, or set REDIS_URL to where it runs.`,
      { retryable: true, cause: error },
    );
  } finally {
    redis.off('error', note);
  }
};

/** Throws AppError REDIS_EVICTION_ENABLED unless Redis keeps every key: evicting a stream deletes its groups and pending entries too. */
export const assertNoEviction = async (redis: Redis, url: string): Promise<void> => {
  // INFO and not CONFIG GET, which hosted Redis forbids.
  const found = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1] ?? 'unknown';
  if (found === 'noeviction') return;
  throw new AppError(
    'REDIS_EVICTION_ENABLED',
    `Redis at ${placeOf(url)} has maxmemory-policy ${found}, which deletes whole event streams when memory runs short; expected noeviction. ` +
      'Mend it with: redis-cli CONFIG SET maxmemory-policy noeviction (and set it in redis.conf).',
    { retryable: false, details: { found } },
  );
};

/** Whether the failure says that the server has not answered in time, so that the connection may be half-open. */
export const isTimeout = (thrown: unknown): boolean => /timed out/i.test(messageOf(thrown));

/** Ends a connection for good. A second `disconnect` of a closed one would leave ioredis with a timer that holds the process. */
export const disconnect = (redis: Redis): void => {
  if (redis.status !== 'end') redis.disconnect();
};
