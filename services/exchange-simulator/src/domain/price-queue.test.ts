import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PriceQueue } from './price-queue.ts';

interface Row {
  readonly price: bigint;
  readonly id: number;
}

const rows = fc
  .array(fc.bigInt({ min: 1n, max: 20n }), { maxLength: 60 })
  .map((prices) => prices.map((price, id): Row => ({ price, id })));

const served = (first: 'highest' | 'lowest', all: readonly Row[]): Row[] => {
  const queue = new PriceQueue<Row>(first);
  for (const row of all) queue.add(row.price, row.id, row);
  const order: Row[] = [];
  for (let next = queue.next; next !== null; next = queue.next) {
    expect(queue.nextPrice).toBe(next.price);
    order.push(next);
    expect(queue.remove(next.price, next.id)).toBe(true);
  }
  return order;
};

describe('PriceQueue', () => {
  it('property: serves best price first, then age', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const byAge = (left: Row, right: Row): number => left.id - right.id;
        const falling = [...all].sort((left, right) => Number(right.price - left.price) || byAge(left, right));
        const rising = [...all].sort((left, right) => Number(left.price - right.price) || byAge(left, right));
        expect(served('highest', all)).toEqual(falling);
        expect(served('lowest', all)).toEqual(rising);
      }),
    );
  });

  it('does not remove what is not there', () => {
    const queue = new PriceQueue<string>('lowest');
    queue.add(5n, 1, 'one');
    expect(queue.remove(5n, 2)).toBe(false);
    expect(queue.remove(6n, 1)).toBe(false);
    expect(queue.size).toBe(1);
  });
});
