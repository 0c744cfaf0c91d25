import { PositionClosed } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import { netPnlUsdtOf } from '../domain/closed-position-result.ts';
import type { EventStore, PerformanceStore } from '../ports.ts';

export interface OnPositionClosedDeps {
  readonly events: EventStore;
  readonly performance: PerformanceStore;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Stores the event and adds the position's result to its day. */
export const onPositionClosed = ({ events, performance, onStored }: OnPositionClosedDeps): Subscription =>
  consume(PositionClosed, async ({ payload, envelope }, { tx }) => {
    await events.append(tx, envelope);
    await performance.add(tx, { ...payload, netPnlUsdt: netPnlUsdtOf(payload) });
    return async () => onStored(envelope.occurredAtMs);
  });
