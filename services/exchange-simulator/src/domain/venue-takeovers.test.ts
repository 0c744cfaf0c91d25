import { describe, expect, it } from '@jest/globals';
import { aMarket, type CandleRow, codeOf, valueOf } from '../../test/venue-builders.ts';
import { absolute, fixed, textOf, times } from './fixed.ts';
import { Venue } from './venue.ts';
import type { LedgerRecord, OrderEvent, VenueEvents } from './venue-types.ts';

const CALM: CandleRow = ['2000', '2001', '1999', '2000', '100000'];
const DEAD: CandleRow = ['2000', '2001', '1999', '2000', '0'];
/** Opens far below where a long with much leverage is ruined. */
const GAP: readonly CandleRow[] = [CALM, ['1800', '1805', '1795', '1800', '100000'], ['1800', '1805', '1795', '1800']];

interface House {
  readonly venue: Venue;
  readonly ledger: LedgerRecord[];
  readonly orders: OrderEvent[];
  trade(accountId: string, side: 'BUY' | 'SELL', quantity: string): void;
  pass(candles: number): void;
  /** All wallets and the other side of them. */
  sum(): bigint;
}

const aHouse = (rows: readonly CandleRow[], accounts: Readonly<Record<string, string>>, insuranceFund = '0'): House => {
  const ledger: LedgerRecord[] = [];
  const venue = new Venue({
    seed: 7,
    market: aMarket({ ETHUSDT: rows }),
    speed: 'stepped',
    ledger: (record) => ledger.push(record),
    insuranceFund: fixed(insuranceFund),
  });
  for (const [accountId, startBalance] of Object.entries(accounts)) {
    venue.openAccount({ accountId, startBalance: fixed(startBalance) });
    valueOf(venue.setLeverage(accountId, 'ETHUSDT', 25));
  }
  const orders: OrderEvent[] = [];
  venue.on('order', (event) => orders.push(event));
  return {
    venue,
    ledger,
    orders,
    trade: (accountId, side, quantity) => {
      valueOf(venue.placeOrder(accountId, { symbol: 'ETHUSDT', side, type: 'MARKET', quantity }));
    },
    pass: (candles) => {
      for (let played = 0; played < candles; played += 1) {
        venue.advance(venue.state().nextCloseMs);
        venue.closeCandles();
      }
    },
    sum: () =>
      Object.keys(accounts).reduce((sum, one) => sum + venue.account(one).walletBalance, 0n) +
      Object.values(venue.house()).reduce((sum, one) => sum + one, 0n),
  };
};

const fillsOf = (orders: readonly OrderEvent[], accountId: string): OrderEvent[] =>
  orders.filter((event) => event.accountId === accountId && event.fill !== null);

