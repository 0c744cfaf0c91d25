import type { Envelope, Queryable } from '@qt/contracts';

/** Keeps every event for good. */
export interface EventStore {
  append(tx: Queryable, envelopes: readonly Envelope[]): Promise<void>;
  forgetPartitions(): void;
  latestPayload(db: Queryable, type: string): Promise<string | null>;
  countByType(db: Queryable): Promise<Readonly<Record<string, number>>>;
}

/** Sums results per UTC day and symbol. */
export interface PerformanceStore {
  add(
    tx: Queryable,
    result: {
      closedAtMs: number;
      symbol: string;
      realizedPnlUsdt: string;
      feesUsdt: string;
      fundingUsdt: string;
      netPnlUsdt: string;
    },
  ): Promise<void>;
  list(db: Queryable, limitDays: number): Promise<readonly unknown[]>;
}

export interface RaisedAlert {
  readonly alertId: string;
  readonly code: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly component: string;
  readonly symbol: string | null;
  readonly message: string;
  readonly occurredAtMs: number;
}

/** The operator's inbox and the record of what operators did. */
export interface AlertStore {
  raise(tx: Queryable, alert: RaisedAlert): Promise<void>;
  listOpen(db: Queryable, limit: number): Promise<readonly RaisedAlert[]>;
  countOpen(db: Queryable): Promise<number>;
  resolve(db: Queryable, alertId: string, actor: string, nowMs: number): Promise<'resolved' | 'missing'>;
  audit(
    tx: Queryable,
    entry: { eventId: string; actor: string; action: string; reason: string; detail: unknown; occurredAtMs: number },
  ): Promise<void>;
}
