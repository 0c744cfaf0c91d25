import { type RegimeClassified as Classified, RegimeClassified, SignalGenerated } from '@qt/contracts';
import { type AfterCommit, consume, type Subscription } from '@qt/event-bus';
import { decisionRowOf, type MadeDecision } from '../domain/decision-row.ts';
import type { MarketEngines } from '../market-engines.ts';
import type { AiMetrics, SignalStore } from '../ports.ts';

export interface OnRegimeClassifiedDeps {
  readonly engines: MarketEngines;
  readonly signals: SignalStore;
  readonly metrics: AiMetrics;
  /** Called first with the end of the candle: the news that moves a market clock. */
  readonly onMarketTime: (timeMs: number) => void;
  /** Called after the commit. */
  readonly onDecided: (classified: Classified, decision: MadeDecision) => void;
}

/**
 * A classified candle in, at most one signal out. Predictions, decision, what was learned and the signal are one transaction with the
 * inbox row, so a redelivery changes nothing. A hold is counted and recorded, never published.
 */
export const onRegimeClassified = (deps: OnRegimeClassifiedDeps): Subscription =>
  consume(
    RegimeClassified,
    async ({ payload, envelope }, work): Promise<AfterCommit> => {
      const startedMs = performance.now();
      deps.onMarketTime(envelope.occurredAtMs);
      const { decision, settlements, confirm } = await deps.engines.take(work, payload);
      if (decision.kind === 'ignored') {
        return async () => {
          confirm();
          deps.metrics.held(decision.reason);
        };
      }
      const row = decisionRowOf(payload, decision);
      work.beforeCommit(() =>
        deps.signals.recordCandle(work.tx, { decision: row, predictions: decision.votes, settlements }),
      );
      if (decision.kind === 'signal') {
        const { signal } = decision;
        work.beforeCommit(() => deps.signals.record(work.tx, signal, envelope.correlationId));
        work.publish(SignalGenerated, {
          occurredAtMs: signal.candleClosedAtMs,
          correlationId: envelope.correlationId,
          causationId: envelope.id,
          key: signal.symbol,
          payload: signal,
        });
      }
      return async () => {
        confirm();
        count(deps.metrics, decision, payload.candle.symbol);
        deps.metrics.decided((performance.now() - startedMs) / 1_000);
        deps.onDecided(payload, decision);
      };
    },
    { sharesTransaction: true },
  );

const count = (metrics: AiMetrics, decision: MadeDecision, symbol: string): void => {
  for (const { modelId } of decision.votes) metrics.predictionsMade(modelId, 1);
  if (decision.kind === 'signal') metrics.signalGenerated(symbol);
  else metrics.held(decision.reason);
};
