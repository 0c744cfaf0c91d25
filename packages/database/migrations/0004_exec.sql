-- Up Migration
-- The money path of exec-risk-service: decision -> intent -> order -> fill -> position -> ledger.
-- Times named *_ms are market time in milliseconds; only sent_wall_ms is the machine's clock. Prices are plain numeric: a fixed
-- scale pads 0.1 to 0.100.

-- One row: what the gate may do, who said so, and which process leads (the epoch fences off an older one).
CREATE TABLE control (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  mode text NOT NULL CHECK (mode IN ('ACTIVE', 'REDUCE_ONLY', 'HALT', 'FLATTEN')),
  leader_epoch bigint NOT NULL DEFAULT 0,
  reason text NOT NULL CHECK (reason <> ''),
  actor text NOT NULL CHECK (actor <> ''),
  changed_at_ms bigint NOT NULL
);

-- One row: what the daily loss and drawdown limits are measured from, and how far the venue's income has been read.
CREATE TABLE risk_state (
  is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
  day_start_ms bigint NOT NULL,
  day_start_equity_usdt numeric NOT NULL,
  peak_equity_usdt numeric NOT NULL,
  day_trades integer NOT NULL DEFAULT 0,
  income_cursor_ms bigint NOT NULL DEFAULT 0
);

-- How far the venue's own list of trades has been read, per symbol. The user stream never moves it: a lost message stays behind it.
CREATE TABLE fill_cursors (
  symbol text PRIMARY KEY,
  venue_fill_id text NOT NULL
);

CREATE TABLE risk_decisions (
  decision_id text PRIMARY KEY CHECK (length(decision_id) = 26),
  -- null when the gate itself wants out; one decision per signal at most
  signal_id uuid UNIQUE REFERENCES signals (signal_id),
  symbol text NOT NULL,
  decided_at_ms bigint NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('approved', 'denied')),
  code text,
  reason text NOT NULL,
  equity_usdt numeric,
  action text CHECK (action IN ('enter', 'exit')),
  side text CHECK (side IN ('buy', 'sell')),
  quantity numeric CHECK (quantity > 0),
  max_quantity numeric CHECK (max_quantity >= quantity),
  price_limit numeric,
  stop_price numeric,
  target_price numeric,
  leverage integer,
  valid_until_ms bigint,
  -- when the opinion behind an entry is over and the position is to be left
  horizon_ends_at_ms bigint,
  exit_reason text,
  correlation_id text NOT NULL,
  CHECK ((outcome = 'denied') = (code IS NOT NULL)),
  CHECK (outcome = 'denied' OR (action IS NOT NULL AND side IS NOT NULL AND quantity IS NOT NULL AND max_quantity IS NOT NULL
    AND leverage IS NOT NULL AND valid_until_ms IS NOT NULL)),
  CHECK (action IS DISTINCT FROM 'enter' OR (price_limit IS NOT NULL AND stop_price IS NOT NULL AND target_price IS NOT NULL))
);
CREATE INDEX risk_decisions_by_time ON risk_decisions (decided_at_ms);

CREATE TABLE order_intents (
  client_order_id text PRIMARY KEY CHECK (client_order_id ~ '^[.A-Z:/a-z0-9_-]{1,36}$'),
  decision_id text NOT NULL REFERENCES risk_decisions (decision_id),
  leg text NOT NULL CHECK (leg IN ('entry', 'stop', 'target', 'exit')),
  attempt integer NOT NULL CHECK (attempt >= 0),
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  order_type text NOT NULL CHECK (order_type IN ('market', 'limit', 'stop_market', 'take_profit_market')),
  quantity numeric CHECK (quantity > 0),
  price numeric CHECK (price > 0),
  is_reduce_only boolean NOT NULL,
  closes_position boolean NOT NULL,
  leader_epoch bigint NOT NULL,
  sent_at_ms bigint NOT NULL,
  -- from then on the venue cannot accept this request any more
  horizon_ms bigint NOT NULL,
  sent_wall_ms bigint NOT NULL,
  -- null while the order may still do something
  closed_at_ms bigint,
  UNIQUE (decision_id, leg, attempt),
  CHECK (quantity IS NOT NULL OR closes_position)
);
CREATE UNIQUE INDEX order_intents_one_live_per_leg ON order_intents (decision_id, leg) WHERE closed_at_ms IS NULL;

-- No order without a decision, and none beyond it: a constraint, not a habit.
CREATE FUNCTION check_order_intent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  decision risk_decisions%ROWTYPE;
  rule record;
  ordered numeric;
