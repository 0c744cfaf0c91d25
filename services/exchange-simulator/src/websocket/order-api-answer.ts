import type { Answer, Reply } from '../faults/reply.ts';
import type { LimitsOfUse, Usage } from '../http/rate-limits.ts';
import type { FrameId } from './order-api-frame.ts';

/** What a request gets on its socket: a text frame, nothing at all, or the end of the connection. */
export type FrameAnswer = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'silence' | 'cut' };

interface Answered {
  readonly id: FrameId;
  readonly usage: Usage;
  /** Null: the client does not want to hear of them. */
  readonly limits: LimitsOfUse | null;
  readonly serverTimeMs: number;
}

const SECOND_MS = 1_000;
const OK = 200;
/** What an error is called that has no code over HTTP either. */
const UNNAMED_CODE = -1_000;
/** What exchangeInfo names, where this run has no limit. */
const USUAL = { weightPerMinute: 2_400, ordersPerTenSeconds: 300, ordersPerMinute: 1_200 } as const;

/** Returns what a reply becomes on a socket. A page of a balancer, or half an answer, has no form in frames: there the connection ends. */
export function answerFrame(reply: Reply, answered: Answered): FrameAnswer {
  if (reply.kind === 'silence') return { kind: 'silence' };
  if (reply.kind !== 'answer') return { kind: 'cut' };
  const { status, body } = reply;
  const { id, usage, limits } = answered;
  const frame = {
    id,
    status,
    ...(status === OK ? { result: body } : { error: errorOf(reply, answered) }),
    ...(limits === null ? {} : { rateLimits: rateLimitsOf(usage, limits) }),
  };
  return { kind: 'text', text: JSON.stringify(frame) };
}

function errorOf({ body, headers }: Answer, { usage, serverTimeMs }: Answered): object {
  const { code = UNNAMED_CODE, msg = '' } = body as { readonly code?: number; readonly msg?: string };
  const scripted = headers?.['retry-after'];
  const retryAfterSeconds = usage.retryAfterSeconds ?? (scripted === undefined ? undefined : Number(scripted));
  if (retryAfterSeconds === undefined) return { code, msg };
  return { code, msg, data: { serverTime: serverTimeMs, retryAfter: serverTimeMs + retryAfterSeconds * SECOND_MS } };
}

function rateLimitsOf({ weightIn1m, ordersIn10s, ordersIn1m }: Usage, limits: LimitsOfUse): readonly object[] {
  const limit = (name: keyof LimitsOfUse): number => limits[name] ?? USUAL[name];
  const orders = { rateLimitType: 'ORDERS' } as const;
  const [perTenSeconds, perMinute] = [
    { interval: 'SECOND', intervalNum: 10 },
    { interval: 'MINUTE', intervalNum: 1 },
  ];
  return [
    ...(ordersIn10s === undefined
      ? []
      : [{ ...orders, ...perTenSeconds, limit: limit('ordersPerTenSeconds'), count: ordersIn10s }]),
    ...(ordersIn1m === undefined
      ? []
      : [{ ...orders, ...perMinute, limit: limit('ordersPerMinute'), count: ordersIn1m }]),
    ...(weightIn1m === undefined
      ? []
      : [{ rateLimitType: 'REQUEST_WEIGHT', ...perMinute, limit: limit('weightPerMinute'), count: weightIn1m }]),
  ];
}
