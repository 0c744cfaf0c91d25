export type {
  DeadLetter,
  DeadLetterStore,
  InboxStore,
  OutboxStore,
  Queryable,
  StatedEvent,
  Transactor,
} from './bus-ports.ts';
export {
  defineEvent,
  type Envelope,
  EnvelopeHead,
  type EventDefinition,
  type EventDraft,
  streamOf,
} from './envelope.ts';
export {
  ExitReason,
  LedgerKind,
  LedgerPosted,
  PortfolioUpdated,
  PositionClosed,
  PositionOpened,
  PositionUpdated,
  ReconciliationCompleted,
} from './events/account.ts';
export { CandleClosed, Regime, RegimeChanged, RegimeClassified } from './events/market.ts';
export {
  OrderAccepted,
  OrderCanceled,
  OrderExpired,
  OrderFacts,
  OrderFilled,
  OrderLeg,
  OrderRejected,
  OrderSubmitted,
  OrderType,
  OrderUnknown,
} from './events/order.ts';
export { Approval, DenialCode, RiskAlert, RiskDecided, TradingMode, TradingModeChanged } from './events/risk.ts';
export { SignalGenerated } from './events/signal.ts';
export { ServiceHeartbeat, SystemAlert } from './events/system.ts';
export {
  Candle,
  closedAtMs,
  DecimalText,
  Direction,
  INTERVAL_MS,
  Interval,
  MarketSymbol,
  Ratio,
  Side,
  UnixMs,
} from './values.ts';
