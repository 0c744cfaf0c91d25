import type { Queryable } from '@qt/contracts';
import type { EventBus } from '@qt/event-bus';
import { type Clock, wallClock } from '@qt/kernel';
import type { BuiltService, Component } from '@qt/service-kit';
import { ServiceRoster } from './domain/service-roster.ts';
import { EventRecorder } from './event-recorder.ts';
import { onAlert } from './handlers/on-alert.ts';
import { onPortfolioUpdated } from './handlers/on-portfolio-updated.ts';
import { onPositionClosed } from './handlers/on-position-closed.ts';
import { onRecordedEvent } from './handlers/on-recorded-event.ts';
import { onServiceHeartbeat } from './handlers/on-service-heartbeat.ts';
import { addRoutes } from './http/routes.ts';
import { PortfolioView } from './portfolio-view.ts';
import type { AlertStore, EventStore, PerformanceStore, RaisedAlert } from './ports.ts';

export interface AnalyticsDeps {
  readonly bus: EventBus;
  readonly database: Queryable;
  readonly events: EventStore;
  readonly performance: PerformanceStore;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly operatorKey: string | undefined;
  /** Told the market time of each stored event. */
  readonly onStored: (occurredAtMs: number) => void;
}

const SHOWN_ALERTS = 20;
const ALERTS_REFRESH_MS = 2_000;

/** Binds handlers and pages to their ports. */
export const buildApp = (deps: AnalyticsDeps): Omit<BuiltService, 'components'> & { readonly view: Component } => {
  const portfolio = new PortfolioView();
  const roster = new ServiceRoster();
  let eventsStored = 0;
  let openAlerts: readonly RaisedAlert[] = [];
  let refresher: NodeJS.Timeout | undefined;

  const onStored = (occurredAtMs: number): void => {
    eventsStored += 1;
    deps.onStored(occurredAtMs);
  };
  const shared = { ...deps, recorder: new EventRecorder(deps.events), portfolio, roster, wallClock, onStored };
  deps.bus.subscribe(
    ...onRecordedEvent(shared),
    ...onAlert(shared),
    onPositionClosed(shared),
    onPortfolioUpdated(shared),
    onServiceHeartbeat(shared),
  );

  const refreshAlerts = async (): Promise<void> => {
    openAlerts = await deps.alerts.listOpen(deps.database, SHOWN_ALERTS);
  };

  return {
    view: {
      name: 'view',
      start: async () => {
        await portfolio.load(deps.database, deps.events);
        await refreshAlerts();
        // A failed look leaves the last list on the page; the state of Postgres itself stands beside it.
        refresher = setInterval(() => void refreshAlerts().catch(() => undefined), ALERTS_REFRESH_MS);
      },
      stop: async () => clearInterval(refresher),
    },
    health: () => {
      const nowMs = wallClock.nowMs();
      return {
        // The supervisor, the balancer and the learner have no code yet, and say so.
        ai_hfos_enabled: false,
        pba_enabled: false,
        clm_enabled: false,
        service_health: {
          ai_service: roster.entry('ai-service', nowMs).status,
          exec_risk_service: roster.entry('exec-risk-service', nowMs).status,
          regime_service: roster.entry('regime-service', nowMs).status,
        },
        portfolio_state: {
          total_value_usd: portfolio.latest?.equityUsdt ?? null,
          positions_count: portfolio.latest?.openPositions ?? null,
          rebalance_required: false,
        },
        learning_state: { drift_detected: null, samples_collected: 0, last_retrain_time: null },
        metrics: { events_stored: eventsStored },
        alerts: openAlerts,
      };
    },
    routes: (router) => addRoutes(router, { ...deps, portfolio }),
  };
};
