export { type BinanceExchangeOptions, createBinanceExchange } from './binance-exchange.ts';
export type { ExchangeLogger } from './exchange-logger.ts';
export type {
  CancelOutcome,
  ExchangePort,
  FeedHealth,
  Instrument,
  MarketStreamHandlers,
  OrderLookup,
  OrderRef,
  OrderState,
  SubmitOrder,
  SubmitOutcome,
  SymbolSetup,
  UserStreamHandlers,
  VenueAccount,
  VenueFill,
  VenueIncome,
  VenueOrder,
  VenuePosition,
  VenueStream,
} from './port.ts';
export { createRedisWeightBudget, type RedisWeightBudgetOptions } from './redis-weight-budget.ts';
export {
  BINANCE_LIMITS,
  type BudgetAnswer,
  type BudgetRequest,
  createLocalWeightBudget,
  type VenueLimits,
  type VenueUsage,
  type WeightBudget,
} from './weight-budget.ts';
