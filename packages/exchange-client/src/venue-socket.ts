import { AppError, messageOf } from '@qt/kernel';
import { WebSocket } from 'ws';
import type { ExchangeLogger } from './exchange-logger.ts';
import type { FeedHealth } from './port.ts';

/** Options of `VenueSocket`. All times are wall time: it is connections that they watch. */
export interface VenueSocketOptions {
  /** For log lines: 'market' or 'user'. */
  readonly name: string;
  /** Asked before each connection: a user stream needs a fresh key. */
  readonly url: () => Promise<string>;
  /** Called in order of arrival, before the next frame (a ping too) is looked at. Throws AppError for a message it cannot read. */
  readonly onMessage: (text: string) => void;
  readonly onOpened: () => void;
  readonly onLost: (reason: string) => void;
  /** Reopened after this long without a message; null where silence is normal. */
  readonly silenceMs: number | null;
  readonly openDeadlineMs: number;
  readonly logger: ExchangeLogger;
}

const HEARTBEAT_MS = 5_000;
const PONG_DEADLINE_MS = 10_000;
// The venue cuts every connection after 24 h; we choose the moment ourselves.
const ROTATE_AFTER_MS = 23 * 3_600_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/**
 * One websocket that stays open: reopened after loss, silence, a missing pong, an unreadable message, and before the venue's 24 h limit.
 * The URL, which may hold a listen key, is never logged.
 */
export class VenueSocket {
  readonly #options: VenueSocketOptions;
  #socket: WebSocket | null = null;
  /** The one that is being opened. */
  #opening: WebSocket | null = null;
  #isClosed = false;
  #openedAtMs = 0;
  #lastMessageAtMs: number | null = null;
  #pingSentAtMs: number | null = null;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(options: VenueSocketOptions) {
    this.#options = options;
  }

  health(): FeedHealth {
    return { isConnected: this.#socket?.readyState === WebSocket.OPEN, lastMessageAtMs: this.#lastMessageAtMs };
  }

  /** Opens for the first time. Throws: AppError VENUE_UNAVAILABLE when that fails; nothing is retried then. */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#isClosed = true;
      if (error instanceof AppError) throw error;
      throw new AppError('VENUE_UNAVAILABLE', `the ${this.#options.name} stream did not open: ${messageOf(error)}`, {
        retryable: true,
      });
    }
    const period = Math.min(HEARTBEAT_MS, Math.ceil((this.#options.silenceMs ?? HEARTBEAT_MS) / 2));
    this.#heartbeat = setInterval(() => this.#watch(), period);
  }

  /** Drops the connection and opens a new one a moment later. */
  reopen(reason: string): void {
    if (this.#isClosed || this.#socket === null) return;
    const socket = this.#socket;
    this.#socket = null;
    socket.terminate();
    this.#lost(reason);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#retryTimer);
    const socket = this.#socket ?? this.#opening;
    this.#socket = null;
    if (socket === null || socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.terminate();
    });
  }

  async #connect(): Promise<void> {
    const { url, openDeadlineMs } = this.#options;
    const address = await url();
    if (this.#isClosed) return;
    const socket = new WebSocket(address, { handshakeTimeout: openDeadlineMs, perMessageDeflate: false });
    this.#opening = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('message', (frame: Buffer) => this.#receive(socket, frame));
      socket.on('pong', () => {
        if (socket === this.#socket) this.#pingSentAtMs = null;
      });
      socket.on('close', () => {
        if (socket === this.#socket) {
          this.#socket = null;
          this.#lost('the connection was closed');
        }
        reject(new Error('closed before it opened'));
      });
      // 'close' follows; the error's text can hold the URL only for malformed URLs, so its code alone is kept.
      socket.on('error', (error: Error & { code?: string }) => reject(new Error(error.code ?? 'the handshake failed')));
      socket.once('open', () => {
        if (this.#isClosed) {
          socket.terminate();
          return;
        }
        // In the same tick as 'open': messages that came with the handshake are handed on after onOpened.
        this.#opened(socket);
        resolve();
      });
    });
  }

  #opened(socket: WebSocket): void {
    this.#opening = null;
    this.#socket = socket;
    this.#openedAtMs = Date.now();
    this.#pingSentAtMs = null;
    this.#options.onOpened();
  }

  #receive(socket: WebSocket, frame: Buffer): void {
    if (socket !== this.#socket) return;
    this.#lastMessageAtMs = Date.now();
    try {
      this.#options.onMessage(frame.toString('utf8'));
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      // Corrupt data is worse than none: what it said is fetched by REST after the reopening. Anything else is the handler's own bug.
      if (!(error instanceof AppError)) throw error;
      this.#options.logger.error('unreadable stream message', { stream: this.#options.name, cause: error.message });
      this.reopen(`an unreadable message: ${error.message}`);
    }
  }

  #watch(): void {
    const socket = this.#socket;
    if (socket === null) return;
    const nowMs = Date.now();
    const { silenceMs } = this.#options;
    const heardAtMs = Math.max(this.#lastMessageAtMs ?? 0, this.#openedAtMs);
    if (silenceMs !== null && nowMs - heardAtMs > silenceMs) {
      this.reopen(`no message for ${nowMs - heardAtMs} ms`);
    } else if (this.#pingSentAtMs !== null && nowMs - this.#pingSentAtMs > PONG_DEADLINE_MS) {
      this.reopen(`no pong for ${nowMs - this.#pingSentAtMs} ms`);
    } else if (nowMs - this.#openedAtMs > ROTATE_AFTER_MS) {
      this.reopen('planned rotation before the 24 h limit');
    } else if (this.#pingSentAtMs === null) {
      this.#pingSentAtMs = nowMs;
      socket.ping();
    }
  }

  #lost(reason: string): void {
    this.#options.logger.warn('stream lost', { stream: this.#options.name, reason });
    this.#options.onLost(reason);
    this.#retry();
  }

  #retry(): void {
    if (this.#isClosed) return;
    const delayMs = this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    this.#retryTimer = setTimeout(() => {
      this.#connect().catch((error: unknown) => {
        this.#options.logger.warn('stream did not reopen', { stream: this.#options.name, cause: messageOf(error) });
        if (this.#socket === null) this.#retry();
      });
    }, delayMs);
  }
}
