import { invariant } from '@qt/kernel';
import { type Bar, RegimeEngine, type RegimeEngineOptions } from '@qt/regime';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { SYNTHETIC_INTERVAL_MS } from '../market/synthetic-market.ts';

/** The engine's scoring methods, by the names under which it can be told to leave them out; the first is its base. */
export const ENGINE_METHODS = [
  'base_regime_detector',
  'volatility_ladder',
  'kalman_trend',
  'structure_test',
  'run_length',
  'jump_model',
  'multi_scale_evidence',
] as const;

/** Its learners, likewise. */
export const ENGINE_LEARNERS = [
  'softmax_regression',
  'posterior_memory',
  'prototypes',
  'tree_ensemble',
  'small_network',
] as const;

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
  new EngineClassifier({ disabled: ENGINE_METHODS.slice(1), parameters: { learning: { capRatio: 0 } } });
