import type { Venue } from '../../domain/venue.ts';
import { refuse } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';

const WEEK_MS = 7 * 24 * 60 * 60_000;

/** Returns an object with the property, or none when the value is undefined: for options that may be left out. */
export function optional<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: V };
}

/** Throws: -1121 when the venue does not list the symbol. */
export function requireListed(venue: Venue, symbol: string): void {
  if (venue.spec(symbol) === null) throw refuse.invalidSymbol();
}

/** Returns the symbol asked for. Throws: -1102 when it is missing, -1121 when the venue does not list it. */
export function requireSymbol(venue: Venue, params: RequestParameters): string {
  const symbol = params.requiredSymbol();
  requireListed(venue, symbol);
  return symbol;
}

/**
 * Returns the times a history is asked for: the last seven days unless given, never more than seven days at once. Without a start
 * the newest rows are meant.
 *
 * Throws: -4165 on a longer or reversed range.
 */
export function timeRange(
  params: RequestParameters,
  nowMs: number,
): { readonly startMs: number; readonly endMs: number; readonly keeps: 'first' | 'newest' } {
  const start = params.integer('startTime');
  const end = params.integer('endTime');
  const endMs = end ?? (start === undefined ? nowMs : start + WEEK_MS);
  const startMs = start ?? endMs - WEEK_MS;
  if (endMs < startMs || endMs - startMs > WEEK_MS) throw refuse.badTimeInterval();
  return { startMs, endMs, keeps: start === undefined ? 'newest' : 'first' };
}
