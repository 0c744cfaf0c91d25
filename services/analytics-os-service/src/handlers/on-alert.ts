import { RiskAlert, SystemAlert, TradingModeChanged } from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { AlertStore, EventStore } from '../ports.ts';

export interface OnAlertDeps {
  readonly events: EventStore;
  readonly alerts: AlertStore;
  readonly onStored: (occurredAtMs: number) => void;
}

/** Puts risk and system alerts into the operator's inbox, and who changed the trading mode into the audit log. */
export const onAlert = ({ events, alerts, onStored }: OnAlertDeps): readonly Subscription[] => [
  consume(RiskAlert, async ({ payload, envelope }, { tx }) => {
    await events.append(tx, envelope);
    await alerts.raise(tx, {
      ...payload,
      alertId: envelope.id,
      component: envelope.source,
      occurredAtMs: envelope.occurredAtMs,
    });
    return async () => onStored(envelope.occurredAtMs);
  }),
  consume(SystemAlert, async ({ payload, envelope }, { tx }) => {
    await events.append(tx, envelope);
    await alerts.raise(tx, { ...payload, alertId: envelope.id, symbol: null, occurredAtMs: envelope.occurredAtMs });
    return async () => onStored(envelope.occurredAtMs);
  }),
  consume(TradingModeChanged, async ({ payload, envelope }, { tx }) => {
    await events.append(tx, envelope);
    await alerts.audit(tx, {
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
