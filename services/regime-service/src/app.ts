import type { Interval } from '@qt/contracts';
import { Heartbeat } from '@qt/event-bus';
import type { Clock, MarketClock } from '@qt/kernel';
import type { BuiltService, Component, ComponentLogs } from '@qt/service-kit';
import { addEngineComponents } from './components/engine-components.ts';
import { ComponentRegistry } from './components/component-registry.ts';
import { followLogging } from './components/logging-levels.ts';
import { orchestrator } from './components/orchestrator.ts';
import { componentStates, ServiceStatus } from './components/service-status.ts';
import type { LiveConfiguration } from './configuration/live-configuration.ts';
import { changedParametersOf, engineParametersOf } from './configuration/engine-settings.ts';
import { addApi } from './http/api.ts';
import { serveCurrentRegime } from './http/current-regime.ts';
import { type BackgroundJobs, type JobParts, noJobs } from './background-jobs.ts';
import { CandlePipeline } from './candle-pipeline.ts';
import { LoadReduction } from './load-reduction.ts';
import { MarketFeed } from './market-feed.ts';
import { MarketTrack } from './market-track.ts';
import type { CandleStore, EventSink, MarketSource, RegimeStore } from './ports.ts';
import { ProcessUsage } from './process-usage.ts';
import type { RegimeMetrics } from './regime-metrics.ts';

const VERSION = '3.0.0';
// Coprime to the snapshot distance: neighbors in the list save at different candles.
const SNAPSHOT_STRIDE = 7;

export interface RegimeAppDeps {
  readonly symbols: readonly string[];
  readonly interval: Interval;
  readonly historyCandles: number;
  readonly source: MarketSource;
  readonly bus: Component & EventSink;
  readonly database: Component;
  readonly databasePoolSize: number;
  readonly candles: CandleStore;
  readonly regimes: RegimeStore;
  readonly clock: Clock;
  readonly marketClock: MarketClock | null;
  readonly metrics: RegimeMetrics;
  readonly logs: ComponentLogs;
  /** Knows the loggers from before the app: the configuration has one of them. */
  readonly registry: ComponentRegistry;
  readonly configuration: LiveConfiguration;
  /** Without it nothing can be changed over HTTP. */
  readonly operatorKey: string | undefined;
  /** What runs beside the way of a candle; nothing when left out. */
  readonly jobs?: (parts: JobParts) => BackgroundJobs;
}

export type RegimeApp = BuiltService & {
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly registry: ComponentRegistry;
  readonly reduction: LoadReduction;
};

const tracksOf = ({
  symbols,
  interval,
  configuration,
  marketClock,
}: RegimeAppDeps): ReadonlyMap<string, MarketTrack> => {
  const { settings } = configuration;
  const parameters = engineParametersOf(settings);
  const { warmup_candles: warmupCandles } = settings.detection;
  const tracks = symbols.map((symbol, index) => {
    const snapshotOffset = index * SNAPSHOT_STRIDE;
    const stepPlace = marketClock === null ? null : index;
    const options = { symbol, interval, snapshotOffset, warmupCandles, parameters, stepPlace };
    return [symbol, new MarketTrack(options)] as const;
  });
  return new Map(tracks);
};

/** Binds the feed, the engines, the components and the pages to their ports. */
export const buildApp = (deps: RegimeAppDeps): RegimeApp => {
  const { symbols, interval, bus, database, registry, configuration, metrics } = deps;
  const loggers = registry.loggers();
  const logger = loggers.integration_orchestrator;
  const tracks = tracksOf(deps);
  const reduction = new LoadReduction({ logger, onChange: (isActive) => metrics.loadReduced.set(isActive ? 1 : 0) });
  const jobs = (deps.jobs ?? noJobs)({ tracks, interval, loggers, configuration });
  const pipeline = new CandlePipeline({ ...deps, tracks, loggers, onCommitted: jobs.onCommitted });
  const lateAfterMs = () => configuration.settings.data_quality.late_after_ms;
  const feed = new MarketFeed({ ...deps, tracks, pipeline, lateAfterMs, logger });
  const usage = new ProcessUsage();

  registry.add('configuration_manager', configuration);
  registry.add('integration_orchestrator', orchestrator({ feed, bus, database, tracks, reduction }));
  addEngineComponents(registry, tracks);
  for (const [name, component] of Object.entries(jobs.lookedAt))
    registry.add(name as keyof typeof jobs.lookedAt, component);
  for (const pausable of jobs.pausables) reduction.add(pausable);
  followLogging(configuration, deps.logs);
  configuration.onChange((_settings, changes) => {
    const patch = changedParametersOf(changes);
    if (Object.keys(patch).length > 0) for (const track of tracks.values()) track.configure(patch);
  });

  const states = componentStates(registry, { bus, database });
  const { queuedTasks } = jobs;
  const status = new ServiceStatus({ states, tracks, metrics, usage, database, queuedTasks });
  const heartbeat = new Heartbeat({ ...deps, logger, service: 'regime-service', status: () => status.measure() });
  const waitingCandles = () => pipeline.waitingCandles;
  return {
    tracks,
    registry,
    reduction,
    // Started in this order, stopped in reverse: the feed ends before what it writes to goes away.
    components: [configuration, database, bus, ...jobs.components, feed, heartbeat],
    health: () => {
      const { last_candle_age_seconds, lag_seconds, is_connected, waiting_candles } = feed.check();
      return {
        symbols,
        interval,
        last_candle_age_seconds,
        feed: { is_connected, lag_seconds, waiting_candles },
        regimes: Object.fromEntries([...tracks].map(([symbol, { latest }]) => [symbol, latest?.regime.name ?? null])),
      };
    },
    serve: (server) => serveCurrentRegime(server, { tracks, metrics }),
    routes: (router) => {
      const parts = { tracks, states, usage, reduction, waitingCandles, requestTask: jobs.requestTask, logger };
      addApi(router, { ...deps, ...parts, version: VERSION });
    },
  };
};
