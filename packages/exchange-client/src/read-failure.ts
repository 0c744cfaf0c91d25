import { AppError } from '@qt/kernel';
import { bannedUntilMs, refusalIn, type VenueAnswer } from './venue-answer.ts';

const CLOCK_CODES: readonly (number | null)[] = [-1021, -5028];
const IDENTITY_CODES: readonly (number | null)[] = [-1002, -1022, -2014, -2015, -4109];
const PASSING_CODES: readonly (number | null)[] = [-1000, -1001, -1003, -1006, -1007, -1008, -1015, -1016];

/** Returns whether the venue refused a request because its time stamp was off. */
export const isClockRefusal = (answer: VenueAnswer): boolean =>
  answer.kind === 'answered' && CLOCK_CODES.includes(refusalIn(answer.body).code);

/** Returns the code of a refusal, null when the answer holds none. */
export const refusalCode = (answer: VenueAnswer): number | null =>
  answer.kind === 'answered' ? refusalIn(answer.body).code : null;

/**
 * Returns the AppError for a read that failed: VENUE_BUDGET_EXHAUSTED, VENUE_CLOCK, VENUE_IDENTITY, VENUE_REJECTED or VENUE_UNAVAILABLE.
 * `what` names the request without its query.
 */
export function readFailure(what: string, answer: VenueAnswer): AppError {
  if (answer.kind === 'withheld') {
    const until = new Date(answer.retryAtMs).toISOString();
    const why = answer.reason === 'banned' ? 'the venue has banned this address' : 'the request budget is used up';
    return new AppError('VENUE_BUDGET_EXHAUSTED', `${what} was not sent: ${why} until ${until}`, {
      retryable: true,
      details: { reason: answer.reason, retryAtMs: answer.retryAtMs },
    });
  }
  if (answer.kind === 'failed') {
    return new AppError('VENUE_UNAVAILABLE', `${what} got no answer: ${answer.failure}`, { retryable: true });
  }
  const { code, message } = refusalIn(answer.body);
  const said = `HTTP ${answer.httpStatus}${code === null ? '' : ` ${code}`}: ${message}`;
  const details = { httpStatus: answer.httpStatus, venueCode: code };
  if (answer.httpStatus === 418 || answer.httpStatus === 429 || bannedUntilMs(message) !== null) {
    return new AppError('VENUE_BUDGET_EXHAUSTED', `${what} was refused, too many requests: ${said}`, {
      retryable: true,
      details,
    });
  }
  if (CLOCK_CODES.includes(code)) {
    return new AppError('VENUE_CLOCK', `${what} was refused, our clock is off: ${said}`, { retryable: true, details });
  }
  if (answer.httpStatus === 401 || answer.httpStatus === 403 || IDENTITY_CODES.includes(code)) {
    return new AppError('VENUE_IDENTITY', `${what} was refused, check key, permissions and address: ${said}`, {
      retryable: false,
      details,
    });
  }
  const isRefusal = code !== null && answer.httpStatus < 500 && !PASSING_CODES.includes(code);
  return isRefusal
    ? new AppError('VENUE_REJECTED', `${what} was refused: ${said}`, { retryable: false, details })
    : new AppError('VENUE_UNAVAILABLE', `${what} failed: ${said}`, { retryable: true, details });
}
