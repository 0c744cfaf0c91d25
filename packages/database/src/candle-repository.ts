import type { Candle, Queryable } from '@qt/contracts';

export interface StoredCandle extends Candle {
  readonly origin: 'stream' | 'gap_fill';
  /** False for history older than the first start, which was never said as an event. */
  readonly isPublished: boolean;
}

const COLUMNS = `symbol, interval, open_time_ms::float8 AS "openTimeMs", open, high, low, close, volume, origin,
  is_published AS "isPublished"`;

// One statement for any number of candles: a burst of symbols at one close costs one round trip.
const INSERT = `INSERT INTO candles (symbol, interval, open_time_ms, open, high, low, close, volume, origin, is_published)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::text[], $10::boolean[])
  ON CONFLICT DO NOTHING RETURNING symbol, interval, open_time_ms::float8 AS "openTimeMs"`;

/** Append-only store of accepted candles, one per symbol, interval and open time. */
export class CandleRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Adds candles and returns those that were not there before, in the order given. A candle that is there stays as it is. */
  async add<C extends StoredCandle>(tx: Queryable, candles: readonly C[]): Promise<readonly C[]> {
    if (candles.length === 0) return [];
    const { rows } = await tx.query<Pick<Candle, 'symbol' | 'interval' | 'openTimeMs'>>(INSERT, [
      candles.map(({ symbol }) => symbol),
      candles.map(({ interval }) => interval),
      candles.map(({ openTimeMs }) => openTimeMs),
      candles.map(({ open }) => open),
      candles.map(({ high }) => high),
      candles.map(({ low }) => low),
      candles.map(({ close }) => close),
      candles.map(({ volume }) => volume),
      candles.map(({ origin }) => origin),
      candles.map(({ isPublished }) => isPublished),
    ]);
    const keyOf = (candle: Pick<Candle, 'symbol' | 'interval' | 'openTimeMs'>): string =>
      `${candle.symbol}/${candle.interval}/${candle.openTimeMs}`;
    const added = new Set(rows.map(keyOf));
    return candles.filter((candle) => added.has(keyOf(candle)));
  }

  /** Returns candles opened from `startMs` (inclusive) to `endMs` (exclusive), oldest first: the question a venue answers too. */
  async candles(query: {
    readonly symbol: string;
    readonly interval: string;
    readonly startMs: number;
    readonly endMs: number;
  }): Promise<readonly Candle[]> {
    const { rows } = await this.#db.query<Candle>(
      `SELECT symbol, interval, open_time_ms::float8 AS "openTimeMs", open, high, low, close, volume FROM candles
       WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4 ORDER BY candles.open_time_ms`,
      [query.symbol, query.interval, query.startMs, query.endMs],
    );
    return rows;
  }

  /** Returns the newest `limit` candles opened after `afterMs` (exclusive), oldest first. */
  async listLast(query: {
    readonly symbol: string;
    readonly interval: string;
    readonly afterMs?: number;
    readonly limit: number;
  }): Promise<readonly StoredCandle[]> {
    const { rows } = await this.#db.query<StoredCandle>(
      `SELECT * FROM (SELECT ${COLUMNS} FROM candles WHERE symbol = $1 AND interval = $2 AND open_time_ms > $3
         ORDER BY candles.open_time_ms DESC LIMIT $4) newest ORDER BY "openTimeMs"`,
      [query.symbol, query.interval, query.afterMs ?? -1, query.limit],
    );
    return rows;
  }
}
