import { AppError, messageOf } from '@qt/kernel';

const UNREACHABLE_SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENOENT',
]);
// Class 08: connection; 57P: server shutting down, crashed or starting; 53: out of connections, memory or disk.
const UNREACHABLE_SQLSTATE = /^(08...|57P0[1-5]|53...)$/;
// Serialization failure, deadlock, lock timeout, statement canceled by its timeout.
const CONFLICT_SQLSTATE = new Set(['40001', '40P01', '55P03', '57014']);
// What pg says, without a code, about a connection that ended or could not be had.
const UNREACHABLE_TEXT =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|connection error and is not queryable/i;

const codeOf = (thrown: unknown): string => {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' ? thrown.code : '';
};

/** Returns host and port of a connection string, without user, password or database. */
export const placeOf = (url: string): string => {
  try {
    const { hostname, port } = new URL(url);
    return `${hostname || 'localhost'}:${port || '5432'}`;
  } catch {
    return 'an address that is not a URL';
  }
};

/** Whether a failure says that the server is away, so that the same work may succeed later on another connection. */
export const isUnreachable = (thrown: unknown): boolean => {
  if (thrown instanceof AppError) return thrown.code === 'POSTGRES_UNREACHABLE';
  if (thrown instanceof AggregateError) return thrown.errors.some(isUnreachable);
  const code = codeOf(thrown);
  return (
    UNREACHABLE_SOCKET.has(code) ||
    UNREACHABLE_SQLSTATE.test(code) ||
    (code === '' && UNREACHABLE_TEXT.test(messageOf(thrown)))
  );
};

export const unreachable = (url: string, cause: unknown): AppError =>
  new AppError(
    'POSTGRES_UNREACHABLE',
    `PostgreSQL at ${placeOf(url)} cannot be reached (${reasonOf(cause)}). Start it, or set DATABASE_URL to where it runs.`,
    { retryable: true, cause, details: { place: placeOf(url) } },
  );

const reasonOf = (cause: unknown): string =>
  cause instanceof AggregateError ? cause.errors.map(messageOf).join('; ') : messageOf(cause);

/** Returns what a consumer can act on: retryable AppErrors for a server that is away or a conflict, anything else as it was thrown. */
export const translated = (url: string, thrown: unknown): unknown => {
  if (thrown instanceof AppError) return thrown;
  if (isUnreachable(thrown)) return unreachable(url, thrown);
  const code = codeOf(thrown);
  if (CONFLICT_SQLSTATE.has(code)) {
    return new AppError('POSTGRES_CONFLICT', `PostgreSQL gave up a transaction (${code}: ${messageOf(thrown)})`, {
      retryable: true,
      cause: thrown,
    });
  }
  return thrown;
};
