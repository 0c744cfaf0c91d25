import { resolve } from 'node:path';
import { AppError } from '@qt/kernel';

/** How fast market time goes: as fast as the machine can, or this many times the wall clock. */
export type Speed = 'max' | number;

/** Throws: BAD_OPTION. */
export const refuse = (message: string): never => {
  throw new AppError('BAD_OPTION', message, { retryable: false });
};

/** Returns the parts of a comma list, trimmed, empty ones left out. */
export const listOf = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Throws: BAD_OPTION unless `text` is a whole number from 0 to `most`. */
export const wholeNumber = (option: string, text: string, most: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > most) {
    return refuse(`${option}: found "${text}", expected a whole number from 0 to ${most}`);
  }
  return value;
};

/** Returns UTC milliseconds, null when nothing was given. Throws: BAD_OPTION. */
export const timeOf = (option: string, text: string | undefined): number | null => {
  if (text === undefined) return null;
  const value = /^\d{12,14}$/.test(text)
    ? Number(text)
    : Date.parse(/\d{2}:\d{2}/.test(text) ? text : `${text}T00:00:00Z`);
  return Number.isFinite(value)
    ? value
    : refuse(`${option}: found "${text}", expected a date such as 2023-01-31, an ISO time, or UTC milliseconds`);
};

/** `others`: what else may be said. Throws: BAD_OPTION. */
export const speedOf = (text: string, others = ''): Speed => {
  if (text === 'max') return 'max';
  const factor = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]);
  return factor > 0 ? factor : refuse(`--speed: found "${text}", expected max, or a factor such as 60x or 1x${others}`);
};

/** Returns the path as it was meant where the command was called: npm runs its scripts elsewhere. */
export const pathOf = (given: string): string => resolve(process.env['INIT_CWD'] ?? process.cwd(), given);
