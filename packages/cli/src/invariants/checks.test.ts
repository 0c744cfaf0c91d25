import { describe, expect, it } from '@jest/globals';
import { aSuiteRecord, aVenueLedger, ENTRY_ID, STOP_ID } from '../../test/consistent-books.ts';
import type { SuiteRecord } from './record-rows.ts';
import { alwaysProtected, deliveredExactlyOnce, legalPaths, moneyAddsUp } from './state-checks.ts';
import { everyOrderDecided, nothingForgotten, placedAtMostOnce, sameFills, samePositions } from './trading-checks.ts';
import type { VenueLedger, VenueRecord } from './venue-ledger.ts';
import type { Verdict } from './verdict.ts';

const allChecks = (ledger: VenueLedger, record: SuiteRecord): readonly Verdict[] => [
  sameFills(ledger, record),
  samePositions(ledger, record),
  everyOrderDecided(ledger, record),
  placedAtMostOnce(ledger, record),
  deliveredExactlyOnce(record),
  legalPaths(record),
  moneyAddsUp(ledger, record),
  alwaysProtected(ledger),
  nothingForgotten(ledger, record),
];

const breached = (ledger: VenueLedger, record: SuiteRecord): readonly string[] =>
  allChecks(ledger, record)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);

/** The ledger with the record of that number replaced by what `change` makes of it; undefined leaves it out. */
const withRecord = (seq: number, change: (record: VenueRecord) => VenueRecord | undefined): VenueLedger => {
  const ledger = aVenueLedger();
  return {
    ...ledger,
    records: ledger.records.flatMap((record) => (record.seq === seq ? (change(record) ?? []) : record)),
  };
};

const venueAfter = (extra: readonly object[]): VenueLedger => {
  const ledger = aVenueLedger();
  const records = [...ledger.records, ...(extra as VenueRecord[])];
  return { ...ledger, records, lastTimeMs: Math.max(...records.map(({ timeMs }) => timeMs)) };
};

const changedFirst = <T extends object>(rows: readonly T[], change: Partial<T>): readonly T[] =>
  rows.map((row, index) => (index === 0 ? { ...row, ...change } : row));

