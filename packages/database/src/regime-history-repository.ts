import type { Queryable, Regime } from '@qt/contracts';

/** What the engine tells of a candle beyond the regime itself, in its own words. */
export interface RegimeDetail {
  /** Shape: 30, by `10 * volatility + 2 * trend + (trending ? 0 : 1)`. */
  readonly cells: readonly number[];
  readonly agreementRatio: number;
  /** Of the true regime, within so many candles. */
  readonly changeWithin10Probability: number;
  readonly changeWithin30Probability: number;
  /** Regime ids, likeliest first. */
  readonly conformalSet: readonly number[];
  readonly decision: {
    readonly kind: 'held' | 'confirmed' | 'tentative' | 'rejected';
    readonly candidateId: number;
    readonly reasons: readonly string[];
  };
  readonly stabilityRatio: number;
  readonly stabilityBand: 'very_stable' | 'stable' | 'moderate' | 'unstable' | 'critical';
}

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
  /** Null where an older engine told less; may be left out when adding. */
  readonly detail?: RegimeDetail | null;
}

/** One change of the published regime. */
export interface RegimeTransition {
  readonly symbol: string;
  readonly interval: string;
  /** Of the first candle in the new regime. */
  readonly openTimeMs: number;
  readonly fromRegimeId: number;
  readonly toRegimeId: number;
  /** Of the new regime, when it was taken. */
  readonly probability: number;
  /** Candles that the regime lasted which was left; null where its last candle is not known. */
  readonly leftDwellCandles: number | null;
  readonly agreementRatio: number | null;
  readonly reasons: readonly string[] | null;
}

/** Open times from `fromMs` (inclusive) to `toMs` (exclusive) of one market. */
export interface MarketRange {
  readonly symbol: string;
  readonly interval: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RegimeSnapshot {
  readonly symbol: string;
  readonly interval: string;
  /** Open time of the last candle in the state. */
  readonly openTimeMs: number;
  /** The detector's own form. */
  readonly state: unknown;
}

// A nested array does not survive unnest: arrays travel as array text.
const INSERT = `INSERT INTO regime_history (symbol, interval, open_time_ms, state, regime_id, regime_name, volatility, trend,
    structure, probability, previous_regime_id, dwell_candles, probabilities, cells, agreement_ratio,
    change_within_10_probability, change_within_30_probability, conformal_set, decision, stability_ratio, stability_band)
  SELECT r.symbol, r.interval, r.open_time_ms, r.state, r.regime_id, r.regime_name, r.volatility, r.trend, r.structure, r.probability,
    r.previous_regime_id, r.dwell_candles, r.probabilities::float8[], r.cells::float8[], r.agreement_ratio, r.change_within_10,
    r.change_within_30, r.conformal_set::smallint[], r.decision, r.stability_ratio, r.stability_band
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::float8[], $11::smallint[], $12::int[], $13::text[], $14::text[], $15::float8[], $16::float8[], $17::float8[], $18::text[],
    $19::jsonb[], $20::float8[], $21::text[])
    AS r(symbol, interval, open_time_ms, state, regime_id, regime_name, volatility, trend, structure, probability,
      previous_regime_id, dwell_candles, probabilities, cells, agreement_ratio, change_within_10, change_within_30, conformal_set,
      decision, stability_ratio, stability_band)
  ON CONFLICT DO NOTHING`;

// After the history itself: the last candle of the regime that was left may be of the same batch.
const INSERT_TRANSITIONS = `INSERT INTO regime_transitions (symbol, interval, open_time_ms, from_regime_id, to_regime_id, probability,
    left_dwell_candles, agreement_ratio, reasons)
  SELECT h.symbol, h.interval, h.open_time_ms, h.previous_regime_id, h.regime_id, h.probability,
    (SELECT before.dwell_candles FROM regime_history before
     WHERE before.symbol = h.symbol AND before.interval = h.interval AND before.open_time_ms < h.open_time_ms
     ORDER BY before.open_time_ms DESC LIMIT 1),
    h.agreement_ratio, h.decision->'reasons'
  FROM unnest($1::text[], $2::text[], $3::bigint[]) AS r(symbol, interval, open_time_ms)
    JOIN regime_history h USING (symbol, interval, open_time_ms)
  WHERE h.previous_regime_id IS NOT NULL
  ON CONFLICT DO NOTHING`;

const COLUMNS = `symbol, interval, open_time_ms::float8 AS "openTimeMs", state, previous_regime_id AS "previousRegimeId",
  dwell_candles AS "dwellCandles", probabilities, regime_id AS id, regime_name AS name, volatility, trend, structure, probability,
  cells, agreement_ratio AS "agreementRatio", change_within_10_probability AS "changeWithin10Probability",
  change_within_30_probability AS "changeWithin30Probability", conformal_set AS "conformalSet", decision,
  stability_ratio AS "stabilityRatio", stability_band AS "stabilityBand"`;

const TRANSITION_COLUMNS = `symbol, interval, open_time_ms::float8 AS "openTimeMs", from_regime_id AS "fromRegimeId",
  to_regime_id AS "toRegimeId", probability, left_dwell_candles AS "leftDwellCandles", agreement_ratio AS "agreementRatio", reasons`;

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };
type HistoryRow = Omit<RegimeRecord, 'regime' | 'detail'> & Regime & Nullable<RegimeDetail>;

