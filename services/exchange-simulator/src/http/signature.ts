import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse } from './protocol-error.ts';

const SIGNATURE = /(^|&)signature=([^&]*)/;

const withoutSignature = (part: string): string => part.replace(SIGNATURE, '').replace(/^&/, '');

interface SignedRequest {
  /** Query string without the question mark, as sent. */
  readonly query: string;
  /** Form body, as sent. */
  readonly body: string;
}

/**
 * Checks the HMAC-SHA256 of a request: the query string followed by the body, both as sent, without the signature itself.
 *
 * Throws: -1102 when there is no signature, -1022 when it is not ours.
 * Source: Binance USD-M general info, "SIGNED endpoint security".
 */
export function verifySignature({ query, body }: SignedRequest, secret: string): void {
  const sent = SIGNATURE.exec(query)?.[2] ?? SIGNATURE.exec(body)?.[2];
  if (sent === undefined || sent === '') throw refuse.missingParameter('signature');
  const payload = withoutSignature(query) + withoutSignature(body);
  const expected = createHmac('sha256', secret).update(payload).digest();
  const given = Buffer.from(sent, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse.badSignature();
}

const DEFAULT_RECV_WINDOW_MS = 5_000;
const LONGEST_RECV_WINDOW_MS = 60_000;
const AHEAD_ALLOWANCE_MS = 1_000;

interface RequestAge {
  readonly timestampMs: number;
  readonly recvWindowMs: number | undefined;
  readonly serverTimeMs: number;
  /** How much faster than a wall clock the market runs: the allowances are meant for network delays, which are wall time. */
  readonly speed: number;
  /** Where the step began that the market made last; in lock-step it takes no wall time, so what was signed before it is not old. */
  readonly steppedFromMs: number;
}

/** Throws: -1021 when the request is older than its window or from the future, -1131 when the window itself is not allowed. */
export function verifyTimestamp({ timestampMs, recvWindowMs, serverTimeMs, speed, steppedFromMs }: RequestAge): void {
  const window = recvWindowMs ?? DEFAULT_RECV_WINDOW_MS;
  if (window <= 0 || window > LONGEST_RECV_WINDOW_MS) throw refuse.badRecvWindow();
  if (timestampMs >= serverTimeMs + AHEAD_ALLOWANCE_MS * speed) throw refuse.aheadOfServer();
  if (timestampMs < Math.min(serverTimeMs, steppedFromMs) - window * speed) throw refuse.outsideRecvWindow();
}
