/** What asking the venue about an order of unknown outcome has given so far. Times in ms of the clock that decisions use. */
export interface UnknownInquiry {
  readonly sinceMs: number;
  /** From then on the venue cannot accept the request any more. */
  readonly horizonMs: number;
  readonly asked: number;
  readonly nextAskAtMs: number;
  /** Negative answers given after the horizon; earlier ones prove nothing. */
  readonly negativesAfterHorizon: number;
  readonly firstNegativeAfterHorizonMs: number | null;
}

// Source: reliability.md 4.4: +0.25, 0.5, 1, 2, 4 s, then every 4 s; absence needs 3 negatives over 10 s after the horizon.
const ASK_AFTER_MS = [250, 500, 1000, 2000, 4000] as const;
const ASK_EVERY_MS = 4000;
const NEGATIVES_NEEDED = 3;
const NEGATIVES_SPREAD_MS = 10_000;

/** Returns the inquiry into an order whose outcome became unknown; the first question is due at once. */
export const openInquiry = (sinceMs: number, horizonMs: number): UnknownInquiry => ({
  sinceMs,
  horizonMs,
  asked: 0,
  nextAskAtMs: sinceMs,
  negativesAfterHorizon: 0,
  firstNegativeAfterHorizonMs: null,
});

/** Returns whether the venue is to be asked (again) at `nowMs`. */
export const isInquiryDue = (inquiry: UnknownInquiry, nowMs: number): boolean => nowMs >= inquiry.nextAskAtMs;

/** Returns the inquiry after the venue said at `nowMs` that it knows no such order. */
export function noteNegative(inquiry: UnknownInquiry, nowMs: number): UnknownInquiry {
  const isAfterHorizon = nowMs >= inquiry.horizonMs;
  return { ...noteAsked(inquiry, nowMs), ...(isAfterHorizon ? afterHorizon(inquiry, nowMs) : {}) };
}

const afterHorizon = (inquiry: UnknownInquiry, nowMs: number) => ({
  negativesAfterHorizon: inquiry.negativesAfterHorizon + 1,
  firstNegativeAfterHorizonMs: inquiry.firstNegativeAfterHorizonMs ?? nowMs,
});

/** Returns the inquiry after a question that got no answer at all: it proves nothing, and the next one waits its turn. */
export function noteAsked(inquiry: UnknownInquiry, nowMs: number): UnknownInquiry {
  const offsetMs = ASK_AFTER_MS[inquiry.asked];
  const nextAskAtMs = offsetMs === undefined ? nowMs + ASK_EVERY_MS : Math.max(inquiry.sinceMs + offsetMs, nowMs + 1);
  return { ...inquiry, asked: inquiry.asked + 1, nextAskAtMs };
}

/** Returns whether the negatives so far prove that the venue never had the order. */
export const isAbsenceProven = (inquiry: UnknownInquiry, nowMs: number): boolean =>
  inquiry.negativesAfterHorizon >= NEGATIVES_NEEDED &&
  inquiry.firstNegativeAfterHorizonMs !== null &&
  nowMs - inquiry.firstNegativeAfterHorizonMs >= NEGATIVES_SPREAD_MS;
