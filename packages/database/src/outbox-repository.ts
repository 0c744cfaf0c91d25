import type { Envelope, OutboxStore, Queryable, StatedEvent, Transactor } from '@qt/contracts';
import { type Clock, invariant, uuidOf } from '@qt/kernel';
import { ENVELOPE_COLUMNS, type EnvelopeRow, envelopeOf } from './envelope-row.ts';

// One row per type, locked in the order of the types, so that two transactions never wait for each other crosswise.
const RESERVE = `INSERT INTO producer_sequences AS p (source, type, last_seq)
  SELECT $1, want.type, want.count FROM unnest($2::text[], $3::bigint[]) AS want(type, count) ORDER BY want.type
  ON CONFLICT (source, type) DO UPDATE SET last_seq = p.last_seq + excluded.last_seq
  RETURNING type, last_seq::float8 AS "lastSeq"`;

const INSERT = `INSERT INTO outbox (id, type, version, occurred_at_ms, recorded_at_ms, source, correlation_id, causation_id, key, producer_seq, payload)
  SELECT e.id, e.type, e.version, e.occurred_at_ms, $2, $1, e.correlation_id, e.causation_id, e.key, e.producer_seq, e.payload
  FROM unnest($3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::json[])
    WITH ORDINALITY AS e(id, type, version, occurred_at_ms, correlation_id, causation_id, key, producer_seq, payload, ordinal)
  ORDER BY e.ordinal`;

/** What each service said, in order and without a gap: the record that Redis only carries. */
export class OutboxRepository implements OutboxStore {
  readonly #db: Queryable & Transactor;
  readonly #clock: Clock;

  constructor(db: Queryable & Transactor, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#db.transaction(work);
  }

  async append(tx: Queryable, source: string, events: readonly StatedEvent[]): Promise<Envelope[]> {
    if (events.length === 0) return [];
    const nextSeq = await this.#reserve(tx, source, events);
    const recordedAtMs = this.#clock.nowMs();
    const envelopes = events.map(({ definition, draft }): Envelope => {
      const producerSeq = nextSeq(definition.type);
      return {
        id: uuidOf(draft.occurredAtMs, source, definition.type, producerSeq),
        type: definition.type,
        version: definition.version,
        occurredAtMs: draft.occurredAtMs,
        recordedAtMs,
        source,
        correlationId: draft.correlationId,
        causationId: draft.causationId,
        key: draft.key,
        producerSeq,
        payload: draft.payload,
      };
    });
    await tx.query(INSERT, [
      source,
      recordedAtMs,
      envelopes.map((e) => e.id),
      envelopes.map((e) => e.type),
      envelopes.map((e) => e.version),
      envelopes.map((e) => e.occurredAtMs),
      envelopes.map((e) => e.correlationId),
      envelopes.map((e) => e.causationId),
      envelopes.map((e) => e.key),
      envelopes.map((e) => e.producerSeq),
      envelopes.map((e) => JSON.stringify(e.payload)),
    ]);
    return envelopes;
  }

  async listUnrelayed(source: string, limit: number): Promise<Envelope[]> {
    const { rows } = await this.#db.query<EnvelopeRow>(
      `SELECT ${ENVELOPE_COLUMNS} FROM outbox o WHERE source = $1 AND relayed_at_ms IS NULL
       ORDER BY position LIMIT $2`,
      [source, limit],
    );
    return rows.map(envelopeOf);
  }

  async markRelayed(ids: readonly string[]): Promise<void> {
    await this.#db.query('UPDATE outbox SET relayed_at_ms = $1 WHERE id = ANY($2::uuid[])', [this.#clock.nowMs(), ids]);
  }

  async lastSeqByType(source: string): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#db.query<{ type: string; lastSeq: number }>(
      'SELECT type, last_seq::float8 AS "lastSeq" FROM producer_sequences WHERE source = $1',
      [source],
    );
    return Object.fromEntries(rows.map(({ type, lastSeq }) => [type, lastSeq]));
  }

  async #reserve(tx: Queryable, source: string, events: readonly StatedEvent[]): Promise<(type: string) => number> {
    const counts = new Map<string, number>();
    for (const { definition } of events) counts.set(definition.type, (counts.get(definition.type) ?? 0) + 1);
    const { rows } = await tx.query<{ type: string; lastSeq: number }>(RESERVE, [
      source,
      [...counts.keys()],
      [...counts.values()],
    ]);
    const next = new Map(rows.map(({ type, lastSeq }) => [type, lastSeq - (counts.get(type) ?? 0)]));
    return (type) => {
      const before = next.get(type);
      invariant(before !== undefined, `a sequence was reserved for ${type}`);
      next.set(type, before + 1);
      return before + 1;
    };
  }
}
