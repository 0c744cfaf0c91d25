import { Decimal as DecimalJs } from 'decimal.js';

/**
 * Decimal arithmetic for money and quantities: 40 significant digits, half-even, never in exponent form when printed with `toFixed`.
 *
 * Source: precision 20, the library's default, silently rounds sums of 8-digit ledgers.
 */
export const Decimal = DecimalJs.clone({
  precision: 40,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 40,
});
export type Decimal = DecimalJs;

/** Returns a Decimal of the given text, number or Decimal. Throws on text that is no number. */
export const dec = (value: DecimalJs.Value): Decimal => new Decimal(value);

export const ZERO: Decimal = dec(0);

/** Returns the plain decimal text of a value, without exponent and without trailing zeros: the form money has on every wire. */
export const toText = (value: Decimal): string => value.toFixed();

/**
 * Returns `value` rounded down to a whole number of `step`s (towards zero).
 *
 * Units: both in the same unit; the result is a multiple of `step`.
 */
export const floorToStep = (value: Decimal, step: Decimal): Decimal => value.div(step).trunc().times(step);

/** Returns the sum of the values, zero when there are none. */
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = ZERO;
  for (const value of values) total = total.plus(value);
  return total;
};
