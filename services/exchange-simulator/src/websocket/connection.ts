import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { SocketLimits } from './socket-limits.ts';
import type { StreamBase } from './stream-names.ts';

const PONG_LIMIT_MS = 2_000;
const SECOND_MS = 1_000;

interface ConnectionOptions {
  /** What the socket's frames are written to. */
  readonly transport: Duplex;
  readonly base: StreamBase;
  readonly isCombined: boolean;
  readonly limits: SocketLimits;
  /** Wall time. */
  readonly nowMs: () => number;
}

/** Which events of a listen key go to a socket. */
export interface UserFeed {
  readonly accountId: string;
  /** Undefined: all. */
  readonly events: ReadonlySet<string> | undefined;
}

/** One open socket: what it asked for, and whether it still listens. */
export class Connection {
  readonly base: StreamBase;
  readonly streams = new Set<string>();
  /** User data that goes to this socket, by the listen key that opened it. */
  readonly feeds = new Map<string, UserFeed>();
  isCombined: boolean;
  /** A silent socket stays open but gets nothing any more. */
  isSilent = false;
  readonly #socket: WebSocket;
  readonly #transport: Duplex;
  readonly #limits: SocketLimits;
  readonly #nowMs: () => number;
  readonly #openedMs: number;
  readonly #pongs = new Map<string, () => void>();
  #lastPongMs: number;
  #messagesInWindow = 0;
  #windowStartMs = 0;

  constructor(socket: WebSocket, { transport, base, isCombined, limits, nowMs }: ConnectionOptions) {
    this.#socket = socket;
    this.#transport = transport;
    this.base = base;
    this.isCombined = isCombined;
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#openedMs = nowMs();
    this.#lastPongMs = this.#openedMs;
    socket.on('pong', (payload: Buffer) => {
      this.#lastPongMs = this.#nowMs();
      this.#pongs.get(payload.toString('latin1'))?.();
    });
    socket.on('close', () => {
      for (const resolve of this.#pongs.values()) resolve();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get carriesUserData(): boolean {
    return this.feeds.size > 0;
  }

  get accountIds(): readonly string[] {
    return [...this.feeds.values()].map(({ accountId }) => accountId);
  }

  /** From now on it says nothing and answers nothing, as if the way to it were gone. */
  fallDeaf(): void {
    this.isSilent = true;
    // What is thrown away unread is not answered, neither pings nor a goodbye; that the client has gone is noticed all the same.
    this.#transport.removeAllListeners('data');
    this.#transport.resume();
  }

  /** Keeps what is sent together until `release`, which writes it in one piece. */
  hold(): void {
    this.#transport.cork();
  }

  release(): void {
    this.#transport.uncork();
  }

  /** Sends UTF-8 text. A client that does not read is cut when too much waits for it. */
  send(text: Buffer | string): void {
    if (!this.isOpen || this.isSilent) return;
    if (this.#socket.bufferedAmount > this.#limits.unsentBytes) this.terminate();
    else this.#socket.send(text, { binary: false });
  }

  ping(payload: string): void {
    if (this.isOpen && !this.isSilent) this.#socket.ping(payload);
  }

  /** Resolves when the client has answered a ping, which proves that it has received all that was sent before; a deaf one is cut off. */
  async settle(payload: string): Promise<void> {
    if (!this.isOpen || this.isSilent) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.terminate();
        resolve();
      }, PONG_LIMIT_MS);
      this.#pongs.set(payload, resolve);
      this.#socket.ping(payload);
    });
    clearTimeout(timer);
    this.#pongs.delete(payload);
  }

  /** Counts a message of the client. Returns whether it may be answered: more than the limit within a second ends the socket. */
  admitsMessage(): boolean {
    const wallMs = this.#nowMs();
    if (wallMs - this.#windowStartMs >= SECOND_MS) {
      this.#windowStartMs = wallMs;
      this.#messagesInWindow = 0;
    }
    this.#messagesInWindow += 1;
    return this.#messagesInWindow <= this.#limits.messagesPerSecond;
  }

  /** Says goodbye when the socket is a day old, or when its client has answered no ping for too long. */
  closeIfExpired(): void {
    if (this.isSilent) return;
    const wallMs = this.#nowMs();
    if (wallMs - this.#openedMs >= this.#limits.lifetimeMs) this.close(1_001, 'Disconnected after 24 hours');
    else if (wallMs - this.#lastPongMs >= this.#limits.pongWithinMs) this.close(1_008, 'Pong timeout');
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
