import { RiskAlert, SystemAlert, TradingModeChanged } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { EventRecorder } from '../event-recorder.ts';
import type { AlertStore } from '../ports.ts';

export interface OnAlertDeps {
  readonly recorder: EventRecorder;
  readonly alerts: AlertStore;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Puts risk and system alerts into the operator's inbox, and who changed the trading mode into the audit log. */
export const onAlert = ({ recorder, alerts, onStored }: OnAlertDeps): readonly Subscription[] => [
  consume(RiskAlert, async ({ payload, envelope }, work) => {
    recorder.add(work, envelope);
    await alerts.raise(work.tx, {
      ...payload,
      alertId: envelope.id,
      component: envelope.source,
      occurredAtMs: envelope.occurredAtMs,
    });
    return async () => onStored(envelope.occurredAtMs);
  }),
  consume(SystemAlert, async ({ payload, envelope }, work) => {
    recorder.add(work, envelope);
    await alerts.raise(work.tx, {
      ...payload,
      alertId: envelope.id,
      symbol: null,
      occurredAtMs: envelope.occurredAtMs,
    });
    return async () => onStored(envelope.occurredAtMs);
  }),
  consume(TradingModeChanged, async ({ payload, envelope }, work) => {
    recorder.add(work, envelope);
    await alerts.audit(work.tx, {
      eventId: envelope.id,
      actor: payload.actor,
      action: TradingModeChanged.type,
      reason: payload.reason,
      detail: payload,
      occurredAtMs: envelope.occurredAtMs,
    });
    return async () => onStored(envelope.occurredAtMs);
  }),
];
