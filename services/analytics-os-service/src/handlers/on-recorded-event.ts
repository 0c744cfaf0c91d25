import {
  CandleClosed,
  type EventDefinition,
  LedgerPosted,
  OrderAccepted,
  OrderCanceled,
  OrderExpired,
  OrderFilled,
  OrderRejected,
  OrderSubmitted,
  OrderUnknown,
  PositionOpened,
  PositionUpdated,
  ReconciliationCompleted,
  RegimeChanged,
  RegimeClassified,
  RiskDecided,
  SignalGenerated,
} from '@qt/contracts';
import { consume, type Subscription } from '@qt/event-bus';
import type { EventStore } from '../ports.ts';

export interface OnRecordedEventDeps {
  readonly events: EventStore;
  /** Called once per stored event. */
  readonly onStored: (occurredAtMs: number) => void;
}

const stored = <P>(definition: EventDefinition<P>, { events, onStored }: OnRecordedEventDeps): Subscription =>
  consume(definition, async ({ envelope }, { tx }) => {
    await events.append(tx, envelope);
    return async () => onStored(envelope.occurredAtMs);
  });

/** Stores what needs nothing but storing. Each event is stored in the transaction that claims it, so exactly once. */
export const onRecordedEvent = (deps: OnRecordedEventDeps): readonly Subscription[] => [
  stored(CandleClosed, deps),
  stored(RegimeClassified, deps),
  stored(RegimeChanged, deps),
  stored(SignalGenerated, deps),
  stored(RiskDecided, deps),
  stored(OrderSubmitted, deps),
  stored(OrderAccepted, deps),
  stored(OrderRejected, deps),
  stored(OrderFilled, deps),
  stored(OrderCanceled, deps),
  stored(OrderExpired, deps),
  stored(OrderUnknown, deps),
  stored(PositionOpened, deps),
  stored(PositionUpdated, deps),
  stored(LedgerPosted, deps),
  stored(ReconciliationCompleted, deps),
];
