import { normalShareBelow } from '../scoring/factors.ts';
import type { TrendLevel } from '../regime-fold.ts';
import { TREND_COUNT } from '../cell-fold.ts';

const TRENDS: readonly TrendLevel[] = ['strong_down', 'down', 'neutral', 'up', 'strong_up'];
// 20 candles: which way a market leans.
const DECAY = 0.5 ** (1 / 20);
// The standard deviation that a 20-candle exponential mean of independent returns has, in units of one return's scale.
const NOISE = Math.sqrt((1 - DECAY) / (1 + DECAY));
/** Edges between the trend levels, in units of the return scale: mild is twice the noise. */
const EDGES = [-0.5, -0.25, 0.25, 0.5];

/** Which way a market leans over the last 20 candles, as probabilities of the five trend levels. It never decides an id. */
export class TrendLean {
  /** Shape: 5, strong down to strong up, summing to 1. */
  readonly probabilities = new Float64Array(TREND_COUNT).fill(1 / TREND_COUNT);
  #drift = 0;

  update(logReturn: number, returnScale: number): void {
    this.#drift = DECAY * this.#drift + (1 - DECAY) * logReturn;
    this.#spread(returnScale > 0 ? this.#drift / returnScale : 0);
  }

  /** The trend level with the most probability. */
  get trend(): TrendLevel {
    let best = 2;
    for (let index = 0; index < TREND_COUNT; index += 1) {
      if ((this.probabilities[index] ?? 0) > (this.probabilities[best] ?? 0)) best = index;
    }
    return TRENDS[best] ?? 'neutral';
  }

  save(): number {
    return this.#drift;
  }

  restore(drift: number): void {
    this.#drift = drift;
  }

  #spread(driftInScales: number): void {
    let below = 0;
    for (let index = 0; index < TREND_COUNT - 1; index += 1) {
      const share = normalShareBelow(((EDGES[index] ?? 0) - driftInScales) / NOISE);
      this.probabilities[index] = share - below;
      below = share;
    }
    this.probabilities[TREND_COUNT - 1] = 1 - below;
  }
}
