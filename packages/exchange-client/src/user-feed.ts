import type { ExchangeLogger } from './exchange-logger.ts';
import type { FeedHealth, VenueStream } from './port.ts';
import { readFailure, refusalCode } from './read-failure.ts';
import { ListenKey, parseBody } from './rest-shapes.ts';
import type { SignedClient } from './signed-client.ts';
import type { VenueSocket } from './venue-socket.ts';

const KEY_PATH = '/fapi/v1/listenKey';
const KEEP_ALIVE_EVERY_MS = 20 * 60_000;
// A key lives 60 min; when keeping it alive has failed for so long, a new one is asked for before it dies.
const GIVE_UP_KEY_AFTER_MS = 50 * 60_000;
const CHECK_EVERY_MS = 5_000;
const KEEP_ALIVE_RETRY_MS = 30_000;
const UNKNOWN_LISTEN_KEY = -1125;
/** How long the stream may stay silent about an order that the venue has confirmed to us. Wall ms. */
const ECHO_DEADLINE_MS = 15_000;

type FeedSocket = Pick<VenueSocket, 'open' | 'close' | 'health' | 'reopen'>;

/** Options of `UserFeed`. */
export interface UserFeedOptions {
  readonly client: Pick<SignedClient, 'call'>;
  readonly wsUrl: string;
  readonly deadlineMs: number;
  readonly logger: ExchangeLogger;
}

/**
 * The listen key of a user stream and the ear for its silence. A user stream is silent when nothing happens, so silence alone proves nothing:
 * an order that the venue has confirmed by REST and the stream does not mention within 15 s does.
 */
export class UserFeed implements VenueStream {
  readonly #options: UserFeedOptions;
  readonly #awaitedUntilMs = new Map<string, number>();
  #socket: FeedSocket | null = null;
  #keptAliveAtMs = 0;
  #triedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UserFeedOptions) {
    this.#options = options;
  }

  /** Asks for a key (the venue prolongs the one it has given out before) and returns the address that it opens. */
  async address(): Promise<string> {
    const { client, wsUrl, deadlineMs } = this.#options;
    const answer = await client.call({
      method: 'POST',
      path: KEY_PATH,
      auth: 'key',
      priority: 'protective',
      deadlineMs,
    });
    if (answer.kind !== 'answered' || answer.httpStatus !== 200) throw readFailure(`POST ${KEY_PATH}`, answer);
    const { listenKey } = parseBody(`POST ${KEY_PATH}`, ListenKey, answer.body);
    this.#keptAliveAtMs = Date.now();
    return `${wsUrl}/private/ws/${listenKey}`;
  }

  async start(socket: FeedSocket): Promise<void> {
    this.#socket = socket;
    await socket.open();
    this.#timer = setInterval(() => this.#check(), CHECK_EVERY_MS);
  }

  health(): FeedHealth {
    return this.#socket?.health() ?? { isConnected: false, lastMessageAtMs: null };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#socket?.close();
  }

  /** Says, before the send, that an event about this order may come. */
  expect(clientOrderId: string): void {
    this.#awaitedUntilMs.set(clientOrderId, Number.MAX_SAFE_INTEGER);
  }

  /** Says what became of the send: from now on a confirmed order must be mentioned, unless it has been already. */
  settle(clientOrderId: string, isPlaced: boolean): void {
    if (!isPlaced) this.#awaitedUntilMs.delete(clientOrderId);
    else if (this.#awaitedUntilMs.has(clientOrderId)) {
      this.#awaitedUntilMs.set(clientOrderId, Date.now() + ECHO_DEADLINE_MS);
    }
  }

  heard(clientOrderId: string): void {
    this.#awaitedUntilMs.delete(clientOrderId);
  }

  #check(): void {
    const nowMs = Date.now();
    for (const [clientOrderId, untilMs] of this.#awaitedUntilMs) {
      if (untilMs > nowMs) continue;
      this.#awaitedUntilMs.clear();
      this.#socket?.reopen(`silent about our order ${clientOrderId}`);
      return;
    }
    if (nowMs - this.#keptAliveAtMs < KEEP_ALIVE_EVERY_MS || nowMs - this.#triedAtMs < KEEP_ALIVE_RETRY_MS) return;
    this.#triedAtMs = nowMs;
    this.#keepAlive(nowMs).catch((error: unknown) => {
      this.#options.logger.error('keeping the listen key alive failed', { cause: String(error) });
    });
  }

  async #keepAlive(nowMs: number): Promise<void> {
    const { client, deadlineMs, logger } = this.#options;
    const answer = await client.call({
      method: 'PUT',
      path: KEY_PATH,
      auth: 'key',
      priority: 'protective',
      deadlineMs,
    });
    if (answer.kind === 'answered' && answer.httpStatus === 200) {
      this.#keptAliveAtMs = nowMs;
      return;
    }
    logger.warn('the listen key was not kept alive', { cause: readFailure(`PUT ${KEY_PATH}`, answer).message });
    const isDead = refusalCode(answer) === UNKNOWN_LISTEN_KEY || nowMs - this.#keptAliveAtMs > GIVE_UP_KEY_AFTER_MS;
    if (isDead) this.#socket?.reopen('the listen key is no longer valid');
  }
}
