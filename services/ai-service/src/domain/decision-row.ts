import type { RegimeClassified } from '@qt/contracts';
import type { SignalDecision } from '@qt/signals';
import type { DecisionRow } from '../ports.ts';

/** A decision that was made, as opposed to a candle that was ignored. */
export type MadeDecision = Exclude<SignalDecision, { readonly kind: 'ignored' }>;

/** Returns the row that says what became of a candle. */
export const decisionRowOf = ({ candle, regime }: RegimeClassified, decision: MadeDecision): DecisionRow => {
  const head = {
    symbol: candle.symbol,
    interval: candle.interval,
    candleClosedAtMs: decision.candleClosedAtMs,
    kind: decision.kind,
    regimeId: regime.id,
    isAfterGap: decision.isAfterGap,
  };
  switch (decision.kind) {
    case 'warming':
      return { ...head, reason: decision.reason, direction: null, confidence: null };
    case 'hold':
      return { ...head, reason: decision.reason, direction: decision.direction, confidence: decision.confidence };
    case 'signal':
      return { ...head, reason: null, direction: decision.signal.direction, confidence: decision.signal.confidence };
  }
};
