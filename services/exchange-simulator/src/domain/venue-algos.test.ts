import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aDesk, aMarket, type CandleRow, codeOf, valueOf } from '../../test/venue-builders.ts';
import { fixed } from './fixed.ts';
import type { PlaceAlgo } from './venue-types.ts';

const FALL: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000'],
  ['2000', '2000', '1950', '1955'],
  ['1955', '1960', '1950', '1958'],
];
const RISE: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000'],
  ['2000', '2060', '2000', '2055'],
  ['2055', '2056', '2050', '2052'],
];
const GAP: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000'],
  ['1900', '1910', '1890', '1905'],
];
const desk = (rows: readonly CandleRow[]) => aDesk(aMarket({ ETHUSDT: rows }));
const aStop = (algo: Partial<PlaceAlgo> = {}): PlaceAlgo => ({
  symbol: 'ETHUSDT',
  side: 'SELL',
  type: 'STOP_MARKET',
  triggerPrice: '1980',
  closePosition: true,
  ...algo,
});

describe('conditional orders', () => {
  it('become a market order when the price reaches their trigger, linked by both ids', () => {
    const { venue, buy, algo, pass } = desk(FALL);
    buy();
    const seen: string[] = [];
    venue.on('algo', (event) => seen.push(event.algo.status));
    venue.on('order', (event) => seen.push(`${event.order.type} ${event.order.status}`));
    const stop = algo({ ...aStop(), clientAlgoId: 'stop-1' });
    pass(2);
    const finished = valueOf(venue.algo(ACCOUNT, { algoId: stop.algoId }));
    expect(seen).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED', 'MARKET NEW', 'MARKET FILLED', 'FINISHED']);
    const order = valueOf(venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: finished.actualOrderId ?? 0 }));
    expect(order).toMatchObject({
      clientOrderId: 'stop-1',
      origin: 'algo',
      algoId: stop.algoId,
      type: 'MARKET',
      reduceOnly: true,
    });
    expect(finished.actualPrice).toBe(order.averagePrice);
    expect(venue.positions(ACCOUNT)).toHaveLength(0);
  });

  it('fill near their trigger on a path, worse by slippage only', () => {
    const { venue, buy, algo, pass } = desk(FALL);
    buy();
    algo(aStop());
    pass(2);
    const price = venue.fills(ACCOUNT, {}).at(-1)?.price ?? 0n;
    expect(price <= fixed('1980')).toBe(true);
    expect(price > fixed('1977')).toBe(true);
  });

  it('fill at the market after a gap, not at their trigger', () => {
    const { venue, buy, algo, pass } = desk(GAP);
    buy();
    algo(aStop());
    pass(2);
    const price = venue.fills(ACCOUNT, {}).at(-1)?.price ?? 0n;
    expect(price <= fixed('1900')).toBe(true);
  });

  it('take profit above, and the stop that is left goes with the position', () => {
    const { venue, buy, algo, pass } = desk(RISE);
    buy();
    const stop = algo(aStop());
    const target = algo(aStop({ type: 'TAKE_PROFIT_MARKET', triggerPrice: '2040' }));
    pass(2);
    expect(valueOf(venue.algo(ACCOUNT, { algoId: target.algoId })).status).toBe('FINISHED');
    expect(valueOf(venue.algo(ACCOUNT, { algoId: stop.algoId }))).toMatchObject({
      status: 'EXPIRED',
      actualOrderId: null,
    });
    expect(venue.openAlgos(ACCOUNT)).toHaveLength(0);
  });

  it('may follow the mark price, which lags', () => {
    const { venue, buy, algo, pass } = desk(FALL);
    buy();
    const onMark = algo(aStop({ workingType: 'MARK_PRICE', triggerPrice: '1956' }));
    pass(3);
    const ended = valueOf(venue.algo(ACCOUNT, { algoId: onMark.algoId }));
    expect(ended.status).toBe('FINISHED');
  });

  it.each([
    { name: 'stop already passed', algo: aStop({ triggerPrice: '2010' }), code: -2021 },
    { name: 'target already passed', algo: aStop({ type: 'TAKE_PROFIT_MARKET', triggerPrice: '1990' }), code: -2021 },
    { name: 'trigger between ticks', algo: aStop({ triggerPrice: '1980.005' }), code: -1111 },
    { name: 'close with a quantity', algo: aStop({ quantity: '1' }), code: -4137 },
    { name: 'close with reduceOnly', algo: aStop({ reduceOnly: true }), code: -1106 },
    { name: 'no quantity', algo: aStop({ closePosition: false }), code: -1102 },
    { name: 'close on the side of the position', algo: aStop({ side: 'BUY', triggerPrice: '2020' }), code: -4509 },
    { name: 'unknown symbol', algo: aStop({ symbol: 'NOPEUSDT' }), code: -1121 },
  ])('$name: $code', ({ algo, code }) => {
    const { venue, buy, ledger } = desk(FALL);
    buy();
    expect(codeOf(venue.placeAlgo(ACCOUNT, algo))).toBe(code);
    expect(ledger.at(-1)).toMatchObject({ kind: 'reject', path: '/fapi/v1/algoOrder', code });
  });

  it('refuse a second closing stop and a client id in use', () => {
    const { venue, buy, algo } = desk(FALL);
    buy();
    algo(aStop({ clientAlgoId: 'a' }));
    expect(codeOf(venue.placeAlgo(ACCOUNT, aStop({ triggerPrice: '1970' })))).toBe(-4130);
    expect(
      codeOf(venue.placeAlgo(ACCOUNT, aStop({ clientAlgoId: 'a', type: 'TAKE_PROFIT_MARKET', triggerPrice: '2100' }))),
    ).toBe(-4116);
  });

  it('need no margin until they trigger; then they are rejected', () => {
    const { venue, algo, pass } = desk(FALL);
    const order = algo(aStop({ closePosition: false, quantity: '200' }));
    pass(2);
    expect(valueOf(venue.algo(ACCOUNT, { algoId: order.algoId }))).toMatchObject({
      status: 'REJECTED',
      reason: 'Margin is insufficient.',
    });
    expect(venue.fills(ACCOUNT, {})).toHaveLength(0);
  });

  it('that only reduce are rejected when nothing is left to reduce', () => {
    const { venue, buy, sell, algo, pass } = desk(FALL);
    buy();
    const stop = algo(aStop({ closePosition: false, reduceOnly: true, quantity: '1' }));
    sell();
    pass(2);
    expect(valueOf(venue.algo(ACCOUNT, { algoId: stop.algoId })).status).toBe('REJECTED');
    expect(venue.positions(ACCOUNT)).toHaveLength(0);
  });

  it('are canceled by either id, and only while open', () => {
    const { venue, buy, algo } = desk(FALL);
    buy();
    algo(aStop({ clientAlgoId: 'mine' }));
    expect(valueOf(venue.cancelAlgo(ACCOUNT, { clientAlgoId: 'mine' })).status).toBe('CANCELED');
    expect(codeOf(venue.cancelAlgo(ACCOUNT, { clientAlgoId: 'mine' }))).toBe(-2011);
    expect(valueOf(venue.algo(ACCOUNT, { clientAlgoId: 'mine' })).status).toBe('CANCELED');
    expect(codeOf(venue.algo(ACCOUNT, { clientAlgoId: 'other' }))).toBe(-2013);
  });
});
