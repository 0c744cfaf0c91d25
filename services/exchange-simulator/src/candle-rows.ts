import type { CandleSeries } from './domain/candle-series.ts';

/** Open time, open, high, low, close, volume. */
export const CANDLE_COLUMNS = 6;

const [NEWLINE, RETURN, COMMA, POINT, ZERO, NINE] = [0x0a, 0x0d, 0x2c, 0x2e, 0x30, 0x39];
/** So many digits are exact in a float. */
const MAX_DIGITS = 15;
const DECIMALS = 8;
const POWERS = Array.from({ length: DECIMALS + 1 }, (_, power) => 10 ** power);
/** Shortest and longest time in milliseconds that is a plausible one: 12 to 14 digits. */
const [FIRST_TIME_MS, LAST_TIME_MS] = [1e11, 1e14];

/** Returns how many line ends there are. */
export const countLines = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
};

/**
 * Reads the row that begins at `from` into `row`: times in ms, all else in whole 1e-8 units. Takes plain rows only, of six plain decimals of up
 * to 15 digits; what it does not take has to be read by rules that can say what is wrong.
 *
 * Returns where the next row begins, 0 for a row that it does not take.
 */
export const parseCandleRow = (bytes: Buffer, from: number, row: Float64Array): number => {
  let at = from;
  for (let column = 0; column < CANDLE_COLUMNS; column += 1) {
    let value = 0;
    let digits = 0;
    let places = -1;
    let byte = bytes[at] ?? NEWLINE;
    const isDigitFirst = byte >= ZERO && byte <= NINE;
    for (; (byte >= ZERO && byte <= NINE) || (byte === POINT && places < 0); byte = bytes[at] ?? NEWLINE) {
      if (byte === POINT) places = 0;
      else {
        value = value * 10 + (byte - ZERO);
        digits += 1;
        if (places >= 0) places += 1;
      }
      at += 1;
    }
    const scale = POWERS[DECIMALS - Math.max(places, 0)];
    if (!isDigitFirst || digits > MAX_DIGITS || places === 0 || scale === undefined) return 0;
    if (column === 0) {
      if (places >= 0 || value < FIRST_TIME_MS || value >= LAST_TIME_MS) return 0;
      row[0] = value;
    } else {
      const units = value * scale;
      if (units > Number.MAX_SAFE_INTEGER) return 0;
      row[column] = units;
    }
    if (column < CANDLE_COLUMNS - 1) {
      if (byte !== COMMA) return 0;
      at += 1;
    } else if (byte === RETURN) {
      at += 1;
      byte = bytes[at] ?? NEWLINE;
    }
    if (column === CANDLE_COLUMNS - 1 && byte !== NEWLINE) return 0;
  }
  return at + 1;
};

/** Whether a row keeps every rule of a candle file: on the grid, after the one before, prices above zero and in order. */
export const isPlainRow = (row: Float64Array, series: CandleSeries): boolean => {
  const [openTimeMs = 0, open = 0, high = 0, low = 0, close = 0] = row;
  const previousMs = series.length === 0 ? 0 : series.openTimeAt(series.length - 1);
  if (openTimeMs % series.intervalMs !== 0 || openTimeMs <= previousMs) return false;
  return low > 0 && low <= open && low <= close && high >= open && high >= close;
};
