import { type Queryable, type RegimeClassified as Classified, RegimeClassified, SignalGenerated } from '@qt/contracts';
import { type AfterCommit, consume, type Subscription } from '@qt/event-bus';
import type { Settlement } from '@qt/signals';
import { decisionRowOf, type MadeDecision } from '../domain/decision-row.ts';
import type { MarketEngines } from '../market-engines.ts';
import type { AiMetrics, PredictionStore, SignalStore } from '../ports.ts';

export interface OnRegimeClassifiedDeps {
  readonly engines: MarketEngines;
  readonly signals: SignalStore;
  readonly predictions: PredictionStore;
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
  consume(RegimeClassified, async ({ payload, envelope }, { tx, publish }): Promise<AfterCommit> => {
    const startedMs = performance.now();
    deps.onMarketTime(envelope.occurredAtMs);
    const { decision, settlements, confirm } = await deps.engines.take(tx, payload);
    await settle(deps, tx, { classified: payload, settlements });
    if (decision.kind === 'ignored') {
      return async () => {
        confirm();
        deps.metrics.held(decision.reason);
      };
    }
    const row = decisionRowOf(payload, decision);
    await deps.predictions.record(tx, row, decision.votes);
    await deps.signals.recordDecision(tx, row);
    if (decision.kind === 'signal') {
      const { signal } = decision;
      await deps.signals.record(tx, signal, envelope.correlationId);
      publish(SignalGenerated, {
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
  });

const settle = async (
  { signals, predictions }: OnRegimeClassifiedDeps,
  tx: Queryable,
  { classified, settlements }: { readonly classified: Classified; readonly settlements: readonly Settlement[] },
): Promise<void> => {
  const { symbol, interval } = classified.candle;
  for (const settlement of settlements) {
    const settled = { symbol, interval, ...settlement };
    await predictions.settle(tx, settled);
    await signals.settle(tx, settled);
  }
};

const count = (metrics: AiMetrics, decision: MadeDecision, symbol: string): void => {
  for (const { modelId } of decision.votes) metrics.predictionsMade(modelId, 1);
  if (decision.kind === 'signal') metrics.signalGenerated(symbol);
  else metrics.held(decision.reason);
};
