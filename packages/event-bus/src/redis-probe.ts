import { assertNoEviction, connect, createConnection } from './redis-connection.ts';

/**
 * Proves that Redis answers and keeps what it is given, and changes nothing in it. Returns how long that took, in milliseconds.
 *
 * Throws: REDIS_UNREACHABLE, REDIS_EVICTION_ENABLED.
 */
export const probeRedis = async (url: string): Promise<number> => {
  const startedMs = performance.now();
  const redis = createConnection({ url, name: 'probe', isReader: false });
  await connect(redis, url);
  try {
    await assertNoEviction(redis, url);
    return performance.now() - startedMs;
  } finally {
    redis.disconnect();
  }
};
