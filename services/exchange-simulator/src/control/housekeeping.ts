import type { Component } from '@qt/service-kit';
import type { UserEvents } from '../answers/user-events.ts';
import type { ListenKeys } from '../websocket/listen-keys.ts';

/** Source: Binance USD-M, websocket market streams: a ping frame every three minutes. */
const PING_EVERY_MS = 3 * 60_000;
const LOOK_EVERY_MS = 10_000;

/** What the duties need of the sockets. */
interface Sockets {
  publishToAccount(accountId: string, payload: string, eventType: string): void;
  forgetListenKey(key: string): void;
  pingAll(): void;
  closeExpired(): void;
  stop(): void;
}

interface HousekeepingDeps {
  readonly hub: Sockets;
  readonly listenKeys: ListenKeys;
  readonly events: UserEvents;
  readonly marketMs: () => number;
  readonly wallMs: () => number;
}

/** The venue's wall-time duties towards its sockets: pings, sockets whose time is over, and listen keys that run out. */
export class Housekeeping implements Component {
  readonly name = 'sockets';
  readonly #deps: HousekeepingDeps;
  #timer: NodeJS.Timeout | undefined;
  #lastPingMs = 0;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#lastPingMs = this.#deps.wallMs();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#deps.hub.stop();
  }

  /** Does what is due at this moment; called every ten seconds. */
  look(): void {
    const { hub, wallMs } = this.#deps;
    this.endExpiredKeys();
    hub.closeExpired();
    if (wallMs() - this.#lastPingMs < PING_EVERY_MS) return;
    this.#lastPingMs = wallMs();
    hub.pingAll();
  }

  /** Ends the listen keys whose time has run out, and tells their sockets. */
  endExpiredKeys(): void {
    const { hub, listenKeys, events, marketMs, wallMs } = this.#deps;
    for (const { accountId, key } of listenKeys.expire(wallMs())) {
      hub.publishToAccount(accountId, JSON.stringify(events.listenKeyExpired(key, marketMs())), 'listenKeyExpired');
      hub.forgetListenKey(key);
    }
  }
}
