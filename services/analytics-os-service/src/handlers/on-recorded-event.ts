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
import type { EventRecorder } from '../event-recorder.ts';

export interface OnRecordedEventDeps {
  readonly recorder: EventRecorder;
  /** Called once per stored event. */
  readonly onStored: (occurredAtMs: number) => void;
}

const stored = <P>(definition: EventDefinition<P>, { recorder, onStored }: OnRecordedEventDeps): Subscription =>
  consume(
    definition,
    async ({ envelope }, work) => {
      recorder.add(work, envelope);
      return async () => onStored(envelope.occurredAtMs);
    },
    { sharesTransaction: true },
  );

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
