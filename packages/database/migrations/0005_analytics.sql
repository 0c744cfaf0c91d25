-- Up Migration
-- analytics-os-service: everything that was said, kept for good, and what can be computed from it.
CREATE TABLE events (
  event_id uuid NOT NULL,
  type text NOT NULL,
  version integer NOT NULL,
  source text NOT NULL,
  key text NOT NULL,
  producer_seq bigint NOT NULL,
  correlation_id text NOT NULL,
  causation_id text,
  occurred_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  -- json, not jsonb: the text stays as it was written
  payload json NOT NULL,
  -- market or venue time of what happened: the column operators filter by, and the partition key
  "timestamp" timestamptz NOT NULL,
  PRIMARY KEY (event_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
CREATE INDEX events_by_type ON events (type, occurred_at_ms);
CREATE INDEX events_by_correlation ON events (correlation_id);

-- The service may not create tables; it may ask for the day it needs.
CREATE FUNCTION ensure_events_partition(day date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  EXECUTE format(
    'CREATE TABLE IF NOT EXISTS %I PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
    'events_' || to_char(day, 'YYYYMMDD'),
    day::timestamp AT TIME ZONE 'UTC',
    (day + 1)::timestamp AT TIME ZONE 'UTC'
  );
END $$;
REVOKE ALL ON FUNCTION ensure_events_partition(date) FROM PUBLIC;

CREATE TABLE performance_daily (
  -- UTC day of the position's close
  day date NOT NULL,
  symbol text NOT NULL,
  positions_closed integer NOT NULL,
  wins integer NOT NULL,
  losses integer NOT NULL,
  gross_profit_usdt numeric NOT NULL,
  gross_loss_usdt numeric NOT NULL,
  realized_pnl_usdt numeric NOT NULL,
  fees_usdt numeric NOT NULL,
  funding_usdt numeric NOT NULL,
  -- realized + funding - fees
  net_pnl_usdt numeric NOT NULL,
  PRIMARY KEY (day, symbol)
);

CREATE TABLE alerts (
  -- the event that raised it
  alert_id uuid PRIMARY KEY,
  code text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  component text NOT NULL,
  symbol text,
  message text NOT NULL,
  occurred_at_ms bigint NOT NULL,
  resolved_at_ms bigint,
  resolved_by text
);
CREATE INDEX alerts_open ON alerts (occurred_at_ms) WHERE resolved_at_ms IS NULL;

-- Who turned which wheel, and why. Append-only.
CREATE TABLE audit_log (
  event_id uuid PRIMARY KEY,
  actor text NOT NULL,
  action text NOT NULL,
  reason text NOT NULL,
  detail json NOT NULL,
  occurred_at_ms bigint NOT NULL
);

-- Down Migration
DROP TABLE audit_log, alerts, performance_daily, events;
DROP FUNCTION ensure_events_partition(date);
