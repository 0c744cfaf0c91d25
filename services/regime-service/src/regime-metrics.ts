import { CANDLE_FAULTS } from '@qt/regime';
import type { CountedMetric, MeasuredMetric, Metrics, ObservedMetric } from '@qt/service-kit';
import { COMPONENT_STATES, type ComponentState } from './components/component-registry.ts';

const MARKET_LABELS = ['symbol', 'interval'];
/** From a bare update to a second: the guide's targets of 50 and 200 ms lie within. */
const DETECTION_BUCKETS_SECONDS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1,
];

/** Figures of one market, set when the service looks at itself. Labels: symbol, interval. */
export interface MarketMetrics {
  readonly probability: MeasuredMetric;
  readonly agreement: MeasuredMetric;
  readonly stability: MeasuredMetric;
  readonly changeWithin10: MeasuredMetric;
  readonly dwellCandles: MeasuredMetric;
  /** On the wire these three are parts of a hundred, as the guide has it. */
  readonly accuracy: MeasuredMetric;
  readonly precision: MeasuredMetric;
  readonly recall: MeasuredMetric;
  readonly conceptDrift: MeasuredMetric;
  readonly completeness: MeasuredMetric;
}

/** No one knows the true regime of a real market: these figures say how often the published one agrees with hindsight. */
const AGREEMENT_LABELS = ['symbol', 'interval', 'measured_against'];

const createMarketMetrics = (metrics: Metrics): MarketMetrics => {
  const gauge = (name: string, help: string, labels: readonly string[] = MARKET_LABELS): MeasuredMetric =>
    metrics.gauge({ name, help, labels });
  return {
    probability: gauge('probability', 'Calibrated probability of the regime now.'),
    agreement: gauge('agreement_ratio', 'Agreement of the scoring methods, 1 when all say the same.'),
    stability: gauge('stability_ratio', 'Stability of the regime now, 0 to 1.'),
    changeWithin10: gauge(
      'change_within_10_probability',
      'Probability that the true regime changes within 10 candles.',
    ),
    dwellCandles: gauge('dwell_candles', 'Candles since the regime changed.'),
    accuracy: gauge(
      'accuracy_percent',
      'Candles whose published regime agrees with hindsight, of 100.',
      AGREEMENT_LABELS,
    ),
    precision: gauge(
      'precision_percent',
      'Mean precision over the regimes against hindsight, of 100.',
      AGREEMENT_LABELS,
    ),
    recall: gauge('recall_percent', 'Mean recall over the regimes against hindsight, of 100.', AGREEMENT_LABELS),
    conceptDrift: gauge('concept_drift_score', 'How much the market has moved away from what was learned, 0 to 1.'),
    completeness: gauge('data_completeness_ratio', 'Candles taken in, of those whose time has come.'),
  };
};

/** The metrics the operators' guide queries; `regime_uptime_seconds` and `regime_errors_total` are every service's. */
export interface RegimeMetrics {
  readonly current: MeasuredMetric;
  readonly markets: MarketMetrics;
  readonly transitions: CountedMetric;
  readonly alerts: CountedMetric;
  readonly learningUpdates: CountedMetric;
  readonly detections: CountedMetric;
  readonly detectionLatency: ObservedMetric;
  readonly requests: CountedMetric;
  readonly cpu: MeasuredMetric;
  readonly memoryBytes: MeasuredMetric;
  readonly memoryLimitBytes: MeasuredMetric;
  readonly databaseConnections: MeasuredMetric;
  readonly taskQueueSize: MeasuredMetric;
  readonly loadReduced: MeasuredMetric;
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
  // A series that begins with its first error has no rate for it: these stand at 0 from the start.
  for (const code of CANDLE_FAULTS) metrics.errors.inc({ code }, 0);
  const loadReduced = metrics.gauge({ name: 'load_reduced', help: '1 while an operator has reduced the load.' });
  loadReduced.set(0);
  return {
    current: metrics.gauge({ name: 'current', help: 'Regime now, 0 to 17.', labels: MARKET_LABELS }),
    markets: createMarketMetrics(metrics),
    transitions: metrics.counter({
      name: 'transitions_total',
      help: 'Changes of the published regime.',
      labels: MARKET_LABELS,
    }),
    alerts: metrics.counter({
      name: 'alerts_total',
      help: 'Alerts of the engine.',
      labels: [...MARKET_LABELS, 'kind'],
    }),
    learningUpdates: metrics.counter({
      name: 'learning_updates_total',
      help: 'Candles that the models learned from.',
      labels: MARKET_LABELS,
    }),
    detections: metrics.counter({
      name: 'detection_total',
      help: 'Candles classified.',
      labels: MARKET_LABELS,
    }),
    detectionLatency: metrics.histogram({
      name: 'detection_latency_seconds',
      help: 'From the arrival of a candle to its committed classification.',
      labels: ['interval'],
      buckets: DETECTION_BUCKETS_SECONDS,
    }),
    requests: metrics.counter({ name: 'requests_total', help: 'API requests.', labels: ['route', 'status'] }),
    cpu: metrics.gauge({ name: 'cpu_usage_percent', help: 'CPU time of the process, 100 is one core fully used.' }),
    memoryBytes: metrics.gauge({ name: 'memory_usage_bytes', help: 'Resident memory of the process.' }),
    memoryLimitBytes: metrics.gauge({
      name: 'memory_limit_bytes',
      help: 'Memory the container allows, else that of the machine.',
    }),
    databaseConnections: metrics.gauge({
      name: 'database_connections_active',
      help: 'Connections to PostgreSQL that are open.',
    }),
    taskQueueSize: metrics.gauge({ name: 'task_queue_size', help: 'Background tasks that wait.' }),
    loadReduced,
    errors: metrics.errors,
    eventsPublished: metrics.eventsPublished,
    component: (component, state) => {
      for (const each of COMPONENT_STATES) status.set(each === state ? 1 : 0, { component, state: each });
    },
  };
};
