export interface AppErrorOptions {
  readonly retryable: boolean;
  readonly cause?: unknown;
  /** Facts for the log line; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An expected failure with a stable SCREAMING_SNAKE code; `retryable` tells a consumer whether to leave the message unacked. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.details = options.details ?? {};
  }
}

/** A broken invariant: the process must not go on with what it believes. */
export class InvariantError extends Error {
  override readonly name: string = 'InvariantError';
}

/** Throws InvariantError naming `expectation` when `condition` is false. */
export function invariant(condition: unknown, expectation: string): asserts condition {
  if (!condition) throw new InvariantError(`expected: ${expectation}`);
}

/** Returns the message of anything thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
