import { RiskAlert } from '@qt/contracts';
import type { Trading } from '../ports.ts';
import type { MoneyTransaction } from './money-transaction.ts';

/** Publishes `risk.alert` with the step, and logs and counts it once the step stands. */
export const raiseAlert = (
  m: MoneyTransaction,
  trading: Pick<Trading, 'nowMs' | 'logger' | 'metrics'>,
  alert: RiskAlert,
): void => {
  m.publish(RiskAlert, {
    occurredAtMs: trading.nowMs(),
    correlationId: `alert-${alert.code}-${trading.nowMs()}`,
    causationId: null,
    key: alert.symbol ?? 'account',
    payload: alert,
  });
  m.onCommit(() => {
    trading.metrics.count('risk_alerts');
    const facts = { code: alert.code, symbol: alert.symbol };
    if (alert.severity === 'critical') trading.logger.error(alert.message, facts);
    else trading.logger.warn(alert.message, facts);
  });
};
