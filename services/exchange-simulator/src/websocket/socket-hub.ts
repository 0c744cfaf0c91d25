import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EventChannel } from '../faults/event-channel.ts';
import { type ClientRequest, type RequestError, readClientRequest } from './client-request.ts';
import { Connection } from './connection.ts';
import type { ListenKeys } from './listen-keys.ts';
import { isCarriedOn, parseSocketAddress } from './stream-names.ts';

const MESSAGES_PER_SECOND = 10;
const STREAMS_PER_SOCKET = 1_024;
const LARGEST_FRAME_BYTES = 64 * 1_024;
const POLICY_VIOLATION = 1_008;

interface SocketHubDeps {
  readonly listenKeys: ListenKeys;
  readonly faults: SocketFaults;
  /** The way of market events, which may lose, repeat, hold back or swap them. */
  readonly marketEvents: EventChannel;
  readonly nowMs: () => number;
}

/** A socket as faults see it: whose user data it carries, nobody's on a market socket. */
export type CarryingSocket = Pick<Connection, 'accountIds' | 'carriesUserData'>;

/** What may go wrong with sockets. */
export interface SocketFaults {
  /** Asked before a socket is opened; true refuses it with 503. */
  refuses(): boolean;
  /** Asked when a socket has been opened; true lets it stand there without ever a word, not even a pong. */
  leavesHalfOpen(socket: CarryingSocket): boolean;
  /** Asked when a message is due on a socket. */
  strikeMessage(socket: CarryingSocket): 'silenced' | 'cut' | undefined;
}

/** All open sockets and who listens to what. It sends text; it does not know what the text means. */
export class SocketHub {
  readonly #deps: SocketHubDeps;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME_BYTES, perMessageDeflate: false });
  readonly #connections = new Set<Connection>();
  readonly #byStream = new Map<string, Set<Connection>>();
  #pings = 0;

  constructor(deps: SocketHubDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Takes over an HTTP upgrade; addresses that serve no socket are answered 404. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = parseSocketAddress(request.url ?? '');
    socket.on('error', () => socket.destroy());
    if (address === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (this.#deps.faults.refuses()) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(webSocket, address);
      this.#connections.add(connection);
      this.#listen(connection, webSocket);
      for (const stream of address.streams.slice(0, STREAMS_PER_SOCKET)) this.#subscribe(connection, stream);
      if (this.#deps.faults.leavesHalfOpen(connection)) connection.fallDeaf();
    });
  }

  isWanted(stream: string): boolean {
    return this.#byStream.has(stream);
  }

  /** Sends a payload, already as JSON text, to all who listen to the stream. */
  publish(stream: string, payload: string): void {
    if (!this.#byStream.has(stream)) return;
    this.#deps.marketEvents.send({ name: stream, lane: stream, deliver: () => this.#deliverAll(stream, payload) });
  }

  #deliverAll(stream: string, payload: string): void {
    const listeners = this.#byStream.get(stream);
    if (listeners === undefined) return;
    const wrapped = `{"stream":${JSON.stringify(stream)},"data":${payload}}`;
    for (const connection of listeners) this.#deliver(connection, connection.isCombined ? wrapped : payload);
  }

  /** Sends a user event, already as JSON text, to every socket that listens to the account. */
  publishToAccount(accountId: string, payload: string): void {
    for (const connection of this.#connections) {
      for (const [key, owner] of connection.accountByListenKey) {
        if (owner !== accountId) continue;
        this.#deliver(
          connection,
          connection.isCombined ? `{"stream":${JSON.stringify(key)},"data":${payload}}` : payload,
        );
      }
    }
  }

