import type { Queryable } from '@qt/contracts';
import type { Subscription } from '@qt/event-bus';
import type { Clock, MarketClock } from '@qt/kernel';
import type { ComponentCheck } from '@qt/service-kit';
import type { ModelRegistry } from '@qt/signals';
import { onRegimeClassified } from './handlers/on-regime-classified.ts';
import { type PageRouter, signalRoutes } from './http/signal-routes.ts';
import { MarketEngines } from './market-engines.ts';
import type { AiMetrics, EngineStateStore, HistoryStore, PredictionStore, SignalStore } from './ports.ts';
import { WorkLog } from './work-log.ts';

export interface AppDeps {
  readonly db: Queryable;
  readonly signals: SignalStore;
  readonly predictions: PredictionStore;
  readonly states: EngineStateStore;
  readonly history: HistoryStore;
  readonly registry: ModelRegistry;
  readonly metrics: AiMetrics;
  readonly clock: Clock;
  /** Null when the clock is the machine's. */
  readonly marketClock: MarketClock | null;
  readonly horizonCandles: number;
  readonly minConfidenceRatio: number;
  readonly snapshotEveryCandles: number;
}

export interface AiApp {
  readonly subscriptions: readonly Subscription[];
  /** For the heartbeat: healthy while every model can be used. */
  readonly status: () => 'healthy' | 'degraded';
  readonly models: { readonly name: string; start(): Promise<void>; stop(): Promise<void>; check(): ComponentCheck };
  readonly health: () => object;
  readonly routes: (router: PageRouter) => void;
}

interface ModelSummary {
  readonly id: string;
  /** The worst over all markets; `waiting` before the first candle. */
  readonly state: 'waiting' | 'active' | 'failed' | 'stuck';
  readonly reason: string | null;
  /** Share of opinions that came true, over all markets; null before the first outcome. */
  readonly right_ratio: number | null;
  /** Effective outcomes behind it. */
  readonly outcomes: number;
}

const summarize = (registry: ModelRegistry, engines: MarketEngines): ModelSummary[] => {
  const all = engines.modelHealth().flatMap(({ symbol, models }) => models.map((model) => ({ symbol, ...model })));
  return registry.ids.map((id) => {
    const seen = all.filter(({ modelId }) => modelId === id);
    const broken = seen.find(({ state }) => state !== 'active');
    const outcomes = seen.reduce((total, model) => total + model.outcomes, 0);
    const right = seen.reduce((total, model) => total + model.outcomes * (model.rightRatio ?? 0), 0);
    return {
      id,
      state: broken?.state ?? (seen.length === 0 ? 'waiting' : 'active'),
      reason: broken === undefined ? null : `${broken.symbol}: ${broken.reason}`,
      right_ratio: outcomes === 0 ? null : right / outcomes,
      outcomes,
    };
  });
};

const isUsable = ({ state }: ModelSummary): boolean => state === 'active' || state === 'waiting';

/** Puts the service together on its ports: what `main` starts and what integration tests start. */
export const buildApp = (deps: AppDeps): AiApp => {
  const engines = new MarketEngines(deps);
  const work = new WorkLog(deps.clock);
  const models = () => summarize(deps.registry, engines);
  const broken = () => models().filter((model) => !isUsable(model));
  return {
    subscriptions: [
      onRegimeClassified({
        engines,
        signals: deps.signals,
        metrics: deps.metrics,
        onMarketTime: (timeMs) => deps.marketClock?.advanceTo(timeMs),
        onDecided: ({ candle }, decision) => work.note(candle, decision),
      }),
    ],
    status: () => (broken().length === 0 ? 'healthy' : 'degraded'),
    models: {
      name: 'models',
      start: async () => undefined,
      stop: async () => undefined,
      check: () => {
        const faults = broken();
        if (faults.length === 0) return { status: 'up' };
        const detail = faults.map(({ id, state, reason }) => `${id} ${state}: ${reason}`).join('; ');
        return { status: faults.length === deps.registry.ids.length ? 'down' : 'degraded', detail };
      },
    },
    health: () => ({ models_loaded: models().filter(isUsable).length, models: models(), ...work.facts() }),
    routes: signalRoutes({ ...deps, engines }),
  };
};
