import type { Envelope, InboxStore, Queryable, Transactor } from '@qt/contracts';
import type { Clock } from '@qt/kernel';
import { ENVELOPE_COLUMNS, type EnvelopeRow, envelopeOf } from './envelope-row.ts';

const CLAIM = `INSERT INTO inbox (consumer, event_id, source, type, producer_seq, applied_at_ms) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (consumer, event_id) DO NOTHING`;

const CLAIM_ALL = `INSERT INTO inbox (consumer, event_id, source, type, producer_seq, applied_at_ms)
  SELECT $1, e.*, $6 FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[]) AS e
  ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id AS id`;

const HEADS = `SELECT source, type, last_seq::float8 AS "lastSeq" FROM producer_sequences WHERE type = ANY($1)`;

const MISSING = `SELECT ${ENVELOPE_COLUMNS}
  FROM unnest($2::text[], $3::text[], $4::bigint[]) AS f(source, type, floor)
  JOIN outbox o ON o.source = f.source AND o.type = f.type AND o.producer_seq > f.floor
  WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = $1 AND i.event_id = o.id)
    AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.consumer = $1 AND d.event_id = o.id)
  ORDER BY o.position LIMIT $5`;

// A parked event has been dealt with as much as an applied one: nobody waits for it.
const LAST_APPLIED = `SELECT source || '/' || type AS name, max(seq)::float8 AS seq FROM (
    SELECT source, type, max(producer_seq) AS seq FROM inbox WHERE consumer = $1 GROUP BY source, type
    UNION ALL
    SELECT o.source, o.type, o.producer_seq FROM dead_letters d JOIN outbox o ON o.id = d.event_id WHERE d.consumer = $1
  ) AS handled GROUP BY source, type`;

interface Head {
  readonly source: string;
  readonly type: string;
  readonly lastSeq: number;
}

/** What each consumer has applied. `claim` is part of the transaction that holds the effect, so both are there or neither is. */
export class InboxRepository implements InboxStore {
  readonly #db: Queryable & Transactor;
  readonly #clock: Clock;
  /** Per consumer, source and type: nothing up to this number is missing any more, so no query need look there again. */
  readonly #floors = new Map<string, number>();

  constructor(db: Queryable & Transactor, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return this.#db.transaction(work);
  }

  async claim(tx: Queryable, consumer: string, envelope: Envelope): Promise<'first' | 'duplicate'> {
    const { id, source, type, producerSeq } = envelope;
    const { rowCount } = await tx.query(CLAIM, [consumer, id, source, type, producerSeq, this.#clock.nowMs()]);
    return rowCount === 1 ? 'first' : 'duplicate';
  }

  async claimAll(tx: Queryable, consumer: string, envelopes: readonly Envelope[]): Promise<ReadonlySet<string>> {
    const { rows } = await tx.query<{ id: string }>(CLAIM_ALL, [
      consumer,
      envelopes.map(({ id }) => id),
      envelopes.map(({ source }) => source),
      envelopes.map(({ type }) => type),
      envelopes.map(({ producerSeq }) => producerSeq),
      this.#clock.nowMs(),
    ]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Costs the consumer's whole history once; after that only what is newer than the last look. */
  async listMissing(
    consumer: string,
    types: readonly string[],
    olderThanMs: number,
    limit: number,
  ): Promise<Envelope[]> {
    const floorOf = ({ source, type }: Head): number => this.#floors.get(`${consumer}/${source}/${type}`) ?? 0;
    const { rows: heads } = await this.#db.query<Head>(HEADS, [types]);
    const moved = heads.filter((head) => head.lastSeq > floorOf(head));
    if (moved.length === 0) return [];
    const { rows } = await this.#db.query<EnvelopeRow>(MISSING, [
      consumer,
      moved.map(({ source }) => source),
      moved.map(({ type }) => type),
      moved.map(floorOf),
      limit,
    ]);
    const missing = rows.map(envelopeOf);
    if (missing.length < limit) {
      for (const head of moved) this.#raiseFloor(consumer, head, missing);
    }
    const untilMs = this.#clock.nowMs() - olderThanMs;
    return missing.filter(({ recordedAtMs }) => recordedAtMs <= untilMs);
  }

  async lastAppliedSeq(consumer: string): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#db.query<{ name: string; seq: number }>(LAST_APPLIED, [consumer]);
    return Object.fromEntries(rows.map(({ name, seq }) => [name, seq]));
  }

  #raiseFloor(consumer: string, { source, type, lastSeq }: Head, missing: readonly Envelope[]): void {
    const seqs = missing.filter((e) => e.source === source && e.type === type).map(({ producerSeq }) => producerSeq);
    this.#floors.set(`${consumer}/${source}/${type}`, Math.min(lastSeq, ...seqs.map((seq) => seq - 1)));
  }
}
