import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
}

/**
 * Returns what `attempt` returns once it neither throws nor returns false; tries again until then.
 *
 * Throws: the last error, or that nothing became true, after `timeoutMs` (5 000 when left out).
 */
export const eventually = async <T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<T> => {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== false) return result;
      if (Date.now() >= deadlineMs) throw new Error(`still false after ${timeoutMs} ms`);
    } catch (error) {
      if (Date.now() >= deadlineMs) throw error;
    }
    await sleep(intervalMs);
  }
};
