import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { DecimalText, MarketSymbol, Side, UnixMs } from '../values.ts';

/** Every reason for which the gate refuses. Closed: a new reason is a new member. */
export const DenialCode = z.enum([
  'MODE_FORBIDS_ENTRY',
  'TRADING_DISABLED',
  'SIGNAL_EXPIRED',
  'CONFIDENCE_BELOW_MINIMUM',
  'SYMBOL_UNKNOWN',
  'SYMBOL_NOT_TRADING',
  'SYMBOL_ON_HOLD',
  'ORDER_OUTCOME_UNKNOWN',
  'STREAM_RECONCILING',
  'FEED_STALE',
  'CLOCK_SKEWED',
  'PROTECTION_UNAVAILABLE',
  'ALREADY_POSITIONED',
  'POSITION_LIMIT',
  'SYMBOL_NOTIONAL_LIMIT',
  'GROSS_EXPOSURE_LIMIT',
  'LEVERAGE_LIMIT',
  'ORDER_RATE_LIMIT',
  'DAILY_LOSS_LIMIT',
  'DRAWDOWN_LIMIT',
  'EQUITY_UNKNOWN',
  'EQUITY_DEPLETED',
  'STOP_AT_ENTRY',
  'QUANTITY_BELOW_STEP',
  'NOTIONAL_BELOW_MINIMUM',
  'PRICE_MOVED',
]);
export type DenialCode = z.infer<typeof DenialCode>;

/** What an approval permits, and nothing more: one entry with its protection, or one exit. */
export const Approval = z.object({
  action: z.enum(['enter', 'exit']),
  side: Side,
  quantity: DecimalText,
  /** The most that may ever be ordered under this decision, attempts included. */
  maxQuantity: DecimalText,
  /** Worst price at which an entry may fill; null for exits, which take the market. */
  priceLimit: DecimalText.nullable(),
  /** Both null for exits. */
  stopPrice: DecimalText.nullable(),
  targetPrice: DecimalText.nullable(),
  leverage: z.int().positive(),
  validUntilMs: UnixMs,
});
export type Approval = z.infer<typeof Approval>;

const decisionHead = {
  /** 26-character ULID; every order's client id is built from it. */
  decisionId: z.string().length(26),
  /** Null when the gate itself wants out: horizon over, protection lost, flatten. */
  signalId: z.uuid().nullable(),
  symbol: MarketSymbol,
  reason: z.string().min(1),
  /** Equity the decision was made on; null when unknown. */
  equityUsdt: DecimalText.nullable(),
};

/** The gate's answer to a signal or to its own wish to leave. */
export const RiskDecided = defineEvent({
  type: 'risk.decided',
  version: 1,
  payload: z.discriminatedUnion('outcome', [
    z.object({ ...decisionHead, outcome: z.literal('approved'), approval: Approval }),
    z.object({ ...decisionHead, outcome: z.literal('denied'), code: DenialCode }),
  ]),
});
export type RiskDecided = z.infer<typeof RiskDecided.payload>;

export const RiskAlert = defineEvent({
  type: 'risk.alert',
  version: 1,
  payload: z.object({
    code: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
    severity: z.enum(['info', 'warning', 'critical']),
    message: z.string().min(1),
    symbol: MarketSymbol.nullable(),
  }),
});
export type RiskAlert = z.infer<typeof RiskAlert.payload>;

export const TradingMode = z.enum(['ACTIVE', 'REDUCE_ONLY', 'HALT', 'FLATTEN']);
export type TradingMode = z.infer<typeof TradingMode>;

export const TradingModeChanged = defineEvent({
  type: 'trading_mode.changed',
  version: 1,
  payload: z.object({
    previousMode: TradingMode,
    mode: TradingMode,
    reason: z.string().min(1),
    actor: z.string().min(1),
  }),
});
export type TradingModeChanged = z.infer<typeof TradingModeChanged.payload>;
