import { z } from 'zod';
import { FAULT_KINDS, FaultKind, type KindField } from './fault-kinds.ts';
import { Duration, Moment, SignedDuration } from './market-moment.ts';

const KIND_FIELDS = [
  'method',
  'path',
  'executes',
  'delayMs',
  'queries',
  'banMs',
  'skewMs',
] as const satisfies readonly KindField[];

const needed = (kind: FaultKind): KindField | undefined => (kind === 'clock_skew' ? 'skewMs' : undefined);

/** One rule: what goes wrong, for whom, and which of the fitting requests, events or sockets it strikes. */
export const FaultRule = z
  .strictObject({
    id: z.string().min(1).max(64).optional(),
    kind: FaultKind,
    /** Only what concerns this account; without it everybody, public requests too. */
    accountId: z.string().min(1).max(64).optional(),
    /** `WS` is the websocket API. */
    method: z.enum(['GET', 'POST', 'PUT', 'DELETE', 'WS']).optional(),
    /** Request path, method of the websocket API, event type or socket path, whole or with `*` at its end; without it all that the kind concerns. */
    path: z.string().min(1).max(200).optional(),
    /** How often it strikes before it is spent. When left out: once, or without end for a rule with `every`, `probability` or `untilMs`. */
    times: z.int().positive().max(1_000_000).optional(),
    /** How many fitting requests, events or sockets pass before the first that may be struck. */
    after: z.int().min(0).default(0),
    /** Strikes each n-th of those that may be struck. */
    every: z.int().positive().max(1_000_000).optional(),
    /** Strikes by lot, drawn from the seed in a sequence of the rule's own. */
    probability: z.number().gt(0).max(1).optional(),
    /** First and last moment at which it may strike, in market time. */
    fromMs: Moment.optional(),
    untilMs: Moment.optional(),
    /** Whether a request answered with an error is carried out all the same. */
    executes: z.boolean().optional(),
    /** Units: wall milliseconds for `delay_reply`, market milliseconds for everything else. */
    delayMs: Duration.optional(),
    /** How many queries an `order_lag` answers with -2013. */
    queries: z.int().positive().max(1_000).optional(),
    /** How long the address is refused. Units: market ms. */
    banMs: Duration.optional(),
    /** How far the shown server time is ahead (negative: behind). */
    skewMs: SignedDuration.optional(),
  })
  .superRefine((rule, context) => {
    const { takes } = FAULT_KINDS[rule.kind];
    for (const field of KIND_FIELDS) {
      if (rule[field] === undefined || takes.includes(field)) continue;
      context.addIssue({ code: 'custom', path: [field], message: `means nothing for ${rule.kind}` });
    }
    const missing = needed(rule.kind);
    if (missing !== undefined && rule[missing] === undefined) {
      context.addIssue({ code: 'custom', path: [missing], message: `is needed for ${rule.kind}` });
    }
    const { fromMs, untilMs } = rule;
    const isSameKind = fromMs !== undefined && fromMs.kind === untilMs?.kind;
    const isReversed =
      isSameKind &&
      (fromMs.kind === 'at' && untilMs.kind === 'at'
        ? untilMs.timeMs < fromMs.timeMs
        : fromMs.kind === 'in' && untilMs.kind === 'in' && untilMs.spanMs < fromMs.spanMs);
    if (isReversed) context.addIssue({ code: 'custom', path: ['untilMs'], message: 'lies before fromMs' });
  });
export type FaultRule = z.infer<typeof FaultRule>;
