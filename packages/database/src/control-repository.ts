import type { Queryable, TradingMode } from '@qt/contracts';
import { TradingMode as TradingModeSchema } from '@qt/contracts';
import { invariant } from '@qt/kernel';

/** What the gate may do now, who said so, and which process leads. */
export interface Control {
  readonly mode: TradingMode;
  readonly leaderEpoch: number;
  readonly reason: string;
  readonly actor: string;
  /** Market time. */
  readonly changedAtMs: number;
}

const COLUMNS = `mode, leader_epoch::float8 AS "leaderEpoch", reason, actor, changed_at_ms::float8 AS "changedAtMs"`;

const controlOf = (row: Control | undefined): Control => {
  invariant(row !== undefined, 'the control row exists');
  return { ...row, mode: TradingModeSchema.parse(row.mode) };
};

/** The one row of `control`: mode and leader epoch. */
export class ControlRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Takes the lead: writes `first` when there is no row yet, raises the epoch, and returns what now holds. */
  async lead(first: Omit<Control, 'leaderEpoch'>): Promise<Control> {
    const { rows } = await this.#db.query<Control>(
      `INSERT INTO control (mode, leader_epoch, reason, actor, changed_at_ms) VALUES ($1, 1, $2, $3, $4)
       ON CONFLICT (is_only_row) DO UPDATE SET leader_epoch = control.leader_epoch + 1 RETURNING ${COLUMNS}`,
      [first.mode, first.reason, first.actor, first.changedAtMs],
    );
    return controlOf(rows[0]);
  }

  /** Returns the row as committed; null before any process has led. */
  async find(): Promise<Control | null> {
    const { rows } = await this.#db.query<Control>(`SELECT ${COLUMNS} FROM control`);
    return rows[0] === undefined ? null : controlOf(rows[0]);
  }

  /** Returns the row and keeps the mode from changing until the transaction ends. */
  async holdForShare(): Promise<Control> {
    const { rows } = await this.#db.query<Control>(`SELECT ${COLUMNS} FROM control FOR SHARE`);
    return controlOf(rows[0]);
  }

  /** Returns the row and keeps others from reading or changing it in a step of their own until the transaction ends. */
  async holdForUpdate(): Promise<Control> {
    const { rows } = await this.#db.query<Control>(`SELECT ${COLUMNS} FROM control FOR UPDATE`);
    return controlOf(rows[0]);
  }

  async setMode(change: Omit<Control, 'leaderEpoch'>): Promise<void> {
    await this.#db.query('UPDATE control SET mode = $1, reason = $2, actor = $3, changed_at_ms = $4', [
      change.mode,
      change.reason,
      change.actor,
      change.changedAtMs,
    ]);
  }
}
