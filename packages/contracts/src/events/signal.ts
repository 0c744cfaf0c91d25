import { z } from 'zod';
import { defineEvent } from '../envelope.ts';
import { DecimalText, Direction, Interval, MarketSymbol, Ratio, UnixMs } from '../values.ts';
import { Regime } from './market.ts';

/** The ensemble's directional opinion on one market. Not an order: the risk gate decides. */
export const SignalGenerated = defineEvent({
  type: 'signal.generated',
  version: 1,
  payload: z.object({
    /** Deterministic: the same candle and models give the same id. */
    signalId: z.uuid(),
    symbol: MarketSymbol,
    interval: Interval,
    direction: Direction,
    /** Calibrated probability that the direction is right over the horizon. */
    confidence: Ratio,
    /** How long the opinion holds. */
    horizonMs: z.int().positive(),
    /** No order may be opened on this signal from then on. */
    expiresAtMs: UnixMs,
    /** End of the last candle the models saw; anything newer would be look-ahead. */
    candleClosedAtMs: UnixMs,
    /** Close of that candle. */
    lastPrice: DecimalText,
    /** Average true range over price, per candle. */
    volatilityRatio: z.number().positive(),
    regime: Regime,
    ensembleId: z.string().min(1),
    votes: z.array(
      z.object({
        modelId: z.string().min(1),
        direction: z.enum(['long', 'short', 'hold']),
        confidence: Ratio,
        weight: Ratio,
      }),
    ),
  }),
});
export type SignalGenerated = z.infer<typeof SignalGenerated.payload>;
