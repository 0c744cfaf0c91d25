import type { Envelope } from '@qt/contracts';

// Sequence numbers and epoch milliseconds fit a float8 exactly; pg would give bigint as text.
export const ENVELOPE_COLUMNS = `o.id, o.type, o.version, o.occurred_at_ms::float8 AS "occurredAtMs", o.recorded_at_ms::float8 AS "recordedAtMs",
  o.source, o.correlation_id AS "correlationId", o.causation_id AS "causationId", o.key, o.producer_seq::float8 AS "producerSeq", o.payload`;

export type EnvelopeRow = Envelope;

/** Returns the envelope with its keys in the order in which it was first sent, so that its text is the same. */
export const envelopeOf = (row: EnvelopeRow): Envelope => ({
  id: row.id,
  type: row.type,
  version: row.version,
  occurredAtMs: row.occurredAtMs,
  recordedAtMs: row.recordedAtMs,
  source: row.source,
  correlationId: row.correlationId,
  causationId: row.causationId,
  key: row.key,
  producerSeq: row.producerSeq,
  payload: row.payload,
});
