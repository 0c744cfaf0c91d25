import { connect, createConnection, disconnect } from './redis-connection.ts';
import { additionOf } from './stream-entry.ts';

export interface Injection {
  readonly redisUrl: string;
  readonly type: string;
  readonly envelopeText: string;
}

/**
 * Puts a stored envelope back on its stream, as `qt events replay` does with a dead letter. Consumers that have applied the event take
 * it for a duplicate; the one that parked it tries again.
 *
 * Throws: AppError REDIS_UNREACHABLE.
 */
export const injectEnvelope = async ({ redisUrl, type, envelopeText }: Injection): Promise<void> => {
  const redis = createConnection({ url: redisUrl, name: 'inject', isReader: false });
  await connect(redis, redisUrl);
  try {
    await redis.call('XADD', ...additionOf({ type, envelopeText, relayOrder: 0, kind: 'replay' }));
  } finally {
    disconnect(redis);
  }
};
