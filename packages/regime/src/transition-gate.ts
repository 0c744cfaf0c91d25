import { SLOT_COUNT } from './regime-fold.ts';

export interface TransitionGateState {
  readonly regimeId: number;
  readonly dwellCandles: number;
}

export interface TransitionGateOptions {
  /** How much more probable a new regime must be before it is said. Share of 1. */
  readonly marginRatio: number;
  /** The same for a move to higher volatility: risk is said first. */
  readonly upwardMarginRatio: number;
  readonly minDwellCandles: number;
  /** A move to higher volatility this probable is said at once, whatever the dwell. */
  readonly shockProbability: number;
}

export const TRANSITION_GATE_DEFAULTS: TransitionGateOptions = {
  marginRatio: 0.5,
  upwardMarginRatio: 0.25,
  minDwellCandles: 5,
  shockProbability: 0.95,
};

const volatilityOf = (id: number): number => Math.floor(id / SLOT_COUNT);

/**
 * Decides when a change of the most probable regime is said aloud. The optimal filter's own best guess changes 15 to 48 times per
 * 1000 candles where 3 changes are true; what is published must not.
 */
export class TransitionGate {
  #options: TransitionGateOptions;
  #regimeId: number;
  #dwellCandles = 0;

  constructor(firstRegimeId: number, options: TransitionGateOptions) {
    this.#regimeId = firstRegimeId;
    this.#options = options;
  }

  configure(options: TransitionGateOptions): void {
    this.#options = options;
  }

  /** Returns the regime to publish, its dwell with this candle included, and the one left if it changed just now. */
  decide(posterior: Float64Array): { regimeId: number; dwellCandles: number; leftRegimeId: number | null } {
    let best = 0;
    for (let id = 1; id < posterior.length; id += 1) if ((posterior[id] ?? 0) > (posterior[best] ?? 0)) best = id;

    const current = this.#regimeId;
    if (!this.#allows(current, best, posterior)) {
      this.#dwellCandles += 1;
      return { regimeId: current, dwellCandles: this.#dwellCandles, leftRegimeId: null };
    }
    this.#regimeId = best;
    this.#dwellCandles = 1;
    return { regimeId: best, dwellCandles: 1, leftRegimeId: current };
  }

  save(): TransitionGateState {
    return { regimeId: this.#regimeId, dwellCandles: this.#dwellCandles };
  }

  restore(state: TransitionGateState): void {
    this.#regimeId = state.regimeId;
    this.#dwellCandles = state.dwellCandles;
  }

  #allows(current: number, best: number, posterior: Float64Array): boolean {
    if (best === current) return false;
    const { marginRatio, upwardMarginRatio, minDwellCandles, shockProbability } = this.#options;
    const isUpward = volatilityOf(best) > volatilityOf(current);
    const probability = posterior[best] ?? 0;
    if (isUpward && probability > shockProbability) return true;
    const margin = probability - (posterior[current] ?? 0);
    return this.#dwellCandles >= minDwellCandles && margin > (isUpward ? upwardMarginRatio : marginRatio);
  }
}