  /** Stops user data on the sockets of an ended listen key; they stay open, as on the real venue. */
  forgetListenKey(key: string): void {
    for (const connection of this.#connections) connection.accountByListenKey.delete(key);
  }

  /** Resolves when every listening socket has received all that was sent so far. */
  async flush(): Promise<void> {
    const payload = `flush-${++this.#pings}`;
    await Promise.all([...this.#connections].map((connection) => connection.settle(payload)));
  }

  pingAll(): void {
    const payload = `${this.#deps.nowMs()}`;
    for (const connection of this.#connections) connection.ping(payload);
  }

  /** Cuts the open sockets that fit, without a goodbye. Returns how many. */
  cut(isDoomed: (socket: CarryingSocket) => boolean): number {
    const doomed = [...this.#connections].filter((connection) => isDoomed(connection));
    for (const connection of doomed) connection.terminate();
    return doomed.length;
  }

  stop(): void {
    for (const connection of this.#connections) connection.terminate();
    this.#server.close();
  }

  #deliver(connection: Connection, text: string): void {
    const struck = connection.isSilent ? undefined : this.#deps.faults.strikeMessage(connection);
    if (struck === 'silenced') connection.isSilent = true;
    if (struck === 'cut') connection.terminate();
    connection.send(text);
  }

  #listen(connection: Connection, socket: WebSocket): void {
    socket.on('message', (frame, isBinary) => {
      if (connection.countMessage(this.#deps.nowMs()) > MESSAGES_PER_SECOND) {
        connection.close(POLICY_VIOLATION, 'Too many requests');
        return;
      }
      connection.send(
        JSON.stringify(this.#answer(connection, isBinary || !Buffer.isBuffer(frame) ? '' : frame.toString('utf8'))),
      );
    });
    // A frame that breaks the protocol closes its own socket; the library has answered it already.
    socket.on('error', () => connection.terminate());
    socket.on('close', () => {
      this.#connections.delete(connection);
      for (const stream of connection.streams) this.#removeListener(stream, connection);
    });
  }

  #answer(connection: Connection, text: string): object {
    const request = readClientRequest(text);
    if ('error' in request) return request;
    const id = request.id ?? null;
    const result = this.#carryOut(connection, request);
    return typeof result === 'object' && result !== null && 'error' in result ? { ...result, id } : { result, id };
  }

  #carryOut(connection: Connection, request: ClientRequest): RequestError | null | boolean | readonly string[] {
    const params = request.params ?? [];
    const names = params.filter((param) => typeof param === 'string');
    switch (request.method) {
      case 'LIST_SUBSCRIPTIONS':
        return [...connection.accountByListenKey.keys(), ...connection.streams];
      case 'GET_PROPERTY':
        return names[0] === 'combined' ? connection.isCombined : { error: { code: 0, msg: 'Unknown property' } };
      case 'SET_PROPERTY':
        if (names[0] !== 'combined') return { error: { code: 0, msg: 'Unknown property' } };
        if (typeof params[1] !== 'boolean') {
          return { error: { code: 1, msg: 'Invalid value type: expected Boolean' } };
        }
        connection.isCombined = params[1];
        return null;
      case 'UNSUBSCRIBE':
        for (const name of names) this.#unsubscribe(connection, name);
        return null;
      case 'SUBSCRIBE':
        if (connection.streams.size + names.length > STREAMS_PER_SOCKET) {
          return { error: { code: 2, msg: 'Invalid request: too many subscriptions' } };
        }
        for (const name of names) this.#subscribe(connection, name);
        return null;
    }
  }

  #subscribe(connection: Connection, name: string): void {
    const accountId = this.#deps.listenKeys.accountOf(name);
    if (accountId !== undefined) {
      if (connection.base === 'any' || connection.base === 'private')
        connection.accountByListenKey.set(name, accountId);
      return;
    }
    connection.streams.add(name);
    if (!isCarriedOn(name, connection.base)) return;
    const listeners = this.#byStream.get(name) ?? new Set();
    this.#byStream.set(name, listeners.add(connection));
  }

  #unsubscribe(connection: Connection, name: string): void {
    connection.accountByListenKey.delete(name);
    connection.streams.delete(name);
    this.#removeListener(name, connection);
  }

  #removeListener(stream: string, connection: Connection): void {
    const listeners = this.#byStream.get(stream);
    listeners?.delete(connection);
    if (listeners?.size === 0) this.#byStream.delete(stream);
  }
}
