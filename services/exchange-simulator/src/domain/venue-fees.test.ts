import { describe, expect, it } from '@jest/globals';
import { aMarket, type CandleRow, codeOf, valueOf } from '../../test/venue-builders.ts';
import { fixed, over, textOf, times } from './fixed.ts';
import { Venue } from './venue.ts';
import type { AccountEvent } from './venue-types.ts';

const CALM: readonly CandleRow[] = Array.from({ length: 3 }, () => ['2000', '2001', '1999', '2000', '100000'] as const);
const BNB: readonly CandleRow[] = Array.from({ length: 3 }, () => ['500', '501', '499', '500', '100000'] as const);

const aVenue = (symbols: readonly ('ETHUSDT' | 'BNBUSDT')[] = ['ETHUSDT']): Venue =>
  new Venue({
    seed: 7,
    market: aMarket(Object.fromEntries(symbols.map((symbol) => [symbol, symbol === 'ETHUSDT' ? CALM : BNB]))),
    speed: 'stepped',
    ledger: () => undefined,
    bnbPrice: fixed('800'),
  });

const buy = (venue: Venue, accountId: string, quantity = '1'): void => {
  valueOf(venue.placeOrder(accountId, { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity }));
};

const open = (venue: Venue, options: { startBnb?: string; feeTier?: number } = {}): string => {
  const { startBnb = '0', feeTier = 0 } = options;
  venue.openAccount({ accountId: 'a', startBalance: fixed('10000'), startBnb: fixed(startBnb), feeTier });
  return 'a';
};

describe('fees', () => {
  it.each([
    { feeTier: 0, ratio: '0.0005' },
    { feeTier: 3, ratio: '0.00032' },
    { feeTier: 9, ratio: '0.00017' },
  ])('a taker of tier $feeTier pays $ratio of the notional', ({ feeTier, ratio }) => {
    const venue = aVenue();
    const accountId = open(venue, { feeTier });
    buy(venue, accountId);
    const [fill] = venue.fills(accountId, {});
    expect(fill).toMatchObject({ feeAsset: 'USDT', fee: times(fill?.quoteQuantity ?? 0n, fixed(ratio)) });
    expect(venue.account(accountId)).toMatchObject({ feeTier, takerRatio: fixed(ratio) });
  });

  it.each([
    { symbols: ['ETHUSDT'] as const, priced: 'at the configured price' },
    { symbols: ['ETHUSDT', 'BNBUSDT'] as const, priced: 'at the market’s mark' },
  ])('in BNB a fee is a tenth less, $priced', ({ symbols }) => {
    const venue = aVenue(symbols);
    const accountId = open(venue, { startBnb: '1' });
    const events: AccountEvent[] = [];
    venue.on('account', (event) => events.push(event));
    buy(venue, accountId);
    const price = symbols.length === 1 ? fixed('800') : venue.mark('BNBUSDT').markPrice;
    const [fill] = venue.fills(accountId, {});
    const fee = over(times(times(fill?.quoteQuantity ?? 0n, fixed('0.0005')), fixed('0.9')), price);
    expect(fill).toMatchObject({ feeAsset: 'BNB', fee });
    expect(venue.income(accountId, { incomeType: 'COMMISSION' })).toMatchObject([{ asset: 'BNB', amount: -fee }]);
    expect(venue.account(accountId).assets).toMatchObject([
      { asset: 'USDT', walletBalance: fixed('10000') },
      { asset: 'BNB', walletBalance: fixed('1') - fee },
    ]);
    expect(events.at(-1)?.balances.map(({ asset }) => asset)).toEqual(['USDT', 'BNB']);
    expect(venue.house('BNB').commission).toBe(fee);
    const all = Object.values(venue.house('BNB')).reduce((sum, one) => sum + one, 0n);
    expect(all + fixed('1') - fee).toBe(0n);
  });

  it.each([
    { why: 'BNB is short', startBnb: '0.0000001', feeBurn: true },
    { why: 'the discount is off', startBnb: '1', feeBurn: false },
  ])('the fee is paid in USDT when $why', ({ startBnb, feeBurn }) => {
    const venue = aVenue();
    const accountId = open(venue, { startBnb });
    venue.setFeeBurn(accountId, feeBurn);
    buy(venue, accountId);
    expect(venue.fills(accountId, {})[0]?.feeAsset).toBe('USDT');
  });

  it('there is no tier 10', () => {
    const venue = aVenue();
    expect(() => open(venue, { feeTier: 10 })).toThrow(RangeError);
  });
});

