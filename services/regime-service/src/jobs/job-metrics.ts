import type { CountedMetric, MeasuredMetric, Metrics, ObservedMetric } from '@qt/service-kit';

const DURATION_BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300];

/** What dashboards and alerts ask of the scheduler; the service itself shows how many tasks wait. */
export interface JobMetrics {
  readonly deadTasks: MeasuredMetric;
  readonly ended: CountedMetric;
  readonly postponed: CountedMetric;
  readonly taskSeconds: ObservedMetric;
  readonly cpuRatio: MeasuredMetric;
  readonly memoryRatio: MeasuredMetric;
}

/** Registers the metrics; once per process. */
export const createJobMetrics = (metrics: Metrics): JobMetrics => ({
  deadTasks: metrics.gauge({ name: 'tasks_dead', help: 'Tasks that failed for good and that nobody has dropped.' }),
  ended: metrics.counter({ name: 'tasks_total', help: 'Tasks that ended.', labels: ['kind', 'outcome'] }),
  postponed: metrics.counter({
    name: 'tasks_postponed_total',
    help: 'Attempts put off because the machine was busy or a store was away.',
    labels: ['kind'],
  }),
  taskSeconds: metrics.histogram({
    name: 'task_duration_seconds',
    help: 'Time one attempt took.',
    labels: ['kind'],
    buckets: DURATION_BUCKETS_SECONDS,
  }),
  cpuRatio: metrics.gauge({ name: 'cpu_usage_ratio', help: 'Busy share of the processors, 0 to 1.' }),
  memoryRatio: metrics.gauge({ name: 'memory_usage_ratio', help: 'Used share of the memory, 0 to 1.' }),
});
