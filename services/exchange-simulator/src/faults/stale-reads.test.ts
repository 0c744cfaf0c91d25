import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT, aDesk, aMarket, START_MS } from '../../test/venue-builders.ts';
import { FaultBook } from './fault-book.ts';
import { FaultRule } from './fault-rule.ts';
import { StaleReads } from './stale-reads.ts';

const AGE_MS = 10_000;
const LIMIT = { type: 'LIMIT', timeInForce: 'GTC', price: '2000', quantity: '0.1' } as const;

const aPast = () => {
  const desk = aDesk(aMarket({ ETHUSDT: Array.from({ length: 20 }, () => ['2500', '2510', '2490', '2500'] as const) }));
  const faults = new FaultBook({ seed: 1, nowMs: () => desk.venue.nowMs });
  const reads = new StaleReads({ venue: desk.venue, faults, accountIds: [ACCOUNT] });
  faults.add(FaultRule.parse({ kind: 'stale_read', delayMs: AGE_MS, times: 1_000 }));
  reads.look();
  return { desk, faults, reads };
};

describe('StaleReads', () => {
  it('property: open orders are always those of so long ago, or of when the rule came', () => {
    const step = fc.record({
      passMs: fc.integer({ min: 0, max: 4_000 }),
      does: fc.constantFrom('place', 'cancel', 'nothing'),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const { desk, reads } = aPast();
        const idsOf = (rows: readonly { orderId: number }[]): readonly number[] => rows.map(({ orderId }) => orderId);
        const history = [{ atMs: START_MS, ids: idsOf(desk.venue.openOrders(ACCOUNT)) }];
        for (const { passMs, does } of steps) {
          desk.venue.advance(desk.venue.nowMs + passMs);
          reads.look();
          if (does === 'place') desk.buy(LIMIT);
          const open = desk.venue.openOrders(ACCOUNT);
          const oldest = open[0];
          if (does === 'cancel' && oldest !== undefined) {
            desk.venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: oldest.orderId });
          }
          reads.look();
          history.push({ atMs: desk.venue.nowMs, ids: idsOf(desk.venue.openOrders(ACCOUNT)) });
          const seen = reads.during(ACCOUNT, AGE_MS, () => reads.shownVenue.openOrders(ACCOUNT));
          const expected = history.findLast(({ atMs }) => atMs <= desk.venue.nowMs - AGE_MS) ?? history[0];
          expect(idsOf(seen)).toEqual(expected?.ids);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('shows the present again as soon as the read is over, also when it throws', () => {
    const { desk, reads } = aPast();
    desk.buy(LIMIT);
    reads.look();
    expect(reads.during(ACCOUNT, AGE_MS, () => reads.shownVenue.openOrders(ACCOUNT))).toEqual([]);
    expect(() =>
      reads.during(ACCOUNT, AGE_MS, () => {
        throw new RangeError('no such read');
      }),
    ).toThrow('no such read');
    expect(reads.shownVenue.openOrders(ACCOUNT)).toHaveLength(1);
  });

  it('is the venue itself in everything else', () => {
    const { desk, reads } = aPast();
    const { shownVenue } = reads;
    expect(shownVenue.nowMs).toBe(desk.venue.nowMs);
    expect(shownVenue.account(ACCOUNT)).toEqual(desk.venue.account(ACCOUNT));
    const placed = shownVenue.placeOrder(ACCOUNT, { symbol: 'ETHUSDT', side: 'BUY', ...LIMIT });
    expect(placed.kind).toBe('done');
    expect(desk.venue.openOrders(ACCOUNT)).toHaveLength(1);
  });

  it('remembers no more of a market that stands still, however much is done in it', () => {
    const { desk, reads } = aPast();
    for (let placed = 0; placed < 20; placed += 1) {
      desk.buy(LIMIT);
      reads.look();
    }
    expect(reads.remembered).toBe(2);
    desk.venue.advance(desk.venue.nowMs + AGE_MS);
    expect(reads.during(ACCOUNT, AGE_MS, () => reads.shownVenue.openOrders(ACCOUNT))).toHaveLength(20);
  });

  it('remembers nothing once no rule asks for it', () => {
    const { desk, faults, reads } = aPast();
    faults.clear();
    reads.look();
    desk.buy(LIMIT);
    expect(reads.during(ACCOUNT, AGE_MS, () => reads.shownVenue.openOrders(ACCOUNT))).toHaveLength(1);
  });
});
