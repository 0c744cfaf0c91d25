import { describe, expect, it } from '@jest/globals';
import { ACCOUNT, aDesk, aMarket, type CandleRow, codeOf, START_MS, valueOf } from '../../test/venue-builders.ts';
import { fixed, textOf, times } from './fixed.ts';
import type { VenueEvents } from './venue-types.ts';

const FLAT: readonly CandleRow[] = Array.from({ length: 3 }, () => ['2000', '2001', '1999', '2000'] as const);
const CRASH: readonly CandleRow[] = [
  ['2000', '2001', '1999', '2000', '100000'],
  ['2000', '2000', '1850', '1860', '100000'],
  ['1860', '1870', '1700', '1710', '100000'],
  ['1710', '1720', '1700', '1715', '100000'],
];
const HOUR_MS = 3_600_000;

describe('accounts', () => {
  it('start with a transfer and show margin as the venue does', () => {
    const { venue, buy, ledger } = aDesk(aMarket({ ETHUSDT: FLAT }));
    expect(ledger.slice(1, 3)).toMatchObject([
      { kind: 'transfer', amount: '10000' },
      { kind: 'income', walletAfter: '10000' },
    ]);
    buy({ quantity: '10' });
    const account = venue.account(ACCOUNT);
    const [position] = venue.positions(ACCOUNT);
    expect(position?.initialMargin).toBe(times(fixed('10'), position?.markPrice ?? 0n) / 20n);
    expect(account.marginBalance).toBe(account.walletBalance + account.unrealizedPnl);
    expect(account.availableBalance).toBe(account.marginBalance - account.initialMargin);
  });

  it('pay out only what is free', () => {
    const { venue, buy } = aDesk(aMarket({ ETHUSDT: FLAT }));
    buy({ quantity: '50' });
    expect(codeOf(venue.transfer(ACCOUNT, fixed('-6000')))).toBe(-4051);
    expect(codeOf(venue.transfer(ACCOUNT, fixed('-1000')))).toBe(0);
  });

  it.each([
    { name: 'leverage zero', act: 'leverage', value: 0, code: -4028 },
    { name: 'leverage above the symbol’s', act: 'leverage', value: 126, code: -4028 },
    { name: 'leverage 5', act: 'leverage', value: 5, code: 0 },
    { name: 'the margin type it has', act: 'type', value: 'CROSSED', code: -4046 },
    { name: 'another margin type', act: 'type', value: 'ISOLATED', code: 0 },
    { name: 'the position mode it has', act: 'mode', value: false, code: -4059 },
    { name: 'hedge mode', act: 'mode', value: true, code: 0 },
  ] as const)('set-up: $name: $code', (change) => {
    const { venue } = aDesk(aMarket({ ETHUSDT: FLAT }));
    const answer =
      change.act === 'leverage'
        ? venue.setLeverage(ACCOUNT, 'ETHUSDT', change.value)
        : change.act === 'type'
          ? venue.setMarginType(ACCOUNT, 'ETHUSDT', change.value)
          : venue.setHedgeMode(ACCOUNT, change.value);
    expect(codeOf(answer)).toBe(change.code);
  });

  it('keep their set-up while something is open', () => {
    const { venue, buy } = aDesk(aMarket({ ETHUSDT: FLAT }));
    buy();
    expect(codeOf(venue.setMarginType(ACCOUNT, 'ETHUSDT', 'ISOLATED'))).toBe(-4048);
    expect(codeOf(venue.setHedgeMode(ACCOUNT, true))).toBe(-4068);
    buy({ type: 'LIMIT', timeInForce: 'GTC', price: '1950' });
    expect(codeOf(venue.setMarginType(ACCOUNT, 'ETHUSDT', 'ISOLATED'))).toBe(-4047);
    expect(codeOf(venue.setHedgeMode(ACCOUNT, true))).toBe(-4067);
  });

  it('tell a change of leverage once', () => {
    const { venue } = aDesk(aMarket({ ETHUSDT: FLAT }));
    const seen: VenueEvents['config'][] = [];
    venue.on('config', (event) => seen.push(event));
    valueOf(venue.setLeverage(ACCOUNT, 'ETHUSDT', 7));
    valueOf(venue.setLeverage(ACCOUNT, 'ETHUSDT', 7));
    expect(seen).toMatchObject([{ symbol: 'ETHUSDT', leverage: 7 }]);
  });

  it('in hedge mode hold both sides, and a closing side cannot flip', () => {
    const { venue } = aDesk(aMarket({ ETHUSDT: FLAT }));
    valueOf(venue.setHedgeMode(ACCOUNT, true));
    const order = { symbol: 'ETHUSDT', type: 'MARKET', quantity: '1' } as const;
    valueOf(venue.placeOrder(ACCOUNT, { ...order, side: 'BUY', positionSide: 'LONG' }));
    valueOf(venue.placeOrder(ACCOUNT, { ...order, side: 'SELL', positionSide: 'SHORT' }));
    expect(venue.positions(ACCOUNT).map((row) => textOf(row.signedQuantity))).toEqual(['1', '-1']);
    const over = valueOf(venue.placeOrder(ACCOUNT, { ...order, quantity: '3', side: 'SELL', positionSide: 'LONG' }));
    expect(over).toMatchObject({ status: 'EXPIRED', executedQuantity: fixed('1') });
    expect(codeOf(venue.placeOrder(ACCOUNT, { ...order, side: 'BUY' }))).toBe(-4061);
  });
});

