import type { ComponentView } from '../engine/classification.ts';

/** The cuts between regimes. Volatility in natural log of the return scale, trend in return scales per candle. */
export interface Boundaries {
  readonly lowMedium: number;
  readonly mediumHigh: number;
  /** Between neutral and mild, and mild and strong; the down side mirrors the up side. */
  readonly mildTrend: number;
  readonly strongTrend: number;
  /** Autoregression of the return below which a market reverts. */
  readonly structure: number;
}

/** What became of a candidate that `optimize` proposed. */
export interface BoundaryDecision {
  readonly kind: 'accepted' | 'rolled_back' | 'refused';
  readonly atCandle: number;
  /** Log density per candle that the candidate won over the running detector, over the shadowed candles. */
  readonly gainPerCandle: number;
}

/** What the optimizer offers to the service: everything but the updates, which are the base detector's. */
export interface BoundaryView {
  readonly boundaries: Boundaries;
  readonly decisions: readonly BoundaryDecision[];
  /** Starts a candidate; `running` when one is being shadowed already, `too_early` before there is enough to fit it on. */
  optimize(): 'started' | 'running' | 'too_early';
  view(): ComponentView;
}