describe('multi-assets mode', () => {
  it('counts BNB as margin at 95 % of its worth', () => {
    const venue = aVenue();
    const accountId = open(venue, { startBnb: '2' });
    expect(textOf(venue.account(accountId).availableBalance)).toBe('10000');
    valueOf(venue.setMultiAssetsMode(accountId, true));
    expect(textOf(venue.account(accountId).availableBalance)).toBe('11520');
    expect(codeOf(venue.transfer(accountId, fixed('-10001')))).toBe(-4051);
  });

  it('pays with BNB what a liquidation leaves owing in USDT', () => {
    const fall = Array.from({ length: 60 }, (_, index): CandleRow => {
      const text = String(2000 - index * 10);
      return [text, text, text, text, '100000'];
    });
    const market = aMarket({ ETHUSDT: fall });
    const venue = new Venue({ seed: 7, market, speed: 'stepped', ledger: () => undefined, bnbPrice: fixed('800') });
    venue.openAccount({ accountId: 'a', startBalance: fixed('1000'), startBnb: fixed('5') });
    venue.setFeeBurn('a', false);
    valueOf(venue.setMultiAssetsMode('a', true));
    buy(venue, 'a', '20');
    for (let candle = 0; candle < 60; candle += 1) venue.advance(venue.state().nextCloseMs);
    expect(venue.positions('a')).toEqual([]);
    const [sold, bought] = venue.income('a', { incomeType: 'AUTO_EXCHANGE' });
    expect(sold).toMatchObject({ asset: 'BNB' });
    expect(bought).toMatchObject({ asset: 'USDT', amount: times(-(sold?.amount ?? 0n), fixed('800')) });
    const [usdt, bnb] = venue.account('a').assets;
    expect(usdt?.walletBalance ?? -1n).toBeGreaterThanOrEqual(0n);
    expect(bnb?.walletBalance).toBe(fixed('5') + (sold?.amount ?? 0n));
  });

  it('is refused where it does not fit', () => {
    const venue = aVenue();
    const accountId = open(venue, { startBnb: '2' });
    expect(codeOf(venue.setMultiAssetsMode(accountId, false))).toBe(-4171);
    valueOf(venue.setMarginType(accountId, 'ETHUSDT', 'ISOLATED'));
    expect(codeOf(venue.setMultiAssetsMode(accountId, true))).toBe(-4167);
    valueOf(venue.setMarginType(accountId, 'ETHUSDT', 'CROSSED'));
    const rest = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '1950' } as const;
    valueOf(venue.placeOrder(accountId, { ...rest, quantity: '1' }));
    expect(codeOf(venue.setMultiAssetsMode(accountId, true))).toBe(-4170);
    venue.cancelAllOrders(accountId, 'ETHUSDT');
    valueOf(venue.setMultiAssetsMode(accountId, true));
    expect(codeOf(venue.setMarginType(accountId, 'ETHUSDT', 'ISOLATED'))).toBe(-4168);
    valueOf(venue.placeOrder(accountId, { ...rest, quantity: '110' }));
    expect(codeOf(venue.setMultiAssetsMode(accountId, false))).toBe(-4170);
    venue.cancelAllOrders(accountId, 'ETHUSDT');
    buy(venue, accountId, '110');
    expect(codeOf(venue.setMultiAssetsMode(accountId, false))).toBe(-4169);
  });
});

