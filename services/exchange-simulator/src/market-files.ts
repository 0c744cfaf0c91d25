import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AppError, messageOf } from '@qt/kernel';
import { CandleSeries } from './domain/candle-series.ts';
import { type Fixed, parseFixed } from './domain/fixed.ts';
import { intervalMsOf, intervalWords } from './domain/intervals.ts';
import type { FundingSeries } from './domain/replay-market.ts';

const CANDLE_HEADER = 'open_time_ms,open,high,low,close,volume';
const FUNDING_HEADER = 'funding_time_ms,funding_rate';
const HOUR_MS = 3_600_000;

const malformed = (path: string, line: number, found: string, expected: string): AppError =>
  new AppError('MARKET_FILE_MALFORMED', `${path}, line ${line}: found ${found}, expected ${expected}`, {
    retryable: false,
    details: { path, line, found, expected },
  });

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

const readText = (path: string): string => {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new AppError('MARKET_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
  if (!path.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (cause) {
    throw new AppError('MARKET_FILE_MALFORMED', `${path} is not a gzip file: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
};

/** Calls `row` for every data line with its 1-based number. */
const eachRow = (path: string, header: string, row: (fields: readonly string[], line: number) => void): void => {
  const lines = readText(path).split(/\r?\n/);
  if (lines[0]?.trim() !== header) throw malformed(path, 1, quoted(lines[0] ?? ''), `the header ${header}`);
  const columns = header.split(',').length;
  for (let index = 1; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (text === '' && index === lines.length - 1) continue;
    const fields = text.split(',');
    if (fields.length !== columns)
      throw malformed(path, index + 1, `${fields.length} fields in ${quoted(text)}`, `${columns} fields`);
    row(fields, index + 1);
  }
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
  const series = new CandleSeries({ symbol, interval, intervalMs });
  let previousMs = 0;
  eachRow(path, CANDLE_HEADER, (fields, line) => {
    const [time = '', open = '', high = '', low = '', close = '', volume = ''] = fields;
    const openTimeMs = timeOf(path, line, time);
    if (openTimeMs % intervalMs !== 0) throw malformed(path, line, time, `an open time on the ${interval} grid`);
    if (openTimeMs <= previousMs) throw malformed(path, line, time, `an open time after ${previousMs}`);
    previousMs = openTimeMs;
    const priceOf = (column: string, text: string): Fixed => amountOf({ path, line, column }, text, 1n);
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
  });
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
