import { ServiceHeartbeat } from '@qt/contracts';
import { type Clock, messageOf } from '@qt/kernel';
import type { Announcer } from './ports.ts';

export interface HeartbeatOptions {
  readonly bus: Announcer;
  readonly clock: Clock;
  readonly isHealthy: () => boolean;
  readonly onFailure: (message: string) => void;
}

const INTERVAL_MS = 5_000;

/** Tells the suite each 5 s that this service lives. A beat that cannot be sent is only noted: silence says the same. */
export class Heartbeat {
  readonly name = 'heartbeat';
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#beat().catch((error: unknown) => this.#options.onFailure(messageOf(error)));
    }, INTERVAL_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #beat(): Promise<void> {
    await this.#options.bus.announce(ServiceHeartbeat, {
      occurredAtMs: this.#options.clock.nowMs(),
      correlationId: 'ai-service',
      causationId: null,
      key: 'ai-service',
      payload: {
        service: 'ai-service',
        status: this.#options.isHealthy() ? 'healthy' : 'degraded',
        uptimeSeconds: process.uptime(),
        memoryBytes: process.memoryUsage.rss(),
      },
    });
  }
}
