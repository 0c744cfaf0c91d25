import { readFileSync } from 'node:fs';
import { AppError } from '@qt/kernel';
import { runtimeDirectory } from './runtime-directory.ts';

/**
 * Returns the database a command is meant for: as given, else DATABASE_URL or DATABASE_URL_FILE, else that of the suite started here.
 *
 * Throws: NO_DATABASE saying what to give.
 */
export const databaseAddress = (given: string | undefined): string => {
  const file = process.env['DATABASE_URL_FILE'];
  const fromFile = file === undefined ? undefined : readFileSync(file, 'utf8').trim();
  const url = given ?? process.env['DATABASE_URL'] ?? fromFile ?? runtimeDirectory().databaseUrl();
  if (url !== null) return url;
  const message =
    'Found no database; expected --database URL, the variable DATABASE_URL, or a suite started here with npm start';
  throw new AppError('NO_DATABASE', message, { retryable: false });
};
