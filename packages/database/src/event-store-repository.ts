import type { Envelope, Queryable } from '@qt/contracts';

const DAY_MS = 86_400_000;

const INSERT = `INSERT INTO events (event_id, type, version, source, key, producer_seq, correlation_id, causation_id,
    occurred_at_ms, recorded_at_ms, payload, "timestamp")
  SELECT e.*, to_timestamp(e.occurred_at_ms / 1000.0)
  FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::bigint[],
    $10::bigint[], $11::json[]) AS e(event_id, type, version, source, key, producer_seq, correlation_id, causation_id, occurred_at_ms,
    recorded_at_ms, payload)
  ON CONFLICT DO NOTHING`;

/** Append-only store of everything that was said, partitioned by the day it happened on. */
export class EventStoreRepository {
  readonly #daysWithPartition = new Set<number>();

  /** Stores events with the text their producers wrote. Safe to repeat. */
  async append(tx: Queryable, envelopes: readonly Envelope[]): Promise<void> {
    if (envelopes.length === 0) return;
    for (const day of new Set(envelopes.map(({ occurredAtMs }) => Math.floor(occurredAtMs / DAY_MS)))) {
      if (this.#daysWithPartition.has(day)) continue;
      await tx.query(`SELECT ensure_events_partition((to_timestamp($1) AT TIME ZONE 'UTC')::date)`, [day * 86_400]);
      this.#daysWithPartition.add(day);
    }
    await tx.query(INSERT, [
      envelopes.map((e) => e.id),
      envelopes.map((e) => e.type),
      envelopes.map((e) => e.version),
      envelopes.map((e) => e.source),
      envelopes.map((e) => e.key),
      envelopes.map((e) => e.producerSeq),
      envelopes.map((e) => e.correlationId),
      envelopes.map((e) => e.causationId),
      envelopes.map((e) => e.occurredAtMs),
      envelopes.map((e) => e.recordedAtMs),
      envelopes.map((e) => JSON.stringify(e.payload)),
    ]);
  }

  /** Forgets which partitions are known to exist; to be called when a transaction that made one was rolled back. */
  forgetPartitions(): void {
    this.#daysWithPartition.clear();
  }

  /** Returns the payload text of the newest event of a type, or null. */
  async latestPayload(db: Queryable, type: string): Promise<string | null> {
    const { rows } = await db.query<{ payload: string }>(
      'SELECT payload::text AS payload FROM events WHERE type = $1 ORDER BY occurred_at_ms DESC, producer_seq DESC LIMIT 1',
      [type],
    );
    return rows[0]?.payload ?? null;
  }

  async countByType(db: Queryable): Promise<Readonly<Record<string, number>>> {
    const { rows } = await db.query<{ type: string; count: number }>(
      'SELECT type, count(*)::float8 AS count FROM events GROUP BY type ORDER BY type',
    );
    return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
  }
}
