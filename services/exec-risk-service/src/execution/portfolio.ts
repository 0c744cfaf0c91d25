import { PortfolioUpdated } from '@qt/contracts';
import { type Decimal, dec, toText } from '@qt/kernel';
import { type AccountView, dailyPnl, drawdownRatio, moveBaseline, viewAccount } from '@qt/risk';
import type { Trading } from '../ports.ts';
import type { MoneyTransaction } from './money-transaction.ts';

/** Returns the account as it will stand with the step, at the last marks. */
export const viewWith = (m: MoneyTransaction, trading: Pick<Trading, 'book'>): AccountView =>
  viewAccount(
    m.walletUsdt,
    m.positions.map((position) => ({
      position,
      markPrice: trading.book.markPriceOf(position.symbol) ?? position.entryPrice,
    })),
  );

const ratioOf = (value: Decimal): number => Math.min(1, Math.max(0, value.toNumber()));

/** Publishes the account as it will stand with the step, and moves the baseline of the loss limits with it. */
export const publishPortfolio = (m: MoneyTransaction, trading: Pick<Trading, 'book' | 'nowMs'>): void => {
  const nowMs = trading.nowMs();
  const view = viewWith(m, trading);
  const baseline = moveBaseline(m.riskState, view.equityUsdt, nowMs);
  const isNewDay = m.riskState === null || baseline.dayStartMs !== m.riskState.dayStartMs;
  m.putRiskState({
    ...baseline,
    dayTrades: isNewDay ? 0 : (m.riskState?.dayTrades ?? 0),
    incomeCursorMs: m.riskState?.incomeCursorMs ?? 0,
  });
  m.publish(PortfolioUpdated, {
    occurredAtMs: nowMs,
    correlationId: `portfolio-${nowMs}`,
    causationId: null,
    key: 'account',
    payload: {
      walletUsdt: toText(view.walletUsdt),
      unrealizedPnlUsdt: toText(view.unrealizedPnlUsdt),
      equityUsdt: toText(view.equityUsdt),
      grossExposureUsdt: toText(view.grossExposureUsdt),
      netExposureUsdt: toText(view.netExposureUsdt),
      openPositions: m.positions.length,
      dailyPnlUsdt: toText(dailyPnl(baseline, view.equityUsdt)),
      drawdownRatio: ratioOf(drawdownRatio(baseline, dec(view.equityUsdt))),
    },
  });
};
