import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { MoneyModel, naiveEntry } from '../../test/money-model.ts';
import { ACCOUNTS, aWildMarket, MoneyRun } from '../../test/money-run.ts';
import type { LedgerRecord } from './venue-types.ts';
import type { Venue } from './venue.ts';

/** One account's state as plain text: wallets, open positions, open orders with what is filled of them, open algo orders. */
interface State {
  readonly accountId: string;
  readonly wallets: Readonly<Record<string, string>>;
  readonly positions: readonly string[];
  readonly orders: readonly string[];
  readonly algos: readonly number[];
}

const hashOf = (states: readonly State[]): string => createHash('sha256').update(JSON.stringify(states)).digest('hex');

const positionText = (key: string, quantity: bigint, entry: bigint, isolated: bigint): string =>
  `${key} ${quantity} at ${entry} with ${isolated}`;

/** What the venue says of itself. */
const stateOf = (venue: Venue): State[] =>
  ACCOUNTS.map((accountId) => {
    const account = venue.account(accountId);
    const balance = (asset: string): string =>
      String(account.assets.find((one) => one.asset === asset)?.walletBalance ?? 0n);
    return {
      accountId,
      wallets: { USDT: balance('USDT'), BNB: balance('BNB') },
      positions: account.positions
        .filter(({ signedQuantity }) => signedQuantity !== 0n)
        .map((one) =>
          positionText(`${one.symbol} ${one.positionSide}`, one.signedQuantity, one.entryPrice, one.isolatedWallet),
        )
        .toSorted(),
      orders: venue
        .openOrders(accountId)
        .map((order) => `${order.orderId} ${order.quantity} ${order.executedQuantity} ${order.price}`),
      algos: venue.openAlgos(accountId).map(({ algoId }) => algoId),
    };
  });

/** What its ledger alone says of it. */
const replayed = (lines: readonly string[]): State[] => {
  const model = new MoneyModel();
  for (const line of lines) model.take(JSON.parse(line) as LedgerRecord);
  expect(model.complaints).toEqual([]);
  return ACCOUNTS.map((accountId) => {
    const { wallets, positions, orders, algos } = model.account(accountId);
    return {
      accountId,
      wallets: { USDT: String(wallets['USDT']), BNB: String(wallets['BNB']) },
      positions: [...positions]
        .filter(([, { quantity }]) => quantity !== 0n)
        .map(([key, one]) => positionText(key, one.quantity, naiveEntry(one), one.isolated))
        .toSorted(),
      orders: [...orders.values()].map((one) => `${one.orderId} ${one.quantity} ${one.executed} ${one.price}`),
      algos: [...algos],
    };
  });
};

describe('a ledger', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('replays to the state it was written by, seed %i', (seed) => {
    const lines: string[] = [];
    const run = new MoneyRun(aWildMarket(seed), seed, (record) => lines.push(JSON.stringify(record)));
    let open = 0;
    for (let turn = 0; turn < 12; turn += 1) {
      run.play(50);
      const ofVenue = stateOf(run.venue);
      open += ofVenue.reduce((sum, { orders, positions }) => sum + orders.length + positions.length, 0);
      const ofLedger = replayed(lines);
      expect(ofLedger).toEqual(ofVenue);
      expect(hashOf(ofLedger)).toBe(hashOf(ofVenue));
    }
    expect(open).toBeGreaterThan(12);
  });
});
