import type { Component, ComponentCheck } from '@qt/service-kit';
import type { LoadReduction } from '../load-reduction.ts';
import type { MarketFeed } from '../market-feed.ts';
import type { MarketTrack } from '../market-track.ts';
import { type ComponentLook, type ComponentState, type LookedAt, worstState } from './component-registry.ts';

const STATE_OF: Readonly<Record<ComponentCheck['status'], ComponentState>> = {
  up: 'running',
  degraded: 'degraded',
  down: 'failed',
};

/** Returns how a part of the process is, in the guide's words. */
export const stateOf = async (component: Component): Promise<ComponentState> => {
  try {
    return STATE_OF[(await component.check?.())?.status ?? 'up'];
  } catch {
    return 'failed'; // a component that cannot even be asked; `/health` carries the reason
  }
};

export interface OrchestratorParts {
  readonly feed: MarketFeed;
  readonly bus: Component;
  readonly database: Component;
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly reduction: LoadReduction;
}

/** The way of a candle from the venue to the bus, as one component of the guide. */
export const orchestrator = ({ feed, bus, database, tracks, reduction }: OrchestratorParts): LookedAt => ({
  isCritical: true,
  look: async (): Promise<ComponentLook> => {
    const check = feed.check();
    const [redis, postgres] = await Promise.all([stateOf(bus), stateOf(database)]);
    const state = worstState([STATE_OF[check.status], redis === 'failed' ? 'degraded' : redis, postgres]);
    return {
      state,
      ...(check.detail === undefined ? {} : { detail: check.detail }),
      metrics: {
        markets: tracks.size,
        is_connected: check.is_connected,
        last_candle_age_seconds: check.last_candle_age_seconds,
        lag_seconds: check.lag_seconds,
        waiting_candles: check.waiting_candles,
        redis,
        postgres,
        is_load_reduced: reduction.isActive,
      },
    };
  },
  debug: () => ({
    feed: feed.check(),
    load_reduction: reduction.view(),
    markets: Object.fromEntries(
      [...tracks].map(([symbol, track]) => [
        symbol,
        {
          candles: track.engine.candles,
          last_open_time_ms: track.engine.lastOpenTimeMs,
          restored_from_ms: track.restoredAtMs,
          quality: track.quality.figures(),
        },
      ]),
    ),
  }),
});
