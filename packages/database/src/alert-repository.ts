import type { Queryable } from '@qt/contracts';

export interface Alert {
  /** Id of the event that raised it. */
  readonly alertId: string;
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly component: string;
  readonly symbol: string | null;
  readonly message: string;
  readonly occurredAtMs: number;
}

export interface AuditEntry {
  readonly eventId: string;
  readonly actor: string;
  readonly action: string;
  readonly reason: string;
  readonly detail: unknown;
  readonly occurredAtMs: number;
}

const COLUMNS = `alert_id AS "alertId", code, severity, component, symbol, message, occurred_at_ms::float8 AS "occurredAtMs"`;

/** The operator's inbox: alerts stay open until someone resolves them. */
export class AlertRepository {
  async raise(tx: Queryable, alert: Alert): Promise<void> {
    await tx.query(
      `INSERT INTO alerts (alert_id, code, severity, component, symbol, message, occurred_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [alert.alertId, alert.code, alert.severity, alert.component, alert.symbol, alert.message, alert.occurredAtMs],
    );
  }

  /** Newest first. */
  async listOpen(db: Queryable, limit: number): Promise<readonly Alert[]> {
    const { rows } = await db.query<Alert>(
      `SELECT ${COLUMNS} FROM alerts WHERE resolved_at_ms IS NULL ORDER BY occurred_at_ms DESC, alert_id LIMIT $1`,
      [limit],
    );
    return rows;
  }

  async countOpen(db: Queryable): Promise<number> {
    const { rows } = await db.query<{ count: number }>(
      'SELECT count(*)::float8 AS count FROM alerts WHERE resolved_at_ms IS NULL',
    );
    return rows[0]?.count ?? 0;
  }

  /** Returns `missing` when no open alert has that id. */
  async resolve(db: Queryable, alertId: string, actor: string, nowMs: number): Promise<'resolved' | 'missing'> {
    const { rowCount } = await db.query(
      'UPDATE alerts SET resolved_at_ms = $2, resolved_by = $3 WHERE alert_id = $1 AND resolved_at_ms IS NULL',
      [alertId, nowMs, actor],
    );
    return rowCount === 1 ? 'resolved' : 'missing';
  }

  async audit(tx: Queryable, entry: AuditEntry): Promise<void> {
    await tx.query(
      `INSERT INTO audit_log (event_id, actor, action, reason, detail, occurred_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [entry.eventId, entry.actor, entry.action, entry.reason, JSON.stringify(entry.detail), entry.occurredAtMs],
    );
  }
}
