import type { LedgerKind, Queryable } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';

/** One change of the wallet, signed: fees are negative. */
export interface LedgerEntry {
  readonly entryId: string;
  readonly kind: LedgerKind;
  /** What makes the posting unique within its kind. */
  readonly venueRef: string;
  readonly symbol: string | null;
  readonly asset: string;
  readonly amount: Decimal;
  readonly positionId: string | null;
  readonly occurredAtMs: number;
}

/** Append-only ledger; the wallet is the sum of its entries. */
export class LedgerRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Throws pg's `unique_violation` on an entry that is posted already. */
  async post(entries: readonly LedgerEntry[]): Promise<void> {
    const rows = entries.map((entry) => ({ ...entry, amount: toText(entry.amount) }));
    await this.#db.query(
      `INSERT INTO ledger_entries (entry_id, kind, venue_ref, symbol, asset, amount, position_id, occurred_at_ms)
       SELECT "entryId", kind, "venueRef", symbol, asset, amount, "positionId", "occurredAtMs"
       FROM json_to_recordset($1::json) AS x("entryId" text, kind text, "venueRef" text, symbol text, asset text, amount numeric,
         "positionId" text, "occurredAtMs" bigint)`,
      [JSON.stringify(rows)],
    );
  }

  /** Returns which of these entries are posted already. */
  async listKnown(entryIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#db.query<{ id: string }>(
      'SELECT entry_id AS id FROM ledger_entries WHERE entry_id = ANY($1::text[])',
      [entryIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Returns the wallet in one asset, and whether anything was ever posted in it. */
  async balance(asset: string): Promise<{ readonly amount: Decimal; readonly entries: number }> {
    const { rows } = await this.#db.query<{ amount: string; entries: number }>(
      'SELECT coalesce(sum(amount), 0)::text AS amount, count(*)::float8 AS entries FROM ledger_entries WHERE asset = $1',
      [asset],
    );
    return { amount: dec(rows[0]?.amount ?? '0'), entries: rows[0]?.entries ?? 0 };
  }
}
