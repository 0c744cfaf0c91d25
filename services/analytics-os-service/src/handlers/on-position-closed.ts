import { PositionClosed } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import { netPnlUsdtOf } from '../domain/closed-position-result.ts';
import type { EventRecorder } from '../event-recorder.ts';
import type { PerformanceStore } from '../ports.ts';

export interface OnPositionClosedDeps {
  readonly recorder: EventRecorder;
  readonly performance: PerformanceStore;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Stores the event and adds the position's result to its day. */
export const onPositionClosed = ({ recorder, performance, onStored }: OnPositionClosedDeps): Subscription =>
  consume(
    PositionClosed,
    async ({ payload, envelope }, work) => {
      recorder.add(work, envelope);
      await performance.add(work.tx, { ...payload, netPnlUsdt: netPnlUsdtOf(payload) });
      return async () => onStored(envelope.occurredAtMs);
    },
    { sharesTransaction: true },
  );
