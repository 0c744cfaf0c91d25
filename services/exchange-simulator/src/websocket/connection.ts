import type { WebSocket } from 'ws';
import type { SocketAddress, StreamBase } from './stream-names.ts';

const PONG_LIMIT_MS = 2_000;

/** One open socket: what it asked for, and whether it still listens. */
export class Connection {
  readonly base: StreamBase;
  readonly streams = new Set<string>();
  /** Accounts whose user data goes to this socket, by the listen key that opened it. */
  readonly accountByListenKey = new Map<string, string>();
  isCombined: boolean;
  /** A silent socket stays open but gets nothing any more. */
  isSilent = false;
  readonly #socket: WebSocket;
  readonly #pongs = new Map<string, () => void>();
  #messagesInWindow = 0;
  #windowStartMs = 0;

  constructor(socket: WebSocket, address: SocketAddress) {
    this.#socket = socket;
    this.base = address.base;
    this.isCombined = address.isCombined;
    socket.on('pong', (payload: Buffer) => this.#pongs.get(payload.toString('latin1'))?.());
    socket.on('close', () => {
      for (const resolve of this.#pongs.values()) resolve();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get carriesUserData(): boolean {
    return this.accountByListenKey.size > 0;
  }

  get accountIds(): readonly string[] {
    return [...this.accountByListenKey.values()];
  }

  /** From now on it says nothing and answers nothing, as if the way to it were gone. */
  fallDeaf(): void {
    this.isSilent = true;
    // What is not read is not answered: neither pings nor a goodbye.
    this.#socket.pause();
  }

  send(text: string): void {
    if (this.isOpen && !this.isSilent) this.#socket.send(text);
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

  /** Returns how many messages came in within the current second, this one included. */
  countMessage(wallMs: number): number {
    if (wallMs - this.#windowStartMs >= 1_000) {
      this.#windowStartMs = wallMs;
      this.#messagesInWindow = 0;
    }
    this.#messagesInWindow += 1;
    return this.#messagesInWindow;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