describe('isolated margin', () => {
  const isolated = (): { venue: Venue; margin: () => bigint } => {
    const venue = aVenue();
    open(venue);
    valueOf(venue.setMarginType('a', 'ETHUSDT', 'ISOLATED'));
    return { venue, margin: () => venue.positions('a', 'ETHUSDT')[0]?.isolatedWallet ?? 0n };
  };
  const move = (venue: Venue, type: 1 | 2, amount: string): number =>
    codeOf(venue.changePositionMargin('a', { symbol: 'ETHUSDT', type, amount }));

  it('is added and taken, and the history says so', () => {
    const { venue, margin } = isolated();
    buy(venue, 'a', '2');
    const before = margin();
    expect(move(venue, 1, '150.5')).toBe(0);
    expect(margin()).toBe(before + fixed('150.5'));
    expect(move(venue, 2, '100')).toBe(0);
    expect(margin()).toBe(before + fixed('50.5'));
    expect(venue.account('a').crossWalletBalance + margin()).toBe(venue.account('a').walletBalance);
    const changes = venue.marginChanges('a', { symbol: 'ETHUSDT' });
    expect(changes.map(({ type, amount }) => [type, textOf(amount)])).toEqual([
      [1, '150.5'],
      [2, '100'],
    ]);
    expect(venue.marginChanges('a', { symbol: 'ETHUSDT', type: 2 })).toHaveLength(1);
  });

  it('moves the liquidation price away', () => {
    const { venue } = isolated();
    buy(venue, 'a', '2');
    const price = (): bigint => venue.positions('a')[0]?.liquidationPrice ?? 0n;
    const before = price();
    move(venue, 1, '100');
    expect(price() < before).toBe(true);
  });

  it.each([
    { why: 'a crossed position', code: -4049, act: (venue: Venue) => venue.setMarginType('a', 'ETHUSDT', 'CROSSED') },
    { why: 'no position', code: -4054, act: () => undefined },
  ])('is refused for $why: $code', ({ code, act }) => {
    const { venue } = isolated();
    act(venue);
    expect(move(venue, 1, '10')).toBe(code);
  });

  it.each([
    { type: 1, amount: '0', code: -4055 },
    { type: 1, amount: '-1', code: -4055 },
    { type: 1, amount: '1.123456789', code: -1111 },
    { type: 1, amount: '9999', code: -4050 },
    { type: 2, amount: '50', code: -4051 },
  ] as const)('$type of $amount is refused: $code', ({ type, amount, code }) => {
    const { venue } = isolated();
    buy(venue, 'a', '2');
    expect(move(venue, type, amount)).toBe(code);
  });

  it('is set free in parts, turned with a flip, and kept per side of a hedge', () => {
    const { venue, margin } = isolated();
    buy(venue, 'a', '2');
    const whole = margin();
    const sell = (quantity: string) =>
      valueOf(venue.placeOrder('a', { symbol: 'ETHUSDT', side: 'SELL', type: 'MARKET', quantity }));
    sell('1');
    expect(margin()).toBe(whole / 2n);
    const flipped = sell('3');
    expect(textOf(venue.positions('a')[0]?.signedQuantity ?? 0n)).toBe('-2');
    expect(margin()).toBe(times(fixed('2'), flipped.averagePrice) / 20n);
    valueOf(venue.placeOrder('a', { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '2' }));
    expect(margin()).toBe(0n);
    valueOf(venue.setHedgeMode('a', true));
    const hedge = { symbol: 'ETHUSDT', type: 'MARKET' } as const;
    valueOf(venue.placeOrder('a', { ...hedge, side: 'BUY', positionSide: 'LONG', quantity: '1' }));
    valueOf(venue.placeOrder('a', { ...hedge, side: 'SELL', positionSide: 'SHORT', quantity: '3' }));
    const [long, short] = venue.positions('a');
    expect(long?.isolatedWallet).toBe((long?.entryPrice ?? 0n) / 20n);
    expect(short?.isolatedWallet).toBe(times(fixed('3'), short?.entryPrice ?? 0n) / 20n);
    expect(codeOf(venue.changePositionMargin('a', { symbol: 'ETHUSDT', type: 1, amount: '5' }))).toBe(-4061);
    const added = { symbol: 'ETHUSDT', positionSide: 'SHORT', type: 1, amount: '5' } as const;
    valueOf(venue.changePositionMargin('a', added));
    expect(venue.positions('a')[1]?.isolatedWallet).toBe((short?.isolatedWallet ?? 0n) + fixed('5'));
  });

  it('keeps its leverage from falling while a position is open, and may raise it', () => {
    const { venue, margin } = isolated();
    buy(venue, 'a', '1');
    const before = margin();
    expect(codeOf(venue.setLeverage('a', 'ETHUSDT', 10))).toBe(-4161);
    expect(codeOf(venue.setLeverage('a', 'ETHUSDT', 40))).toBe(0);
    expect(margin()).toBe(before);
  });
});
