import { parseExact } from './exact-json.ts';

/** What came of one request, before anyone says what it means. Nothing in it names the key, the signature or the URL. */
export type VenueAnswer =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      readonly body: string;
      /** From the Retry-After header; null without one. */
      readonly retryAfterMs: number | null;
    }
  /** `wasSent` is false only when no byte can have reached the venue (connection refused, name not found). */
  | { readonly kind: 'failed'; readonly wasSent: boolean; readonly failure: string }
  /** We did not send: our own budget is used up, or the venue has banned this address. */
  | { readonly kind: 'withheld'; readonly reason: 'budget' | 'banned'; readonly retryAtMs: number };

/** The venue's own words for a refusal. */
export interface VenueRefusal {
  /** Null when the body was not the venue's JSON. */
  readonly code: number | null;
  readonly message: string;
  /** False for HTML and other bodies that some proxy wrote. */
  readonly isVenueBody: boolean;
}

const jsonOf = (body: string): unknown => {
  try {
    return parseExact(body);
  } catch {
    return undefined;
  }
};

/** Returns the refusal in a body; a body that is no refusal (or no JSON) has code null. */
export const refusalIn = (body: string): VenueRefusal => {
  const parsed = jsonOf(body);
  if (typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'msg' in parsed) {
    const code = Number(parsed.code);
    return { code: Number.isInteger(code) ? code : null, message: String(parsed.msg).slice(0, 300), isVenueBody: true };
  }
  const isShortText = body.length <= 120 && !body.includes('<');
  return { code: null, message: isShortText ? body.trim() : "a body that is not the venue's JSON", isVenueBody: false };
};

/** Returns the end of a ban named in the venue's text, such as "IP banned until 1669829694169". Units: UTC ms. */
export const bannedUntilMs = (message: string): number | null => {
  const found = /banned until (\d{13})/.exec(message)?.[1];
  return found === undefined ? null : Number(found);
};
