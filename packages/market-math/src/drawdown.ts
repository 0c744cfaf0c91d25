/** How far equity has fallen from its highest point. */
export interface DrawdownState {
  readonly peak: number | null;
  /** Fall from the peak now, at least 0. Above 1 when equity is negative. */
  readonly drawdownRatio: number;
  readonly maxDrawdownRatio: number;
}

/** Drawdown of an equity curve, one value at a time. A curve that was never above zero has none. */
export class Drawdown {
  #state: DrawdownState;

  constructor(saved: DrawdownState = { peak: null, drawdownRatio: 0, maxDrawdownRatio: 0 }) {
    this.#state = saved;
  }

  update(equity: number): DrawdownState {
    const { peak: before, maxDrawdownRatio } = this.#state;
    const peak = before === null ? equity : Math.max(before, equity);
    const drawdownRatio = peak > 0 ? (peak - equity) / peak : 0;
    this.#state = { peak, drawdownRatio, maxDrawdownRatio: Math.max(maxDrawdownRatio, drawdownRatio) };
    return this.#state;
  }

  save(): DrawdownState {
    return this.#state;
  }
}

/**
 * Returns the drawdown at each point of an equity curve.
 *
 * Shape: `equity[n]`, oldest first; the result has n entries.
 */
export const drawdownsOf = (equity: readonly number[]): number[] => {
  let peak = Number.NEGATIVE_INFINITY;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? (peak - value) / peak : 0;
  });
};

/** Returns the deepest drawdown of an equity curve, 0 for an empty one. */
export const maxDrawdownRatioOf = (equity: readonly number[]): number =>
  drawdownsOf(equity).reduce((deepest, value) => Math.max(deepest, value), 0);
