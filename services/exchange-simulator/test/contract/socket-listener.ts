import { WebSocket } from 'ws';

/** A websocket client that keeps what it heard. */
export class SocketListener {
  readonly messages: Record<string, unknown>[] = [];
  readonly texts: string[] = [];
  readonly socket: WebSocket;
  closeCode: number | null = null;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('message', (frame: Buffer) => {
      this.texts.push(frame.toString());
      this.messages.push(JSON.parse(frame.toString()) as Record<string, unknown>);
    });
    this.socket.on('close', (code) => {
      this.closeCode = code;
    });
    this.socket.on('error', () => {
      this.closeCode ??= -1;
    });
  }

  static async open(url: string): Promise<SocketListener> {
    const listener = new SocketListener(url);
    await new Promise<void>((resolve, reject) => {
      listener.socket.once('open', () => resolve());
      listener.socket.once('error', reject);
    });
    return listener;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  ofType(type: string): readonly Record<string, unknown>[] {
    return this.messages.filter((message) => message['e'] === type);
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Waits until `find` returns something. Throws after `limitMs`. */
export const eventually = async <T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 3_000,
): Promise<T> => {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) throw new Error(`nothing came within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
