import { operatorOnly, showsOperatorKey } from '@qt/service-kit';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** What stands before a page and may answer in its place. */
export type Guard = ReturnType<typeof operatorOnly>;

export interface GuardsOptions {
  readonly operatorKey: string | undefined;
  readonly changesPerMinute: number;
  readonly validationsPerMinute: number;
}

/** What stands before pages that change something, and before the one that costs work without changing anything. */
export interface Guards {
  readonly changes: readonly Guard[];
  readonly validations: readonly Guard[];
}

interface Allowance {
  readonly perMinute: number;
  readonly code: string;
  /** What is counted, as the refusal names it. */
  readonly things: string;
}

/** No address looks like this. */
const OPERATOR = 'operator';

/**
 * Counts per peer, as seen from this process: behind a proxy all who come through it are one peer, and the proxy counts them by address.
 * Whoever shows the operator key has an allowance apart, so that nobody can lock the operator out by guessing.
 */
const limited = (operatorKey: string | undefined, { perMinute, code, things }: Allowance): Guard => {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (request, response, next) => {
    try {
      await limiter.consume(showsOperatorKey(operatorKey, request) ? OPERATOR : (request.ip ?? 'unknown'));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const waitSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1_000));
      const message = `at most ${perMinute} ${things} a minute are taken; try again in ${waitSeconds} s`;
      response.setHeader('retry-after', String(waitSeconds));
      response.status(429).json({ error: { code, message } });
      return;
    }
    next();
  };
};

/** Returns the guards. Requests are counted before the key is judged: guesses count. */
export const guardsOf = ({ operatorKey, changesPerMinute, validationsPerMinute }: GuardsOptions): Guards => ({
  changes: [
    limited(operatorKey, { perMinute: changesPerMinute, code: 'TOO_MANY_CHANGES', things: 'changes' }),
    operatorOnly(operatorKey),
  ],
  validations: [
    limited(operatorKey, { perMinute: validationsPerMinute, code: 'TOO_MANY_VALIDATIONS', things: 'validations' }),
  ],
});
