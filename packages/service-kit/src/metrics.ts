import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Half a millisecond to two seconds: where an order path lives. */
const LATENCY_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** The prefixes that the guides' dashboards and alerts ask for. */
const PREFIXES: Readonly<Record<string, string>> = {
  'ai-service': 'ai_service_',
  'exec-risk-service': 'exec_risk_service_',
  'analytics-os-service': 'analytics_os_service_',
  'regime-service': 'regime_',
  'exchange-simulator': 'exchange_simulator_',
};

export interface CountedMetric {
  /** Adds `by` (1 when left out) under the given labels. A value that is no finite, non-negative number is left out: it would poison the series. */
  inc(labels?: Readonly<Record<string, string>>, by?: number): void;
}

export interface MeasuredMetric {
  /** Sets the value; a value that is not finite is left out. */
  set(value: number, labels?: Readonly<Record<string, string>>): void;
}

export interface ObservedMetric {
  /** Units: seconds, unless the metric's name says otherwise. */
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

interface MetricOptions {
  /** Without the service's prefix: `signals_generated_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** One registry per process. Names get the service's prefix. Labels are few and bounded: never an order id, never a user. */
export class Metrics {
  readonly registry = new Registry();
  readonly prefix: string;
  /** `<prefix>events_published_total{event_type}` */
  readonly eventsPublished: CountedMetric;
  /** `<prefix>errors_total{code}` */
  readonly errors: CountedMetric;

  constructor(service: string) {
    this.prefix = PREFIXES[service] ?? `${service.replaceAll('-', '_')}_`;
    collectDefaultMetrics({ register: this.registry });
    const startedAtMs = performance.now();
    new Gauge({
      name: `${this.prefix}uptime_seconds`,
      help: 'Seconds since the process started.',
      registers: [this.registry],
      collect() {
        this.set((performance.now() - startedAtMs) / 1_000);
      },
    });
    this.eventsPublished = this.counter({
      name: 'events_published_total',
      help: 'Events put on the bus, by type.',
      labels: ['event_type'],
    });
    this.errors = this.counter({ name: 'errors_total', help: 'Errors handled, by code.', labels: ['code'] });
  }

  counter({ name, help, labels = [] }: MetricOptions): CountedMetric {
    const counter = new Counter({
      name: `${this.prefix}${name}`,
      help,
      labelNames: [...labels],
      registers: [this.registry],
    });
    return {
      inc: (given = {}, by = 1) => {
        if (Number.isFinite(by) && by >= 0) counter.inc({ ...given }, by);
      },
    };
  }

  gauge({ name, help, labels = [] }: MetricOptions): MeasuredMetric {
    const gauge = new Gauge({
      name: `${this.prefix}${name}`,
      help,
      labelNames: [...labels],
      registers: [this.registry],
    });
    return {
      set: (value, given = {}) => {
        if (Number.isFinite(value)) gauge.set({ ...given }, value);
      },
    };
  }

  histogram({
    name,
    help,
    labels = [],
    buckets = LATENCY_BUCKETS_SECONDS,
  }: MetricOptions & { readonly buckets?: readonly number[] }): ObservedMetric {
    const histogram = new Histogram({
      name: `${this.prefix}${name}`,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.registry],
    });
    return {
      observe: (value, given = {}) => {
        if (Number.isFinite(value)) histogram.observe({ ...given }, value);
      },
    };
  }
}