describe('invariants', () => {
  it('all hold on books that agree', () => {
    expect(breached(aVenueLedger(), aSuiteRecord())).toEqual([]);
  });

  it.each<{ name: string; change: (record: SuiteRecord) => Partial<SuiteRecord>; breaches: string[] }>([
    { name: 'a fill is lost', change: () => ({ fills: [] }), breaches: ['I1'] },
    {
      name: 'a price is off by one tick',
      change: (r) => ({ fills: changedFirst(r.fills, { price: '30000.1' }) }),
      breaches: ['I1'],
    },
    {
      name: 'a fee is rounded away',
      change: (r) => ({ fills: changedFirst(r.fills, { fee: '1.19999999' }) }),
      breaches: ['I1'],
    },
    {
      name: 'a fill is booked to no order',
      change: (r) => ({ fills: changedFirst(r.fills, { orderId: STOP_ID }) }),
      breaches: ['I1'],
    },
    { name: 'a position is forgotten', change: () => ({ openPositions: [] }), breaches: ['I2'] },
    {
      name: 'a position has the wrong side',
      change: (r) => ({ openPositions: changedFirst(r.openPositions, { direction: 'short' }) }),
      breaches: ['I2'],
    },
    { name: 'an intent is missing', change: (r) => ({ intents: r.intents.slice(1) }), breaches: ['I3'] },
    {
      name: 'the decision was a denial',
      change: (r) => ({ intents: changedFirst(r.intents, { outcome: 'denied' }) }),
      breaches: ['I3'],
    },
    {
      name: 'the decision is younger than the order',
      change: (r) => ({ intents: changedFirst(r.intents, { decidedAtMs: 2_001 }) }),
      breaches: ['I3'],
    },
    {
      name: 'more was ordered than allowed',
      change: (r) => ({ intents: changedFirst(r.intents, { maxQuantity: '0.0999' }) }),
      breaches: ['I3'],
    },
    {
      name: 'an event was not applied',
      change: () => ({ deliveryFaults: [{ consumer: 'ai-service', eventId: 'e', fault: 'never applied' }] }),
      breaches: ['I5'],
    },
    {
      name: 'a producer skipped a number',
      change: () => ({ sequenceGaps: [{ source: 's', type: 't', said: 3, last: 4 }] }),
      breaches: ['I5'],
    },
    {
      name: 'a filled order opens again',
      change: (r) => ({
        transitions: [...r.transitions, { orderId: ENTRY_ID, fromState: 'FILLED', toState: 'ACCEPTED' }],
      }),
      breaches: ['I6'],
    },
    { name: 'a path has a hole', change: (r) => ({ transitions: r.transitions.slice(1) }), breaches: ['I6'] },
    {
      name: 'a cent is missing in the ledger',
      change: (r) => ({ ledgerSums: changedFirst(r.ledgerSums, { amount: '9999.99999999' }) }),
      breaches: ['I7'],
    },
    { name: 'funding was not booked', change: (r) => ({ ledgerSums: r.ledgerSums.slice(0, 2) }), breaches: ['I7'] },
    {
      name: 'an accepted order is not in the record',
      change: (r) => ({ orders: r.orders.slice(0, 1), transitions: r.transitions.slice(0, 2) }),
      breaches: ['I12'],
    },
    {
      name: 'an accepted order counts as absent',
      change: (r) => ({
        orders: r.orders.map((o) => (o.orderId === STOP_ID ? { ...o, state: 'ABSENT' } : o)),
        transitions: [
          ...r.transitions.slice(0, 3),
          { orderId: STOP_ID, fromState: 'SENDING', toState: 'UNKNOWN' },
          { orderId: STOP_ID, fromState: 'UNKNOWN', toState: 'ABSENT' },
        ],
      }),
      breaches: ['I12'],
    },
    {
      name: 'an event is missing in the store',
      change: () => ({ storeFaults: [{ eventId: 'e', fault: 'not in the event store' }] }),
      breaches: ['I12'],
    },
  ])('in the record: $name', ({ change, breaches }) => {
    const record = aSuiteRecord();
    expect(breached(aVenueLedger(), { ...record, ...change(record) })).toEqual(breaches);
  });

  it.each<{ name: string; ledger: VenueLedger; breaches: string[] }>([
    { name: 'a fill vanishes', ledger: withRecord(4, () => undefined), breaches: ['I1', 'I2', 'I7'] },
    {
      name: 'an income is other than the wallet says',
      ledger: withRecord(5, (r) => (r.kind === 'income' ? { ...r, amount: '-1.3' } : r)),
      breaches: ['I7'],
    },
    { name: 'the stop was never placed', ledger: withRecord(7, () => undefined), breaches: ['I8'] },
    {
      name: 'the last thing to happen was an entry, and time went on without a stop',
      ledger: { ...aVenueLedger(), records: aVenueLedger().records.slice(0, 6), lastTimeMs: 10_000 },
      breaches: ['I7', 'I8'],
    },
    {
      name: 'the stop is on the wrong side',
      ledger: withRecord(7, (r) => (r.kind === 'algo' ? { ...r, side: 'BUY' } : r)),
      breaches: ['I3', 'I8'],
    },
    {
      name: 'the stop came three seconds late',
      ledger: withRecord(7, (r) => ({ ...r, timeMs: 5_000 })),
      breaches: ['I8'],
    },
    {
      name: 'the stop was canceled and nothing followed',
      ledger: venueAfter([
        { seq: 9, timeMs: 3_000, kind: 'algo_update', algoId: '31', clientAlgoId: STOP_ID, status: 'CANCELED' },
        {
          seq: 10,
          timeMs: 90_000,
          kind: 'order_update',
          orderId: '11',
          clientOrderId: ENTRY_ID,
          status: 'FILLED',
          executedQuantity: '0.1',
        },
      ]),
      breaches: ['I8'],
    },
    {
      name: 'an order of ours that nobody decided',
      ledger: venueAfter([
        {
          seq: 9,
          timeMs: 60_000,
          kind: 'order',
          orderId: '12',
          clientOrderId: 'q1-01HGJ8ZC00ABCDEFGHJKMNPQRT-E0',
          symbol: 'BTCUSDT',
          side: 'BUY',
          type: 'MARKET',
          quantity: '0.1',
          origin: 'client',
          reduceOnly: false,
        },
      ]),
      breaches: ['I3', 'I12'],
    },
    {
      name: 'the same client id twice',
      ledger: venueAfter([
        {
          seq: 9,
          timeMs: 60_000,
          kind: 'order',
          orderId: '12',
          clientOrderId: ENTRY_ID,
          symbol: 'BTCUSDT',
          side: 'BUY',
          type: 'MARKET',
          quantity: '0.1',
          origin: 'client',
          reduceOnly: false,
        },
      ]),
      breaches: ['I4'],
    },
  ])('at the venue: $name', ({ ledger, breaches }) => {
    expect(breached(ledger, aSuiteRecord())).toEqual(breaches);
  });
});
