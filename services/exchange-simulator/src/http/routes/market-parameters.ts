import type { SymbolSpec } from '../../domain/venue-types.ts';
import type { Venue } from '../../domain/venue.ts';
import { ProtocolError, refuse } from '../protocol-error.ts';
import type { RequestParameters } from '../request-parameters.ts';
import type { Route } from '../route.ts';
import { optional } from './shared-parameters.ts';

/** Returns a route that anyone may read. */
export const publicGet = (path: string, weight: Route['weight'], answer: Route['answer']): Route => ({
  method: 'GET',
  path,
  security: 'none',
  weight,
  answer,
});

/** Returns the weight of a query that is cheaper for one symbol than for all. */
export const weightOf =
  (one: number, all: number): Route['weight'] =>
  (params) =>
    params.symbol() === undefined ? all : one;

/**
 * Returns the number of rows asked for. Public endpoints refuse more than they give instead of giving less.
 *
 * Throws: -1130 below 1 and above `most`. Source: answers of fapi.binance.com to `limit=1501` (klines) and `limit=1001` (depth, aggTrades).
 */
export function pageSize(params: RequestParameters, otherwise: number, most: number): number {
  const value = params.integer('limit');
  if (value === undefined) return otherwise;
  if (value < 1 || value > most) throw refuse.invalidData('limit');
  return value;
}

/** Returns the span asked for, both ends included. Throws: -1130 on negative times, -1023 when it ends before it starts. */
export function timeSpan(params: RequestParameters): { readonly startMs?: number; readonly endMs?: number } {
  const [startMs, endMs] = ['startTime', 'endTime'].map((name) => {
    const value = params.integer(name);
    if (value !== undefined && value < 0) throw refuse.invalidData(name);
    return value;
  });
  if (startMs !== undefined && endMs !== undefined && startMs > endMs) {
    throw new ProtocolError(-1023, 'Start time is greater than end time.');
  }
  return { ...optional('startMs', startMs), ...optional('endMs', endMs) };
}

/** Returns the first id asked for, undefined when none is. Throws: -1130 below 0. */
export function firstId(params: RequestParameters): number | undefined {
  const value = params.integer('fromId');
  if (value !== undefined && value < 0) throw refuse.invalidData('fromId');
  return value;
}

/** Returns the rules of the symbol asked for. Throws: -1102 when it is missing, -1121 when the venue does not list it. */
export function listedSymbol(venue: Venue, params: RequestParameters): SymbolSpec {
  const spec = venue.spec(params.requiredSymbol());
  if (spec === null) throw refuse.invalidSymbol();
  return spec;
}

/** Answers for one symbol when it is named, else with a list of all. */
export function oneOrAll(venue: Venue, params: RequestParameters, answer: (symbol: string) => object): unknown {
  if (params.symbol() === undefined) return venue.specs().map((spec) => answer(spec.symbol));
  return answer(listedSymbol(venue, params).symbol);
}
