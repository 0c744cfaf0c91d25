import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { EventChannel } from '../faults/event-channel.ts';
import { Connection } from './connection.ts';
import { handleLater } from './frame-delay.ts';
import type { ListenKeys } from './listen-keys.ts';
import { BINANCE_SOCKET_LIMITS, ConnectionRate, type SocketLimits } from './socket-limits.ts';
import { type FeedName, isCarriedOn, parseFeedName, parseSocketAddress, type SocketAddress } from './stream-names.ts';
import { answerFrame } from './subscription-requests.ts';

const LARGEST_FRAME_BYTES = 128 * 1_024;
const POLICY_VIOLATION = 1_008;

interface SocketHubDeps {
  readonly listenKeys: ListenKeys;
  readonly faults: SocketFaults;
  /** The way of market events, which may lose, repeat, hold back or swap them. */
  readonly marketEvents: Pick<EventChannel, 'send'>;
  /** Wall time. */
  readonly nowMs: () => number;
  readonly limits?: SocketLimits;
  /** What sockets without a routed base carry: everything, or what the real venue has sent there since 2026-04-23. */
  readonly unrouted?: 'any' | 'public';
  /** Wall time between a frame's coming and its handling. */
  readonly frameDelayMs?: number;
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

/** The listeners of one stream. */
interface Audience {
  readonly connections: Set<Connection>;
  /** Start of a wrapped message: `{"stream":"…","data":`. */
  readonly opening: string;
}

type InterestListener = (stream: string, isWanted: boolean) => void;

/** All open sockets and who listens to what. It sends text; it does not know what the text means. */
export class SocketHub {
  readonly #deps: SocketHubDeps;
  readonly #limits: SocketLimits;
  readonly #rate: ConnectionRate;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME_BYTES, perMessageDeflate: false });
  readonly #connections = new Set<Connection>();
  readonly #audiences = new Map<string, Audience>();
  /** Sockets that hear of an account, and by which listen key. */
  readonly #keysByAccount = new Map<string, Map<Connection, Set<string>>>();
  readonly #interests: InterestListener[] = [];
  /** Sockets written to within a batch; null outside of one. */
  #batch: Set<Connection> | null = null;
  #pings = 0;

  constructor(deps: SocketHubDeps) {
    this.#deps = deps;
    this.#limits = deps.limits ?? BINANCE_SOCKET_LIMITS;
    this.#rate = new ConnectionRate(this.#limits.connectionsPerAddress);
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Takes over an HTTP upgrade; addresses that serve no socket are answered 404, too many sockets of one client 429. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const address = parseSocketAddress(request.url ?? '');
    socket.on('error', () => socket.destroy());
    if (address === undefined) {
      refuseUpgrade(socket, '404 Not Found');
      return;
    }
    if (!this.#rate.admits(request.socket.remoteAddress ?? '', this.#deps.nowMs())) {
      refuseUpgrade(socket, '429 Too Many Requests');
      return;
    }
    if (this.#deps.faults.refuses()) {
      refuseUpgrade(socket, '503 Service Unavailable');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, socket, address));
  }

  /** Tells of every stream when its first listener comes and when its last one goes. */
  onInterest(listener: InterestListener): void {
    this.#interests.push(listener);
  }

  /** Sends a payload, already as JSON text, to all who listen to the stream. Each form of it is made once, whatever their number. */
  publish(stream: string, payload: string): void {
    if (!this.#audiences.has(stream)) return;
    this.#deps.marketEvents.send({ name: stream, lane: stream, deliver: () => this.#deliverAll(stream, payload) });
  }

  #deliverAll(stream: string, payload: string): void {
    const audience = this.#audiences.get(stream);
    if (audience === undefined) return;
    let plain: Buffer | undefined;
    let wrapped: Buffer | undefined;
    for (const connection of audience.connections) {
      if (connection.isCombined) {
        wrapped ??= Buffer.from(`${audience.opening}${payload}}`);
        this.#deliver(connection, wrapped);
      } else {
        plain ??= Buffer.from(payload);
        this.#deliver(connection, plain);
      }
    }
  }

  /** Runs what publishes much at once. What comes of it is written to each socket in one piece. */
  batch(run: () => void): void {
    const batch = new Set<Connection>();
    this.#batch = batch;
    try {
      run();
    } finally {
      this.#batch = null;
      for (const connection of batch) connection.release();
    }
  }

  /**
   * Sends a user event, already as JSON text, to every socket that listens to the account and wants events of that type; without a type
   * to all of them.
   */
  publishToAccount(accountId: string, payload: string, eventType?: string): void {
    for (const [connection, keys] of this.#keysByAccount.get(accountId) ?? []) {
      for (const key of keys) {
        const { events } = connection.feeds.get(key) ?? {};
        if (events !== undefined && eventType !== undefined && !events.has(eventType)) continue;
        const name = events === undefined || eventType === undefined ? key : `${key}@${eventType}`;
        this.#deliver(connection, connection.isCombined ? `${openingOf(name)}${payload}}` : payload);
      }
    }
  }

