-- Up Migration
-- The record of what was said (outbox), what took effect (inbox) and what could not be handled (dead_letters).
CREATE TABLE producer_sequences (
  source text NOT NULL,
  type text NOT NULL,
  last_seq bigint NOT NULL,
  PRIMARY KEY (source, type)
);

CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  type text NOT NULL,
  version integer NOT NULL,
  occurred_at_ms bigint NOT NULL,
  recorded_at_ms bigint NOT NULL,
  source text NOT NULL,
  correlation_id text NOT NULL,
  causation_id text,
  key text NOT NULL,
  producer_seq bigint NOT NULL,
  -- json, not jsonb: the text comes back as it was written, key order included
  payload json NOT NULL,
  relayed_at_ms bigint,
  -- the order in which one producer said things of different types
  position bigint GENERATED ALWAYS AS IDENTITY,
  UNIQUE (source, type, producer_seq)
);
CREATE INDEX outbox_unrelayed ON outbox (source, position) WHERE relayed_at_ms IS NULL;

CREATE TABLE inbox (
  consumer text NOT NULL,
  event_id uuid NOT NULL,
  source text NOT NULL,
  type text NOT NULL,
  producer_seq bigint NOT NULL,
  applied_at_ms bigint NOT NULL,
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_by_sequence ON inbox (consumer, source, type, producer_seq);

CREATE TABLE dead_letters (
  dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  consumer text NOT NULL,
  event_id uuid,
  type text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  envelope text NOT NULL,
  parked_at_ms bigint NOT NULL,
  replayed_at_ms bigint
);
CREATE INDEX dead_letters_by_event ON dead_letters (consumer, event_id);

-- Down Migration
DROP TABLE dead_letters, inbox, outbox, producer_sequences;
