import type { Envelope, InboxStore, Queryable, Transactor } from '@qt/contracts';
import type { Clock } from '@qt/kernel';
import { ENVELOPE_COLUMNS, type EnvelopeRow, envelopeOf } from './envelope-row.ts';

const CLAIM = `INSERT INTO inbox (consumer, event_id, source, type, producer_seq, applied_at_ms) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (consumer, event_id) DO NOTHING`;

/** What each consumer has applied. `claim` is part of the transaction that holds the effect, so both are there or neither is. */
export class InboxRepository implements InboxStore {
  readonly #db: Queryable & Transactor;
  readonly #clock: Clock;

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

  async listMissing(
    consumer: string,
    types: readonly string[],
    olderThanMs: number,
    limit: number,
  ): Promise<Envelope[]> {
    const { rows } = await this.#db.query<EnvelopeRow>(
      `SELECT ${ENVELOPE_COLUMNS} FROM outbox o WHERE o.type = ANY($2) AND o.recorded_at_ms <= $3
         AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer = $1 AND i.event_id = o.id)
         AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.consumer = $1 AND d.event_id = o.id)
       ORDER BY o.recorded_at_ms, o.source, o.type, o.producer_seq LIMIT $4`,
      [consumer, types, this.#clock.nowMs() - olderThanMs, limit],
    );
    return rows.map(envelopeOf);
  }

  async lastAppliedSeq(consumer: string): Promise<Readonly<Record<string, number>>> {
    const { rows } = await this.#db.query<{ name: string; seq: number }>(
      `SELECT source || '/' || type AS name, max(producer_seq)::float8 AS seq FROM inbox WHERE consumer = $1 GROUP BY source, type`,
      [consumer],
    );
    return Object.fromEntries(rows.map(({ name, seq }) => [name, seq]));
  }
}
