import { describe, expect, it } from '@jest/globals';
import {
  ACCOUNT,
  aDesk,
  aMarket,
  type CandleRow,
  codeOf,
  type Desk,
  START_MS,
  valueOf,
} from '../../test/venue-builders.ts';
import { fixed, textOf } from './fixed.ts';
import type { AlgoView, OrderView, PlaceAlgo } from './venue-types.ts';

const FALL: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000'],
  ['2000', '2000', '1950', '1955'],
  ['1955', '1985', '1950', '1982'],
  ['1982', '1983', '1981', '1982'],
];
/** Up to 2060, then down again by more than two in a hundred. */
const HILL: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000'],
  ['2000', '2060', '2000', '2058'],
  ['2058', '2059', '2000', '2002'],
  ['2002', '2003', '2001', '2002'],
];
const desk = (rows: readonly CandleRow[]): Desk => aDesk(aMarket({ ETHUSDT: rows }));
const aStop = (algo: Partial<PlaceAlgo> = {}): PlaceAlgo => ({
  symbol: 'ETHUSDT',
  side: 'SELL',
  type: 'STOP',
  quantity: '1',
  triggerPrice: '1980',
  price: '1975',
  ...algo,
});
const aTrail = (algo: Partial<PlaceAlgo> = {}): PlaceAlgo => ({
  symbol: 'ETHUSDT',
  side: 'SELL',
  type: 'TRAILING_STOP_MARKET',
  quantity: '1',
  callbackRate: '1',
  ...algo,
});
const place = ({ venue }: Desk, algo: PlaceAlgo): AlgoView => valueOf(venue.placeAlgo(ACCOUNT, algo));
const seen = ({ venue }: Desk, { algoId }: AlgoView): AlgoView => valueOf(venue.algo(ACCOUNT, { algoId }));
const becameOf = (one: Desk, algo: AlgoView): OrderView =>
  valueOf(one.venue.order(ACCOUNT, { symbol: 'ETHUSDT', orderId: seen(one, algo).actualOrderId ?? 0 }));

