import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { Candle, Interval, MarketSymbol, Ratio, UnixMs } from '../values.ts';

/** A candle that is complete and passed the quality gate. */
export const CandleClosed = defineEvent({
  type: 'candle.closed',
  version: 1,
  payload: Candle.extend({ origin: z.enum(['stream', 'gap_fill']) }),
});
export type CandleClosed = z.infer<typeof CandleClosed.payload>;

/** Which of the 18 regimes: `id` = 6 * volatility + (trending ? trend : 5). */
export const Regime = z.object({
  id: z.int().min(0).max(17),
  name: z.string().min(1),
  volatility: z.enum(['low', 'medium', 'high']),
  trend: z.enum(['strong_down', 'down', 'neutral', 'up', 'strong_up']),
  structure: z.enum(['trending', 'mean_reverting']),
  /** Calibrated probability of `id`. */
  probability: Ratio,
});
export type Regime = z.infer<typeof Regime>;

/** What the detector says after one candle. It carries that candle, so that a consumer needs one stream and no join. */
export const RegimeClassified = defineEvent({
  type: 'regime.classified',
  version: 1,
  payload: z.object({
    candle: Candle,
    /** `warming` until the detector has seen enough candles to be believed. */
    state: z.enum(['warming', 'ready']),
    regime: Regime,
    /** Candles since the regime last changed, this one included. */
    dwellCandles: z.int().positive(),
    /** Posterior over ids 0 to 17. */
    probabilities: z.array(Ratio).length(18),
    /** Posterior over `10 * volatility + 2 * trend + (trending ? 0 : 1)`; folds into `probabilities`. */
    cells: z.array(Ratio).length(30).optional(),
    /** Agreement of the scoring methods: 1 when all say the same. */
    agreementRatio: Ratio.optional(),
    /** Probability that the true regime changes within so many candles. */
    changeWithin10Probability: Ratio.optional(),
    changeWithin30Probability: Ratio.optional(),
    /** Ids that together hold the true regime in nine of ten candles, likeliest first. */
    conformalSet: z.array(z.int().min(0).max(17)).max(18).optional(),
    /** What was made of the most probable regime. */
    decisionKind: z.enum(['held', 'confirmed', 'tentative', 'rejected']).optional(),
    stabilityRatio: Ratio.optional(),
    stabilityBand: z.enum(['very_stable', 'stable', 'moderate', 'unstable', 'critical']).optional(),
  }),
});
export type RegimeClassified = z.infer<typeof RegimeClassified.payload>;

export const RegimeChanged = defineEvent({
  type: 'regime.changed',
  version: 1,
  payload: z.object({
    symbol: MarketSymbol,
    interval: Interval,
    candleClosedAtMs: UnixMs,
    previousRegimeId: z.int().min(0).max(17),
    regime: Regime,
  }),
});
export type RegimeChanged = z.infer<typeof RegimeChanged.payload>;
