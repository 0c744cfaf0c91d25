import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fixed, textOf, times } from './fixed.ts';
import { Position } from './position.ts';

const fills = fc.array(
  fc.record({
    quantity: fc.integer({ min: -500, max: 500 }).filter((value) => value !== 0),
    price: fc.integer({ min: 1, max: 90_000 }),
  }),
  { maxLength: 40 },
);

describe('Position', () => {
  it.each([
    {
      name: 'averages entries',
      fills: [
        ['1', '100'],
        ['3', '200'],
      ],
      quantity: '4',
      entry: '175',
      realized: '0',
    },
    {
      name: 'books a closing part',
      fills: [
        ['2', '100'],
        ['-1', '130'],
      ],
      quantity: '1',
      entry: '100',
      realized: '30',
    },
    {
      name: 'books a short',
      fills: [
        ['-2', '100'],
        ['2', '90'],
      ],
      quantity: '0',
      entry: '0',
      realized: '20',
    },
    {
      name: 'flips',
      fills: [
        ['1', '100'],
        ['-3', '110'],
      ],
      quantity: '-2',
      entry: '110',
      realized: '10',
    },
  ])('$name', ({ fills: rows, quantity, entry, realized }) => {
    const position = new Position('ETHUSDT', 'BOTH');
    for (const [size = '0', price = '0'] of rows) position.fill(fixed(size), fixed(price), 0n);
    expect(textOf(position.quantity)).toBe(quantity);
    expect(textOf(position.entryPrice)).toBe(entry);
    expect(textOf(position.accumulatedRealized)).toBe(realized);
  });

  it('shows the break-even price of a recorded fill: entry 91739.9 at 0.05 % fee', () => {
    // Source: user_stream_U1, ACCOUNT_UPDATE of 2024-11-18: ep 91739.9, bep 91785.76995.
    const position = new Position('BTCUSDT', 'BOTH');
    position.fill(fixed('0.002'), fixed('91739.9'), fixed('0.0917399'));
    expect(textOf(position.breakEvenPrice)).toBe('91785.76995');
  });

  it('property: profit booked plus what is open is the cash that changed hands, to the last unit', () => {
    fc.assert(
      fc.property(fills, (rows) => {
        const position = new Position('ETHUSDT', 'BOTH');
        let cash = 0n;
        for (const row of rows) {
          const quantity = BigInt(row.quantity) * 100_000n;
          const price = BigInt(row.price) * 1_000_000n;
          position.fill(quantity, price, 0n);
          cash -= times(quantity, price);
        }
        expect(position.accumulatedRealized - position.cost).toBe(cash);
        expect(position.quantity === 0n).toBe(position.cost === 0n);
      }),
    );
  });
});
