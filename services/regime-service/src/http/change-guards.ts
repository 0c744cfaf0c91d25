import { operatorOnly } from '@qt/service-kit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Guard } from './api-route.ts';

export interface ChangeGuardsOptions {
  readonly operatorKey: string | undefined;
  readonly changesPerMinute: number;
}

/** Returns what stands before a page that changes something: a limit per caller, counted before the key is looked at, then the key. */
export const changeGuards = ({ operatorKey, changesPerMinute }: ChangeGuardsOptions): readonly Guard[] => {
  const limiter = new RateLimiterMemory({ points: changesPerMinute, duration: 60 });
  return [
    async (request, response, next) => {
      try {
        await limiter.consume(request.ip ?? 'unknown');
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const waitSeconds = Math.ceil(refused.msBeforeNext / 1_000);
        const message = `at most ${changesPerMinute} changes a minute are taken; try again in ${waitSeconds} s`;
        response.setHeader('retry-after', String(waitSeconds));
        response.status(429).json({ error: { code: 'TOO_MANY_CHANGES', message } });
        return;
      }
      next();
    },
    operatorOnly(operatorKey),
  ];
};
