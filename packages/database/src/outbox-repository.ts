import type { Envelope, OutboxStore, Queryable, StatedEvent, Transactor } from '@qt/contracts';
import { type Clock, invariant, uuidOf } from '@qt/kernel';
import { ENVELOPE_COLUMNS, type EnvelopeRow, envelopeOf } from './envelope-row.ts';

const COLUMNS = `id, type, version, occurred_at_ms, recorded_at_ms, source, correlation_id, causation_id, key, producer_seq, payload`;
const ROWS = `SELECT e.id, e.type, e.version, e.occurred_at_ms, $2::bigint, $1::text, e.correlation_id, e.causation_id, e.key, e.producer_seq,
    e.payload
  FROM unnest($3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bigint[], $11::json[])
    WITH ORDINALITY AS e(id, type, version, occurred_at_ms, correlation_id, causation_id, key, producer_seq, payload, ordinal)`;

const INSERT = `INSERT INTO outbox (${COLUMNS}) ${ROWS} ORDER BY e.ordinal`;

// Reserves the numbers and, if they are the expected ones, adds the events: one round trip. One row per type, locked in the order of the
// types, so that two transactions never wait for each other crosswise.
const RESERVE_AND_INSERT = `WITH want AS (
    SELECT type, count, last_seq FROM unnest($12::text[], $13::bigint[], $14::bigint[]) AS w(type, count, last_seq)
  ), moved AS (
    INSERT INTO producer_sequences AS p (source, type, last_seq) SELECT $1::text, type, count FROM want ORDER BY type
    ON CONFLICT (source, type) DO UPDATE SET last_seq = p.last_seq + excluded.last_seq RETURNING p.type, p.last_seq
  ), is_expected AS (
    SELECT count(*) = (SELECT count(*) FROM want) AS yes FROM moved JOIN want USING (type) WHERE moved.last_seq = want.last_seq
  ), added AS (
    INSERT INTO outbox (${COLUMNS}) ${ROWS} WHERE (SELECT yes FROM is_expected) ORDER BY e.ordinal
  )
  SELECT type, last_seq::float8 AS "lastSeq", (SELECT yes FROM is_expected) AS "isAdded" FROM moved`;

interface Reserved {
  readonly type: string;
  readonly lastSeq: number;
  readonly isAdded: boolean;
}

/** What each service said, in order and without a gap: the record that Redis only carries. */
export class OutboxRepository implements OutboxStore {
  readonly #db: Queryable & Transactor;
  readonly #clock: Clock;
  /** Last number seen per source and type: what the next append expects. */
  readonly #lastSeq = new Map<string, number>();

  constructor(db: Queryable & Transactor, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#db.transaction(work);
  }

  async append(tx: Queryable, source: string, events: readonly StatedEvent[]): Promise<Envelope[]> {
    if (events.length === 0) return [];
    const counts = new Map<string, number>();
    for (const { definition } of events) counts.set(definition.type, (counts.get(definition.type) ?? 0) + 1);
    const expected = new Map(
      [...counts].map(([type, count]) => [type, (this.#lastSeq.get(`${source}/${type}`) ?? 0) + count]),
    );
    const hoped = this.#envelopesOf(source, events, counts, expected);
    const { rows } = await tx.query<Reserved>(RESERVE_AND_INSERT, [
      ...valuesOf(source, hoped),
      [...counts.keys()],
      [...counts.values()],
      [...expected.values()],
    ]);
    for (const { type, lastSeq } of rows) this.#lastSeq.set(`${source}/${type}`, lastSeq);
    if (rows.every(({ isAdded }) => isAdded)) return hoped;
    // Another process or a transaction that runs beside this one, or one that was rolled back, has moved the numbers.
    const reserved = new Map(rows.map(({ type, lastSeq }) => [type, lastSeq]));
    const envelopes = this.#envelopesOf(source, events, counts, reserved);
    await tx.query(INSERT, valuesOf(source, envelopes));
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

  /** Numbers the events of each type so that the last one has `lastSeq`. */
  #envelopesOf(
    source: string,
    events: readonly StatedEvent[],
    counts: ReadonlyMap<string, number>,
    lastSeq: ReadonlyMap<string, number>,
  ): Envelope[] {
    const recordedAtMs = this.#clock.nowMs();
    const next = new Map([...counts].map(([type, count]) => [type, (lastSeq.get(type) ?? 0) - count]));
    return events.map(({ definition: { type, version }, draft }): Envelope => {
      const producerSeq = (next.get(type) ?? 0) + 1;
      invariant(producerSeq > 0, `a sequence was reserved for ${type}`);
      next.set(type, producerSeq);
      return {
        id: uuidOf(draft.occurredAtMs, source, type, producerSeq),
        type,
        version,
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
  }
}

/** The parameters $1 to $11 of ROWS. */
const valuesOf = (source: string, envelopes: readonly Envelope[]): unknown[] => [
  source,
  envelopes[0]?.recordedAtMs,
  envelopes.map((e) => e.id),
  envelopes.map((e) => e.type),
  envelopes.map((e) => e.version),
  envelopes.map((e) => e.occurredAtMs),
  envelopes.map((e) => e.correlationId),
  envelopes.map((e) => e.causationId),
  envelopes.map((e) => e.key),
  envelopes.map((e) => e.producerSeq),
  envelopes.map((e) => JSON.stringify(e.payload)),
];
