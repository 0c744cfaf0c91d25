import { invariant } from '@qt/kernel';
import { type Bar, type EngineComponent, RegimeEngine, type RegimeEngineOptions } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { SYNTHETIC_INTERVAL_MS } from '../market/synthetic-market.ts';

/** What the engine can be told to leave out, by the names it uses itself. */
export interface EngineParts {
  /** The scoring methods; the first is the base detector. */
  readonly methods: readonly string[];
  readonly learners: readonly string[];
}

/** Returns the names of the engine's parts, read from what it shows of itself. */
export const engineParts = (): EngineParts => {
  const engine = new RegimeEngine({ intervalMs: SYNTHETIC_INTERVAL_MS });
  const namesIn = (component: EngineComponent, list: string): string[] => {
    const shown = engine.view(component).debug[list];
    invariant(Array.isArray(shown), `${component} shows its ${list}`);
    return shown.map((part: { readonly name: string }) => part.name);
  };
  return {
    methods: namesIn('adaptive_scoring_layer', 'methods'),
    learners: namesIn('continuous_learning_engine', 'models'),
  };
};

/** Returns a candle as markets send it. The shortest text of a number reads back as the same number. */
const asSent = (bar: Bar) => ({
  openTimeMs: bar.openTimeMs,
  open: String(bar.open),
  high: String(bar.high),
  low: String(bar.low),
  close: String(bar.close),
  volume: String(bar.volume),
});

/** The engine as the service runs it, or with some of its parts switched off. */
export class EngineClassifier implements CausalClassifier {
  readonly #engine: RegimeEngine;

  constructor(options: Omit<RegimeEngineOptions, 'intervalMs'> = {}) {
    this.#engine = new RegimeEngine({ intervalMs: SYNTHETIC_INTERVAL_MS, ...options });
  }

  calibrate(history: readonly Bar[]): void {
    this.#engine.calibrate(history.map(asSent));
  }

  update(bar: Bar): CausalClassification {
    const said = this.#engine.update(asSent(bar));
    invariant(said.kind === 'classified', 'the engine takes every candle of a synthetic market');
    const { probabilities, regime, changeWithin10Probability, changeWithin30Probability, conformalSet } = said;
    return {
      probabilities,
      publishedId: regime.id,
      changeWithin10Probability,
      changeWithin30Probability,
      conformalSet,
    };
  }
}

/** Returns the engine with its base detector alone: no other method and no learner is heard. */
export const baseAlone = (): CausalClassifier =>
  new EngineClassifier({ disabled: engineParts().methods.slice(1), parameters: { learning: { capRatio: 0 } } });
