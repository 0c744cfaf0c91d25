import { type Bar, RegimeDetector, RegimeEngine, type RegimeEngineOptions } from '@qt/regime';
import { invariant } from '@qt/kernel';
import type { CausalClassification, CausalClassifier } from '../causal-classifier.ts';
import { SYNTHETIC_INTERVAL_MS } from '../market/synthetic-market.ts';

/** Returns a candle as markets send it. The shortest text of a number reads back as the same number. */
const asSent = (bar: Bar) => ({
  openTimeMs: bar.openTimeMs,
  open: String(bar.open),
  high: String(bar.high),
  low: String(bar.low),
  close: String(bar.close),
  volume: String(bar.volume),
});

/** The engine as the service runs it. */
export class EngineClassifier implements CausalClassifier {
  readonly #engine: RegimeEngine;

  /** `disabled`: methods and learners that are switched off, by name. */
  constructor(disabled: readonly string[] = []) {
    const options: RegimeEngineOptions & { readonly disabled: readonly string[] } = {
      intervalMs: SYNTHETIC_INTERVAL_MS,
      disabled,
    };
    this.#engine = new RegimeEngine(options);
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

/** The base detector alone, with its own gate: what the engine has to be better than. */
export class DetectorClassifier implements CausalClassifier {
  readonly #detector = new RegimeDetector({ intervalMs: SYNTHETIC_INTERVAL_MS });

  update(bar: Bar): CausalClassification {
    const said = this.#detector.update(asSent(bar));
    invariant(said.kind === 'classified', 'the detector takes every candle of a synthetic market');
    return { probabilities: said.probabilities, publishedId: said.regime.id };
  }
}