BEGIN
  SELECT * INTO decision FROM risk_decisions WHERE decision_id = NEW.decision_id;
  IF decision.outcome IS DISTINCT FROM 'approved' THEN
    RAISE EXCEPTION 'intent % needs an approved decision, % is %', NEW.client_order_id, NEW.decision_id, decision.outcome
      USING ERRCODE = 'check_violation';
  END IF;
  IF decision.symbol <> NEW.symbol THEN
    RAISE EXCEPTION 'intent % is for %, its decision for %', NEW.client_order_id, NEW.symbol, decision.symbol
      USING ERRCODE = 'check_violation';
  END IF;
  SELECT mode, leader_epoch INTO rule FROM control FOR SHARE;
  IF rule.leader_epoch IS DISTINCT FROM NEW.leader_epoch THEN
    RAISE EXCEPTION 'intent % comes from leader epoch %, the leader is at %', NEW.client_order_id, NEW.leader_epoch, rule.leader_epoch
      USING ERRCODE = 'check_violation';
  END IF;

  IF NEW.leg <> 'entry' THEN
    -- Stops, targets and exits pass in every mode; all they may do is close.
    IF NOT (NEW.is_reduce_only OR NEW.closes_position) THEN
      RAISE EXCEPTION 'intent % (%) could open a position', NEW.client_order_id, NEW.leg USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.quantity > decision.max_quantity THEN
      RAISE EXCEPTION 'intent % orders %, its decision allows %', NEW.client_order_id, NEW.quantity, decision.max_quantity
        USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;

  IF decision.action <> 'enter' OR decision.side <> NEW.side THEN
    RAISE EXCEPTION 'intent % enters %, its decision says % %', NEW.client_order_id, NEW.side, decision.action, decision.side
      USING ERRCODE = 'check_violation';
  END IF;
  IF rule.mode IS DISTINCT FROM 'ACTIVE' THEN
    RAISE EXCEPTION 'intent % would enter in mode %', NEW.client_order_id, rule.mode USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.sent_at_ms >= decision.valid_until_ms THEN
    RAISE EXCEPTION 'intent % comes at %, its decision ended at %', NEW.client_order_id, NEW.sent_at_ms, decision.valid_until_ms
      USING ERRCODE = 'check_violation';
  END IF;
  SELECT coalesce(sum(quantity), 0) INTO ordered FROM order_intents WHERE decision_id = NEW.decision_id AND leg = 'entry';
  IF ordered + NEW.quantity > decision.max_quantity THEN
    RAISE EXCEPTION 'intent % brings the total to %, its decision allows %', NEW.client_order_id, ordered + NEW.quantity,
      decision.max_quantity USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_intents_are_within_their_decision BEFORE INSERT ON order_intents
  FOR EACH ROW EXECUTE FUNCTION check_order_intent();

CREATE TABLE orders (
  -- the client order id of our own; ext-<symbol>-<venue order id> of others' (a closed order's client id may be used again)
  order_id text PRIMARY KEY,
  client_order_id text NOT NULL,
  -- null: not sent by us
  intent_id text UNIQUE REFERENCES order_intents (client_order_id),
  decision_id text REFERENCES risk_decisions (decision_id),
  leg text NOT NULL CHECK (leg IN ('entry', 'stop', 'target', 'exit', 'external')),
  attempt integer NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  order_type text NOT NULL CHECK (order_type IN ('market', 'limit', 'stop_market', 'take_profit_market')),
  book text NOT NULL CHECK (book IN ('plain', 'conditional')),
  quantity numeric,
  price numeric,
  venue_order_id text,
  -- of the order that a triggered stop or target became
  actual_venue_order_id text,
  state text NOT NULL CHECK (state IN ('CREATED', 'SENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'FILLED', 'CANCELED',
    'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED', 'UNKNOWN', 'ABSENT', 'LATE_FOUND')),
  executed_quantity numeric NOT NULL DEFAULT 0,
  -- of the booked fills; null while there are none
  average_price numeric,
  -- what the venue says was executed; fills are owed until executed_quantity has reached it
  venue_executed_quantity numeric NOT NULL DEFAULT 0,
  created_at_ms bigint NOT NULL,
  updated_at_ms bigint NOT NULL,
  correlation_id text NOT NULL,
  CHECK ((leg = 'external') = (intent_id IS NULL))
);
CREATE UNIQUE INDEX orders_by_venue_order ON orders (symbol, book, venue_order_id) WHERE venue_order_id IS NOT NULL;
CREATE INDEX orders_by_actual_order ON orders (symbol, actual_venue_order_id) WHERE actual_venue_order_id IS NOT NULL;
CREATE INDEX orders_live ON orders (symbol)
  WHERE state IN ('CREATED', 'SENDING', 'ACCEPTED', 'PARTIALLY_FILLED', 'TRIGGERED', 'UNKNOWN', 'ABSENT', 'LATE_FOUND');