const arrayText = (values: readonly number[] | undefined): string | null =>
  values === undefined ? null : `{${values.join(',')}}`;

/** Returns the columns of the details, in the order of INSERT; a record without them has null in each. */
const detailColumns = (records: readonly RegimeRecord[]): readonly unknown[][] => {
  const details = records.map(({ detail }) => detail ?? undefined);
  return [
    details.map((detail) => arrayText(detail?.cells)),
    details.map((detail) => detail?.agreementRatio ?? null),
    details.map((detail) => detail?.changeWithin10Probability ?? null),
    details.map((detail) => detail?.changeWithin30Probability ?? null),
    details.map((detail) => arrayText(detail?.conformalSet)),
    details.map((detail) => (detail === undefined ? null : JSON.stringify(detail.decision))),
    details.map((detail) => detail?.stabilityRatio ?? null),
    details.map((detail) => detail?.stabilityBand ?? null),
  ];
};

const detailOf = (row: Nullable<RegimeDetail>): RegimeDetail | null =>
  // Written together or not at all.
  row.cells === null ? null : (row as RegimeDetail);

const recordOf = (row: HistoryRow): RegimeRecord => {
  const { id, name, volatility, trend, structure, probability, ...rest } = row;
  const { cells, agreementRatio, changeWithin10Probability, changeWithin30Probability, ...others } = rest;
  const { conformalSet, decision, stabilityRatio, stabilityBand, ...record } = others;
  const change = { changeWithin10Probability, changeWithin30Probability };
  return {
    ...record,
    regime: { id, name, volatility, trend, structure, probability },
    detail: detailOf({ cells, agreementRatio, ...change, conformalSet, decision, stabilityRatio, stabilityBand }),
  };
};

/** What the detector said about each candle, and the state it can go on from. */
export class RegimeHistoryRepository {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  /** Adds records whose candles are stored, and a transition for each that changed the regime; one that is there stays as it is. */
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
      records.map(({ probabilities }) => arrayText(probabilities)),
      ...detailColumns(records),
    ]);
    const changes = records.filter(({ previousRegimeId }) => previousRegimeId !== null);
    if (changes.length === 0) return;
    await tx.query(INSERT_TRANSITIONS, [
      changes.map(({ symbol }) => symbol),
      changes.map(({ interval }) => interval),
      changes.map(({ openTimeMs }) => openTimeMs),
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
    return rows.map(recordOf);
  }

  /** Returns the first `limit` records of the range, oldest first: the last one's open time + 1 is where to go on. */
  async listRange(query: MarketRange & { readonly limit: number }): Promise<readonly RegimeRecord[]> {
    const { rows } = await this.#db.query<HistoryRow>(
      `SELECT ${COLUMNS} FROM regime_history
       WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
       ORDER BY regime_history.open_time_ms LIMIT $5`,
      [query.symbol, query.interval, query.fromMs, query.toMs, query.limit],
    );
    return rows.map(recordOf);
  }

  /** Returns the newest `limit` changes of the range, oldest first. */
  async listTransitions(query: MarketRange & { readonly limit: number }): Promise<readonly RegimeTransition[]> {
    const { rows } = await this.#db.query<RegimeTransition>(
      `SELECT * FROM (SELECT ${TRANSITION_COLUMNS} FROM regime_transitions
         WHERE symbol = $1 AND interval = $2 AND open_time_ms >= $3 AND open_time_ms < $4
         ORDER BY regime_transitions.open_time_ms DESC LIMIT $5) newest ORDER BY "openTimeMs"`,
      [query.symbol, query.interval, query.fromMs, query.toMs, query.limit],
    );
    return rows;
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
