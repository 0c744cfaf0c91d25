import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT, aDesk, aMarket, type CandleRow, type Desk, START_MS, valueOf } from '../../test/venue-builders.ts';
import { ACCOUNTS, aWildMarket, BNB_PRICE, MoneyRun, SYMBOLS } from '../../test/money-run.ts';
import { heldSymbols } from './saved-account.ts';
import type { LedgerRecord, MarketSource } from './venue-types.ts';
import { Venue } from './venue.ts';

/** Up, down through the stop at 1980, and up again. */
const rows: readonly CandleRow[] = [
  ['2000', '2010', '1995', '2008'],
  ['2008', '2012', '1990', '1996'],
  ['1996', '2000', '1970', '1990'],
  ['1990', '2050', '1985', '2040'],
];
const endMs = START_MS + rows.length * 60_000;
const market = (): MarketSource => aMarket({ ETHUSDT: rows });

const withOrders = (): Desk => {
  const desk = aDesk(market());
  desk.buy({ quantity: '2' });
  desk.algo({ triggerPrice: '1980', closePosition: true, clientAlgoId: 'stop' });
  desk.sell({
    type: 'LIMIT',
    price: '2011',
    quantity: '0.5',
    reduceOnly: true,
    timeInForce: 'GTC',
    clientOrderId: 'half',
  });
  return desk;
};

/** Saves the venue, as a file would, and goes on from there. */
const resumed = (desk: Desk, at: MarketSource = market()): { venue: Venue; ledger: LedgerRecord[] } => {
  const saved = structuredClone(desk.venue.save());
  const ledger: LedgerRecord[] = [];
  const venue = new Venue({ seed: 7, market: at, speed: 'stepped', ledger: (record) => ledger.push(record), saved });
  return { venue, ledger };
};

const facts = (records: readonly LedgerRecord[]) =>
  records.filter(({ kind }) => kind !== 'run').map(({ seq: _seq, ...facts }) => facts);

