import { AppError } from '@qt/kernel';

/** What a text column without a dictionary holds at most. Source: HeavyDB documentation, data types. */
const LONGEST_TEXT = 32_767;

const refuse = (message: string): never => {
  throw new AppError('HEAVYDB_VALUE_INVALID', message, { retryable: false });
};

/** The connector knows no parameters: values stand in the text. Returns a text as SQL. Throws: HEAVYDB_VALUE_INVALID. */
export const sqlText = (value: string): string => {
  if (value.length > LONGEST_TEXT) refuse(`a text must have at most ${LONGEST_TEXT} characters, had ${value.length}`);
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  if (/[\u0000-\u001f\\]/.test(value)) refuse(`a text must have neither a backslash nor a control character`);
  return `'${value.replaceAll("'", "''")}'`;
};

/** Returns a whole number as SQL. Throws: HEAVYDB_VALUE_INVALID. */
export const sqlWhole = (value: number): string =>
  Number.isSafeInteger(value) ? String(value) : refuse(`a whole number was expected, found ${value}`);
