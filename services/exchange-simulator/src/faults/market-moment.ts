import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^([+-]?)(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
const LONGEST_MS = 366 * 86_400_000;
const EARLIEST_MS = 946_684_800_000;
const LATEST_MS = 4_102_444_800_000;

const durationMsOf = (value: string | number): number | undefined => {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const [, sign, amount, unit] = DURATION.exec(value) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  return Math.round(Number(amount) * (UNIT_MS[unit] ?? 0)) * (sign === '-' ? -1 : 1);
};

const written = z.union([z.number(), z.string()], { error: 'expected milliseconds or text' });

const duration = (least: number) =>
  written.transform((value, context) => {
    const durationMs = durationMsOf(value);
    if (durationMs !== undefined && durationMs >= least && durationMs <= LONGEST_MS) return durationMs;
    const sign = least < 0 ? ', -5s' : '';
    context.addIssue({
      code: 'custom',
      message: `expected milliseconds, or a time span such as 250ms, 5s${sign}, 3m, 1h, of at most a year, was ${JSON.stringify(value)}`,
    });
    return z.NEVER;
  });

/** A span of time: milliseconds, or text such as `250ms`, `5s`, `3m`, `1h`. Units: ms. */
export const Duration = duration(0);

/** A span that may be negative. Units: ms. */
export const SignedDuration = duration(-LONGEST_MS);

/** A point of market time: fixed, or as far ahead of whatever it is written for. */
export type Moment =
  | { readonly kind: 'at'; readonly timeMs: number }
  | { readonly kind: 'in'; readonly spanMs: number };

/** A point of market time: UTC milliseconds, `2024-01-01T00:05:00Z`, or `+90s` from where the rule or the scenario begins. */
export const Moment = written.transform((value, context): Moment => {
  if (typeof value === 'string' && value.startsWith('+')) {
    const spanMs = durationMsOf(value);
    if (spanMs !== undefined && spanMs <= LONGEST_MS) return { kind: 'in', spanMs };
  } else {
    const timeMs = typeof value === 'string' ? Date.parse(/Z|[+-]\d\d:\d\d$/.test(value) ? value : '') : value;
    if (Number.isSafeInteger(timeMs) && timeMs >= EARLIEST_MS && timeMs <= LATEST_MS) return { kind: 'at', timeMs };
  }
  context.addIssue({
    code: 'custom',
    message: `expected UTC milliseconds, a time such as 2024-01-01T00:05:00Z, or a span from the beginning such as +90s, was ${JSON.stringify(value)}`,
  });
  return z.NEVER;
});

/** Returns the point itself, counted from `startMs` when it is a span. */
export function momentMs(moment: Moment, startMs: number): number {
  return moment.kind === 'at' ? moment.timeMs : startMs + moment.spanMs;
}
