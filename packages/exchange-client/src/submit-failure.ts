import type { SubmitOutcome } from './port.ts';
import { bannedUntilMs, refusalIn, type VenueAnswer } from './venue-answer.ts';

/** The outcomes that a failed send can have. */
export type SubmitFailure = Exclude<SubmitOutcome, { kind: 'placed' }>;
type NotPlacedReason = Extract<SubmitOutcome, { kind: 'not_placed' }>['reason'];

/** Codes whose meaning does not follow from the HTTP status. All other negative codes under 4xx are plain rejections. */
const MEANING_OF_CODE: ReadonlyMap<number, NotPlacedReason | 'unknown'> = new Map<number, NotPlacedReason | 'unknown'>([
  [-1000, 'unknown'], // "an unknown error occurred": the documentation does not say whether before or after matching
  [-1001, 'unavailable'],
  [-1002, 'identity'],
  [-1003, 'throttled'],
  [-1006, 'unknown'],
  [-1007, 'unknown'],
  [-1008, 'throttled'],
  [-1015, 'throttled'],
  [-1016, 'unavailable'],
  [-1021, 'clock'],
  [-1022, 'identity'],
  [-2014, 'identity'],
  [-2015, 'identity'],
  [-4109, 'identity'],
  [-4116, 'duplicate'],
  [-5028, 'clock'],
]);

// The two 503 texts that the documentation calls certain failures; the third, "Unknown error…", may have executed.
const CERTAIN_503 = /^(Service Unavailable\.?$|Internal error)/i;

type Answered = Extract<VenueAnswer, { kind: 'answered' }>;

const meaningOf = (answer: Answered): NotPlacedReason | 'unknown' => {
  const { httpStatus, body } = answer;
  const { code, message, isVenueBody } = refusalIn(body);
  if (bannedUntilMs(message) !== null || httpStatus === 418) return 'banned';
  if (httpStatus === 429) return 'throttled';
  if (httpStatus === 401 || httpStatus === 403) return 'identity'; // 403 is the web application firewall
  if (httpStatus === 408) return 'unknown';
  const known = code === null ? undefined : MEANING_OF_CODE.get(code);
  if (known !== undefined && !(httpStatus === 503 && /^Unknown error/i.test(message))) return known;
  if (httpStatus === 503) return CERTAIN_503.test(message) ? 'unavailable' : 'unknown';
  if (httpStatus >= 500) return 'unknown';
  // A negative code is the venue's refusal also under 2xx; without one a 2xx we could not read may well be a placed order.
  return isVenueBody && code !== null && code < 0 ? 'rejected' : 'unknown';
};

/**
 * Says what is known after a send that did not end in a readable placement: certainly not placed, or unknown. In doubt it says
 * `unknown`, because a query costs a moment and a second order costs money.
 *
 * Units: `nowMs` and `retryAtMs` are venue time, UTC ms.
 * Source: Binance USD-M general info (three kinds of 503) and error codes; the test beside this file is the table.
 */
export function classifySubmitFailure(answer: VenueAnswer, nowMs: number): SubmitFailure {
  if (answer.kind === 'withheld') {
    const message =
      answer.reason === 'banned' ? 'not sent: this address is banned' : 'not sent: the request budget is used up';
    return { kind: 'not_placed', reason: answer.reason, venueCode: null, message, retryAtMs: answer.retryAtMs };
  }
  if (answer.kind === 'failed') {
    if (answer.wasSent) return { kind: 'unknown', reason: answer.failure };
    const message = `never reached the venue: ${answer.failure}`;
    return { kind: 'not_placed', reason: 'unavailable', venueCode: null, message, retryAtMs: null };
  }
  const { code, message } = refusalIn(answer.body);
  const meaning = meaningOf(answer);
  if (meaning === 'unknown') {
    return { kind: 'unknown', reason: `HTTP ${answer.httpStatus}${code === null ? '' : ` ${code}`}: ${message}` };
  }
  const retryAtMs = bannedUntilMs(message) ?? (answer.retryAfterMs === null ? null : nowMs + answer.retryAfterMs);
  return { kind: 'not_placed', reason: meaning, venueCode: code, message, retryAtMs };
}
