/** Money, prices and quantities of the venue: whole numbers of 1e-8 units, so that every sum is exact. */
export type Fixed = bigint;

/** Units in one. */
export const ONE: Fixed = 100_000_000n;
const DECIMALS = 8;
/** What a number of the short kind is multiplied by, by its places. */
const SCALES: readonly number[] = [1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 100, 10, 1];
const SHORT_LENGTH = 15;
const [ZERO, NINE, POINT] = [48, 57, 46];
const HALF = ONE / 2n;
const PATTERN = /^-?\d{1,20}(?:\.\d{1,18})?$/;

/**
 * Returns the value of a plain decimal text, or null when it is no number or is finer than 1e-8.
 *
 * Shape: '12', '-0.5', '0.00000001'; no exponent, no sign plus, no blanks.
 */
export const parseFixed = (text: string): Fixed | null => parseShort(text) ?? parseLong(text);

/** What nearly all texts are: up to fifteen digits, at most eight of them behind the point. Null for all others. */
const parseShort = (text: string): Fixed | null => {
  const { length } = text;
  if (length > SHORT_LENGTH) return null;
  let digits = 0;
  let places = -1;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === POINT) {
      if (places >= 0 || index === 0 || index === length - 1) return null;
      places = 0;
    } else if (code >= ZERO && code <= NINE) {
      digits = digits * 10 + code - ZERO;
      if (places >= 0) places += 1;
    } else return null;
  }
  const scale = length === 0 ? undefined : SCALES[places < 0 ? 0 : places];
  if (scale === undefined) return null;
  const units = digits * scale;
  return units <= Number.MAX_SAFE_INTEGER ? BigInt(units) : BigInt(digits) * BigInt(scale);
};

const parseLong = (text: string): Fixed | null => {
  if (!PATTERN.test(text)) return null;
  const isNegative = text.startsWith('-');
  const [whole = '0', fraction = ''] = (isNegative ? text.slice(1) : text).split('.');
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > DECIMALS) return null;
  const value = BigInt(whole) * ONE + BigInt(significant.padEnd(DECIMALS, '0'));
  return isNegative ? -value : value;
};

/** Returns the value of a literal of ours. Throws RangeError when it is not exact in 1e-8 units. */
export const fixed = (text: string): Fixed => {
  const value = parseFixed(text);
  if (value === null) throw new RangeError(`${text} is not a decimal of at most ${DECIMALS} places`);
  return value;
};

/** Returns the nearest fixed value of a float: for generated markets, never for money. */
export const fixedOfNumber = (value: number): Fixed => BigInt(Math.round(value * 1e8));

/** Returns the nearest float: for statistics and path shapes, never for money. */
export const numberOf = (value: Fixed): number => Number(value) / 1e8;

/** Returns the digits of a magnitude, at least one before the point and all eight behind it, without the point. */
const digitsOf = (magnitude: Fixed): string => magnitude.toString().padStart(DECIMALS + 1, '0');

/** Returns the shortest plain decimal text: '0.5', '12', '-3.00000001'. */
export const textOf = (value: Fixed): string => {
  const digits = digitsOf(value < 0n ? -value : value);
  const point = digits.length - DECIMALS;
  let end = digits.length;
  while (end > point && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  const text = end === point ? digits.slice(0, point) : `${digits.slice(0, point)}.${digits.slice(point, end)}`;
  return value < 0n ? `-${text}` : text;
};

/** Returns the decimal text with exactly `decimals` places (0 to 8 or more, padded), finer places cut off towards zero. */
export const placesOf = (value: Fixed, decimals: number): string => {
  const digits = digitsOf(value < 0n ? -value : value);
  const point = digits.length - DECIMALS;
  const fraction = digits.slice(point, point + decimals).padEnd(decimals, '0');
  const text = decimals === 0 ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`;
  return value < 0n && /[1-9]/.test(text) ? `-${text}` : text;
};

/** Returns `numerator / denominator` rounded to the nearest whole unit, halves away from zero. */
export const divideRounded = (numerator: bigint, denominator: bigint): bigint => {
  const isNegative = numerator < 0n !== denominator < 0n;
  const top = numerator < 0n ? -numerator : numerator;
  const bottom = denominator < 0n ? -denominator : denominator;
  const quotient = (top + bottom / 2n) / bottom;
  return isNegative ? -quotient : quotient;
};

/** Returns the product of two fixed values, rounded to the nearest unit. */
export const times = (left: Fixed, right: Fixed): Fixed => {
  const product = left * right;
  return (product < 0n ? product - HALF : product + HALF) / ONE;
};

/** Returns the quotient of two fixed values, rounded to the nearest unit. */
export const over = (left: Fixed, right: Fixed): Fixed => divideRounded(left * ONE, right);

/** Returns the magnitude. */
export const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** Returns the smaller of two. */
export const least = (left: bigint, right: bigint): bigint => (left < right ? left : right);

/** Returns the larger of two. */
export const greatest = (left: bigint, right: bigint): bigint => (left > right ? left : right);

/** Returns `value` held between `low` and `high`. */
export const clamp = (value: bigint, low: bigint, high: bigint): bigint =>
  value < low ? low : value > high ? high : value;