describe('takeovers', () => {
  it('where the market is beyond the bankruptcy price, the fund takes the position over at it and pays', () => {
    const { venue, ledger, trade, pass, sum } = aHouse(GAP, { long: '1000' }, '100000');
    trade('long', 'BUY', '10');
    pass(3);
    expect(venue.positions('long')).toHaveLength(0);
    expect(textOf(venue.account('long').walletBalance)).toBe('0');
    const paid = ledger.find((record) => record.kind === 'insurance');
    expect(venue.house().insurance < fixed('100000')).toBe(true);
    expect(paid).toMatchObject({ symbol: 'ETHUSDT', fundAfter: textOf(venue.house().insurance) });
    expect(sum()).toBe(0n);
  });

  it('what the fund cannot pay for is taken from the customer opposite who gains most with most leverage, at the same price', () => {
    const { venue, ledger, orders, trade, pass, sum } = aHouse(GAP, { long: '1000', rich: '90000', poor: '900' });
    trade('rich', 'SELL', '8');
    trade('poor', 'SELL', '8');
    trade('long', 'BUY', '10');
    expect(venue.positions('poor')[0]?.adlQuantile).toBe(4);
    expect(venue.positions('rich')[0]?.adlQuantile).toBe(0);
    pass(3);
    const [taken] = fillsOf(orders, 'long').slice(-1);
    const [poor, rich] = [fillsOf(orders, 'poor').at(-1), fillsOf(orders, 'rich').at(-1)];
    expect(taken).toMatchObject({ execution: 'CALCULATED', order: { status: 'FILLED', timeInForce: 'IOC' } });
    expect(taken?.order.clientOrderId).toMatch(/^autoclose-\d+$/);
    for (const event of [poor, rich]) {
      expect(event).toMatchObject({ execution: 'CALCULATED', order: { clientOrderId: 'adl_autoclose' } });
      expect(event?.fill?.price).toBe(taken?.fill?.price);
    }
    expect(poor?.fill?.quantity).toBe(fixed('8'));
    expect(rich?.fill?.quantity).toBe(fixed('2'));
    expect(textOf(venue.positions('rich')[0]?.signedQuantity ?? 0n)).toBe('-6');
    expect(ledger.find((record) => record.kind === 'adl')).toMatchObject({ quantity: '10', uncovered: '0' });
    expect(venue.forcedOrders('rich', { cause: 'ADL' })).toHaveLength(1);
    expect(venue.forcedOrders('long', { cause: 'ADL' })).toHaveLength(0);
    expect(textOf(venue.house().insurance)).toBe('0');
    expect(sum()).toBe(0n);
  });

  it('everybody hears of a liquidation, and the order says what it was', () => {
    const { venue, trade, pass } = aHouse(GAP, { long: '1000' }, '100000');
    const heard: VenueEvents['liquidation'][] = [];
    venue.on('liquidation', (event) => heard.push(event));
    trade('long', 'BUY', '10');
    pass(3);
    const filled = heard.filter(({ order }) => order.executedQuantity > 0n);
    expect(filled.reduce((sum, { order }) => sum + order.executedQuantity, 0n)).toBe(fixed('10'));
    expect(filled[0]).toMatchObject({ order: { symbol: 'ETHUSDT', side: 'SELL', type: 'LIMIT', timeInForce: 'IOC' } });
  });

  it('an account that is being taken over may not trade until it is flat', () => {
    const { venue, orders, trade, pass } = aHouse([CALM, DEAD, DEAD, CALM, CALM], { long: '40000' });
    trade('long', 'BUY', '100');
    const rest = { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' } as const;
    valueOf(venue.placeOrder('long', { ...rest, price: '1950', clientOrderId: 'rest' }));
    // The book is as thin as the candle before.
    pass(2);
    valueOf(venue.liquidate('long', 'ETHUSDT'));
    expect(orders.findIndex(({ order }) => order.clientOrderId === 'rest' && order.status === 'EXPIRED')).toBeLessThan(
      orders.findIndex(({ execution }) => execution === 'CALCULATED'),
    );
    expect(venue.positions('long')[0]?.signedQuantity ?? 0n).not.toBe(0n);
    expect(codeOf(venue.placeOrder('long', { ...rest, price: '1950' }))).toBe(-2023);
    expect(codeOf(venue.placeAlgo('long', { ...rest, type: 'STOP_MARKET', triggerPrice: '2100' }))).toBe(-2023);
    pass(3);
    expect(venue.positions('long')).toHaveLength(0);
    expect(codeOf(venue.placeOrder('long', { ...rest, price: '1950' }))).toBe(0);
  });

  it('liquidation on command leaves a healthy account what is left after the fee', () => {
    const { venue, trade } = aHouse([CALM], { long: '10000' });
    trade('long', 'BUY', '10');
    const before = venue.account('long').walletBalance;
    valueOf(venue.liquidate('long', 'ETHUSDT'));
    const [fee] = venue.income('long', { incomeType: 'INSURANCE_CLEAR' });
    expect(fee?.amount).toBe(-times(fixed('0.0125'), venue.forcedOrders('long', {})[0]?.cumulativeQuote ?? 0n));
    expect(venue.house().insurance).toBe(-(fee?.amount ?? 0n));
    expect(venue.account('long').walletBalance > before - fixed('300')).toBe(true);
    expect(codeOf(venue.liquidate('long', 'ETHUSDT'))).toBe(-2024);
    expect(codeOf(venue.liquidate('long', 'NOSUCH'))).toBe(-1121);
  });

  it('deleveraging on command closes as much as it is told, at the mark', () => {
    const { venue, orders, trade, sum } = aHouse([CALM], { long: '10000' });
    trade('long', 'BUY', '3');
    valueOf(venue.deleverage('long', 'ETHUSDT', fixed('1')));
    expect(textOf(venue.positions('long')[0]?.signedQuantity ?? 0n)).toBe('2');
    expect(orders.at(-1)).toMatchObject({ execution: 'CALCULATED', fill: { price: venue.mark('ETHUSDT').markPrice } });
    valueOf(venue.deleverage('long', 'ETHUSDT', null));
    expect(venue.positions('long')).toHaveLength(0);
    expect(codeOf(venue.deleverage('long', 'ETHUSDT', null))).toBe(-2024);
    expect(sum()).toBe(0n);
  });

  it('a margin call names the isolated position alone, and the cross wallet only for cross positions', () => {
    // So slow that the mark passes through the last fifth before the end.
    const down = Array.from({ length: 90 }, (_, index): CandleRow => {
      const text = String(2000 - index);
      return [text, text, text, text, '100000'];
    });
    const { venue, trade, pass } = aHouse(down, { cross: '1000', isolated: '9000' });
    const calls: VenueEvents['marginCall'][] = [];
    venue.on('marginCall', (event) => calls.push(event));
    valueOf(venue.setMarginType('isolated', 'ETHUSDT', 'ISOLATED'));
    trade('cross', 'BUY', '12');
    trade('isolated', 'BUY', '10');
    pass(90);
    const [ofIsolated, ofCross] = ['isolated', 'cross'].map((id) => calls.find(({ accountId }) => accountId === id));
    expect(ofIsolated).toMatchObject({ crossWalletBalance: null, positions: [{ marginType: 'ISOLATED' }] });
    expect(ofCross?.crossWalletBalance).not.toBeNull();
  });
});

describe('settlement and status', () => {
  it('a settled symbol has no orders and no positions, and stays closed', () => {
    const { venue, ledger, orders, trade, sum } = aHouse([CALM, CALM], { long: '10000', short: '10000' });
    trade('long', 'BUY', '2');
    trade('short', 'SELL', '3');
    const rest = { symbol: 'ETHUSDT', side: 'BUY', quantity: '1' } as const;
    valueOf(venue.placeOrder('long', { ...rest, type: 'LIMIT', timeInForce: 'GTC', price: '1950' }));
    valueOf(venue.placeAlgo('short', { ...rest, type: 'STOP_MARKET', triggerPrice: '2100' }));
    const index = venue.mark('ETHUSDT').indexPrice;
    valueOf(venue.settleSymbol('ETHUSDT'));
    expect(venue.openOrders('long')).toEqual([]);
    expect(venue.openAlgos('short')).toEqual([]);
    for (const accountId of ['long', 'short']) {
      expect(venue.positions(accountId)).toEqual([]);
      const last = fillsOf(orders, accountId).at(-1);
      expect(last?.order.clientOrderId).toMatch(/^settlement_autoclose-\d+$/);
      expect(last).toMatchObject({ execution: 'TRADE', fill: { price: index } });
    }
    expect(venue.symbolStatus('ETHUSDT')).toBe('CLOSE');
    expect(codeOf(venue.placeOrder('long', { ...rest, type: 'MARKET' }))).toBe(-4108);
    expect(ledger.filter(({ kind }) => kind === 'symbol_status').map(({ status }) => status)).toEqual([
      'SETTLING',
      'CLOSE',
    ]);
    expect(sum()).toBe(0n);
  });

  it('while a symbol is halted nothing is filled, triggered or taken in; orders may be canceled', () => {
    const { venue, trade, pass } = aHouse([...GAP, CALM], { long: '10000' });
    trade('long', 'BUY', '1');
    const order = { symbol: 'ETHUSDT', side: 'BUY', quantity: '1' } as const;
    const { orderId } = valueOf(
      venue.placeOrder('long', { ...order, type: 'LIMIT', timeInForce: 'GTC', price: '1950' }),
    );
    valueOf(venue.placeAlgo('long', { ...order, side: 'SELL', type: 'STOP_MARKET', triggerPrice: '1950' }));
    valueOf(venue.setSymbolStatus('ETHUSDT', 'HALT'));
    pass(2);
    expect(codeOf(venue.placeOrder('long', { ...order, type: 'MARKET' }))).toBe(-4140);
    expect(venue.openOrders('long')).toHaveLength(1);
    expect(venue.openAlgos('long')).toHaveLength(1);
    expect(codeOf(venue.cancelOrder('long', { symbol: 'ETHUSDT', orderId }))).toBe(0);
    valueOf(venue.setSymbolStatus('ETHUSDT', 'TRADING'));
    pass(1);
    expect(venue.openAlgos('long')).toHaveLength(0);
    expect(absolute(venue.positions('long')[0]?.signedQuantity ?? 0n)).toBe(0n);
  });
});
