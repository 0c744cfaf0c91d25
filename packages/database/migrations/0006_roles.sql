-- Up Migration
-- Who may write what: each service its own tables and the bus, everything else it reads. Roles belong to the whole cluster, so another
-- database may have made them already, even in the same moment. Login users are made by ensureLoginUsers and are members of these.
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['quantum_regime', 'quantum_ai', 'quantum_exec', 'quantum_analytics', 'quantum_reader'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
-- Partitions that are made later are read like the rest.
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT ON TABLES TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;

-- The bus: nobody deletes from the record or rewrites what was said.
GRANT INSERT ON producer_sequences, outbox, inbox, dead_letters TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics;
GRANT UPDATE (last_seq) ON producer_sequences TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics;
GRANT UPDATE (relayed_at_ms) ON outbox TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics;
GRANT UPDATE (replayed_at_ms) ON dead_letters TO quantum_regime, quantum_ai, quantum_exec, quantum_analytics;

GRANT INSERT, UPDATE, DELETE ON candles, regime_history, regime_snapshots TO quantum_regime;

GRANT INSERT, UPDATE, DELETE ON signals, predictions, prediction_outcomes, signal_decisions, model_states, model_inputs TO quantum_ai;

GRANT INSERT, UPDATE, DELETE ON control, risk_state, fill_cursors, orders, positions TO quantum_exec;
-- What was decided, sent, filled and booked is never rewritten; an intent can only be closed.
GRANT INSERT ON risk_decisions, order_intents, order_transitions, fills, ledger_entries, reconciliations TO quantum_exec;
GRANT UPDATE (closed_at_ms) ON order_intents TO quantum_exec;

GRANT INSERT, UPDATE, DELETE ON performance_daily, alerts TO quantum_analytics;
GRANT INSERT ON events, audit_log TO quantum_analytics;
GRANT EXECUTE ON FUNCTION ensure_events_partition(date) TO quantum_analytics;

-- Down Migration
-- The roles stay: other databases of the cluster may use them.
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  REVOKE SELECT ON TABLES FROM quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
REVOKE ALL ON FUNCTION ensure_events_partition(date) FROM quantum_analytics;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
REVOKE ALL ON SCHEMA public FROM quantum_regime, quantum_ai, quantum_exec, quantum_analytics, quantum_reader;
