import type { Interval } from '@qt/contracts';
import { Heartbeat } from '@qt/event-bus';
import type { Clock, MarketClock } from '@qt/kernel';
import type { BuiltService, Component, Logger } from '@qt/service-kit';
import { CandlePipeline } from './candle-pipeline.ts';
import { componentStates, measuredStatus } from './component-states.ts';
import { addRegimeRoutes } from './http/regime-routes.ts';
import { MarketFeed } from './market-feed.ts';
import { MarketTrack } from './market-track.ts';
import type { CandleStore, EventSink, MarketSource, RegimeStore } from './ports.ts';
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
  readonly candles: CandleStore;
  readonly regimes: RegimeStore;
  readonly clock: Clock;
  readonly marketClock: MarketClock | null;
  readonly metrics: RegimeMetrics;
  readonly logger: Logger;
}

/** Binds the feed, the detectors and the pages to their ports. */
export const buildApp = (deps: RegimeAppDeps): BuiltService & { readonly tracks: ReadonlyMap<string, MarketTrack> } => {
  const { symbols, interval, bus, database } = deps;
  const tracks = new Map(
    symbols.map((symbol, index) => [
      symbol,
      new MarketTrack({ symbol, interval, snapshotOffset: index * SNAPSHOT_STRIDE }),
    ]),
  );
  const pipeline = new CandlePipeline({ ...deps, tracks });
  const feed = new MarketFeed({ ...deps, tracks, pipeline });
  const states = componentStates({ feed, bus, database, tracks });
  const status = () => measuredStatus(states, deps.metrics);
  const heartbeat = new Heartbeat({ ...deps, service: 'regime-service', status });
  return {
    tracks,
    // Started in this order, stopped in reverse: the feed ends before what it writes to goes away.
    components: [database, bus, feed, heartbeat],
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
    routes: (router) => addRegimeRoutes(router, { ...deps, tracks, states, version: VERSION }),
  };
};
