import { createReadStream, openSync, readSync, closeSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError, messageOf } from '@qt/kernel';

const COLUMNS = ['open_time_ms', 'open', 'high', 'low', 'close', 'volume'] as const;
const HEADER = COLUMNS.join(',');
/** No candle needs a line this long: it is not a text file then, and must not be gathered in memory. */
const LONGEST_LINE = 65_536;
const GZIP_MAGIC = [0x1f, 0x8b];

/** One line of a candle file; the texts are as they stood there and not yet proven to be numbers. */
export interface CandleLine {
  /** Counted from 1, the header included. */
  readonly line: number;
  readonly openTimeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

/** A line that has not the fields its header promises. */
export interface BrokenLine {
  readonly line: number;
  readonly detail: string;
}

export type FileLine =
  | { readonly kind: 'candle'; readonly candle: CandleLine }
  | { readonly kind: 'broken'; readonly broken: BrokenLine };

interface Malformation {
  readonly path: string;
  readonly line: number;
  readonly found: string;
  readonly expected: string;
}

const malformed = ({ path, line, found, expected }: Malformation): AppError =>
  new AppError('CANDLE_FILE_MALFORMED', `${path}, line ${line}: found ${found}, expected ${expected}`, {
    retryable: false,
    details: { path, line, found, expected },
  });

const unreadable = (path: string, cause: unknown): AppError =>
  new AppError('CANDLE_FILE_UNREADABLE', `${path} cannot be read: ${messageOf(cause)}`, { retryable: false, cause });

const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** Faults of the file system and of gzip carry a code; what a taker throws goes on as it is. */
const isOfTheFile = (error: unknown): boolean =>
  !(error instanceof AppError) && error instanceof Error && 'code' in error && typeof error.code === 'string';

const isGzip = (path: string): boolean => {
  const first = Buffer.alloc(GZIP_MAGIC.length);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, first, 0, first.length, 0);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return GZIP_MAGIC.every((byte, index) => first[index] === byte);
};

/** Returned by a taker that wants no more lines. */
export const ENOUGH = 'enough';
type Taken = Promise<void> | undefined | typeof ENOUGH;

/** Calls `take` with every line and its number, holding no more than a chunk of the file. */
const eachLine = async (path: string, take: (text: string, line: number) => Taken): Promise<void> => {
  let carried = '';
  let line = 0;
  let isEnough = false;
  const takeLine = (text: string): Taken => {
    line += 1;
    return take(text.endsWith('\r') ? text.slice(0, -1) : text, line);
  };
  const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of chunks) {
      const parts = `${carried}${decoder.decode(chunk, { stream: true })}`.split('\n');
      carried = parts.pop() ?? '';
      if (carried.length > LONGEST_LINE) {
        throw malformed({
          path,
          line: line + parts.length + 1,
          found: `a line of over ${LONGEST_LINE} characters`,
          expected: 'a CSV of candles',
        });
      }
      for (const part of parts) {
        const taken = takeLine(part);
        if (taken === ENOUGH) {
          carried = '';
          isEnough = true;
          return;
        }
        if (taken !== undefined) await taken;
      }
    }
  };
  try {
    if (isGzip(path)) await pipeline(createReadStream(path), createGunzip(), consume);
    else await pipeline(createReadStream(path), consume);
  } catch (error) {
    if (!isEnough) throw error; // a pipeline that is left early calls that an abortion
  }
  if (carried !== '') await takeLine(carried); // a file need not end with a line end
};

/** Returns where each column stands in a header; more columns than these may be there. Throws: CANDLE_FILE_MALFORMED. */
const placesOf = (path: string, header: string): Readonly<Record<(typeof COLUMNS)[number], number>> => {
  const names = header
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) => name.trim());
  const places = Object.fromEntries(COLUMNS.map((column) => [column, names.indexOf(column)]));
  const missing = COLUMNS.filter((column) => names.indexOf(column) < 0);
  if (missing.length > 0) {
    throw malformed({
      path,
      line: 1,
      found: `${quoted(header)} without the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
      expected: `a header with ${HEADER}`,
    });
  }
  return places as Record<(typeof COLUMNS)[number], number>;
};

/** As the candle checks of the engine see it: text that is no number becomes NaN and is refused there. */
const numberOrNaN = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
const priceText = (text: string): string => (text.trim() === '' ? 'NaN' : text.trim());

/**
 * Reads a CSV or CSV.gz of candles from its first line to its last, in memory that does not grow with it. `take` may return a promise,
 * which is then waited for before the next line, or ENOUGH. Columns are found by name; those that are not a candle's are passed over.
 *
 * Throws: CANDLE_FILE_UNREADABLE, CANDLE_FILE_MALFORMED (no header, a column that is missing, no candle at all), each with the line.
 */
export const readCandleLines = async (path: string, take: (line: FileLine) => Taken): Promise<void> => {
  let places: ReturnType<typeof placesOf> | null = null;
  let fieldCount = 0;
  let lines = 0;
  const takeText = (text: string, line: number): Taken => {
    if (places === null) {
      if (text.trim() === '') throw malformed({ path, line, found: 'an empty line', expected: `the header ${HEADER}` });
      places = placesOf(path, text);
      fieldCount = text.split(',').length;
      return undefined;
    }
    if (text.trim() === '') return undefined;
    lines += 1;
    const fields = text.split(',');
    if (fields.length !== fieldCount) {
      const detail = `found ${fields.length} fields in ${quoted(text)}, expected ${fieldCount}`;
      return take({ kind: 'broken', broken: { line, detail } });
    }
    const candle = {
      line,
      openTimeMs: numberOrNaN(fields[places.open_time_ms] ?? ''),
      open: priceText(fields[places.open] ?? ''),
      high: priceText(fields[places.high] ?? ''),
      low: priceText(fields[places.low] ?? ''),
      close: priceText(fields[places.close] ?? ''),
      volume: priceText(fields[places.volume] ?? ''),
    };
    return take({ kind: 'candle', candle });
  };
  try {
    await eachLine(path, takeText);
  } catch (error) {
    throw isOfTheFile(error) ? unreadable(path, error) : error;
  }
  if (places === null)
    throw malformed({ path, line: 1, found: 'an empty file', expected: `the header ${HEADER} and candles below it` });
  if (lines === 0) throw malformed({ path, line: 2, found: 'the end of the file', expected: 'at least one candle' });
};
