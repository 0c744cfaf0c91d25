import type { Queryable, Regime } from '@qt/contracts';

export interface RegimeRecord {
  readonly symbol: string;
  readonly interval: string;
  readonly openTimeMs: number;
  readonly state: 'warming' | 'ready';
  readonly regime: Regime;
  /** The regime left, when this candle changed it; null otherwise. */
  readonly previousRegimeId: number | null;
  readonly dwellCandles: number;
  /** Shape: 18, by regime id. */
  readonly probabilities: readonly number[];
}

export interface RegimeSnapshot {
  readonly symbol: string;
  readonly interval: string;
  /** Open time of the last candle in the state. */
  readonly openTimeMs: number;
  /** The detector's own form. */
  readonly state: unknown;
}

// A nested array does not survive unnest: the probabilities travel as array text.
const INSERT = `INSERT INTO regime_history (symbol, interval, open_time_ms, state, regime_id, regime_name, volatility, trend,
    structure, probability, previous_regime_id, dwell_candles, probabilities)
  SELECT r.symbol, r.interval, r.open_time_ms, r.state, r.regime_id, r.regime_name, r.volatility, r.trend, r.structure, r.probability,
    r.previous_regime_id, r.dwell_candles, r.probabilities::float8[]
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::float8[], $11::smallint[], $12::int[], $13::text[])
    AS r(symbol, interval, open_time_ms, state, regime_id, regime_name, volatility, trend, structure, probability,
      previous_regime_id, dwell_candles, probabilities)
  ON CONFLICT DO NOTHING`;

const COLUMNS = `symbol, interval, open_time_ms::float8 AS "openTimeMs", state, previous_regime_id AS "previousRegimeId",
  dwell_candles AS "dwellCandles", probabilities, regime_id AS id, regime_name AS name, volatility, trend, structure, probability`;

type HistoryRow = Omit<RegimeRecord, 'regime'> & Regime;

/** What the detector said about each candle, and the state it can go on from. */
export class RegimeHistoryRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Adds records whose candles are stored; one that is there stays as it is. */
  async add(tx: Queryable, records: readonly RegimeRecord[]): Promise<void> {
    if (records.length === 0) return;
    await tx.query(INSERT, [
      records.map(({ symbol }) => symbol),
      records.map(({ interval }) => interval),
      records.map(({ openTimeMs }) => openTimeMs),
      records.map(({ state }) => state),
      records.map(({ regime }) => regime.id),
      records.map(({ regime }) => regime.name),
      records.map(({ regime }) => regime.volatility),
      records.map(({ regime }) => regime.trend),
      records.map(({ regime }) => regime.structure),
      records.map(({ regime }) => regime.probability),
      records.map(({ previousRegimeId }) => previousRegimeId),
      records.map(({ dwellCandles }) => dwellCandles),
      records.map(({ probabilities }) => `{${probabilities.join(',')}}`),
    ]);
  }

  /** Returns the newest `limit` records, oldest first. */
  async listLast(query: {
    readonly symbol: string;
    readonly interval: string;
    readonly limit: number;
  }): Promise<readonly RegimeRecord[]> {
    const { rows } = await this.#db.query<HistoryRow>(
      `SELECT * FROM (SELECT ${COLUMNS} FROM regime_history WHERE symbol = $1 AND interval = $2
         ORDER BY regime_history.open_time_ms DESC LIMIT $3) newest ORDER BY "openTimeMs"`,
      [query.symbol, query.interval, query.limit],
    );
    return rows.map(({ id, name, volatility, trend, structure, probability, ...record }) => ({
      ...record,
      regime: { id, name, volatility, trend, structure, probability },
    }));
  }

  /** Keeps the newest state of each symbol and interval. */
  async saveSnapshots(tx: Queryable, snapshots: readonly RegimeSnapshot[]): Promise<void> {
    if (snapshots.length === 0) return;
    await tx.query(
      `INSERT INTO regime_snapshots (symbol, interval, open_time_ms, state)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::json[])
       ON CONFLICT (symbol, interval) DO UPDATE SET open_time_ms = excluded.open_time_ms, state = excluded.state`,
      [
        snapshots.map(({ symbol }) => symbol),
        snapshots.map(({ interval }) => interval),
        snapshots.map(({ openTimeMs }) => openTimeMs),
        snapshots.map(({ state }) => JSON.stringify(state)),
      ],
    );
  }

  async findSnapshot(symbol: string, interval: string): Promise<RegimeSnapshot | null> {
    const { rows } = await this.#db.query<RegimeSnapshot>(
      `SELECT symbol, interval, open_time_ms::float8 AS "openTimeMs", state FROM regime_snapshots
       WHERE symbol = $1 AND interval = $2`,
      [symbol, interval],
    );
    return rows[0] ?? null;
  }
}