CREATE INDEX orders_by_time ON orders (created_at_ms);

-- The path each order took, written by the table itself so that no code path can forget it.
CREATE TABLE order_transitions (
  transition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders (order_id),
  from_state text,
  to_state text NOT NULL,
  occurred_at_ms bigint NOT NULL
);
CREATE INDEX order_transitions_by_order ON order_transitions (order_id, transition_id);
CREATE FUNCTION note_order_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO order_transitions (order_id, from_state, to_state, occurred_at_ms)
      VALUES (NEW.order_id, NULL, NEW.state, NEW.updated_at_ms);
  ELSIF NEW.state <> OLD.state THEN
    INSERT INTO order_transitions (order_id, from_state, to_state, occurred_at_ms)
      VALUES (NEW.order_id, OLD.state, NEW.state, NEW.updated_at_ms);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER orders_note_transitions AFTER INSERT OR UPDATE OF state ON orders
  FOR EACH ROW EXECUTE FUNCTION note_order_transition();

CREATE TABLE positions (
  position_id text PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('open', 'closed')),
  -- null for a position we did not open
  decision_id text REFERENCES risk_decisions (decision_id),
  signal_id uuid,
  symbol text NOT NULL,
  direction text NOT NULL CHECK (direction IN ('long', 'short')),
  -- open now, never negative; zero once closed
  quantity numeric NOT NULL CHECK (quantity >= 0),
  -- the largest it ever was
  max_quantity numeric NOT NULL,
  entry_price numeric NOT NULL,
  closed_quantity numeric NOT NULL DEFAULT 0,
  -- volume-weighted over what was closed; null before anything was
  exit_price numeric,
  leverage integer NOT NULL,
  stop_price numeric,
  target_price numeric,
  horizon_ends_at_ms bigint,
  opened_at_ms bigint NOT NULL,
  closed_at_ms bigint,
  exit_reason text,
  -- as the venue booked them: pnl without fees, fees positive, funding signed
  realized_pnl_usdt numeric NOT NULL DEFAULT 0,
  fees_usdt numeric NOT NULL DEFAULT 0,
  funding_usdt numeric NOT NULL DEFAULT 0,
  correlation_id text NOT NULL,
  CHECK ((status = 'closed') = (quantity = 0)),
  CHECK ((status = 'closed') = (closed_at_ms IS NOT NULL))
);
CREATE UNIQUE INDEX positions_one_open_per_symbol ON positions (symbol) WHERE status = 'open';
CREATE INDEX positions_by_opening ON positions (opened_at_ms);

CREATE TABLE fills (
  venue text NOT NULL,
  symbol text NOT NULL,
  venue_fill_id text NOT NULL,
  venue_order_id text NOT NULL,
  order_id text NOT NULL REFERENCES orders (order_id),
  position_id text REFERENCES positions (position_id),
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity numeric NOT NULL CHECK (quantity > 0),
  price numeric NOT NULL CHECK (price > 0),
  fee numeric NOT NULL,
  fee_asset text NOT NULL,
  realized_pnl_usdt numeric NOT NULL,
  is_maker boolean NOT NULL,
  occurred_at_ms bigint NOT NULL,
  PRIMARY KEY (venue, symbol, venue_fill_id)
);
CREATE INDEX fills_by_order ON fills (order_id);

-- One change of the wallet each, signed: fees are negative. The wallet is their sum.
CREATE TABLE ledger_entries (
  entry_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('transfer', 'realized_pnl', 'fee', 'funding', 'liquidation_fee', 'other')),
  -- <symbol>:<trade id>, or tran:<income type>:<transaction id>, or opening-balance
  venue_ref text NOT NULL,
  symbol text,
  asset text NOT NULL,
  amount numeric NOT NULL,
  position_id text REFERENCES positions (position_id),
  occurred_at_ms bigint NOT NULL,
  UNIQUE (kind, venue_ref)
);
CREATE INDEX ledger_entries_by_time ON ledger_entries (occurred_at_ms);

CREATE TABLE reconciliations (
  reconciliation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  trigger text NOT NULL CHECK (trigger IN ('start', 'stream_opened', 'periodic', 'operator')),
  is_clean boolean NOT NULL,
  differences json NOT NULL,
  completed_at_ms bigint NOT NULL
);

-- Down Migration
DROP TABLE reconciliations, ledger_entries, fills, positions, order_transitions, orders, order_intents, risk_decisions, fill_cursors,
  risk_state, control;
DROP FUNCTION note_order_transition();
DROP FUNCTION check_order_intent();
