-- Up Migration
-- regime-service: all that the engine tells of a candle, each change of regime, what history showed, and which tasks were done.
-- The new columns are null for candles that an older engine classified: it told less.
ALTER TABLE regime_history
  -- by 10 * volatility + 2 * trend + (trending ? 0 : 1)
  ADD COLUMN cells float8[] CHECK (cardinality(cells) = 30),
  ADD COLUMN agreement_ratio float8 CHECK (agreement_ratio BETWEEN 0 AND 1),
  -- of the true regime, within so many candles
  ADD COLUMN change_within_10_probability float8 CHECK (change_within_10_probability BETWEEN 0 AND 1),
  ADD COLUMN change_within_30_probability float8 CHECK (change_within_30_probability BETWEEN 0 AND 1),
  -- regime ids that together hold the true one in nine of ten candles, likeliest first
  ADD COLUMN conformal_set smallint[],
  -- what was made of the most probable regime, and the sentences that say why
  ADD COLUMN decision jsonb,
  ADD COLUMN stability_ratio float8 CHECK (stability_ratio BETWEEN 0 AND 1),
  ADD COLUMN stability_band text CHECK (stability_band IN ('very_stable', 'stable', 'moderate', 'unstable', 'critical'));

-- An engine's state is up to 150 kB of digits: squeezing it took three quarters of the write (9.7 ms, 2.6 without) and won a third.
ALTER TABLE regime_snapshots ALTER COLUMN state SET STORAGE EXTERNAL;

-- One row per change of the published regime. It refers to no history: changes stay when old history is cut away.
CREATE TABLE regime_transitions (
  symbol text NOT NULL,
  interval text NOT NULL,
  -- of the first candle in the new regime
  open_time_ms bigint NOT NULL,
  from_regime_id smallint NOT NULL CHECK (from_regime_id BETWEEN 0 AND 17),
  to_regime_id smallint NOT NULL CHECK (to_regime_id BETWEEN 0 AND 17),
  -- of the new regime, when it was taken
  probability float8 NOT NULL,
  -- candles the regime lasted that was left; null where its last candle is not known
  left_dwell_candles integer CHECK (left_dwell_candles > 0),
  agreement_ratio float8,
  reasons jsonb,
  PRIMARY KEY (symbol, interval, open_time_ms)
);
-- The newest changes of all markets.
CREATE INDEX regime_transitions_by_time ON regime_transitions (open_time_ms);

INSERT INTO regime_transitions (symbol, interval, open_time_ms, from_regime_id, to_regime_id, probability, left_dwell_candles)
SELECT h.symbol, h.interval, h.open_time_ms, h.previous_regime_id, h.regime_id, h.probability, h.left_dwell_candles
FROM (
  SELECT *, lag(dwell_candles) OVER (PARTITION BY symbol, interval ORDER BY open_time_ms) AS left_dwell_candles
  FROM regime_history
) h
WHERE h.previous_regime_id IS NOT NULL;

-- What the daily look at a market's history found. Kept for good: how patterns move over months is a finding too.
CREATE TABLE regime_patterns (
  symbol text NOT NULL,
  interval text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('durations', 'transitions', 'time_profile', 'sequences', 'aftermath', 'matrix_comparison')),
  -- the moment the analysis stands for, market time
  analyzed_at_ms bigint NOT NULL,
  -- open times of the first and the last candle looked at
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL CHECK (to_ms >= from_ms),
  candles integer NOT NULL CHECK (candles > 0),
  pattern json NOT NULL,
  PRIMARY KEY (symbol, interval, kind, analyzed_at_ms)
);

-- Tasks of the scheduler that came to an end. The queue itself is in Redis; what happened must outlive it.
CREATE TABLE regime_tasks (
  -- one task that was tried again is one row
  task_id text PRIMARY KEY,
  kind text NOT NULL,
  reason text NOT NULL,
  requested_at_ms bigint NOT NULL,
  started_at_ms bigint NOT NULL,
  finished_at_ms bigint NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('done', 'dead')),
  attempts integer NOT NULL CHECK (attempts > 0),
  -- what it did, or the error that ended it
  detail json NOT NULL
);
CREATE INDEX regime_tasks_by_end ON regime_tasks (finished_at_ms);

GRANT SELECT ON regime_transitions, regime_patterns, regime_tasks
  TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
GRANT INSERT, UPDATE, DELETE ON regime_transitions, regime_patterns, regime_tasks TO quantum_regime;

-- Down Migration
DROP TABLE regime_tasks, regime_patterns, regime_transitions;
ALTER TABLE regime_snapshots ALTER COLUMN state SET STORAGE EXTENDED;
ALTER TABLE regime_history
  DROP COLUMN stability_band,
  DROP COLUMN stability_ratio,
  DROP COLUMN decision,
  DROP COLUMN conformal_set,
  DROP COLUMN change_within_30_probability,
  DROP COLUMN change_within_10_probability,
  DROP COLUMN agreement_ratio,
  DROP COLUMN cells;
