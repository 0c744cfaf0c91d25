export {
  type AccountView,
  dailyLossRatio,
  dailyPnl,
  dayStartOf,
  drawdownRatio,
  type LossBaseline,
  type MarkedPosition,
  moveBaseline,
  shiftBaseline,
  viewAccount,
} from './account-arithmetic.ts';
export { clientOrderIdOf, type OwnLeg, type OwnOrderName, parseClientOrderId } from './client-order-id.ts';
export {
  decideEntry,
  type EntryApproval,
  type EntryContext,
  type EntryDecision,
  type EntrySignal,
  type TradableMarket,
} from './entry-gate.ts';
export { decideExit, type ExitContext, type ExitDecision } from './exit-gate.ts';
export {
  type Advance,
  advance,
  advanceOrder,
  averagePrice,
  isLive,
  isOutcomeUnknown,
  isTerminal,
  newProgress,
  type OrderNews,
  type OrderProgress,
  type OrderState,
  type OrderStep,
  owedQuantity,
  type VenueState,
} from './order-state-machine.ts';
export {
  applyFill,
  closingSide,
  openingSide,
  type PositionFill,
  type PositionState,
  type PositionStep,
  signOf,
  unrealizedPnl,
} from './position-arithmetic.ts';
export { movedBps, type ProtectionInput, type ProtectivePrices, protectivePrices } from './protective-prices.ts';
export { RiskLimits, readRiskLimits } from './risk-limits.ts';
export { type SizingDecision, type SizingInput, sizePosition } from './size-position.ts';
export {
  isAbsenceProven,
  isInquiryDue,
  noteAsked,
  noteNegative,
  openInquiry,
  type UnknownInquiry,
} from './unknown-order.ts';
