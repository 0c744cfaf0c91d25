import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ACCOUNT,
  aDesk,
  aMarket,
  type CandleRow,
  codeOf,
  type Desk,
  MINUTE_MS,
  START_MS,
} from '../../test/venue-builders.ts';
import { fixed } from './fixed.ts';
import type { PriceKind } from './venue-types.ts';

const ROWS: readonly CandleRow[] = [
  ['2000', '2010', '1995', '2008'],
  ['2008', '2012', '1990', '1996'],
  ['1996', '2000', '1970', '1990'],
  ['1990', '2050', '1985', '2040'],
];
const END_MS = START_MS + ROWS.length * MINUTE_MS;
const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const KINDS: readonly PriceKind[] = ['last', 'mark', 'index', 'premium'];

const withOrders = (): Desk => {
  const desk = aDesk(aMarket({ ETHUSDT: ROWS }));
  desk.buy({ quantity: '2' });
  desk.algo({ triggerPrice: '1980', closePosition: true });
  const { triggerPrice: _none, ...trail } = {
    triggerPrice: '',
    type: 'TRAILING_STOP_MARKET',
    callbackRate: '0.5',
  } as const;
  desk.venue.placeAlgo(ACCOUNT, { ...trail, symbol: 'ETHUSDT', side: 'SELL', quantity: '1', reduceOnly: true });
  desk.sell({ type: 'LIMIT', price: '2011', quantity: '0.5', reduceOnly: true, timeInForce: 'GTC' });
  desk.buy({ type: 'LIMIT', price: '1991.5', timeInForce: 'GTC' });
  return desk;
};

describe('time', () => {
  it('property: does the same to orders however often it is moved', () => {
    const once = withOrders();
    once.venue.advance(END_MS);
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 9_000 }), (stepMs) => {
        const often = withOrders();
        for (let timeMs = START_MS; timeMs < END_MS; timeMs += stepMs) often.venue.advance(timeMs);
        often.venue.advance(END_MS);
        expect(often.ledger).toEqual(once.ledger);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves nobody an order to take back that the market has traded through', () => {
    const { venue, ledger, buy } = aDesk(aMarket({ ETHUSDT: ROWS }));
    const { orderId } = buy({ type: 'LIMIT', price: '1999.9', timeInForce: 'GTC' });
    while (venue.lastTrade('ETHUSDT').lastPrice >= fixed('1999.9')) venue.advance(venue.nowMs + 1);
    expect(codeOf(venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId }))).toBe(-2011);
    expect(ledger.filter(({ kind }) => kind === 'fill')).toHaveLength(1);
  });
});

describe('a question', () => {
  it('changes nothing, neither in what is saved nor in the order of what follows', () => {
    const rows = Object.fromEntries(SYMBOLS.map((symbol) => [symbol, ROWS]));
    const [asked, unasked] = [aDesk(aMarket(rows)), aDesk(aMarket(rows))];
    asked.venue.account(ACCOUNT);
    asked.venue.setups(ACCOUNT);
    for (const symbol of SYMBOLS) asked.venue.positions(ACCOUNT, symbol);
    for (const desk of [asked, unasked]) {
      desk.buy({ symbol: 'SOLUSDT' });
      desk.buy({ symbol: 'BTCUSDT' });
      desk.pass(2);
      desk.venue.setLeverage(ACCOUNT, 'SOLUSDT', 10);
      desk.venue.setLeverage(ACCOUNT, 'ETHUSDT', 5);
      desk.venue.end();
    }
    expect(asked.ledger).toEqual(unasked.ledger);
    expect(asked.venue.save()).toEqual(unasked.venue.save());
  });
});

describe('the forming candle', () => {
  it('holds its close between low and high at every moment', () => {
    const { venue } = aDesk(aMarket({ ETHUSDT: ROWS }));
    for (let timeMs = START_MS; timeMs < END_MS; timeMs += 411) {
      venue.advance(timeMs);
      const [candle] = venue.candles({ symbol: 'ETHUSDT', limit: 1 });
      const { highPrice, lowPrice, lastPrice } = venue.dayTicker('ETHUSDT');
      expect(candle !== undefined && candle.low <= candle.close && candle.close <= candle.high).toBe(true);
      expect(lowPrice <= lastPrice && lastPrice <= highPrice).toBe(true);
    }
  });

  /** Everything that anybody may see, what costs nothing to ask for included. */
  const publicOf = ({ venue }: Desk): unknown => ({
    book: venue.book('ETHUSDT', 1_000),
    ticker: venue.bookTicker('ETHUSDT'),
    mark: venue.mark('ETHUSDT'),
    day: venue.dayTicker('ETHUSDT'),
    interest: venue.openInterest('ETHUSDT'),
    trades: venue.recentTrades('ETHUSDT', 100),
    funding: venue.fundingHistory({ limit: 10 }),
    candles: KINDS.map((kind) => venue.candles({ symbol: 'ETHUSDT', kind, limit: 10 })),
    tests: ['1', '20', '100', '500'].map((quantity) =>
      codeOf(
        venue.testOrder(ACCOUNT, {
          symbol: 'ETHUSDT',
          side: 'BUY',
          type: 'LIMIT',
          timeInForce: 'FOK',
          quantity,
          price: '2060',
        }),
      ),
    ),
  });

  it('property: tells nothing at its open of how far it will go', () => {
    const ticks = fc.integer({ min: 0, max: 3_000 });
    fc.assert(
      fc.property(fc.tuple(ticks, ticks, ticks), ([up, down, close]) => {
        const cents = (value: number): string => (value / 100).toFixed(2);
        const last: CandleRow = [
          '1996',
          cents(199_600 + Math.max(up, close)),
          cents(199_600 - down),
          cents(199_600 + close),
          '1000',
        ];
        const [one, other] = [
          aDesk(aMarket({ ETHUSDT: [...ROWS.slice(0, 2), last] })),
          aDesk(aMarket({ ETHUSDT: [...ROWS.slice(0, 2), ['1996', '1996', '1996', '1996', '1000']] })),
        ];
        for (const desk of [one, other]) {
          desk.venue.transfer(ACCOUNT, fixed('1000000'));
          desk.pass(2);
        }
        expect(publicOf(one)).toEqual(publicOf(other));
      }),
      { numRuns: 40 },
    );
  });
});
