import { dailyLossRatio, drawdownRatio, moveBaseline } from '@qt/risk';
import type { Trading } from '../ports.ts';
import type { ModeDesk } from './mode-desk.ts';
import type { OrderDesk } from './order-desk.ts';
import { publishPortfolio } from './portfolio.ts';

/** Holds the account against the loss limits at every mark, open PnL, fees and funding included. */
export class LossWatch {
  readonly #trading: Trading;
  readonly #desk: OrderDesk;
  readonly #modes: ModeDesk;
  #publishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(trading: Trading, desk: OrderDesk, modes: ModeDesk) {
    this.#trading = trading;
    this.#desk = desk;
    this.#modes = modes;
  }

  /** Returns whether there is anything to do that needs a transaction, moving the baseline in memory otherwise. */
  async look(): Promise<void> {
    const { book, limits, nowMs, settings, metrics } = this.#trading;
    const { riskState } = book;
    if (riskState === null) return;
    const view = book.view();
    const baseline = moveBaseline(riskState, view.equityUsdt, nowMs());
    if (baseline !== riskState) {
      const isNewDay = baseline.dayStartMs !== riskState.dayStartMs;
      book.riskState = { ...riskState, ...baseline, dayTrades: isNewDay ? 0 : riskState.dayTrades };
    }
    const loss = dailyLossRatio(baseline, view.equityUsdt);
    const drawdown = drawdownRatio(baseline, view.equityUsdt);
    const unprotectedMs = Math.max(0, ...[...book.unprotectedSinceMs.values()].map((sinceMs) => nowMs() - sinceMs));
    metrics.show({
      openPositions: book.positions.length,
      dailyPnlUsdt: view.equityUsdt.minus(baseline.dayStartEquityUsdt).toNumber(),
      dailyTrades: book.riskState?.dayTrades ?? 0,
      unknownOrders: book.unknownOrders.length,
      unprotectedMs,
    });
    if (drawdown.gte(limits.losses.drawdown_ratio)) {
      const message = `equity fell ${drawdown.toFixed(4)} from its peak of ${baseline.peakEquityUsdt.toFixed(2)} USDT`;
      await this.#modes.restrict('HALT', { code: 'DRAWDOWN_LIMIT', message });
    } else if (loss.gte(limits.losses.daily_loss_ratio)) {
      const message = `the account lost ${loss.toFixed(4)} of ${baseline.dayStartEquityUsdt.toFixed(2)} USDT today`;
      await this.#modes.restrict('REDUCE_ONLY', { code: 'DAILY_LOSS_LIMIT', message });
    }
    const isDue = nowMs() - this.#publishedAtMs >= settings.portfolioIntervalMs;
    if (
      isDue &&
      (book.positions.length > 0 || this.#publishedAtMs < 0 || baseline.dayStartMs !== riskState.dayStartMs)
    ) {
      this.#publishedAtMs = nowMs();
      await this.#desk.transact(async (m) => publishPortfolio(m, this.#trading));
    }
  }
}
