-- Up Migration
-- What ai-service thought of each candle. Times are market time; nothing here reads a wall clock, so a replay writes the same rows.

-- Published opinions. risk_decisions refer to them: a row stands before its event leaves.
CREATE TABLE signals (
  signal_id uuid PRIMARY KEY,
  symbol text NOT NULL,
  interval text NOT NULL,
  candle_closed_at_ms bigint NOT NULL,
  direction text NOT NULL CHECK (direction IN ('long', 'short')),
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  horizon_ms bigint NOT NULL CHECK (horizon_ms > 0),
  expires_at_ms bigint NOT NULL,
  last_price numeric NOT NULL,
  volatility_ratio double precision NOT NULL CHECK (volatility_ratio > 0),
  regime_id integer NOT NULL CHECK (regime_id BETWEEN 0 AND 17),
  -- json, not jsonb: the text comes back as it was written
  regime json NOT NULL,
  ensemble_id text NOT NULL,
  votes json NOT NULL,
  correlation_id text NOT NULL,
  -- an opinion never outlives the next close, and there is one per candle
  CHECK (expires_at_ms > candle_closed_at_ms),
  UNIQUE (symbol, interval, candle_closed_at_ms, ensemble_id)
);
CREATE INDEX signals_by_time ON signals (candle_closed_at_ms DESC);

-- What each model said about each candle, holds included.
CREATE TABLE predictions (
  symbol text NOT NULL,
  interval text NOT NULL,
  candle_closed_at_ms bigint NOT NULL,
  model_id text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('long', 'short', 'hold')),
  score double precision NOT NULL,
  confidence double precision NOT NULL CHECK (confidence BETWEEN 0 AND 1),
  weight double precision NOT NULL CHECK (weight BETWEEN 0 AND 1),
  regime_id integer NOT NULL,
  PRIMARY KEY (symbol, interval, candle_closed_at_ms, model_id)
);
CREATE INDEX predictions_by_model ON predictions (model_id, candle_closed_at_ms);

-- What the price did over the horizon after each candle, once it is known. Added, never updated: an update by key is planned once per
-- connection, and a plan made while the table was small reads all of it for every later candle.
CREATE TABLE prediction_outcomes (
  symbol text NOT NULL,
  interval text NOT NULL,
  candle_closed_at_ms bigint NOT NULL,
  -- change of the close
  return_ratio double precision NOT NULL,
  PRIMARY KEY (symbol, interval, candle_closed_at_ms)
);

-- What became of each candle: a signal, a hold, or nothing yet because features or regime were warming.
CREATE TABLE signal_decisions (
  symbol text NOT NULL,
  interval text NOT NULL,
  candle_closed_at_ms bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('signal', 'hold', 'warming')),
  reason text,
  direction text CHECK (direction IN ('long', 'short')),
  confidence double precision,
  regime_id integer NOT NULL,
  is_after_gap boolean NOT NULL,
  PRIMARY KEY (symbol, interval, candle_closed_at_ms)
);

-- What an engine remembered after a candle, and the candles it has taken since: together the exact state, whatever ends the process.
CREATE TABLE model_states (
  symbol text NOT NULL,
  interval text NOT NULL,
  engine_id text NOT NULL,
  open_time_ms bigint NOT NULL,
  state json NOT NULL,
  PRIMARY KEY (symbol, interval, engine_id)
);
CREATE TABLE model_inputs (
  symbol text NOT NULL,
  interval text NOT NULL,
  open_time_ms bigint NOT NULL,
  payload json NOT NULL,
  PRIMARY KEY (symbol, interval, open_time_ms)
);

-- Down Migration
DROP TABLE model_inputs, model_states, signal_decisions, prediction_outcomes, predictions, signals;
