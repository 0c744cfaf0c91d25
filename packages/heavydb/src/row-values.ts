import { AppError, dec } from '@qt/kernel';
import type { HeavyDbRow } from './heavydb-connection.ts';

const refuse = (column: string, found: unknown): never => {
  throw new AppError('HEAVYDB_ROW_INVALID', `column ${column}: found ${JSON.stringify(found) ?? String(found)}`, {
    retryable: false,
  });
};

export const textOf = (row: HeavyDbRow, column: string): string => {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column, value);
};

/** A BIGINT comes as an object of eight bytes that turns into a number. */
export const wholeOf = (row: HeavyDbRow, column: string): number => {
  const value = Number(row[column]);
  return row[column] !== null && Number.isSafeInteger(value) ? value : refuse(column, row[column]);
};

/** Returns a DOUBLE as plain decimal text: its shortest form, 15 digits survive. */
export const decimalTextOf = (row: HeavyDbRow, column: string): string => {
  const value = row[column];
  return typeof value === 'number' && Number.isFinite(value) ? dec(value).toFixed() : refuse(column, value);
};
