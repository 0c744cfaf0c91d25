import { Candle, type Interval } from '@qt/contracts';
import type { HeavyDbConnection } from './heavydb-connection.ts';
import { decimalTextOf, textOf, wholeOf } from './row-values.ts';
import { sqlText, sqlWhole } from './sql-text.ts';

/** One column per price; names that are no words of SQL. */
export const CANDLE_TABLE = `CREATE TABLE IF NOT EXISTS market_candles (symbol TEXT ENCODING DICT(32), candle_interval TEXT ENCODING DICT(8),
  open_time_ms BIGINT, open_price DOUBLE, high_price DOUBLE, low_price DOUBLE, close_price DOUBLE, volume DOUBLE)`;

const COLUMNS = 'symbol, candle_interval, open_time_ms, open_price, high_price, low_price, close_price, volume';

/** Candles of a HeavyDB server, behind the same question that the venue and Postgres answer. Read-only. */
export class HeavyDbCandleSource {
  readonly #connection: Pick<HeavyDbConnection, 'query'>;

  constructor(connection: Pick<HeavyDbConnection, 'query'>) {
    this.#connection = connection;
  }

  /** Returns candles opened from `startMs` (inclusive) to `endMs` (exclusive), oldest first. Throws: as the connection, HEAVYDB_ROW_INVALID. */
  async candles(query: {
    readonly symbol: string;
    readonly interval: Interval;
    readonly startMs: number;
    readonly endMs: number;
  }): Promise<readonly Candle[]> {
    const { symbol, interval, startMs, endMs } = query;
    const rows = await this.#connection.query(
      `SELECT ${COLUMNS} FROM market_candles WHERE symbol = ${sqlText(symbol)} AND candle_interval = ${sqlText(interval)}` +
        ` AND open_time_ms >= ${sqlWhole(startMs)} AND open_time_ms < ${sqlWhole(endMs)} ORDER BY open_time_ms ASC`,
    );
    return rows.map((row) =>
      Candle.parse({
        symbol: textOf(row, 'symbol'),
        interval: textOf(row, 'candle_interval'),
        openTimeMs: wholeOf(row, 'open_time_ms'),
        open: decimalTextOf(row, 'open_price'),
        high: decimalTextOf(row, 'high_price'),
        low: decimalTextOf(row, 'low_price'),
        close: decimalTextOf(row, 'close_price'),
        volume: decimalTextOf(row, 'volume'),
      }),
    );
  }
}
