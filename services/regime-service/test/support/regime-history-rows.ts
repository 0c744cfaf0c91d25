import type { Database } from '@qt/database';

/**
 * Stores candles of one minute with the regimes of `pathSql`, an SQL expression of the candle's number `n` from 0. Prices wander without
 * chance, so that two runs store the same. `sinceMs` is the first open time.
 */
export const storeHistory = async (
  database: Database,
  { symbol, count, pathSql, sinceMs = 0 }: { symbol: string; count: number; pathSql: string; sinceMs?: number },
): Promise<void> => {
  await database.query(
    `INSERT INTO candles
     SELECT '${symbol}', '1m', ${sinceMs} + n * 60000::bigint, p, p * 1.001, p * 0.999, p, 1, 'stream', true
     FROM (SELECT n, 100 + 10 * sin(n / 50.0) AS p FROM generate_series(0, ${count - 1}) n) prices`,
  );
  await database.query(
    `INSERT INTO regime_history (symbol, interval, open_time_ms, state, regime_id, regime_name, volatility, trend, structure,
       probability, previous_regime_id, dwell_candles, probabilities)
     SELECT '${symbol}', '1m', ${sinceMs} + n * 60000::bigint, 'ready', id, 'x', 'low', 'up', 'trending', 0.9,
       nullif(lag(id, 1, id) OVER (ORDER BY n), id), 1, array_fill(1 / 18.0::float8, ARRAY[18])
     FROM (SELECT n, (${pathSql})::smallint AS id FROM generate_series(0, ${count - 1}) n) path`,
  );
};
