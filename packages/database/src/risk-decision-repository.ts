import type { Queryable, Side } from '@qt/contracts';
import { type Decimal, toText } from '@qt/kernel';

interface DecisionHead {
  /** 26-character ULID. */
  readonly decisionId: string;
  /** Null when the gate itself wants out. */
  readonly signalId: string | null;
  readonly symbol: string;
  /** Market time. */
  readonly decidedAtMs: number;
  readonly reason: string;
  readonly equityUsdt: Decimal | null;
  readonly correlationId: string;
}

/** A decision of the gate as it is kept: what it allows, or why it refuses. */
export type RiskDecision = DecisionHead &
  (
    | { readonly outcome: 'denied'; readonly code: string }
    | {
        readonly outcome: 'approved';
        readonly action: 'enter' | 'exit';
        readonly side: Side;
        readonly quantity: Decimal;
        readonly maxQuantity: Decimal;
        readonly priceLimit: Decimal | null;
        readonly stopPrice: Decimal | null;
        readonly targetPrice: Decimal | null;
        readonly leverage: number;
        readonly validUntilMs: number;
        readonly horizonEndsAtMs: number | null;
        readonly exitReason: string | null;
      }
  );

const text = (value: Decimal | null): string | null => (value === null ? null : toText(value));

/** Append-only store of the gate's decisions. */
export class RiskDecisionRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async record(decision: RiskDecision): Promise<void> {
    const { decisionId, signalId, symbol, decidedAtMs, outcome, reason, equityUsdt, correlationId } = decision;
    const head = [decisionId, signalId, symbol, decidedAtMs, outcome, reason, text(equityUsdt), correlationId];
    if (decision.outcome === 'denied') {
      await this.#db.query(
        `INSERT INTO risk_decisions (decision_id, signal_id, symbol, decided_at_ms, outcome, reason, equity_usdt, correlation_id, code)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [...head, decision.code],
      );
      return;
    }
    await this.#db.query(
      `INSERT INTO risk_decisions (decision_id, signal_id, symbol, decided_at_ms, outcome, reason, equity_usdt, correlation_id,
         action, side, quantity, max_quantity, price_limit, stop_price, target_price, leverage, valid_until_ms, horizon_ends_at_ms,
         exit_reason)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
      [
        ...head,
        decision.action,
        decision.side,
        toText(decision.quantity),
        toText(decision.maxQuantity),
        text(decision.priceLimit),
        text(decision.stopPrice),
        text(decision.targetPrice),
        decision.leverage,
        decision.validUntilMs,
        decision.horizonEndsAtMs,
        decision.exitReason,
      ],
    );
  }

  /** Returns how many exits of a symbol were decided at exactly this time. */
  async countExits(symbol: string, decidedAtMs: number): Promise<number> {
    const { rows } = await this.#db.query<{ count: number }>(
      `SELECT count(*)::float8 AS count FROM risk_decisions WHERE symbol = $1 AND decided_at_ms = $2 AND action = 'exit'`,
      [symbol, decidedAtMs],
    );
    return rows[0]?.count ?? 0;
  }
}
