import type { Component, ComponentCheck } from '@qt/service-kit';
import type { MarketTrack } from './market-track.ts';
import type { ComponentState, RegimeMetrics } from './regime-metrics.ts';

/** Looks at every component and says in the guide's words how it is. */
export type ComponentStates = () => Promise<Readonly<Record<string, ComponentState>>>;

const STATE_OF: Readonly<Record<ComponentCheck['status'], ComponentState>> = {
  up: 'running',
  degraded: 'degraded',
  down: 'failed',
};

const stateOf = async (component: Component): Promise<ComponentState> => {
  try {
    return STATE_OF[(await component.check?.())?.status ?? 'up'];
  } catch {
    return 'failed'; // a component that cannot even be asked; `/health` carries the reason
  }
};

/** The orchestrator is the feed; the detector and the transition gate live in the tracks and are as ready as the least ready market. */
export const componentStates =
  (parts: {
    readonly feed: Component;
    readonly bus: Component;
    readonly database: Component;
    readonly tracks: ReadonlyMap<string, MarketTrack>;
  }): ComponentStates =>
  async () => {
    const [feed, redis, postgres] = await Promise.all([parts.feed, parts.bus, parts.database].map(stateOf));
    const isReady = [...parts.tracks.values()].every(({ latest }) => latest?.state === 'ready');
    return {
      base_regime_detector: isReady ? 'running' : 'warming',
      intelligent_transition_manager: 'running',
      integration_orchestrator: feed ?? 'failed',
      redis: redis ?? 'failed',
      postgres: postgres ?? 'failed',
    };
  };

/** Returns whether every component does its work. */
export const isHealthy = (states: Awaited<ReturnType<ComponentStates>>): boolean =>
  Object.values(states).every((state) => state === 'running' || state === 'warming');

/** Looks at everything, sets the metrics that only a look can set, and returns what the heartbeat says. */
export const measuredStatus = async (
  look: ComponentStates,
  metrics: RegimeMetrics,
): Promise<'healthy' | 'degraded'> => {
  const states = await look();
  for (const [component, state] of Object.entries(states)) metrics.component(component, state);
  metrics.memoryBytes.set(process.memoryUsage.rss());
  return isHealthy(states) ? 'healthy' : 'degraded';
};
