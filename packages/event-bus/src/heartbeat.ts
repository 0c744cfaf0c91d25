import { ServiceHeartbeat } from '@qt/contracts';
import { type Clock, messageOf } from '@qt/kernel';
import type { EventBus } from './event-bus.ts';
import type { BusLogger } from './ports.ts';

const BEAT_MS = 5_000;

export interface HeartbeatOptions {
  readonly bus: Pick<EventBus, 'announce'>;
  readonly service: string;
  readonly clock: Clock;
  readonly logger: BusLogger;
  /** How the service is, as measured for this beat. */
  readonly status: () => Promise<ServiceHeartbeat['status']> | ServiceHeartbeat['status'];
}

/** Tells the other services every 5 s that this one is alive. A beat that cannot be sent is left out. */
export class Heartbeat {
  readonly name = 'heartbeat';
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#beat().catch((error: unknown) => {
        this.#options.logger.warn('heartbeat not sent', { code: 'HEARTBEAT_FAILED', reason: messageOf(error) });
      });
    }, BEAT_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    const { bus, service, clock, status } = this.#options;
    await bus.announce(ServiceHeartbeat, {
      occurredAtMs: Math.floor(clock.nowMs()),
      correlationId: 'heartbeat',
      causationId: null,
      key: service,
      payload: {
        service,
        status: await status(),
        uptimeSeconds: process.uptime(),
        memoryBytes: process.memoryUsage.rss(),
      },
    });
  }
}
