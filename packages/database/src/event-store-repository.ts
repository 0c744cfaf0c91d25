import type { Envelope, Queryable } from '@qt/contracts';

const DAY_MS = 86_400_000;

/** Append-only store of everything that was said, partitioned by the day it happened on. */
export class EventStoreRepository {
  readonly #daysWithPartition = new Set<number>();

  /** Stores the event with the text its producer wrote. Safe to repeat. */
  async append(tx: Queryable, envelope: Envelope): Promise<void> {
    const day = Math.floor(envelope.occurredAtMs / DAY_MS);
    if (!this.#daysWithPartition.has(day)) {
      await tx.query(`SELECT ensure_events_partition((to_timestamp($1) AT TIME ZONE 'UTC')::date)`, [day * 86_400]);
      this.#daysWithPartition.add(day);
    }
    await tx.query(
      `INSERT INTO events (event_id, type, version, source, key, producer_seq, correlation_id, causation_id,
         occurred_at_ms, recorded_at_ms, payload, "timestamp")
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::bigint, $10, $11, to_timestamp($9::bigint / 1000.0))
       ON CONFLICT DO NOTHING`,
      [
        envelope.id,
        envelope.type,
        envelope.version,
        envelope.source,
        envelope.key,
        envelope.producerSeq,
        envelope.correlationId,
        envelope.causationId,
        envelope.occurredAtMs,
        envelope.recordedAtMs,
        JSON.stringify(envelope.payload),
      ],
    );
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
