import type { Queryable } from '@qt/contracts';

/** Kinds of finding; each has a shape of its own, which the analyzer that writes it defines. */
export type RegimePatternKind =
  | 'durations'
  | 'transitions'
  | 'time_profile'
  | 'sequences'
  | 'aftermath'
  | 'matrix_comparison';

/** One finding of the look at a market's history. */
export interface RegimePattern {
  readonly symbol: string;
  readonly interval: string;
  readonly kind: RegimePatternKind;
  /** The moment the analysis stands for, market time. */
  readonly analyzedAtMs: number;
  /** Open times of the first and the last candle looked at. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly candles: number;
  /** Plain JSON. */
  readonly pattern: object;
}

const COLUMNS = `symbol, interval, kind, analyzed_at_ms::float8 AS "analyzedAtMs", from_ms::float8 AS "fromMs", to_ms::float8 AS "toMs",
  candles, pattern`;

/** What the looks at history found. */
export class RegimePatternRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Saves the findings of one look together; the same look done again replaces its findings. */
  async save(patterns: readonly RegimePattern[]): Promise<void> {
    if (patterns.length === 0) return;
    await this.#db.query(
      `INSERT INTO regime_patterns (symbol, interval, kind, analyzed_at_ms, from_ms, to_ms, candles, pattern)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::int[], $8::json[])
       ON CONFLICT (symbol, interval, kind, analyzed_at_ms) DO UPDATE SET from_ms = excluded.from_ms, to_ms = excluded.to_ms,
         candles = excluded.candles, pattern = excluded.pattern`,
      [
        patterns.map(({ symbol }) => symbol),
        patterns.map(({ interval }) => interval),
        patterns.map(({ kind }) => kind),
        patterns.map(({ analyzedAtMs }) => analyzedAtMs),
        patterns.map(({ fromMs }) => fromMs),
        patterns.map(({ toMs }) => toMs),
        patterns.map(({ candles }) => candles),
        patterns.map(({ pattern }) => JSON.stringify(pattern)),
      ],
    );
  }

  /** Returns the newest finding of each kind. */
  async listNewest({
    symbol,
    interval,
  }: {
    readonly symbol: string;
    readonly interval: string;
  }): Promise<readonly RegimePattern[]> {
    const { rows } = await this.#db.query<RegimePattern>(
      `SELECT DISTINCT ON (kind) ${COLUMNS} FROM regime_patterns WHERE symbol = $1 AND interval = $2
       ORDER BY kind, analyzed_at_ms DESC`,
      [symbol, interval],
    );
    return rows;
  }
}
