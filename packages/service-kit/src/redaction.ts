import { AppError } from '@qt/kernel';

const SECRET_KEY =
  /^(api[-_]?key|api[-_]?secret|secret|password|passwd|passphrase|token|signature|authorization|cookie|set-cookie|x-mbx-apikey|listen[-_]?key|private[-_]?key|operator[-_]?key|.*_(key|secret|password|token))$/i;
const MAX_DEPTH = 5;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;
const HIDDEN = '[redacted]';

/**
 * Returns `text` without what must never reach a log: passwords in URLs, query strings (they carry signatures), listen keys in
 * socket addresses, `key=value` pairs with a secret's name.
 */
export const redactText = (text: string): string =>
  text
    .slice(0, MAX_TEXT)
    .replace(/([a-z][a-z0-9+.-]*:\/\/)([^/\s:@]*):([^@/\s]+)@/gi, `$1$2:${HIDDEN}@`)
    .replace(/(https?|wss?):\/\/[^\s?"']+\?[^\s"']*/gi, (url) => `${url.slice(0, url.indexOf('?'))}?${HIDDEN}`)
    .replace(/(\/fapi\/[^\s?"']+)\?[^\s"']*/gi, `$1?${HIDDEN}`)
    .replace(/\/ws\/[A-Za-z0-9]{32,}/g, `/ws/${HIDDEN}`)
    .replace(
      /\b(signature|listenKey|apiKey|api_key|secret|password|authorization|x-mbx-apikey)(["']?\s*[=:]\s*["']?)[^\s&"',}]+/gi,
      `$1$2${HIDDEN}`,
    );

const describeError = (error: Error, depth: number): Record<string, unknown> => {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: redactText(error.message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error instanceof AppError && Object.keys(error.details).length > 0
      ? { details: redact(error.details, depth + 1) }
      : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
};

const describeObject = (value: object, depth: number): unknown => {
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
  if (value instanceof Map) return redact(Object.fromEntries(value), depth + 1);
  if (value instanceof Set) return redact([...value], depth + 1);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    // Only plain records are shown member by member; a Decimal prints itself, a socket or a client says its name only.
    const hasOwnJson = typeof (value as { toJSON?: unknown }).toJSON === 'function';
    return hasOwnJson ? redact((value as { toJSON(): unknown }).toJSON(), depth + 1) : `[${value.constructor.name}]`;
  }
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    result[key] = SECRET_KEY.test(key) && member !== undefined && member !== null ? HIDDEN : redact(member, depth + 1);
  }
  return result;
};

/** Returns a value that is safe and possible to write as JSON: an allow-list of shapes, with secrets replaced. */
export const redact = (value: unknown, depth = 0): unknown => {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : describeObject(value, depth);
    default:
      return `[${typeof value}]`;
  }
};
