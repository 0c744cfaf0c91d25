import type { Interval } from '@qt/contracts';
import type { Component } from '@qt/service-kit';
import type { ComponentLoggers, LookedAt } from './components/component-registry.ts';
import type { LiveConfiguration } from './configuration/live-configuration.ts';
import type { ClassifiedCandle } from './domain/market-events.ts';
import type { Pausable } from './load-reduction.ts';
import type { RequestAnswer } from './jobs/optimization-scheduler.ts';
import type { TaskKind } from './jobs/task-kinds.ts';
import type { MarketTrack } from './market-track.ts';

/** What jobs are given of the service. */
export interface JobParts {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly interval: Interval;
  readonly loggers: ComponentLoggers;
  readonly configuration: LiveConfiguration;
}

/** A task that an operator wants done now. */
export interface TaskWish {
  readonly kind: TaskKind;
  /** One market; null for all of this process. */
  readonly symbol: string | null;
  readonly reason: string;
}

/** All that runs beside the way of a candle, as the service sees it. */
export interface BackgroundJobs {
  /** Started after the stores, before the feed. */
  readonly components: readonly Component[];
  readonly lookedAt: Partial<Record<'historical_analyzer' | 'regime_optimization_scheduler', LookedAt>>;
  /** Paused while load is reduced. */
  readonly pausables: readonly Pausable[];
  /** Tasks that wait. */
  readonly queuedTasks: () => number;
  /** Notes a task and returns at once; null where this process runs none. */
  readonly requestTask: ((wish: TaskWish) => RequestAnswer) | null;
  /** Told of each candle once it is committed; must return at once. */
  readonly onCommitted: (track: MarketTrack, classified: ClassifiedCandle) => void;
}

export const noJobs = (): BackgroundJobs => ({
  components: [],
  lookedAt: {},
  pausables: [],
  queuedTasks: () => 0,
  requestTask: null,
  onCommitted: () => undefined,
});
