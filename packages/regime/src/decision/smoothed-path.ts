import { REGIME_COUNT } from '../regime-fold.ts';

/** Lead a regime must have in hindsight before the path follows it. */
const MARGIN_RATIO = 0.5;
/** Candles in a row it must have it: so many candles, less one, a label takes to be final. */
export const CONFIRMING_CANDLES = 5;

export interface SmoothedPathState {
  readonly candles: number;
  readonly regimeId: number;
  readonly changedAtCandle: number;
  readonly candidateId: number;
  readonly candidateSince: number;
}

const BALANCED_REGIME_ID = 8;

/**
 * The path of regimes as hindsight sees it, from smoothed posteriors: the most probable regime, without the flicker that remains
 * even there. A change is dated to the first candle of the lead that confirmed it.
 */
export class SmoothedPath {
  #candles = 0;
  #regimeId = -1;
  #changedAtCandle = 0;
  #candidateId = -1;
  #candidateSince = 0;

  /** Whether the path changed within the last `candles` candles whose labels are final. */
  hasChangedWithin(candles: number): boolean {
    return this.#changedAtCandle > 0 && this.#candles - CONFIRMING_CANDLES + 1 - this.#changedAtCandle < candles;
  }

  /** Candles the path is in its regime at the last candle whose label is final; null before its first change. */
  get ageCandles(): number | null {
    return this.#changedAtCandle > 0 ? this.#candles - CONFIRMING_CANDLES + 2 - this.#changedAtCandle : null;
  }

  /** Takes the smoothed posterior of the next candle. Shape: 18 by regime id. */
  update(smoothed: Float64Array): void {
    this.#candles += 1;
    // While nothing is known all regimes are alike; the balanced one is its own mirror image.
    let best = this.#regimeId < 0 ? BALANCED_REGIME_ID : this.#regimeId;
    for (let id = 0; id < REGIME_COUNT; id += 1) if ((smoothed[id] ?? 0) > (smoothed[best] ?? 0)) best = id;
    if (this.#regimeId < 0) this.#regimeId = best;
    const lead = (smoothed[best] ?? 0) - (smoothed[this.#regimeId] ?? 0);
    if (best === this.#regimeId || lead <= MARGIN_RATIO) {
      this.#candidateId = -1;
      return;
    }
    if (best !== this.#candidateId) this.#candidateSince = this.#candles;
    this.#candidateId = best;
    if (this.#candles - this.#candidateSince + 1 < CONFIRMING_CANDLES) return;
    this.#regimeId = best;
    this.#changedAtCandle = this.#candidateSince;
    this.#candidateId = -1;
  }

  save(): SmoothedPathState {
    return {
      candles: this.#candles,
      regimeId: this.#regimeId,
      changedAtCandle: this.#changedAtCandle,
      candidateId: this.#candidateId,
      candidateSince: this.#candidateSince,
    };
  }

  restore(state: SmoothedPathState): void {
    this.#candles = state.candles;
    this.#regimeId = state.regimeId;
    this.#changedAtCandle = state.changedAtCandle;
    this.#candidateId = state.candidateId;
    this.#candidateSince = state.candidateSince;
  }
}
