import { describe, expect, it } from '@jest/globals';
import { dec, sum, ZERO } from '@qt/kernel';
import fc from 'fast-check';
import { applyFill, type PositionFill, type PositionState, signOf, unrealizedPnl } from './position-arithmetic.ts';

const aFill = (
  side: 'buy' | 'sell',
  quantity: number | string,
  price: number | string,
  changes: Partial<PositionFill> = {},
): PositionFill => ({
  side,
  quantity: dec(quantity),
  price: dec(price),
  feeUsdt: ZERO,
  realizedPnlUsdt: ZERO,
  ...changes,
});

const replay = (fills: readonly PositionFill[]) => {
  let open: PositionState | null = null;
  const closed: PositionState[] = [];
  const realized = [ZERO];
  for (const fill of fills) {
    const step = applyFill(open, fill);
    open = step.open;
    if (step.closed !== null) closed.push(step.closed);
    realized.push(step.ownRealizedPnlUsdt);
  }
  return { open, closed, realizedUsdt: sum(realized) };
};

describe('applyFill', () => {
  it('averages the entry over the fills that opened it and leaves it alone when reducing', () => {
    const { open } = replay([aFill('buy', 1, 100), aFill('buy', 3, 104), aFill('sell', 1, 110)]);
    expect(open).toMatchObject({ direction: 'long', quantity: dec(3), maxQuantity: dec(4), entryPrice: dec(103) });
    expect(open?.exitPrice).toEqual(dec(110));
  });

  it('closes a short with the gain of the fall, the venue money booked as the venue said it', () => {
    const { open, closed, realizedUsdt } = replay([
      aFill('sell', 2, 50, { feeUsdt: dec('0.04') }),
      aFill('buy', 2, 45, { feeUsdt: dec('0.036'), realizedPnlUsdt: dec('10.01') }),
    ]);
    expect(open).toBeNull();
    expect(realizedUsdt).toEqual(dec(10));
    expect(closed[0]).toMatchObject({
      quantity: dec(0),
      closedQuantity: dec(2),
      realizedPnlUsdt: dec('10.01'),
      feesUsdt: dec('0.076'),
    });
  });

  it('goes through zero: the old position closes with the money, the rest opens the other way', () => {
    const { open, closed } = replay([
      aFill('buy', 1, 100),
      aFill('sell', 3, 90, { feeUsdt: dec('0.1'), realizedPnlUsdt: dec(-10) }),
    ]);
    expect(closed[0]).toMatchObject({ direction: 'long', feesUsdt: dec('0.1'), realizedPnlUsdt: dec(-10) });
    expect(open).toMatchObject({ direction: 'short', quantity: dec(2), entryPrice: dec(90), feesUsdt: ZERO });
  });

  const fills = fc.array(
    fc.record({
      side: fc.constantFrom<'buy' | 'sell'>('buy', 'sell'),
      quantity: fc.integer({ min: 1, max: 50 }),
      price: fc.integer({ min: 1, max: 1000 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it('property: realized plus unrealized PnL is what the cash flows are worth, whatever the order of fills', () => {
    fc.assert(
      fc.property(fills, fc.integer({ min: 1, max: 1000 }), (rows, mark) => {
        const list = rows.map((row) => aFill(row.side, row.quantity, row.price));
        const { open, realizedUsdt } = replay(list);
        const cash = sum(list.map((fill) => fill.quantity.times(fill.price).times(fill.side === 'buy' ? -1 : 1)));
        const held = open === null ? ZERO : open.quantity.times(signOf(open.direction));
        const openPnl = open === null ? ZERO : unrealizedPnl(open, dec(mark));
        const worth = cash.plus(held.times(mark));
        // Averages are kept to 12 places; 40 fills cannot lose more than this.
        expect(realizedUsdt.plus(openPnl).minus(worth).abs().lt('0.000001')).toBe(true);
      }),
    );
  });

  it('property: what is open is the signed sum of all fills, and every fee is in exactly one position', () => {
    fc.assert(
      fc.property(fills, (rows) => {
        const list = rows.map((row) => aFill(row.side, row.quantity, row.price, { feeUsdt: dec(row.price) }));
        const { open, closed } = replay(list);
        const held = open === null ? ZERO : open.quantity.times(signOf(open.direction));
        expect(held).toEqual(sum(list.map((fill) => fill.quantity.times(fill.side === 'buy' ? 1 : -1))));
        const fees = sum([...closed, ...(open === null ? [] : [open])].map((position) => position.feesUsdt));
        expect(fees).toEqual(sum(list.map((fill) => fill.feeUsdt)));
      }),
    );
  });
});