describe('a venue that goes on from where it was saved', () => {
  it.each([1, 2, 3, 4, 5, 6])('has every wallet, margin, fee and status as it was, seed %i', (seed) => {
    const run = new MoneyRun(aWildMarket(seed), seed);
    run.play(150);
    for (const accountId of ACCOUNTS) {
      for (const symbol of SYMBOLS) {
        run.venue.cancelAllOrders(accountId, symbol);
        run.venue.cancelAllAlgos(accountId, symbol);
      }
    }
    const saved = structuredClone(run.venue.save());
    const market = aWildMarket(seed);
    const venue = new Venue({ seed, market, speed: 'stepped', ledger: () => undefined, bnbPrice: BNB_PRICE, saved });
    const stateOf = (one: Venue) => ({
      accounts: ACCOUNTS.map((accountId) => one.account(accountId)),
      houses: [one.house('USDT'), one.house('BNB')],
      statuses: SYMBOLS.map((symbol) => one.symbolStatus(symbol)),
      margins: ACCOUNTS.map((accountId) => one.marginChanges(accountId, {})),
    });
    expect(stateOf(venue)).toEqual(stateOf(run.venue));
  });

  it('property: whenever it is stopped, what follows is what would have followed', () => {
    fc.assert(
      fc.property(fc.integer({ min: START_MS + 1, max: endMs - 1 }), (stopMs) => {
        const straight = withOrders();
        straight.venue.advance(stopMs);
        const before = straight.ledger.length;
        const broken = withOrders();
        broken.venue.advance(stopMs);
        const after = resumed(broken);

        for (const { venue } of [straight, after]) venue.advance(endMs);

        expect(facts(after.ledger)).toEqual(facts(straight.ledger.slice(before)));
        expect(after.venue.account(ACCOUNT).walletBalance).toBe(straight.venue.account(ACCOUNT).walletBalance);
        expect(after.venue.house()).toEqual(straight.venue.house());
        expect(after.venue.allOrders(ACCOUNT, {})).toEqual(straight.venue.allOrders(ACCOUNT, {}));
        expect(after.venue.allAlgos(ACCOUNT, {})).toEqual(straight.venue.allAlgos(ACCOUNT, {}));
        expect(after.venue.fills(ACCOUNT, {})).toEqual(straight.venue.fills(ACCOUNT, {}));
        const history = { fromId: 1, limit: 1_000 };
        expect(after.venue.tradeHistory('ETHUSDT', history)).toEqual(straight.venue.tradeHistory('ETHUSDT', history));
      }),
      { numRuns: 60 },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'goes on with every kind of order, place in the book and margin, seed %i',
    (seed) => {
      const straight: LedgerRecord[] = [];
      const run = new MoneyRun(aWildMarket(seed), seed, (record) => straight.push(record));
      run.play(80 + 15 * seed);
      const saved = structuredClone(run.venue.save());
      const before = straight.length;
      const resumed: LedgerRecord[] = [];
      const venue = new Venue({
        seed,
        market: aWildMarket(seed),
        speed: 'stepped',
        ledger: (record) => resumed.push(record),
        bnbPrice: BNB_PRICE,
        saved,
      });
      for (const one of [run.venue, venue]) {
        for (const accountId of ACCOUNTS) {
          one.placeOrder(accountId, {
            symbol: 'ETHUSDT',
            side: 'SELL',
            type: 'MARKET',
            quantity: '3',
            positionSide: 'BOTH',
          });
          one.placeOrder(accountId, {
            symbol: 'ETHUSDT',
            side: 'SELL',
            type: 'MARKET',
            quantity: '3',
            positionSide: 'SHORT',
          });
        }
        one.advance(one.nowMs + 30 * 60_000);
      }
      expect(facts(resumed)).toEqual(facts(straight.slice(before)));
      expect(resumed.some(({ kind }) => kind === 'fill')).toBe(true);
      const stateOf = ({ timeMs, accounts, house }: ReturnType<Venue['save']>) => ({ timeMs, accounts, house });
      expect(stateOf(venue.save())).toEqual(stateOf(run.venue.save()));
    },
  );

  it('does not go back in time for an order whose date has passed meanwhile', () => {
    const desk = withOrders();
    desk.buy({ type: 'LIMIT', price: '1900', timeInForce: 'GTD', goodTillMs: START_MS + 900_000 });
    const laterMs = START_MS + 86_400_000;
    const { venue, ledger } = resumed(desk, aMarket({ ETHUSDT: [['2000', '2005', '1995', '2001']] }, [], laterMs));
    venue.advance(laterMs + 10);
    expect(venue.openOrders(ACCOUNT).map(({ timeInForce }) => timeInForce)).not.toContain('GTD');
    expect(ledger.every(({ timeMs }) => timeMs >= laterMs)).toBe(true);
  });

  it('numbers its ledger on, never back in time, and gives no id twice', () => {
    const desk = withOrders();
    desk.venue.advance(START_MS + 30_000);
    desk.venue.end();
    const { venue, ledger } = resumed(desk);
    expect(ledger[0]).toMatchObject({ seq: desk.ledger.length + 1, kind: 'run', isResumed: true });
    expect(ledger[0]?.timeMs).toBe(START_MS + 30_000);
    valueOf(venue.placeOrder(ACCOUNT, { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '1' }));
    const ids = venue.allOrders(ACCOUNT, {}).map(({ orderId }) => orderId);
    expect(new Set(ids).size).toBe(ids.length);
    const trades = venue.fills(ACCOUNT, {}).map(({ tradeId }) => tradeId);
    expect(new Set(trades).size).toBe(trades.length);
  });

  it('meets a later market at its first price: a stop that lies behind it is filled there, not at its trigger', () => {
    const desk = withOrders();
    desk.venue.advance(START_MS + 30_000);
    const laterMs = START_MS + 86_400_000;
    const { venue, ledger } = resumed(desk, aMarket({ ETHUSDT: [['1900', '1910', '1890', '1905']] }, [], laterMs));
    const fill = ledger.find(({ kind }) => kind === 'fill');
    expect(fill).toMatchObject({ timeMs: laterMs, clientOrderId: 'stop' });
    expect(Number(fill?.['price'])).toBeLessThanOrEqual(1_900);
    expect(venue.openAlgos(ACCOUNT)).toEqual([]);
  });

  it('lets a countdown that ran out meanwhile run out at once, and time does not go back', () => {
    const desk = withOrders();
    desk.venue.setCountdown(ACCOUNT, 'ETHUSDT', 1_000);
    const laterMs = START_MS + 86_400_000;
    const { venue } = resumed(desk, aMarket({ ETHUSDT: [['2000', '2005', '1995', '2001']] }, [], laterMs));
    venue.advance(laterMs + 10);
    expect(venue.openOrders(ACCOUNT)).toEqual([]);
    expect(venue.nowMs).toBe(laterMs + 10);
  });

  it('knows the symbols in which something is held', () => {
    const desk = aDesk(aMarket({ ETHUSDT: rows, BTCUSDT: rows }));
    expect(desk.venue.save().accounts.flatMap(heldSymbols)).toEqual([]);
    desk.buy();
    expect(desk.venue.save().accounts.flatMap(heldSymbols)).toEqual(['ETHUSDT']);
  });
});
