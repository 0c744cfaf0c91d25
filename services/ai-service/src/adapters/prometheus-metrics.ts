import type { BusMetrics } from '@qt/event-bus';
import type { Metrics } from '@qt/service-kit';
import type { AiMetrics } from '../ports.ts';

/** Returns the service's counters in the registry that `/metrics` shows. */
export const aiMetricsOf = (metrics: Metrics): AiMetrics => {
  const predictions = metrics.counter({
    name: 'predictions_made_total',
    help: 'Opinions asked of models, holds included.',
    labels: ['model'],
  });
  const signals = metrics.counter({
    name: 'signals_generated_total',
    help: 'Signals published, by symbol.',
    labels: ['symbol'],
  });
  const holds = metrics.counter({
    name: 'holds_total',
    help: 'Candles that led to no signal, by reason.',
    labels: ['reason'],
  });
  const latency = metrics.histogram({
    name: 'signal_latency_seconds',
    help: 'From the arrival of a classified candle to the commit of what it led to.',
  });
  return {
    predictionsMade: (model, count) => predictions.inc({ model }, count),
    signalGenerated: (symbol) => signals.inc({ symbol }),
    held: (reason) => holds.inc({ reason }),
    decided: (latencySeconds) => latency.observe(latencySeconds),
  };
};

/** Returns the bus's counters in the same registry. */
export const busMetricsOf = (metrics: Metrics): BusMetrics => {
  const handled = metrics.counter({ name: 'events_handled_total', help: 'Events applied, by type.', labels: ['type'] });
  const duplicates = metrics.counter({ name: 'events_duplicate_total', help: 'Deliveries of events applied before.' });
  const parked = metrics.counter({ name: 'events_parked_total', help: 'Events given up, by code.', labels: ['code'] });
  const recovered = metrics.counter({ name: 'events_recovered_total', help: 'Events fetched from the record.' });
  const resets = metrics.counter({ name: 'bus_resets_total', help: 'Times the streams had to be made anew.' });
  const lag = metrics.gauge({ name: 'bus_lag_entries', help: 'Entries not acknowledged, by type.', labels: ['type'] });
  const pending = metrics.gauge({ name: 'outbox_pending', help: 'Own events not known to be in Redis.' });
  return {
    published: (type, count) => metrics.eventsPublished.inc({ event_type: type }, count),
    relayed: () => undefined,
    handled: (type) => handled.inc({ type }),
    duplicate: () => duplicates.inc(),
    failed: (_type, code) => metrics.errors.inc({ code }),
    parked: (_type, code) => parked.inc({ code }),
    recovered: (_type, count) => recovered.inc({}, count),
    busReset: () => resets.inc(),
    lag: (type, entries) => lag.set(entries, { type }),
    outboxPending: (count) => pending.set(count),
  };
};
