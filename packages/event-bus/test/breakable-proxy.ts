import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a TCP server that a test can break in the ways networks break. */
export class BreakableProxy {
  readonly #target: URL;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #port = 0;
  #isRefusing = false;
  /** Replies are swallowed from the next request that contains this text; then the connection is cut. */
  #loseReplyTo: string | null = null;

  constructor(targetUrl: string) {
    this.#target = new URL(targetUrl);
    this.#server = createServer((client) => this.#join(client));
  }

  /** The target's address with the proxy in between. */
  get url(): string {
    const url = new URL(this.#target.href);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return this;
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#isRefusing = true;
    for (const pair of this.#pairs) this.#end(pair);
  }

  restore(): void {
    this.#isRefusing = false;
  }

  /** Connections of now stay open and silent for ever; new ones work. */
  freeze(): void {
    for (const [client, server] of this.#pairs) {
      client.removeAllListeners('data');
      server.removeAllListeners('data');
      client.resume();
      server.resume();
    }
  }

  /** Lets the next request that contains `text` through and loses its reply together with the connection. */
  loseReplyTo(text: string): void {
    this.#loseReplyTo = text;
  }

  get hasLostReply(): boolean {
    return this.#loseReplyTo === null;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #join(client: Socket): void {
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    const server = connect({ host: this.#target.hostname, port: Number(this.#target.port) });
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let isLosing = false;
    client.on('data', (chunk: Buffer) => {
      if (this.#loseReplyTo !== null && chunk.includes(this.#loseReplyTo)) {
        this.#loseReplyTo = null;
        isLosing = true;
      }
      server.write(chunk);
    });
    server.on('data', (chunk: Buffer) => {
      if (isLosing) this.#end(pair);
      else client.write(chunk);
    });
    for (const socket of pair) {
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
  }

  #end(pair: readonly [Socket, Socket]): void {
    this.#pairs.delete(pair);
    for (const socket of pair) socket.destroy();
  }
}
