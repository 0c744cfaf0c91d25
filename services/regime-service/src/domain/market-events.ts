import {
  type Candle,
  CandleClosed,
  closedAtMs,
  type EventDefinition,
  type EventDraft,
  type Regime,
  RegimeChanged,
  RegimeClassified,
} from '@qt/contracts';
import { uuidOf } from '@qt/kernel';

export interface ClassifiedCandle {
  readonly candle: Candle;
  readonly origin: 'stream' | 'gap_fill';
  readonly state: 'warming' | 'ready';
  readonly regime: Regime;
  readonly previousRegimeId: number | null;
  readonly dwellCandles: number;
  readonly probabilities: readonly number[];
}

export type PublishEvent = <P>(definition: EventDefinition<P>, draft: EventDraft<P>) => void;

/** States what one candle means to others: that it closed, how it is classified, and a change of regime if there was one. */
export const publishClassified = (classified: ClassifiedCandle, publish: PublishEvent): void => {
  const { candle, origin, state, regime, previousRegimeId, dwellCandles, probabilities } = classified;
  const { symbol, interval } = candle;
  const candleClosedAtMs = closedAtMs(candle);
  const head = {
    occurredAtMs: candleClosedAtMs,
    // The decision chain begins with the candle; its id follows from which candle it is.
    correlationId: uuidOf(candleClosedAtMs, 'candle', symbol, interval),
    causationId: null,
    key: symbol,
  };
  publish(CandleClosed, { ...head, payload: { ...candle, origin } });
  publish(RegimeClassified, {
    ...head,
    payload: { candle, state, regime, dwellCandles, probabilities: [...probabilities] },
  });
  if (previousRegimeId === null) return;
  publish(RegimeChanged, { ...head, payload: { symbol, interval, candleClosedAtMs, previousRegimeId, regime } });
};