  /** Stops user data on the sockets of an ended listen key; they stay open, as on the real venue. */
  forgetListenKey(key: string): void {
    for (const connection of this.#connections) this.#dropFeed(connection, key);
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

  /** Closes the sockets whose day is over or whose client has gone deaf. */
  closeExpired(): void {
    for (const connection of this.#connections) connection.closeIfExpired();
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

  #open(webSocket: WebSocket, transport: Duplex, address: SocketAddress): void {
    const connection = new Connection(webSocket, {
      transport,
      base: address.base === 'any' ? (this.#deps.unrouted ?? 'any') : address.base,
      isCombined: address.isCombined,
      limits: this.#limits,
      nowMs: this.#deps.nowMs,
    });
    this.#connections.add(connection);
    this.#listen(connection, webSocket);
    for (const feed of address.feeds) this.#addFeed(connection, feed);
    for (const name of address.streams.slice(0, this.#limits.streamsPerSocket)) this.#subscribe(connection, name);
    if (this.#deps.faults.leavesHalfOpen(connection)) connection.fallDeaf();
  }

  #deliver(connection: Connection, text: Buffer | string): void {
    const struck = connection.isSilent ? undefined : this.#deps.faults.strikeMessage(connection);
    if (struck === 'silenced') connection.isSilent = true;
    if (struck === 'cut') connection.terminate();
    if (this.#batch !== null && !this.#batch.has(connection)) {
      this.#batch.add(connection);
      connection.hold();
    }
    connection.send(text);
  }

  #listen(connection: Connection, socket: WebSocket): void {
    const subscriptions = {
      streamsPerSocket: this.#limits.streamsPerSocket,
      subscribe: (one: Connection, name: string) => this.#subscribe(one, name),
      unsubscribe: (one: Connection, name: string) => this.#unsubscribe(one, name),
    };
    socket.on('message', (frame, isBinary) => {
      if (!connection.admitsMessage()) {
        connection.close(POLICY_VIOLATION, 'Too many requests');
        return;
      }
      const text = isBinary || !Buffer.isBuffer(frame) ? '' : frame.toString('utf8');
      handleLater(this.#deps.frameDelayMs ?? 0, () => {
        if (connection.isOpen) connection.send(JSON.stringify(answerFrame(text, connection, subscriptions)));
      });
    });
    // A frame that breaks the protocol closes its own socket; the library has answered it already.
    socket.on('error', () => connection.terminate());
    socket.on('close', () => {
      this.#connections.delete(connection);
      for (const stream of connection.streams) this.#leave(stream, connection);
      for (const key of connection.feeds.keys()) this.#dropFeed(connection, key);
    });
  }

  #subscribe(connection: Connection, name: string): void {
    if (this.#addFeed(connection, parseFeedName(name)) || connection.streams.has(name)) return;
    connection.streams.add(name);
    if (!isCarriedOn(name, connection.base)) return;
    const found = this.#audiences.get(name);
    if (found !== undefined) {
      found.connections.add(connection);
      return;
    }
    this.#audiences.set(name, { connections: new Set([connection]), opening: openingOf(name) });
    for (const listener of this.#interests) listener(name, true);
  }

  #unsubscribe(connection: Connection, name: string): void {
    this.#dropFeed(connection, parseFeedName(name).listenKey);
    if (connection.streams.delete(name)) this.#leave(name, connection);
  }

  #leave(stream: string, connection: Connection): void {
    const audience = this.#audiences.get(stream);
    if (audience === undefined || !audience.connections.delete(connection) || audience.connections.size > 0) return;
    this.#audiences.delete(stream);
    for (const listener of this.#interests) listener(stream, false);
  }

  /** Lets a socket hear what happens to the owner of a listen key. Returns whether the name is a listen key at all. */
  #addFeed(connection: Connection, { listenKey, events }: FeedName): boolean {
    const accountId = this.#deps.listenKeys.accountOf(listenKey);
    if (accountId === undefined) return false;
    if (connection.base !== 'any' && connection.base !== 'private') return true;
    const before = connection.feeds.get(listenKey)?.events ?? [];
    const wanted = events === undefined ? undefined : new Set([...before, ...events]);
    connection.feeds.set(listenKey, { accountId, events: wanted });
    const sockets = this.#keysByAccount.get(accountId) ?? new Map<Connection, Set<string>>();
    this.#keysByAccount.set(accountId, sockets.set(connection, (sockets.get(connection) ?? new Set()).add(listenKey)));
    return true;
  }

  #dropFeed(connection: Connection, listenKey: string): void {
    const feed = connection.feeds.get(listenKey);
    if (feed === undefined) return;
    connection.feeds.delete(listenKey);
    const sockets = this.#keysByAccount.get(feed.accountId);
    const keys = sockets?.get(connection);
    keys?.delete(listenKey);
    if (keys?.size === 0) sockets?.delete(connection);
  }
}

const openingOf = (stream: string): string => `{"stream":${JSON.stringify(stream)},"data":`;

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
