import type { CountedMetric, MeasuredMetric, Metrics, ObservedMetric } from '@qt/service-kit';

/** From a bare update to a second: the guide's targets of 50 and 200 ms lie within. */
const DETECTION_BUCKETS_SECONDS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1,
];
const COMPONENT_STATES = ['running', 'warming', 'degraded', 'failed'] as const;
export type ComponentState = (typeof COMPONENT_STATES)[number];

/** The metrics the operators' guide queries; `regime_uptime_seconds` and `regime_errors_total` are every service's. */
export interface RegimeMetrics {
  readonly current: MeasuredMetric;
  readonly detections: CountedMetric;
  readonly detectionLatency: ObservedMetric;
  readonly requests: CountedMetric;
  readonly memoryBytes: MeasuredMetric;
  readonly errors: CountedMetric;
  readonly eventsPublished: CountedMetric;
  component(name: string, state: ComponentState): void;
}

/** Registers the metrics; once per process. */
export const createRegimeMetrics = (metrics: Metrics): RegimeMetrics => {
  const status = metrics.gauge({
    name: 'component_status',
    help: '1 for the state a component is in, 0 for its other states.',
    labels: ['component', 'state'],
  });
  return {
    current: metrics.gauge({ name: 'current', help: 'Regime now, 0 to 17.', labels: ['symbol', 'interval'] }),
    detections: metrics.counter({
      name: 'detection_total',
      help: 'Candles classified.',
      labels: ['symbol', 'interval'],
    }),
    detectionLatency: metrics.histogram({
      name: 'detection_latency_seconds',
      help: 'From the arrival of a candle to its committed classification.',
      labels: ['interval'],
      buckets: DETECTION_BUCKETS_SECONDS,
    }),
    requests: metrics.counter({ name: 'requests_total', help: 'API requests.', labels: ['route', 'status'] }),
    memoryBytes: metrics.gauge({ name: 'memory_usage_bytes', help: 'Resident memory of the process.' }),
    errors: metrics.errors,
    eventsPublished: metrics.eventsPublished,
    component: (component, state) => {
      for (const each of COMPONENT_STATES) status.set(each === state ? 1 : 0, { component, state: each });
    },
  };
};
