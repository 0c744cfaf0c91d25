import { Drawdown, type DrawdownState, maxDrawdownRatioOf } from './drawdown.ts';
import { momentsOf } from './moments.ts';

/**
 * Returns mean over standard deviation of returns, scaled to a year; null for fewer than two returns or constant ones.
 *
 * Source: W. F. Sharpe, The Sharpe Ratio (1994), risk-free rate 0.
 */
export const sharpeOf = (returns: readonly number[], periodsPerYear: number): number | null => {
  const moments = momentsOf(returns);
  if (moments === null || moments.standardDeviation === 0) return null;
  return (moments.mean / moments.standardDeviation) * Math.sqrt(periodsPerYear);
};

/** What a series of closed trades says. Null where there is not enough to say it: no number stands in for "unknown". */
export interface PerformanceStatistics {
  readonly trades: number;
  readonly wins: number;
  /** Trades with exactly no profit count as trades, not as wins. */
  readonly winRatio: number | null;
  readonly netProfit: number;
  readonly grossProfit: number;
  /** At least 0. */
  readonly grossLoss: number;
  /** Gross profit over gross loss; null without any loss. */
  readonly profitFactor: number | null;
  /** Mean profit of a trade. */
  readonly expectancy: number | null;
  readonly averageWin: number | null;
  /** At least 0. */
  readonly averageLoss: number | null;
  /** Deepest fall of the running equity, starting equity included. */
  readonly maxDrawdownRatio: number;
  /** Per trade, on profit over the equity before it; not annualised. */
  readonly sharpePerTrade: number | null;
}

/**
 * Returns the statistics of closed trades.
 *
 * Units: profits after fees and funding, in the unit of `startEquity`. Shape: `profits[n]`, in order of closing.
 */
export const performanceOf = (profits: readonly number[], startEquity: number): PerformanceStatistics => {
  const gains = profits.filter((profit) => profit > 0);
  const losses = profits.filter((profit) => profit < 0);
  const grossProfit = gains.reduce((total, profit) => total + profit, 0);
  const grossLoss = losses.reduce((total, profit) => total - profit, 0);
  const equity = [startEquity];
  const returns: number[] = [];
  for (const profit of profits) {
    const before = equity.at(-1) as number;
    equity.push(before + profit);
    if (before > 0) returns.push(profit / before);
  }
  return {
    trades: profits.length,
    wins: gains.length,
    ...derivedOf({ trades: profits.length, wins: gains.length, losses: losses.length, grossProfit, grossLoss }),
    maxDrawdownRatio: maxDrawdownRatioOf(equity),
    sharpePerTrade: sharpeOf(returns, 1),
  };
};

interface Totals {
  readonly trades: number;
  readonly wins: number;
  readonly losses: number;
  readonly grossProfit: number;
  readonly grossLoss: number;
}

const derivedOf = ({ trades, wins, losses, grossProfit, grossLoss }: Totals) => ({
  winRatio: trades === 0 ? null : wins / trades,
  netProfit: grossProfit - grossLoss,
  grossProfit,
  grossLoss,
  profitFactor: grossLoss === 0 ? null : grossProfit / grossLoss,
  expectancy: trades === 0 ? null : (grossProfit - grossLoss) / trades,
  averageWin: wins === 0 ? null : grossProfit / wins,
  averageLoss: losses === 0 ? null : grossLoss / losses,
});

export interface PerformanceState extends Totals {
  readonly equity: number;
  readonly drawdown: DrawdownState;
  /** Welford's running count, mean and sum of squared deviations of the returns. */
  readonly returns: { readonly count: number; readonly mean: number; readonly squares: number };
}

/** Statistics of closed trades, one trade at a time, in constant memory. */
export class Performance {
  #state: PerformanceState;

  constructor(start: number | PerformanceState) {
    this.#state =
      typeof start === 'number'
        ? {
            trades: 0,
            wins: 0,
            losses: 0,
            grossProfit: 0,
            grossLoss: 0,
            equity: start,
            drawdown: new Drawdown().update(start),
            returns: { count: 0, mean: 0, squares: 0 },
          }
        : start;
  }

  /** Books the profit of one closed trade, after fees and funding. */
  update(profit: number): PerformanceStatistics {
    const before = this.#state;
    const equity = before.equity + profit;
    this.#state = {
      trades: before.trades + 1,
      wins: before.wins + (profit > 0 ? 1 : 0),
      losses: before.losses + (profit < 0 ? 1 : 0),
      grossProfit: before.grossProfit + Math.max(0, profit),
      grossLoss: before.grossLoss + Math.max(0, -profit),
      equity,
      drawdown: new Drawdown(before.drawdown).update(equity),
      returns: before.equity > 0 ? welford(before.returns, profit / before.equity) : before.returns,
    };
    return this.statistics();
  }

  statistics(): PerformanceStatistics {
    const { trades, wins, drawdown, returns } = this.#state;
    const deviation = returns.count < 2 ? 0 : Math.sqrt(returns.squares / (returns.count - 1));
    return {
      trades,
      wins,
      ...derivedOf(this.#state),
      maxDrawdownRatio: drawdown.maxDrawdownRatio,
      sharpePerTrade: deviation === 0 ? null : returns.mean / deviation,
    };
  }

  save(): PerformanceState {
    return this.#state;
  }
}

const welford = (state: PerformanceState['returns'], value: number): PerformanceState['returns'] => {
  const count = state.count + 1;
  const mean = state.mean + (value - state.mean) / count;
  return { count, mean, squares: state.squares + (value - state.mean) * (value - mean) };
};
