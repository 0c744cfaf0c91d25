import Table from 'cli-table3';
import type { RunSummary } from './run-summary.ts';

const plain = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1 },
};

const milliseconds = (value: number | null): string => (value === null ? '-' : `${value} ms`);

/** Returns the run's summary as a table for people. */
export const summaryTable = (summary: RunSummary): string => {
  const { decisions, positions, pnl, latencyMs } = summary;
  const denied = Object.entries(decisions.denied);
  const table = new Table(plain);
  table.push(
    ['candles', summary.candles],
    ['regime changes', summary.regimeChanges],
    ['signals', summary.signals],
    ['approved', decisions.approved],
    ...denied.map(([code, count]) => [`denied ${code}`, count]),
    ['orders', summary.orders],
    ['fills', summary.fills],
    ['positions opened / closed', `${positions.opened} / ${positions.closed}`],
    ['equity at start', `${pnl.equityStartUsdt} USDT`],
    ['realized', `${pnl.realizedUsdt} USDT`],
    ['unrealized', `${pnl.unrealizedUsdt} USDT`],
    ['fees', `${pnl.feesUsdt} USDT`],
    ['funding', `${pnl.fundingUsdt} USDT`],
    ['equity at end', `${pnl.equityEndUsdt} USDT`],
    [
      'candle to order, p50 / p99',
      `${milliseconds(latencyMs.candleToOrder.p50)} / ${milliseconds(latencyMs.candleToOrder.p99)}`,
    ],
  );
  const lines = summary.invariants.map(
    ({ id, holds, detail }) => `${id.padEnd(8)}${holds ? 'holds ' : 'BREACH'}  ${detail}`,
  );
  return `${table.toString()}\n${lines.join('\n')}`;
};
