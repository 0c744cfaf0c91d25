import { ServiceHeartbeat } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { Clock } from '@qt/kernel';
import type { ServiceRoster } from '../domain/service-roster.ts';

export interface OnServiceHeartbeatDeps {
  readonly roster: ServiceRoster;
  /** The machine's clock: heartbeats are about processes, not about the market. */
  readonly wallClock: Clock;
}

/** Notes that a service is alive. Not stored: heartbeats may be lost. */
export const onServiceHeartbeat = ({ roster, wallClock }: OnServiceHeartbeatDeps): Subscription =>
  consume(ServiceHeartbeat, async ({ payload }) => {
    roster.hear(payload.service, payload.status, wallClock.nowMs());
  });
