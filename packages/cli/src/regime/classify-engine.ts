import {
  type CandleVerdict,
  type EngineClassification,
  type EngineUpdate,
  inspectCandle,
  RegimeEngine,
} from '@qt/regime';
import type { CandleLine } from './candles-file.ts';

/** What the command writes of one classified candle. */
export type ClassifiedCandle = Pick<
  EngineClassification,
  'regime' | 'previousRegimeId' | 'changeWithin10Probability' | 'probabilities'
>;

/** The one place where the command meets the engine. */
export class MarketClassifier {
  readonly #engine: RegimeEngine;
  readonly #intervalMs: number;
  #lastOpenTimeMs: number | null = null;

  constructor(intervalMs: number) {
    this.#engine = new RegimeEngine({ intervalMs });
    this.#intervalMs = intervalMs;
  }

  /** Says whether a candle of the history could be learned from; they come before `learn`, oldest first. */
  inspect(candle: CandleLine): CandleVerdict {
    const verdict = inspectCandle(candle, { openTimeMs: this.#lastOpenTimeMs, intervalMs: this.#intervalMs });
    if (verdict.kind === 'accepted') this.#lastOpenTimeMs = candle.openTimeMs;
    return verdict;
  }

  /** Learns from history before the first candle is classified. */
  learn(history: readonly CandleLine[]): void {
    this.#engine.calibrate(history);
  }

  /** Classifies one candle from itself and those before it. */
  update(candle: CandleLine): EngineUpdate {
    return this.#engine.update(candle);
  }
}
