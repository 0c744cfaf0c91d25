import { refuse } from './protocol-error.ts';

const SIGNATURE = /(?:^|&)signature=([^&]*)/;

/** The signature goes with the sign that ties it to its neighbour; every other character was signed. */
const TIED_SIGNATURE = /&signature=[^&]*|^signature=[^&]*&?/;

const withoutSignature = (part: string): string => (part === '' ? '' : part.replace(TIED_SIGNATURE, ''));

/** What was signed, and the signature that came with it. */
export interface SignedText {
  /** Shape: one character per byte. */
  readonly payload: string;
  /** Decoded from the URL. */
  readonly signature: string;
}

interface SentText {
  /** Query string without the question mark, as sent. Shape: one character per byte. */
  readonly query: string;
  /** Form body, as sent. Shape: one character per byte. */
  readonly body: string;
}

/**
 * Returns what a request signs: the query string followed by the body, both as sent, without the signature itself, which may stand anywhere.
 *
 * Throws: -1102 when there is no signature.
 * Source: Binance USD-M general info, "SIGNED endpoint security".
 */
export function signedTextOf({ query, body }: SentText): SignedText {
  const sent = SIGNATURE.exec(query)?.[1] ?? SIGNATURE.exec(body)?.[1];
  if (sent === undefined || sent === '') throw refuse.missingParameter('signature');
  return { payload: withoutSignature(query) + withoutSignature(body), signature: decoded(sent) };
}

/** A base64 signature is percent-encoded in a URL; a plus sign that was not is a space there, and the signature is wrong. */
function decoded(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
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
