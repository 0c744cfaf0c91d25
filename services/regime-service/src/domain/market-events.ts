import {
  type Candle,
  CandleClosed,
  closedAtMs,
  type EventDefinition,
  type EventDraft,
  type Regime,
  RegimeChanged,
  RegimeClassified,
  SystemAlert,
} from '@qt/contracts';
import { uuidOf } from '@qt/kernel';
import type { EngineAlert, EngineClassification } from '@qt/regime';

/** What the engine tells of a candle beyond the regime itself. */
export type RegimeDetail = Pick<
  EngineClassification,
  | 'cells'
  | 'agreementRatio'
  | 'changeWithin10Probability'
  | 'changeWithin30Probability'
  | 'conformalSet'
  | 'decision'
  | 'stabilityRatio'
  | 'stabilityBand'
>;

export interface ClassifiedCandle {
  readonly candle: Candle;
  readonly origin: 'stream' | 'gap_fill';
  readonly state: 'warming' | 'ready';
  readonly regime: Regime;
  readonly previousRegimeId: number | null;
  readonly dwellCandles: number;
  readonly probabilities: readonly number[];
  /** Null for candles that an older engine classified: it told less. */
  readonly detail: RegimeDetail | null;
  readonly alerts: readonly EngineAlert[];
}

export type PublishEvent = <P>(definition: EventDefinition<P>, draft: EventDraft<P>) => void;

/** Sums that should be 1 may end a last bit above it. */
const ratios = (values: readonly number[]): number[] => values.map((value) => Math.min(1, value));

const detailFields = (detail: RegimeDetail) => ({
  cells: ratios(detail.cells),
  agreementRatio: detail.agreementRatio,
  changeWithin10Probability: detail.changeWithin10Probability,
  changeWithin30Probability: detail.changeWithin30Probability,
  conformalSet: [...detail.conformalSet],
  decisionKind: detail.decision.kind,
  stabilityRatio: detail.stabilityRatio,
  stabilityBand: detail.stabilityBand,
});

/** States what one candle means to others: that it closed, how it is classified, what is alarming, and a change of regime. */
export const publishClassified = (classified: ClassifiedCandle, publish: PublishEvent): void => {
  const { candle, origin, state, regime, previousRegimeId, dwellCandles, probabilities, detail } = classified;
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
    payload: {
      candle,
      state,
      regime,
      dwellCandles,
      probabilities: ratios(probabilities),
      ...(detail === null ? {} : detailFields(detail)),
    },
  });
  for (const { kind, component, message } of classified.alerts) {
    const severity = kind === 'market_shock' ? ('critical' as const) : ('warning' as const);
    const text = `${symbol} ${interval}: ${message}`;
    publish(SystemAlert, { ...head, payload: { code: kind.toUpperCase(), severity, component, message: text } });
  }
  if (previousRegimeId === null) return;
  publish(RegimeChanged, { ...head, payload: { symbol, interval, candleClosedAtMs, previousRegimeId, regime } });
};
