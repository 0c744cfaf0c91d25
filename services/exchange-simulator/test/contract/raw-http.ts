import { connect, type Socket } from 'node:net';

/** An answer as bytes brought it. */
export interface RawReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const HEADERS_END = '\r\n\r\n';
const DEADLINE_MS = 10_000;

interface Head {
  readonly status: number;
  readonly contentType: string;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly closes: boolean;
}

const readHead = (received: string, hasNoBody: boolean): Head | undefined => {
  const end = received.indexOf(HEADERS_END);
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const bodyStart = end + HEADERS_END.length;
  const length = hasNoBody ? 0 : Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    contentType: /content-type: *([^\r\n]+)/i.exec(head)?.[1] ?? '',
    bodyStart,
    bodyEnd: bodyStart + length,
    closes: /connection: *close/i.test(head),
  };
};

/** A client that sends whatever bytes it is given, so that nothing mends them on the way. It keeps its connection while the server does. */
export class RawHttp {
  readonly #port: number;
  #socket: Socket | null = null;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /**
   * Sends bytes and returns what came back, `null` when the server has ended the connection without an answer. `isLast` ends the sending side
   * afterwards, so that a request which is not whole cannot wait for the rest.
   */
  async exchange(bytes: Buffer, { isLast = false, isHead = false } = {}): Promise<RawReply | null> {
    const socket = this.#socket ?? (await this.#open());
    this.#socket = null;
    return new Promise((resolve, reject) => {
      let received = '';
      const timer = setTimeout(
        () => reject(new Error(`no answer to ${bytes.toString('latin1', 0, 300)}`)),
        DEADLINE_MS,
      );
      const finish = (reply: RawReply | null, isReusable: boolean): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on('error', () => socket.destroy());
        if (isReusable) this.#socket = socket;
        else socket.destroy();
        resolve(reply);
      };
      const look = (hasEnded: boolean): void => {
        const head = readHead(received, isHead);
        if (head === undefined || received.length < head.bodyEnd) {
          if (hasEnded) finish(null, false);
          return;
        }
        const text = Buffer.from(received.slice(head.bodyStart, head.bodyEnd), 'latin1').toString('utf8');
        finish({ status: head.status, contentType: head.contentType, text }, !head.closes && !isLast && !hasEnded);
      };
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        look(false);
      });
      socket.on('end', () => look(true));
      socket.on('error', () => look(true));
      socket.on('close', () => look(true));
      socket.write(bytes);
      if (isLast) socket.end();
    });
  }

  /** Whether the server has left the connection open. */
  get isConnected(): boolean {
    return this.#socket !== null;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true }, () => {
        socket.off('error', reject);
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }
}