describe('limits behind triggers', () => {
  it('become limit orders with their time in force, and are finished when those are', () => {
    const one = desk(FALL);
    one.buy();
    const statuses: string[] = [];
    one.venue.on('algo', ({ algo }) => statuses.push(algo.status));
    // Far above the market once it is triggered, so that it rests.
    const algo = place(one, aStop({ price: '2050', reduceOnly: true }));
    one.pass(2);
    expect(becameOf(one, algo)).toMatchObject({
      type: 'LIMIT',
      price: fixed('2050'),
      timeInForce: 'GTC',
      status: 'NEW',
    });
    expect(seen(one, algo)).toMatchObject({ status: 'TRIGGERED', actualQuantity: 0n });
    valueOf(one.venue.cancelOrder(ACCOUNT, { symbol: 'ETHUSDT', orderId: becameOf(one, algo).orderId }));
    expect(statuses).toEqual(['NEW', 'TRIGGERING', 'TRIGGERED', 'FINISHED']);
  });

  it('fill at their limit or better when the market is there', () => {
    const one = desk(FALL);
    one.buy();
    const algo = place(one, aStop());
    one.pass(2);
    const order = becameOf(one, algo);
    expect(order.status).toBe('FILLED');
    expect(order.averagePrice >= fixed('1975')).toBe(true);
    expect(seen(one, algo)).toMatchObject({
      status: 'FINISHED',
      actualPrice: order.averagePrice,
      actualQuantity: fixed('1'),
    });
  });

  it('take profit on the other side of the market', () => {
    const one = desk(HILL);
    one.buy();
    const algo = place(one, aStop({ type: 'TAKE_PROFIT', triggerPrice: '2040', price: '2050', reduceOnly: true }));
    one.pass(2);
    expect(becameOf(one, algo)).toMatchObject({ status: 'FILLED', averagePrice: fixed('2050') });
  });

  it.each([
    { name: 'post-only that would take', algo: { timeInForce: 'GTX' as const, price: '1975' }, reason: /Post Only/ },
    { name: 'fill-or-kill that cannot', algo: { timeInForce: 'FOK' as const, price: '2050' }, reason: /FOK order/ },
    { name: 'more than the margin', algo: { quantity: '300' }, reason: /Margin is insufficient/ },
    { name: 'nothing to reduce', algo: { reduceOnly: true }, reason: /^Reduce Only reject$/ },
    { name: 'price too far from mark', algo: { price: '1885' }, reason: /^Limit price can't be lower than 1\d{3}/ },
  ])('are rejected at the trigger: $name', ({ algo, reason }) => {
    const one = desk(FALL);
    const order = place(one, aStop(algo));
    one.pass(2);
    const { status, reason: found } = seen(one, order);
    expect({ status, found }).toEqual({
      status: 'REJECTED',
      found: expect.stringMatching(reason),
    });
  });

  it('take their price from the book at the trigger', () => {
    const one = desk(FALL);
    one.buy();
    const { price: _price, ...rest } = aStop({ priceMatch: 'QUEUE', reduceOnly: true });
    const algo = place(one, rest);
    expect(algo.price).toBe(0n);
    one.pass(2);
    const order = becameOf(one, algo);
    expect(order).toMatchObject({ type: 'LIMIT', priceMatch: 'QUEUE' });
    expect(order.price > 0n && order.price < fixed('1985')).toBe(true);
  });
});

describe('trailing stops', () => {
  it('follow the market and fire when it turns back', () => {
    const one = desk(HILL);
    one.buy();
    const algo = place(one, aTrail({ callbackRate: '2', reduceOnly: true }));
    one.pass(2);
    expect(seen(one, algo)).toMatchObject({
      status: 'NEW',
      extremePrice: fixed('2060'),
      triggerPrice: fixed('2018.8'),
    });
    one.pass(1);
    const order = becameOf(one, algo);
    expect(order).toMatchObject({ type: 'MARKET', status: 'FILLED', reduceOnly: true, stopPrice: fixed('2018.8') });
    expect(order.averagePrice <= fixed('2018.8') && order.averagePrice > fixed('2014')).toBe(true);
  });

  it('sleep until the market reaches their activation', () => {
    const one = desk(HILL);
    one.buy();
    const algo = place(one, aTrail({ activatePrice: '2059', reduceOnly: true }));
    expect(algo).toMatchObject({ extremePrice: 0n, triggerPrice: 0n });
    expect(place(one, aTrail({ callbackRate: '3' })).triggerPrice).toBe(fixed('1940'));
    const never = place(one, aTrail({ activatePrice: '2061', reduceOnly: true }));
    one.pass(3);
    expect(seen(one, algo).status).toBe('FINISHED');
    expect(seen(one, never).status).toBe('NEW');
    const active = one.ledger.filter(({ kind }) => kind === 'algo_active');
    expect(active).toEqual([expect.objectContaining({ algoId: algo.algoId })]);
  });

  it('of a buyer follow a falling market', () => {
    const one = desk(FALL);
    const algo = place(one, aTrail({ side: 'BUY' }));
    one.pass(3);
    const { status, triggerPrice } = seen(one, algo);
    expect({ status, triggerPrice: textOf(triggerPrice) }).toEqual({ status: 'FINISHED', triggerPrice: '1969.5' });
  });

  it('end alike however time is cut', () => {
    const run = (stepMs: number): AlgoView => {
      const one = desk(HILL);
      one.buy();
      const algo = place(one, aTrail({ callbackRate: '2', activatePrice: '2030', reduceOnly: true }));
      for (let untilMs = START_MS + stepMs; untilMs <= START_MS + 120_000; untilMs += stepMs)
        one.venue.advance(untilMs);
      return seen(one, algo);
    };
    expect(run(1_000).extremePrice).toBe(run(60_000).extremePrice);
    expect(run(500).triggerPrice).toBe(run(60_000).triggerPrice);
  });

  it('survive a stop of the venue', () => {
    const one = desk(HILL);
    one.buy();
    const algo = place(one, aTrail({ callbackRate: '2', reduceOnly: true }));
    one.pass(2);
    const saved = one.venue.save();
    expect(saved.accounts[0]?.algos[0]).toMatchObject({ algoId: algo.algoId, extremePrice: fixed('2060') });
  });
});

describe('protected triggers', () => {
  it('wait while last and mark price are far apart', () => {
    // A crash of a tenth within one candle: mark follows within a minute or so.
    const crash: readonly CandleRow[] = [
      ['2000', '2001', '1999', '2000'],
      ['1800', '1801', '1799', '1800'],
      ['1800', '1801', '1799', '1800'],
      ['1800', '1801', '1799', '1800'],
      ['1800', '1801', '1799', '1800'],
    ];
    const one = desk(crash);
    one.buy({ quantity: '0.5' });
    const stop = { type: 'STOP_MARKET', triggerPrice: '1980', quantity: '0.1', reduceOnly: true } as const;
    const { price: _price, ...rest } = aStop(stop);
    const bare = place(one, rest);
    const guarded = place(one, { ...rest, priceProtect: true });
    one.pass(1);
    expect([seen(one, bare).status, seen(one, guarded).status]).toEqual(['FINISHED', 'NEW']);
    one.pass(4);
    expect(seen(one, guarded).status).toBe('FINISHED');
    expect(seen(one, guarded).triggeredMs).toBeGreaterThan(seen(one, bare).triggeredMs);
  });
});

describe('conditional orders good till a date', () => {
  it('expire then', () => {
    const rows = Array.from({ length: 15 }, () => ['2000', '2001', '1999', '2000'] as const);
    const one = desk(rows);
    const goodTillMs = START_MS + 660_500;
    const algo = place(one, aStop({ timeInForce: 'GTD', goodTillMs }));
    one.pass(14);
    expect(seen(one, algo)).toMatchObject({
      status: 'EXPIRED',
      updatedMs: START_MS + 660_000,
      goodTillMs: START_MS + 660_000,
    });
    expect(one.venue.openAlgos(ACCOUNT)).toHaveLength(0);
  });
});

describe('refusals of conditional orders', () => {
  const without = (algo: PlaceAlgo, ...names: (keyof PlaceAlgo)[]): PlaceAlgo =>
    Object.fromEntries(
      Object.entries(algo).filter(([name]) => !names.includes(name as keyof PlaceAlgo)),
    ) as unknown as PlaceAlgo;
  const market = without(aStop({ type: 'STOP_MARKET' }), 'price');
  const notRequired = (name: string): string => `Parameter '${name}' sent when not required.`;

  it.each<{ name: string; algo: PlaceAlgo; code: number; msg: string }>([
    {
      name: 'limit without a price',
      algo: without(aStop(), 'price'),
      code: -1102,
      msg: "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
    },
    { name: 'price and price match', algo: aStop({ priceMatch: 'QUEUE' }), code: -1106, msg: notRequired('price') },
    { name: 'market with a price', algo: aStop({ type: 'STOP_MARKET' }), code: -1106, msg: notRequired('price') },
    {
      name: 'market with a price match',
      algo: { ...market, priceMatch: 'QUEUE' },
      code: -5038,
      msg: 'Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT',
    },
    {
      name: 'no trigger',
      algo: without(aStop(), 'triggerPrice'),
      code: -1102,
      msg: "Mandatory parameter 'triggerprice' was not sent, was empty/null, or malformed.",
    },
    {
      name: 'closing with a limit',
      algo: without(aStop({ closePosition: true }), 'quantity'),
      code: -4136,
      msg: 'Target strategy invalid for orderType STOP,closePosition true',
    },
    {
      name: 'closing with a quantity',
      algo: { ...market, closePosition: true },
      code: -4137,
      msg: 'Quantity must be zero with closePosition equals true',
    },
    {
      name: 'closing what is not there',
      algo: without({ ...market, closePosition: true }, 'quantity'),
      code: -4509,
      msg: 'Time in Force (TIF) GTE can only be used with open positions. Please ensure that positions are available.',
    },
    {
      name: 'trigger behind the market',
      algo: aStop({ triggerPrice: '2001', price: '2000' }),
      code: -2021,
      msg: 'Order would immediately trigger.',
    },
    {
      name: 'sell limit far below its trigger',
      algo: aStop({ price: '1800' }),
      code: -4184,
      msg: "Limit price can't be lower than 1881.00.",
    },
    {
      name: 'buy limit far above its trigger',
      algo: aStop({ side: 'BUY', triggerPrice: '2020', price: '2200' }),
      code: -4183,
      msg: "Limit price can't be higher than 2121.00.",
    },
    {
      name: 'too little',
      algo: aStop({ quantity: '0.001' }),
      code: -4164,
      msg: "Order's notional must be no smaller than 20 (unless you choose reduce only).",
    },
    {
      name: 'off the step',
      algo: aStop({ quantity: '1.0005' }),
      code: -1111,
      msg: 'Precision is over the maximum defined for this asset.',
    },
    {
      name: 'no callback',
      algo: without(aTrail(), 'callbackRate'),
      code: -1102,
      msg: "Mandatory parameter 'callbackrate' was not sent, was empty/null, or malformed.",
    },
    { name: 'callback too small', algo: aTrail({ callbackRate: '0.05' }), code: -2007, msg: 'Invalid callBack rate.' },
    { name: 'callback too large', algo: aTrail({ callbackRate: '20.1' }), code: -2007, msg: 'Invalid callBack rate.' },
    { name: 'callback too fine', algo: aTrail({ callbackRate: '1.25' }), code: -2007, msg: 'Invalid callBack rate.' },
    {
      name: 'trailing with a trigger',
      algo: aTrail({ triggerPrice: '1980' }),
      code: -1106,
      msg: notRequired('triggerprice'),
    },
    {
      name: 'seller active below the market',
      algo: aTrail({ activatePrice: '1990' }),
      code: -2021,
      msg: 'Order would immediately trigger.',
    },
    {
      name: 'buyer active above the market',
      algo: aTrail({ side: 'BUY', activatePrice: '2010' }),
      code: -2021,
      msg: 'Order would immediately trigger.',
    },
    {
      name: 'activation at nothing',
      algo: aTrail({ activatePrice: '0' }),
      code: -4135,
      msg: 'Invalid activation price',
    },
    { name: 'callback on a stop', algo: aStop({ callbackRate: '1' }), code: -1106, msg: notRequired('callbackrate') },
    {
      name: 'activation on a stop',
      algo: aStop({ activatePrice: '1990' }),
      code: -1106,
      msg: notRequired('activateprice'),
    },
    {
      name: 'a date without GTD',
      algo: aStop({ goodTillMs: START_MS + 700_000 }),
      code: -1106,
      msg: notRequired('goodtilldate'),
    },
    {
      name: 'GTD without a date',
      algo: aStop({ timeInForce: 'GTD' }),
      code: -1102,
      msg: "Mandatory parameter 'goodtilldate' was not sent, was empty/null, or malformed.",
    },
    {
      name: 'a side of hedge mode',
      algo: aStop({ positionSide: 'LONG' }),
      code: -4061,
      msg: "Order's position side does not match user's setting.",
    },
  ])('$name: $code', ({ algo, code, msg }) => {
    const { venue } = desk(FALL);
    expect(venue.placeAlgo(ACCOUNT, algo)).toEqual({ kind: 'refused', code, msg });
  });

  it('the largest callback and the smallest are taken', () => {
    const one = desk(FALL);
    expect(textOf(place(one, aTrail({ callbackRate: '20' })).callbackRatio)).toBe('0.2');
    expect(textOf(place(one, aTrail({ callbackRate: '0.1' })).callbackRatio)).toBe('0.001');
  });

  it('in hedge mode a side is needed and reduceOnly is not', () => {
    const { venue } = desk(FALL);
    valueOf(venue.setHedgeMode(ACCOUNT, true));
    expect(codeOf(venue.placeAlgo(ACCOUNT, aStop()))).toBe(-4061);
    expect(codeOf(venue.placeAlgo(ACCOUNT, aStop({ positionSide: 'LONG', reduceOnly: true })))).toBe(-1106);
    expect(codeOf(venue.placeAlgo(ACCOUNT, aStop({ positionSide: 'LONG' })))).toBe(0);
  });

  it('two hundred are open at once, not more', () => {
    const { venue } = desk(FALL);
    for (let placed = 0; placed < 200; placed += 1) expect(codeOf(venue.placeAlgo(ACCOUNT, aStop()))).toBe(0);
    expect(venue.placeAlgo(ACCOUNT, aStop())).toEqual({
      kind: 'refused',
      code: -4045,
      msg: 'Reach max stop order limit.',
    });
  });
});
