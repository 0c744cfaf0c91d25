import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ACCOUNT,
  aDesk,
  aMarket,
  type CandleRow,
  type Desk,
  MINUTE_MS,
  START_MS,
  valueOf,
} from '../../test/venue-builders.ts';
import type { LedgerRecord, MarketSource } from './venue-types.ts';
import { Venue } from './venue.ts';

/** Up to 2060, down through 1970, and calm until orders that are good till a date have ended. */
const rows: readonly CandleRow[] = [
  ['2000', '2010', '1995', '2008'],
  ['2008', '2060', '2005', '2050'],
  ['2050', '2052', '1970', '1980'],
  ['1980', '1990', '1975', '1985'],
  ...Array.from({ length: 10 }, (): CandleRow => ['1985', '1987', '1983', '1985']),
];
const endMs = START_MS + rows.length * MINUTE_MS;
const market = (): MarketSource => aMarket({ ETHUSDT: rows });

/** One account with every kind of order that waits for a price or a time. */
const withOrders = (): Desk => {
  const desk = aDesk(market());
  const goodTillMs = START_MS + 11 * MINUTE_MS;
  const sell = { symbol: 'ETHUSDT', side: 'SELL', quantity: '0.5', reduceOnly: true } as const;
  desk.buy({ quantity: '2' });
  const trail = { callbackRate: '2', activatePrice: '2040', clientAlgoId: 'trail' };
  valueOf(desk.venue.placeAlgo(ACCOUNT, { ...sell, ...trail, type: 'TRAILING_STOP_MARKET' }));
  desk.algo({ ...sell, type: 'STOP', triggerPrice: '1990', price: '2100', clientAlgoId: 'limit' });
  desk.algo({ ...sell, type: 'STOP_MARKET', triggerPrice: '1985', priceProtect: true, clientAlgoId: 'guarded' });
  desk.algo({
    ...sell,
    type: 'STOP',
    triggerPrice: '1900',
    price: '1890',
    timeInForce: 'GTD',
    goodTillMs,
    clientAlgoId: 'dated',
  });
  const dated = desk.buy({ type: 'LIMIT', price: '1900', timeInForce: 'GTD', goodTillMs: goodTillMs + 30_000 });
  desk.venue.amendOrder(ACCOUNT, {
    symbol: 'ETHUSDT',
    orderId: dated.orderId,
    side: 'BUY',
    quantity: '1',
    price: '1901',
  });
  return desk;
};

const facts = (records: readonly LedgerRecord[]) =>
  records.filter(({ kind }) => kind !== 'run').map(({ seq: _seq, ...rest }) => rest);

describe('waiting orders of a venue that goes on from where it was saved', () => {
  it('property: whenever it is stopped, what follows is what would have followed', () => {
    fc.assert(
      fc.property(fc.integer({ min: START_MS + 1, max: endMs - 1 }), (stopMs) => {
        const [straight, broken] = [withOrders(), withOrders()];
        for (const { venue } of [straight, broken]) venue.advance(stopMs);
        const before = straight.ledger.length;
        const ledger: LedgerRecord[] = [];
        const saved = structuredClone(broken.venue.save());
        const after = new Venue({
          seed: 7,
          market: market(),
          speed: 'stepped',
          ledger: (one) => ledger.push(one),
          saved,
        });

        for (const venue of [straight.venue, after]) venue.advance(endMs);

        expect(facts(ledger)).toEqual(facts(straight.ledger.slice(before)));
        expect(after.allAlgos(ACCOUNT, {})).toEqual(straight.venue.allAlgos(ACCOUNT, {}));
        expect(after.allOrders(ACCOUNT, {})).toEqual(straight.venue.allOrders(ACCOUNT, {}));
        const amended = { symbol: 'ETHUSDT', orderId: after.allOrders(ACCOUNT, {})[1]?.orderId ?? 0 };
        expect(after.amendments(ACCOUNT, amended, {})).toEqual(straight.venue.amendments(ACCOUNT, amended, {}));
        expect(after.amendments(ACCOUNT, amended, {})).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  it('ends as each of them should', () => {
    const { venue } = withOrders();
    venue.advance(endMs);
    const ends = venue.allAlgos(ACCOUNT, {}).map(({ clientAlgoId, status }) => [clientAlgoId, status]);
    expect(Object.fromEntries(ends)).toEqual({
      trail: 'FINISHED',
      limit: 'TRIGGERED',
      guarded: 'FINISHED',
      dated: 'EXPIRED',
    });
  });
});
