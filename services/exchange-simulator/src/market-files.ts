import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError, messageOf } from '@qt/kernel';
import { CANDLE_COLUMNS, countLines, isPlainRow, parseCandleRow } from './candle-rows.ts';
import { CandleSeries } from './domain/candle-series.ts';
import { type Fixed, parseFixed, textOf } from './domain/fixed.ts';
import { intervalMsOf, intervalWords } from './domain/intervals.ts';
import type { FundingSeries } from './domain/replay-market.ts';

const CANDLE_HEADER = 'open_time_ms,open,high,low,close,volume';
const FUNDING_HEADER = 'funding_time_ms,funding_rate';
const HOUR_MS = 3_600_000;
const NEWLINE = 0x0a;
/** What a float holds exactly in 1e-8 units. */
const MAX_PRICE: Fixed = BigInt(Number.MAX_SAFE_INTEGER);

const malformed = (path: string, line: number, found: string, expected: string): AppError =>
  new AppError('MARKET_FILE_MALFORMED', `${path}, line ${line}: found ${found}, expected ${expected}`, {
    retryable: false,
    details: { path, line, found, expected },
  });

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

const readBytes = (path: string): Buffer => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new AppError('MARKET_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
  if (!path.endsWith('.gz')) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new AppError('MARKET_FILE_MALFORMED', `${path} is not a gzip file: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
};

/** Calls `row` for every data line with its 1-based number. */
const eachRow = (path: string, header: string, row: (fields: readonly string[], line: number) => void): void => {
  const lines = readBytes(path).toString('utf8').split(/\r?\n/);
  checkHeader(path, lines[0] ?? '', header);
  for (let index = 1; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (text !== '' || index < lines.length - 1) row(fieldsOf({ path, line: index + 1 }, text, header), index + 1);
  }
};

const checkHeader = (path: string, text: string, header: string): void => {
  if (text.trim() !== header) throw malformed(path, 1, quoted(text), `the header ${header}`);
};

const fieldsOf = (place: { path: string; line: number }, text: string, header: string): readonly string[] => {
  const fields = text.split(',');
  const columns = header.split(',').length;
  if (fields.length === columns) return fields;
  throw malformed(place.path, place.line, `${fields.length} fields in ${quoted(text)}`, `${columns} fields`);
};

const timeOf = (path: string, line: number, text: string): number => {
  const value = Number(text);
  if (!/^\d{12,14}$/.test(text)) throw malformed(path, line, quoted(text), 'a time in UTC milliseconds');
  return value;
};

const amountOf = (place: { path: string; line: number; column: string }, text: string, least: Fixed): Fixed => {
  const value = parseFixed(text);
  if (value === null || value < least) {
    const expected = `${place.column} as a plain decimal of at most 8 places, ${least > 0n ? 'above zero' : 'not negative'}`;
    throw malformed(place.path, place.line, quoted(text), expected);
  }
  return value;
};

/** Returns symbol and interval of a file name such as `BTCUSDT_um_1h_20230101-20240630.csv.gz`, null where it does not say. */
export const shapeOfFileName = (path: string): { symbol: string | null; interval: string | null } => {
  const [symbol, , interval] = basename(path).split('_');
  return {
    symbol: symbol !== undefined && /^[A-Z0-9]{5,20}$/.test(symbol) ? symbol : null,
    interval: interval !== undefined && intervalMsOf(interval) !== null ? interval : null,
  };
};

/** Reads one row with all its checks: for rows that the fast way does not take. */
const readRow = (place: { path: string; line: number }, text: string, series: CandleSeries): void => {
  const { path, line } = place;
  const { interval, intervalMs } = series;
  const [time = '', open = '', high = '', low = '', close = '', volume = ''] = fieldsOf(place, text, CANDLE_HEADER);
  const openTimeMs = timeOf(path, line, time);
  const previousMs = series.length === 0 ? 0 : series.openTimeAt(series.length - 1);
  if (openTimeMs % intervalMs !== 0) throw malformed(path, line, time, `an open time on the ${interval} grid`);
  if (openTimeMs <= previousMs) throw malformed(path, line, time, `an open time after ${previousMs}`);
  const priceOf = (column: string, price: string): Fixed => {
    const value = amountOf({ path, line, column }, price, 1n);
    if (value <= MAX_PRICE) return value;
    throw malformed(path, line, quoted(price), `${column} of at most ${textOf(MAX_PRICE)}`);
  };
  const candle = {
    openTimeMs,
    open: priceOf('open', open),
    high: priceOf('high', high),
    low: priceOf('low', low),
    close: priceOf('close', close),
    volume: amountOf({ path, line, column: 'volume' }, volume, 0n),
  };
  const isOrdered =
    candle.low <= candle.open &&
    candle.low <= candle.close &&
    candle.high >= candle.open &&
    candle.high >= candle.close;
  if (!isOrdered)
    throw malformed(path, line, `open ${open} high ${high} low ${low} close ${close}`, 'low <= open, close <= high');
  series.push(candle);
};

const readRows = (path: string, bytes: Buffer, series: CandleSeries): void => {
  const lineEnd = (from: number): number => {
    const end = bytes.indexOf(NEWLINE, from);
    return end < 0 ? bytes.length : end;
  };
  const textOfLine = (from: number, to: number): string => bytes.toString('utf8', from, to).replace(/\r$/, '');
  let end = lineEnd(0);
  checkHeader(path, textOfLine(0, end), CANDLE_HEADER);
  const row = new Float64Array(CANDLE_COLUMNS);
  for (let line = 2, from = end + 1; from < bytes.length; line += 1, from = end + 1) {
    const next = parseCandleRow(bytes, from, row);
    if (next > 0 && isPlainRow(row, series)) {
      series.pushRow(row);
      end = next - 1;
    } else {
      end = lineEnd(from);
      readRow({ path, line }, textOfLine(from, end), series);
    }
  }
};

/**
 * Reads a candle file (CSV or CSV.gz, oldest first). Symbol and interval come from its name unless given.
 *
 * Throws: AppError MARKET_FILE_UNREADABLE, or MARKET_FILE_MALFORMED naming file, line, what was found and what was expected.
 */
export const readCandleFile = (path: string, given: { symbol?: string; interval?: string } = {}): CandleSeries => {
  const named = shapeOfFileName(path);
  const symbol = given.symbol ?? named.symbol;
  const interval = given.interval ?? named.interval;
  const intervalMs = interval === null ? null : intervalMsOf(interval);
  if (symbol === null || interval === null || intervalMs === null) {
    throw new AppError(
      'MARKET_FILE_MALFORMED',
      `${path}: found the name ${quoted(basename(path))}, expected SYMBOL_market_interval_… with an interval of ${intervalWords.join(', ')}`,
      { retryable: false },
    );
  }
  const bytes = readBytes(path);
  const series = new CandleSeries({ symbol, interval, intervalMs, capacity: countLines(bytes) });
  readRows(path, bytes, series);
  if (series.length === 0) throw malformed(path, 2, 'the end of the file', 'at least one candle');
  return series;
};

/**
 * Reads a funding file with header `funding_time_ms,funding_rate`; the symbol comes from its name unless given.
 *
 * Throws: as `readCandleFile`.
 */
export const readFundingFile = (path: string, given: { symbol?: string } = {}): FundingSeries => {
  const symbol = given.symbol ?? shapeOfFileName(path).symbol;
  if (symbol === null) throw malformed(path, 1, quoted(basename(path)), 'a file name that starts with SYMBOL_');
  const rates = new Map<number, Fixed>();
  eachRow(path, FUNDING_HEADER, ([time = '', rate = ''], line) => {
    const value = parseFixed(rate);
    if (value === null)
      throw malformed(path, line, quoted(rate), 'a funding rate as a plain decimal of at most 8 places');
    rates.set(Math.round(timeOf(path, line, time) / HOUR_MS) * HOUR_MS, value);
  });
  return { symbol, rates };
};
