import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { DecimalText, Direction, MarketSymbol, Ratio, UnixMs } from '../values.ts';

const PositionFacts = z.object({
  positionId: z.string().min(1),
  decisionId: z.string().length(26).nullable(),
  symbol: MarketSymbol,
  direction: Direction,
  /** Base units, never negative. */
  quantity: DecimalText,
  /** Volume-weighted average of the fills that opened it. */
  entryPrice: DecimalText,
  leverage: z.int().positive(),
  stopPrice: DecimalText.nullable(),
  targetPrice: DecimalText.nullable(),
  openedAtMs: UnixMs,
});

export const PositionOpened = defineEvent({ type: 'position.opened', version: 1, payload: PositionFacts });
export type PositionOpened = z.infer<typeof PositionOpened.payload>;

export const PositionUpdated = defineEvent({ type: 'position.updated', version: 1, payload: PositionFacts });
export type PositionUpdated = z.infer<typeof PositionUpdated.payload>;

export const ExitReason = z.enum([
  'stop',
  'target',
  'signal',
  'horizon',
  'protection_lost',
  'liquidation',
  'operator',
  'external',
]);
export type ExitReason = z.infer<typeof ExitReason>;

/** `quantity` is the largest it ever was; money is the sum over the position's life. */
export const PositionClosed = defineEvent({
  type: 'position.closed',
  version: 1,
  payload: PositionFacts.extend({
    exitPrice: DecimalText,
    exitReason: ExitReason,
    realizedPnlUsdt: DecimalText,
    feesUsdt: DecimalText,
    fundingUsdt: DecimalText,
    /** Of the signal that opened it; null for a position we did not open. */
    signalId: z.uuid().nullable(),
    closedAtMs: UnixMs,
  }),
});
export type PositionClosed = z.infer<typeof PositionClosed.payload>;

export const LedgerKind = z.enum(['transfer', 'realized_pnl', 'fee', 'funding', 'liquidation_fee', 'other']);
export type LedgerKind = z.infer<typeof LedgerKind>;

/** One change of the wallet, signed: fees are negative. */
export const LedgerPosted = defineEvent({
  type: 'ledger.posted',
  version: 1,
  payload: z.object({
    entryId: z.string().min(1),
    kind: LedgerKind,
    symbol: MarketSymbol.nullable(),
    asset: z.string().min(1),
    amount: DecimalText,
    /** The venue's reference that makes the posting unique: trade id or income transaction id. */
    venueRef: z.string().min(1),
  }),
});
export type LedgerPosted = z.infer<typeof LedgerPosted.payload>;

/** The account as a whole after something moved it. */
export const PortfolioUpdated = defineEvent({
  type: 'portfolio.updated',
  version: 1,
  payload: z.object({
    walletUsdt: DecimalText,
    unrealizedPnlUsdt: DecimalText,
    /** Wallet plus unrealized PnL. */
    equityUsdt: DecimalText,
    grossExposureUsdt: DecimalText,
    netExposureUsdt: DecimalText,
    openPositions: z.int().nonnegative(),
    /** Since 00:00 UTC, open PnL, fees and funding included. */
    dailyPnlUsdt: DecimalText,
    /** Fall from the highest equity seen. */
    drawdownRatio: Ratio,
  }),
});
export type PortfolioUpdated = z.infer<typeof PortfolioUpdated.payload>;

export const ReconciliationCompleted = defineEvent({
  type: 'reconciliation.completed',
  version: 1,
  payload: z.object({
    trigger: z.enum(['start', 'stream_opened', 'periodic', 'operator']),
    isClean: z.boolean(),
    differences: z.array(
      z.object({
        kind: z.string().min(1),
        symbol: MarketSymbol.nullable(),
        ours: z.string(),
        venues: z.string(),
        repair: z.string(),
      }),
    ),
  }),
});
export type ReconciliationCompleted = z.infer<typeof ReconciliationCompleted.payload>;
