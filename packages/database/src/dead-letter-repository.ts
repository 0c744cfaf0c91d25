import type { DeadLetter, DeadLetterStore, Queryable } from '@qt/contracts';
import type { Clock } from '@qt/kernel';

/** A parked event as an operator sees it. */
export interface ParkedLetter extends DeadLetter {
  readonly deadLetterId: string;
  readonly parkedAtMs: number;
  readonly replayedAtMs: number | null;
}

export interface DeadLetterFilter {
  readonly consumer?: string;
  readonly type?: string;
  /** Default false: only those not replayed yet. */
  readonly includesReplayed?: boolean;
  /** Default 100. */
  readonly limit?: number;
}

const COLUMNS = `dead_letter_id AS "deadLetterId", consumer, event_id AS "eventId", type, code, reason, envelope AS "envelopeText",
  parked_at_ms::float8 AS "parkedAtMs", replayed_at_ms::float8 AS "replayedAtMs"`;

/** Events that could not be handled, with the reason, until an operator replays them. */
export class DeadLetterRepository implements DeadLetterStore {
  readonly #db: Queryable;
  readonly #clock: Clock;

  constructor(db: Queryable, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Idempotent: an event that lies here and has not been replayed is not parked a second time. */
  async park(letter: DeadLetter): Promise<void> {
    await this.#db.query(
      `INSERT INTO dead_letters (consumer, event_id, type, code, reason, envelope, parked_at_ms)
       SELECT $1, $2::uuid, $3, $4, $5, $6, $7
       WHERE NOT EXISTS (SELECT 1 FROM dead_letters WHERE consumer = $1 AND event_id = $2::uuid AND replayed_at_ms IS NULL)`,
      [
        letter.consumer,
        letter.eventId,
        letter.type,
        letter.code,
        letter.reason,
        letter.envelopeText,
        this.#clock.nowMs(),
      ],
    );
  }

  async listParkedIds(consumer: string): Promise<readonly string[]> {
    const { rows } = await this.#db.query<{ eventId: string }>(
      `SELECT event_id AS "eventId" FROM dead_letters
       WHERE consumer = $1 AND event_id IS NOT NULL AND replayed_at_ms IS NULL`,
      [consumer],
    );
    return rows.map(({ eventId }) => eventId);
  }

  /** Oldest first. */
  async list(filter: DeadLetterFilter = {}): Promise<readonly ParkedLetter[]> {
    const { rows } = await this.#db.query<ParkedLetter>(
      `SELECT ${COLUMNS} FROM dead_letters
       WHERE ($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR type = $2) AND ($3 OR replayed_at_ms IS NULL)
       ORDER BY dead_letter_id LIMIT $4`,
      [filter.consumer ?? null, filter.type ?? null, filter.includesReplayed ?? false, filter.limit ?? 100],
    );
    return rows;
  }

  async find(deadLetterId: string): Promise<ParkedLetter | null> {
    const { rows } = await this.#db.query<ParkedLetter>(
      `SELECT ${COLUMNS} FROM dead_letters WHERE dead_letter_id = $1`,
      [deadLetterId],
    );
    return rows[0] ?? null;
  }

  /**
   * Marks a letter as replayed and hands it to `inject`, which puts it back on its stream; when that fails the letter lies here again.
   * Marked first, because a consumer that parks it once more must find no letter that is still waiting.
   */
  async replay(
    deadLetterId: string,
    inject: (letter: ParkedLetter) => Promise<void>,
  ): Promise<'replayed' | 'replayed_before' | 'not_found'> {
    const letter = await this.find(deadLetterId);
    if (letter === null) return 'not_found';
    const { rowCount } = await this.#db.query(
      'UPDATE dead_letters SET replayed_at_ms = $2 WHERE dead_letter_id = $1 AND replayed_at_ms IS NULL',
      [deadLetterId, this.#clock.nowMs()],
    );
    if (rowCount === 0) return 'replayed_before';
    try {
      await inject(letter);
    } catch (error) {
      await this.#db.query('UPDATE dead_letters SET replayed_at_ms = NULL WHERE dead_letter_id = $1', [deadLetterId]);
      throw error;
    }
    return 'replayed';
  }
}
