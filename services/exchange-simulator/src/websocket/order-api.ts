import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Component } from '@qt/service-kit';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AnswerGate } from '../http/answer-gate.ts';
import { ipOf } from '../http/ip-address.ts';
import { ProtocolError } from '../http/protocol-error.ts';
import type { Usage } from '../http/rate-limits.ts';
import { handleLater } from './frame-delay.ts';
import type { FrameAnswer } from './order-api-answer.ts';
import { BINANCE_SOCKET_LIMITS } from './socket-limits.ts';

const PATH = /^\/ws-fapi\/v1\/?$/;
const HANDSHAKE_WEIGHT = 5;
const LARGEST_FRAME_BYTES = 64 * 1_024;
/** What may wait in memory for a client that asks and does not read; beyond it the socket is cut. */
const MOST_UNSENT_BYTES = BINANCE_SOCKET_LIMITS.unsentBytes;
const MINUTE_MS = 60_000;
/** Source: Binance USD-M, websocket API general info: ping every 3 minutes, cut 10 minutes after the last pong, or after a day. */
const PING_EVERY_MS = 3 * MINUTE_MS;
const PONG_LIMIT_MS = 10 * MINUTE_MS;
const LONGEST_CONNECTION_MS = 24 * 60 * MINUTE_MS;
const LOOK_EVERY_MS = 10_000;

interface OrderApiDeps {
  readonly openSession: (opened: { readonly ip: string; readonly showsRateLimits: boolean }) => Session;
  /** Throws: ProtocolError when the address has asked for too much. */
  readonly weigh: (weight: number, ip: string, usage: Usage) => void;
  /** Asked before a socket is opened; true refuses it with 503. */
  readonly refuses: () => boolean;
  readonly gate: AnswerGate;
  /** Called with what is not a refusal but a defect of ours. */
  readonly reportDefect: (thrown: unknown) => void;
  readonly wallMs: () => number;
  /** Wall time between a frame's coming and its handling. */
  readonly frameDelayMs?: number;
}

/** What answers the text frames of one connection. */
interface Session {
  answer(text: string): FrameAnswer | Promise<FrameAnswer>;
}

interface Connection {
  readonly socket: WebSocket;
  readonly openedMs: number;
  pingedMs: number;
  heardMs: number;
}

/** The sockets of the websocket API under `/ws-fapi/v1`: one request a frame, each answered with a frame. */
export class OrderApi implements Component {
  readonly name = 'order-api';
  readonly #deps: OrderApiDeps;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME_BYTES, perMessageDeflate: false });
  readonly #connections = new Set<Connection>();
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: OrderApiDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    for (const { socket } of this.#connections) socket.terminate();
    this.#server.close();
  }

  /** Takes over an HTTP upgrade if it is meant for this API. Returns whether it was. */
  takesUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    if (!PATH.test(path)) return false;
    socket.on('error', () => socket.destroy());
    if (this.#deps.refuses()) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return true;
    }
    const ip = ipOf(request);
    const usage: Usage = {};
    try {
      this.#deps.weigh(HANDSHAKE_WEIGHT, ip, usage);
    } catch (thrown) {
      refuseUpgrade(socket, thrown, usage);
      return true;
    }
    const showsRateLimits = new URLSearchParams(query).get('returnRateLimits') !== 'false';
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      this.#serve(webSocket, this.#deps.openSession({ ip, showsRateLimits }));
    });
    return true;
  }

  /** Cuts all sockets without a goodbye. Returns how many. */
  cutAll(): number {
    const doomed = [...this.#connections];
    for (const { socket } of doomed) socket.terminate();
    return doomed.length;
  }

  /** Does what is due at this moment; called every ten seconds. */
  look(): void {
    const nowMs = this.#deps.wallMs();
    for (const connection of this.#connections) {
      const { socket, openedMs, pingedMs, heardMs } = connection;
      if (nowMs - openedMs >= LONGEST_CONNECTION_MS) socket.close();
      else if (nowMs - heardMs >= PONG_LIMIT_MS) socket.terminate();
      else if (nowMs - pingedMs >= PING_EVERY_MS) {
        connection.pingedMs = nowMs;
        socket.ping(String(nowMs));
      }
    }
  }

  #serve(socket: WebSocket, session: Session): void {
    const { gate, reportDefect, wallMs } = this.#deps;
    const openedMs = wallMs();
    const connection: Connection = { socket, openedMs, pingedMs: openedMs, heardMs: openedMs };
    this.#connections.add(connection);
    const release = (answer: FrameAnswer): void =>
      gate.release({ send: () => send(socket, answer), cut: () => socket.terminate() });
    const fail = (thrown: unknown): void => {
      reportDefect(thrown);
      socket.terminate();
    };
    const handle = (text: string): void => {
      try {
        const answer = session.answer(text);
        if (answer instanceof Promise) answer.then(release, fail);
        else release(answer);
      } catch (thrown) {
        fail(thrown);
      }
    };
    socket.on('message', (frame, isBinary) => {
      const text = isBinary || !Buffer.isBuffer(frame) ? '' : frame.toString('utf8');
      handleLater(this.#deps.frameDelayMs ?? 0, () => {
        if (!this.#isStopped) handle(text);
      });
    });
    socket.on('pong', () => {
      connection.heardMs = wallMs();
    });
    // A frame that breaks the protocol closes its own socket; the library has answered it already.
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#connections.delete(connection));
  }
}

function send(socket: WebSocket, answer: FrameAnswer): void {
  if (answer.kind === 'cut' || socket.bufferedAmount > MOST_UNSENT_BYTES) socket.terminate();
  else if (answer.kind === 'text' && socket.readyState === socket.OPEN) socket.send(answer.text);
}

function refuseUpgrade(socket: Duplex, thrown: unknown, { retryAfterSeconds }: Usage): void {
  if (!(thrown instanceof ProtocolError)) throw thrown;
  const text = JSON.stringify({ code: thrown.code, msg: thrown.message });
  const head = [
    `HTTP/1.1 ${thrown.status} ${thrown.status === 418 ? "I'm a teapot" : 'Too Many Requests'}`,
    'content-type: application/json;charset=UTF-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `retry-after: ${retryAfterSeconds ?? 0}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
