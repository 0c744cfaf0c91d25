import { describe, expect, it } from '@jest/globals';
import type { PositionRecord } from '@qt/database';
import { dec, ZERO } from '@qt/kernel';
import { AccountBook } from './account-book.ts';
import type { Order } from './order.ts';

const aPosition = (changes: Partial<PositionRecord> = {}): PositionRecord => ({
  positionId: 'p1',
  status: 'open',
  decisionId: null,
  signalId: null,
  symbol: 'BTCUSDT',
  direction: 'long',
  quantity: dec(2),
  maxQuantity: dec(2),
  entryPrice: dec(100),
  closedQuantity: ZERO,
  exitPrice: null,
  leverage: 3,
  stopPrice: null,
  targetPrice: null,
  horizonEndsAtMs: null,
  openedAtMs: 1,
  closedAtMs: null,
  exitReason: null,
  realizedPnlUsdt: ZERO,
  feesUsdt: ZERO,
  fundingUsdt: ZERO,
  correlationId: 'c1',
  ...changes,
});
const anOrder = (changes: Partial<Order> = {}): Order => ({
  orderId: 'o1',
  clientOrderId: 'o1',
  intentId: 'o1',
  decisionId: null,
  leg: 'entry',
  attempt: 0,
  symbol: 'BTCUSDT',
  side: 'buy',
  orderType: 'limit',
  book: 'plain',
  quantity: dec(3),
  price: dec(100),
  venueOrderId: null,
  actualVenueOrderId: null,
  state: 'UNKNOWN',
  executedQuantity: ZERO,
  averagePrice: null,
  venueExecutedQuantity: ZERO,
  createdAtMs: 1,
  updatedAtMs: 1,
  correlationId: 'c1',
  horizonMs: 5,
  exitReason: null,
  ...changes,
});

describe('AccountBook', () => {
  it('counts an entry of unknown outcome as if it were filled', () => {
    const book = new AccountBook();
    book.marks.set('BTCUSDT', { price: dec(110), atMs: 1 });
    book.putPosition(aPosition());
    book.putOrder(anOrder());
    expect(book.exposureOf('BTCUSDT')).toEqual(dec(2 * 110 + 3 * 100));
    expect(book.grossExposure()).toEqual(dec(520));
    expect(book.hasUnknownOrder('BTCUSDT')).toBe(true);
    book.putOrder(anOrder({ state: 'ABSENT' }));
    expect(book.grossExposure()).toEqual(dec(220));
  });

  it('keeps an ended order live until every fill that it owes is booked, and remembers it by both of its names', () => {
    const book = new AccountBook();
    const ended = anOrder({ state: 'FILLED', venueOrderId: '77', venueExecutedQuantity: dec(3) });
    book.putOrder(ended);
    expect(book.orders).toHaveLength(1);
    book.putOrder({ ...ended, executedQuantity: dec(3) });
    expect(book.orders).toEqual([]);
    expect(book.order('o1')?.state).toBe('FILLED');
    expect(book.orderByVenueId('BTCUSDT', '77')?.orderId).toBe('o1');
  });

  it('does not let the end of an old position touch the one that followed it', () => {
    const book = new AccountBook();
    book.putPosition(aPosition({ positionId: 'p2' }));
    book.putPosition(aPosition({ status: 'closed', quantity: ZERO }));
    expect(book.position('BTCUSDT')?.positionId).toBe('p2');
  });

  it('values what was never marked at its entry price', () => {
    const book = new AccountBook();
    book.walletUsdt = dec(1000);
    book.putPosition(aPosition());
    expect(book.view().equityUsdt).toEqual(dec(1000));
    book.marks.set('BTCUSDT', { price: dec(90), atMs: 1 });
    expect(book.view().equityUsdt).toEqual(dec(980));
  });
});
