import { ServiceHeartbeat } from '@qt/contracts';
import { type Clock, messageOf } from '@qt/kernel';
import type { Component, Logger } from '@qt/service-kit';
import type { ComponentStates } from './component-states.ts';
import type { EventSink } from './ports.ts';
import type { RegimeMetrics } from './regime-metrics.ts';

const BEAT_MS = 5_000;

export interface PulseDeps {
  readonly bus: EventSink;
  readonly states: ComponentStates;
  readonly metrics: RegimeMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Every 5 s: looks at the components, sets their metrics and tells the other services. A beat that cannot be sent is left out. */
export class Pulse implements Component {
  readonly name = 'pulse';
  readonly #deps: PulseDeps;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: PulseDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => {
      this.#beat().catch((error: unknown) => {
        this.#deps.logger.warn('heartbeat not sent', { code: 'HEARTBEAT_FAILED', reason: messageOf(error) });
      });
    }, BEAT_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  async #beat(): Promise<void> {
    const { bus, states, metrics, clock } = this.#deps;
    const memoryBytes = process.memoryUsage.rss();
    metrics.memoryBytes.set(memoryBytes);
    const found = await states();
    for (const [component, state] of Object.entries(found)) metrics.component(component, state);
    const isHealthy = Object.values(found).every((state) => state === 'running' || state === 'warming');
    await bus.announce(ServiceHeartbeat, {
      occurredAtMs: Math.floor(clock.nowMs()),
      correlationId: 'heartbeat',
      causationId: null,
      key: 'regime-service',
      payload: {
        service: 'regime-service',
        status: isHealthy ? 'healthy' : 'degraded',
        uptimeSeconds: process.uptime(),
        memoryBytes,
      },
    });
  }
}
