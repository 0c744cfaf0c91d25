import { describe, expect, it } from '@jest/globals';
import type { TradingMode } from '@qt/contracts';
import type { Work } from '@qt/event-bus';
import type { Trading } from '../ports.ts';
import { AccountBook } from './account-book.ts';
import { ModeDesk } from './mode-desk.ts';
import { MoneyTransaction } from './money-transaction.ts';
import type { OrderDesk } from './order-desk.ts';

/** A `control` row that this process believes to be ACTIVE and that another has meanwhile set to `mode`. */
const aModeDesk = (mode: TradingMode) => {
  const row = { mode, leaderEpoch: 1, reason: 'set elsewhere', actor: 'somebody', changedAtMs: 0 };
  const tx = {
    query: async <Row>(text: string, values: readonly unknown[] = []) => {
      if (text.startsWith('UPDATE')) row.mode = values[0] as TradingMode;
      return { rows: [{ ...row }] as Row[], rowCount: 1 };
    },
  };
  const published: string[] = [];
  const book = new AccountBook();
  book.mode = 'ACTIVE';
  const silent = (): void => {};
  const logger = { info: silent, warn: silent, error: silent };
  const trading = { book, nowMs: () => 1, logger, metrics: { count: silent } } as unknown as Trading;
  const desk = {
    transact: async <T>(step: (m: MoneyTransaction) => Promise<T>): Promise<T> => {
      const work = { tx, publish: ({ type }: { type: string }) => void published.push(type) } as unknown as Work;
      const m = new MoneyTransaction(work, book);
      const result = await step(m);
      m.commit();
      return result;
    },
  } as unknown as OrderDesk;
  return { modes: new ModeDesk(trading, desk, tx), row, book, published };
};

describe('the gate', () => {
  it.each<{ held: TradingMode; wanted: TradingMode; result: TradingMode }>([
    { held: 'ACTIVE', wanted: 'REDUCE_ONLY', result: 'REDUCE_ONLY' },
    { held: 'REDUCE_ONLY', wanted: 'HALT', result: 'HALT' },
    { held: 'HALT', wanted: 'REDUCE_ONLY', result: 'HALT' },
    { held: 'FLATTEN', wanted: 'HALT', result: 'FLATTEN' },
  ])('makes $held that it has not read yet into $result when it wants $wanted', async ({ held, wanted, result }) => {
    const { modes, row, book, published } = aModeDesk(held);
    await modes.restrict(wanted, { code: 'DRAWDOWN_LIMIT', message: 'too deep' });
    expect([row.mode, book.mode]).toEqual([result, result]);
    expect(published).toEqual(held === result ? [] : ['trading_mode.changed', 'risk.alert']);
  });
});
