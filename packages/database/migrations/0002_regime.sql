-- Up Migration
-- regime-service: the candles it accepted, what it said about each, and where to go on after a restart.
CREATE TABLE candles (
  symbol text NOT NULL,
  interval text NOT NULL,
  open_time_ms bigint NOT NULL,
  open numeric NOT NULL CHECK (open > 0),
  high numeric NOT NULL,
  low numeric NOT NULL CHECK (low > 0),
  close numeric NOT NULL CHECK (close > 0),
  volume numeric NOT NULL CHECK (volume >= 0),
  -- how it reached us: pushed by the venue, or fetched afterwards
  origin text NOT NULL CHECK (origin IN ('stream', 'gap_fill')),
  -- false: history older than the first start, used to warm up and never said as an event
  is_published boolean NOT NULL,
  PRIMARY KEY (symbol, interval, open_time_ms)
);

CREATE TABLE regime_history (
  symbol text NOT NULL,
  interval text NOT NULL,
  open_time_ms bigint NOT NULL,
  state text NOT NULL CHECK (state IN ('warming', 'ready')),
  regime_id smallint NOT NULL CHECK (regime_id BETWEEN 0 AND 17),
  regime_name text NOT NULL,
  volatility text NOT NULL,
  trend text NOT NULL,
  structure text NOT NULL,
  probability float8 NOT NULL,
  -- null unless this candle changed the regime
  previous_regime_id smallint,
  dwell_candles integer NOT NULL CHECK (dwell_candles > 0),
  -- by regime id, 0 to 17
  probabilities float8[] NOT NULL CHECK (cardinality(probabilities) = 18),
  PRIMARY KEY (symbol, interval, open_time_ms),
  FOREIGN KEY (symbol, interval, open_time_ms) REFERENCES candles
);

-- The detector's whole state after the candle named here; restored, it continues bit for bit.
CREATE TABLE regime_snapshots (
  symbol text NOT NULL,
  interval text NOT NULL,
  open_time_ms bigint NOT NULL,
  state json NOT NULL,
  PRIMARY KEY (symbol, interval)
);

-- Down Migration
DROP TABLE regime_snapshots, regime_history, candles;
