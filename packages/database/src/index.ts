export { type Alert, AlertRepository, type AuditEntry } from './alert-repository.ts';
export { CandleRepository, type StoredCandle } from './candle-repository.ts';
export { createDatabase, Database, type DatabaseCheck, type DatabaseOptions } from './database.ts';
export { type DeadLetterFilter, DeadLetterRepository, type ParkedLetter } from './dead-letter-repository.ts';
export { EventStoreRepository } from './event-store-repository.ts';
export { ensureLoginUsers, type LoginPasswords, type LoginUser } from './login-users.ts';
export { InboxRepository } from './inbox-repository.ts';
export { migrate, type MigrateOptions } from './migrate.ts';
export { OutboxRepository } from './outbox-repository.ts';
export { type RegimeAudit, RegimeAuditRepository } from './regime-audit-repository.ts';
export {
  type MarketRange,
  type RegimeDetail,
  type RegimeRecord,
  RegimeHistoryRepository,
  type RegimeSnapshot,
  type RegimeTransition,
} from './regime-history-repository.ts';
export { type RegimePattern, type RegimePatternKind, RegimePatternRepository } from './regime-pattern-repository.ts';
export {
  type RegimeDay,
  RegimeReportRepository,
  type RegimeShare,
  type TransitionCount,
} from './regime-report-repository.ts';
export { type EndedRegimeTask, RegimeTaskRepository } from './regime-task-repository.ts';
export { RegimeWalkRepository, type WalkedCandle } from './regime-walk-repository.ts';
export { type ClosedPositionResult, type DailyPerformance, PerformanceRepository } from './performance-repository.ts';
export { type ClassifiedCandleRange, ClassifiedCandleRepository } from './classified-candle-repository.ts';
export { type Market, ModelStateRepository, type StoredModelState } from './model-state-repository.ts';
export { type ModelRecord, PredictionRepository } from './prediction-repository.ts';
export {
  type ConsideredCandle,
  type PredictionRecord,
  type SettledCandle,
  type SignalDecisionRecord,
  type SignalQuery,
  SignalRepository,
} from './signal-repository.ts';
export { type Control, ControlRepository } from './control-repository.ts';
export { type Fill, FillRepository } from './fill-repository.ts';
export { type LedgerEntry, LedgerRepository } from './ledger-repository.ts';
export { type KnownOrder, type OrderIntent, type OrderRecord, OrderRepository } from './order-repository.ts';
export { type PositionPlan, type PositionRecord, PositionRepository } from './position-repository.ts';
export { ReconciliationRepository } from './reconciliation-repository.ts';
export { type RiskDecision, RiskDecisionRepository } from './risk-decision-repository.ts';
export { type RiskState, RiskStateRepository } from './risk-state-repository.ts';
