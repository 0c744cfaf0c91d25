import type { Component } from '@qt/service-kit';
import type { ComponentRegistry, ComponentState } from './component-registry.ts';
import { stateOf } from './orchestrator.ts';
import type { MarketTrack } from '../market-track.ts';
import type { ProcessUsage } from '../process-usage.ts';
import type { RegimeMetrics } from '../regime-metrics.ts';

/** Looks at every component, and at the stores, and says in the guide's words how each is. */
export type ComponentStates = () => Promise<Readonly<Record<string, ComponentState>>>;

export const componentStates =
  (registry: ComponentRegistry, stores: { readonly bus: Component; readonly database: Component }): ComponentStates =>
  async () => {
    const [components, redis, postgres] = await Promise.all([
      registry.states(),
      stateOf(stores.bus),
      stateOf(stores.database),
    ]);
    return { ...components, redis, postgres };
  };

/** A component that this process does not run is not ill. */
const WELL: ReadonlySet<ComponentState> = new Set(['running', 'warming', 'stopped']);

/** Returns whether every component does its work. */
export const isHealthy = (states: Awaited<ReturnType<ComponentStates>>): boolean =>
  Object.values(states).every((state) => WELL.has(state));

export interface StatusParts {
  readonly states: ComponentStates;
  readonly tracks: ReadonlyMap<string, MarketTrack>;
  readonly metrics: RegimeMetrics;
  readonly usage: ProcessUsage;
  readonly database: Component;
  /** Background tasks that wait. */
  readonly queuedTasks: () => number;
}

/** Looks at the service every few seconds: sets the metrics that only a look can set, and returns what the heartbeat says. */
export class ServiceStatus {
  readonly #parts: StatusParts;
  readonly #learned = new Map<string, number>();

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  async measure(): Promise<'healthy' | 'degraded'> {
    const { states, metrics, usage, tracks, queuedTasks } = this.#parts;
    const found = await states();
    for (const [component, state] of Object.entries(found)) metrics.component(component, state);
    const { cpuRatio, memoryBytes, memoryLimitBytes } = usage.measure();
    metrics.cpu.set(cpuRatio * 100);
    metrics.memoryBytes.set(memoryBytes);
    metrics.memoryLimitBytes.set(memoryLimitBytes);
    metrics.taskQueueSize.set(queuedTasks());
    await this.#measureDatabase();
    for (const track of tracks.values()) this.#measureMarket(track);
    return isHealthy(found) ? 'healthy' : 'degraded';
  }

  async #measureDatabase(): Promise<void> {
    const check: object = (await this.#parts.database.check?.()) ?? {};
    if ('connections' in check && typeof check.connections === 'number')
      this.#parts.metrics.databaseConnections.set(check.connections);
  }

  #measureMarket({ symbol, interval, latest, engine, quality }: MarketTrack): void {
    const { markets, learningUpdates } = this.#parts.metrics;
    const labels = { symbol, interval };
    markets.completeness.set(quality.figures().completenessRatio, labels);
    if (latest !== null) {
      markets.probability.set(latest.regime.probability, labels);
      markets.dwellCandles.set(latest.dwellCandles, labels);
      const { detail } = latest;
      if (detail !== null) {
        markets.agreement.set(detail.agreementRatio, labels);
        markets.stability.set(detail.stabilityRatio, labels);
        markets.changeWithin10.set(detail.changeWithin10Probability, labels);
      }
    }
    const learning = engine.view('continuous_learning_engine').metrics;
    const drift = figureOf(learning, 'driftScore');
    if (drift !== null) markets.conceptDrift.set(drift, labels);
    const updates = figureOf(learning, 'updates');
    if (updates !== null) {
      learningUpdates.inc(labels, updates - (this.#learned.get(symbol) ?? updates));
      this.#learned.set(symbol, updates);
    }
    this.#measureAgreement(engine.view('performance_feedback').metrics, labels);
  }

  #measureAgreement(feedback: Figures, labels: Readonly<Record<string, string>>): void {
    const { accuracy, precision, recall } = this.#parts.metrics.markets;
    const named = { agreement: accuracy, precision, recall };
    for (const [name, metric] of Object.entries(named)) {
      const share = figureOf(feedback, name);
      if (share !== null) metric.set(share * 100, { ...labels, measured_against: 'hindsight_labels' });
    }
  }
}

type Figures = Readonly<Record<string, number | string | null>>;

const figureOf = (figures: Figures, name: string): number | null => {
  const figure = figures[name];
  return typeof figure === 'number' ? figure : null;
};
