type SourceReviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

// The third argument (source text access) is in V8 but not yet in TypeScript's library.
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

const LONG_DIGITS = /\d{16}/;

const keepExact: SourceReviver = (_key, value, context) =>
  typeof value === 'number' &&
  !Number.isSafeInteger(value) &&
  context.source !== undefined &&
  /^-?\d+$/.test(context.source)
    ? context.source
    : value;

/**
 * Parses JSON so that integers beyond 2^53 come out as their exact text instead of a rounded number: order ids stay themselves.
 *
 * Throws: SyntaxError when the text is no JSON.
 */
export const parseExact = (text: string): unknown =>
  LONG_DIGITS.test(text) ? parseWithSource(text, keepExact) : JSON.parse(text);