describe('liquidation', () => {
  it('takes a crossed account over when its margin no longer holds, and the fund pays what is missing', () => {
    const { venue, buy, pass, ledger } = aDesk(aMarket({ ETHUSDT: CRASH }), { balance: fixed('10000') });
    valueOf(venue.setLeverage(ACCOUNT, 'ETHUSDT', 25));
    const executions: string[] = [];
    const calls: number[] = [];
    venue.on('order', (event) => executions.push(`${event.order.clientOrderId} ${event.execution}`));
    venue.on('marginCall', (event) => calls.push(event.timeMs));
    buy({ quantity: '100', clientOrderId: 'entry' });
    buy({ type: 'LIMIT', timeInForce: 'GTC', price: '1650', quantity: '1', clientOrderId: 'rest' });
    const [before] = venue.positions(ACCOUNT);
    pass(3);
    expect(venue.positions(ACCOUNT)).toHaveLength(0);
    expect(executions).toContain('rest EXPIRED');
    expect(executions.some((one) => /^autoclose-\d+ CALCULATED$/.test(one))).toBe(true);
    expect(calls.length).toBeGreaterThan(0);
    const price = venue.fills(ACCOUNT, {}).find((fill) => fill.clientOrderId.startsWith('autoclose-'))?.price ?? 0n;
    expect(price < (before?.liquidationPrice ?? 0n)).toBe(true);
    expect(price > times(before?.liquidationPrice ?? 0n, fixed('0.95'))).toBe(true);
    expect(venue.account(ACCOUNT).walletBalance >= 0n).toBe(true);
    const paid = ledger.filter((record) => record.kind === 'insurance').map((record) => JSON.stringify(record));
    expect(paid.some((record) => record.includes('"amount":"-'))).toBe(true);
    expect(ledger.some((record) => record.kind === 'order' && record['origin'] === 'liquidation')).toBe(true);
  });

  it('takes only the isolated margin of an isolated position', () => {
    const { venue, buy, pass } = aDesk(aMarket({ ETHUSDT: CRASH }));
    valueOf(venue.setMarginType(ACCOUNT, 'ETHUSDT', 'ISOLATED'));
    buy({ quantity: '10' });
    const [position] = venue.positions(ACCOUNT);
    expect(position?.isolatedWallet).toBe(times(position?.entryPrice ?? 0n, fixed('10')) / 20n);
    const free = venue.account(ACCOUNT).crossWalletBalance;
    pass(3);
    expect(venue.positions(ACCOUNT)).toHaveLength(0);
    expect(venue.account(ACCOUNT).walletBalance >= free).toBe(true);
    expect(venue.account(ACCOUNT).crossWalletBalance).toBe(venue.account(ACCOUNT).walletBalance);
  });

  it('states a liquidation price at which maintenance just holds', () => {
    const { venue, buy } = aDesk(aMarket({ ETHUSDT: CRASH }));
    buy({ quantity: '50' });
    const [position] = venue.positions(ACCOUNT);
    const at = position?.liquidationPrice ?? 0n;
    const equity =
      venue.account(ACCOUNT).walletBalance + times(fixed('50'), at) - times(fixed('50'), position?.entryPrice ?? 0n);
    const maintenance = times(times(fixed('50'), at), fixed('0.005')) - fixed('50');
    const difference = equity - maintenance;
    expect(difference < 1_000n && difference > -1_000n).toBe(true);
  });
});

describe('funding', () => {
  const market = (rate: string) =>
    aMarket(
      { ETHUSDT: FLAT },
      [{ symbol: 'ETHUSDT', rates: new Map([[START_MS + 8 * HOUR_MS, fixed(rate)]]) }],
      START_MS + 8 * HOUR_MS - 60_000,
    );

  it.each([
    { rate: '0.0003', side: 'BUY', sign: -1n },
    { rate: '0.0003', side: 'SELL', sign: 1n },
    { rate: '-0.0003', side: 'BUY', sign: 1n },
  ] as const)('at $rate a $side pays or gets mark x quantity x rate', ({ rate, side, sign }) => {
    const { venue, buy, sell, pass } = aDesk(market(rate));
    (side === 'BUY' ? buy : sell)({ quantity: '2' });
    expect(venue.mark('ETHUSDT')).toMatchObject({
      fundingRate: fixed(rate),
      nextFundingTimeMs: START_MS + 8 * HOUR_MS,
    });
    pass(1);
    const [income] = venue.income(ACCOUNT, { incomeType: 'FUNDING_FEE' });
    const [point] = venue.fundingHistory({ limit: 10 });
    expect(income?.amount).toBe(sign * times(times(fixed('2'), point?.markPrice ?? 0n), fixed('0.0003')));
    expect(income?.timeMs).toBe(START_MS + 8 * HOUR_MS);
    expect(venue.mark('ETHUSDT').nextFundingTimeMs).toBe(START_MS + 16 * HOUR_MS);
  });
});
