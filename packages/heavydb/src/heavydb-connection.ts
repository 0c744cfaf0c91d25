import { AppError, messageOf } from '@qt/kernel';
import type { DbCon } from '@heavyai/connector';
import { wordsOf } from './connector-errors.ts';

export interface HeavyDbOptions {
  /** `http://user:password@host:6278/database`; https where the server has it. */
  readonly url: string;
  /** Longest wait for one answer; the connector itself would wait for ever for a server that is gone. Default 15 s. */
  readonly deadlineMs?: number;
}

export type HeavyDbRow = Readonly<Record<string, unknown>>;

const DEADLINE_MS = 15_000;
const DEFAULT_PORT = '6278';

/** Runs statements on a HeavyDB server over its HTTP port, in the binary protocol: doubles arrive bit for bit. */
export class HeavyDbConnection {
  readonly name = 'heavydb';
  readonly #url: URL;
  readonly #deadlineMs: number;
  #session: DbCon | null = null;
  #fault: string | null = null;

  constructor({ url, deadlineMs = DEADLINE_MS }: HeavyDbOptions) {
    this.#url = new URL(url);
    this.#deadlineMs = deadlineMs;
  }

  /** Connects. Throws: HEAVYDB_UNREACHABLE, HEAVYDB_REFUSED. */
  async start(): Promise<void> {
    await this.#connected();
  }

  async stop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session !== null) await this.#within(session.disconnectAsync()).catch(() => undefined);
  }

  /**
   * Throws: HEAVYDB_UNREACHABLE, retryable, when the server cannot be reached or does not answer in time: a statement that changes something
   * may then have been done. HEAVYDB_REFUSED when it says no.
   */
  async query(sql: string): Promise<readonly HeavyDbRow[]> {
    const session = await this.#connected();
    try {
      const rows = await this.#within(session.queryAsync(sql, { columnarResults: true }));
      this.#fault = null;
      return rows;
    } catch (error) {
      // A session of a server that was away is not one of the server that is back.
      this.#session = null;
      throw this.#failed(error);
    }
  }

  /** As last seen; nothing is asked. */
  check(): { readonly status: 'up' | 'down'; readonly detail?: string } {
    if (this.#fault !== null) return { status: 'down', detail: this.#fault };
    return this.#session === null ? { status: 'down', detail: 'not connected' } : { status: 'up' };
  }

  async #connected(): Promise<DbCon> {
    if (this.#session !== null) return this.#session;
    // Here and not above: a service that does without HeavyDB does not read 1.5 MB from disk.
    const { default: connector } = await import('@heavyai/connector');
    const { protocol, hostname, port, pathname, username, password } = this.#url;
    const session = new connector.DbCon()
      .protocol(protocol.replace(':', ''))
      .host(hostname)
      .port(port === '' ? DEFAULT_PORT : port)
      .dbName(decodeURIComponent(pathname.slice(1)))
      .user(decodeURIComponent(username))
      .password(decodeURIComponent(password))
      .useBinaryProtocol(true);
    try {
      await this.#within(session.connectAsync());
    } catch (error) {
      throw this.#failed(error);
    }
    this.#fault = null;
    this.#session = session;
    return session;
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(this.#unreachable(`no answer within ${this.#deadlineMs} ms`)),
      this.#deadlineMs,
    );
    // The loser of the race may still fail, and nobody listens any more.
    work.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #failed(error: unknown): AppError {
    const failure = error instanceof AppError ? error : this.#worded(error);
    this.#fault = failure.message;
    return failure;
  }

  #worded(error: unknown): AppError {
    const words = wordsOf(error);
    if (words === null) return this.#unreachable(messageOf(error), error);
    return new AppError('HEAVYDB_REFUSED', `HeavyDB at ${this.#url.host} refused: ${words}`, {
      retryable: false,
      cause: error,
    });
  }

  #unreachable(reason: string, cause?: unknown): AppError {
    const message = `HeavyDB at ${this.#url.host} cannot be reached: ${reason}. Start it, or leave HEAVYDB_URL out.`;
    return new AppError('HEAVYDB_UNREACHABLE', message, { retryable: true, cause });
  }
}
