import { type ComponentView, ENGINE_COMPONENTS, type EngineComponent } from '@qt/regime';
import { snakeName } from '../configuration/wire-names.ts';
import type { MarketTrack } from '../market-track.ts';
import { type ComponentRegistry, type ComponentState, type LookedAt, worstState } from './component-registry.ts';

/** Without these no regime is classified. */
const CRITICAL: ReadonlySet<EngineComponent> = new Set(['base_regime_detector', 'adaptive_scoring_layer']);

type Views = Readonly<Record<string, ComponentView>>;

const onTheWire = (metrics: ComponentView['metrics']): ComponentView['metrics'] =>
  Object.fromEntries(Object.entries(metrics).map(([name, figure]) => [snakeName(name), figure]));

/** Returns the mean over the markets of each figure that is a number in all of them. */
const meanMetrics = (views: readonly ComponentView[]): Record<string, number> => {
  const [first, ...others] = views;
  if (first === undefined) return {};
  const means: Record<string, number> = {};
  for (const [name, value] of Object.entries(first.metrics)) {
    const values = [value, ...others.map(({ metrics }) => metrics[name])];
    if (values.every((one) => typeof one === 'number'))
      means[name] = values.reduce<number>((sum, one) => sum + (one as number), 0) / values.length;
  }
  return means;
};

/** One component of the engine, in every market at once: as well as its worst market, and its figures the mean of all. */
const engineComponent = (name: EngineComponent, tracks: ReadonlyMap<string, MarketTrack>): LookedAt => {
  const viewAll = (): Views =>
    Object.fromEntries([...tracks].map(([symbol, { engine }]) => [symbol, engine.view(name)]));
  return {
    isCritical: CRITICAL.has(name),
    look: () => {
      const views = viewAll();
      const state = worstState(Object.values(views).map((view): ComponentState => view.state));
      const worst = Object.entries(views).filter(([, view]) => view.state === state);
      return {
        state,
        ...(state === 'running' ? {} : { detail: `${state}: ${worst.map(([symbol]) => symbol).join(', ')}` }),
        metrics: { ...onTheWire(meanMetrics(Object.values(views))), markets: tracks.size },
        markets: Object.fromEntries(
          Object.entries(views).map(([symbol, view]) => [
            symbol,
            { state: view.state, metrics: onTheWire(view.metrics) },
          ]),
        ),
      };
    },
    debug: () => Object.fromEntries(Object.entries(viewAll()).map(([symbol, view]) => [symbol, view.debug])),
  };
};

/** Adds every component that lives in the engines. */
export const addEngineComponents = (registry: ComponentRegistry, tracks: ReadonlyMap<string, MarketTrack>): void => {
  for (const name of ENGINE_COMPONENTS) registry.add(name, engineComponent(name, tracks));
};
