const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What a socket may do, and for how long. Times are wall time. */
export interface SocketLimits {
  /** Frames from the client; one more ends the socket. */
  readonly messagesPerSecond: number;
  readonly streamsPerSocket: number;
  /** A socket is closed when it is that old. */
  readonly lifetimeMs: number;
  /** A socket that has answered no ping for that long is closed. */
  readonly pongWithinMs: number;
  /** New sockets from one address in five minutes; null for any number. */
  readonly connectionsPerAddress: number | null;
  /** What may wait in memory for a client that does not read; beyond it the socket is cut. */
  readonly unsentBytes: number;
}

/** Source: Binance USD-M, websocket market streams; the bound on unsent bytes is this venue's own. */
export const BINANCE_SOCKET_LIMITS: SocketLimits = {
  messagesPerSecond: 10,
  streamsPerSocket: 1_024,
  lifetimeMs: 24 * HOUR_MS,
  pongWithinMs: 10 * MINUTE_MS,
  connectionsPerAddress: 300,
  unsentBytes: 16 * 1_024 * 1_024,
};

const WINDOW_MS = 5 * MINUTE_MS;

/** Counts new sockets by address within five minutes of wall time. */
export class ConnectionRate {
  readonly #most: number | null;
  readonly #byAddress = new Map<string, number>();
  #window = -1;

  constructor(most: number | null) {
    this.#most = most;
  }

  /** Returns whether one more socket may come from this address. */
  admits(address: string, wallMs: number): boolean {
    if (this.#most === null) return true;
    const window = Math.floor(wallMs / WINDOW_MS);
    if (window !== this.#window) {
      this.#window = window;
      this.#byAddress.clear();
    }
    const count = (this.#byAddress.get(address) ?? 0) + 1;
    this.#byAddress.set(address, count);
    return count <= this.#most;
  }
}
