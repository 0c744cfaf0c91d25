import type { SuiteRecord } from '../src/invariants/record-rows.ts';
import type { VenueLedger, VenueRecord } from '../src/invariants/venue-ledger.ts';

const DECISION = '01HGJ8ZC00ABCDEFGHJKMNPQRS';
export const ENTRY_ID = `q1-${DECISION}-E0`;
export const STOP_ID = `q1-${DECISION}-S0`;

/** A venue's ledger of one entry of 0.1 BTC at 30,000 USDT with its stop, and a fee of 1.2 USDT. */
export const aVenueLedger = (): VenueLedger & { records: VenueRecord[] } => ({
  path: 'venue.jsonl',
  lineCount: 9,
  lastTimeMs: 60_000,
  records: [
    { seq: 1, timeMs: 1_000, kind: 'run', speed: 'stepped', symbols: ['BTCUSDT'] },
    {
      seq: 2,
      timeMs: 1_000,
      kind: 'income',
      tranId: '1',
      incomeType: 'TRANSFER',
      asset: 'USDT',
      amount: '10000',
      walletAfter: '10000',
    },
    {
      seq: 3,
      timeMs: 2_000,
      kind: 'order',
      orderId: '11',
      clientOrderId: ENTRY_ID,
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      quantity: '0.100',
      origin: 'client',
      reduceOnly: false,
    },
    {
      seq: 4,
      timeMs: 2_000,
      kind: 'fill',
      tradeId: '21',
      orderId: '11',
      clientOrderId: ENTRY_ID,
      symbol: 'BTCUSDT',
      side: 'BUY',
      quantity: '0.1',
      price: '30000',
      fee: '1.2',
      feeAsset: 'USDT',
      realizedPnl: '0',
      positionAfter: '0.1',
    },
    {
      seq: 5,
      timeMs: 2_000,
      kind: 'income',
      tranId: '2',
      incomeType: 'COMMISSION',
      asset: 'USDT',
      amount: '-1.2',
      symbol: 'BTCUSDT',
      walletAfter: '9998.8',
    },
    {
      seq: 6,
      timeMs: 2_000,
      kind: 'order_update',
      orderId: '11',
      clientOrderId: ENTRY_ID,
      status: 'FILLED',
      executedQuantity: '0.1',
    },
    {
      seq: 7,
      timeMs: 2_100,
      kind: 'algo',
      algoId: '31',
      clientAlgoId: STOP_ID,
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'STOP_MARKET',
      quantity: null,
      triggerPrice: '29000',
      closePosition: true,
      reduceOnly: false,
    },
    {
      seq: 8,
      timeMs: 60_000,
      kind: 'income',
      tranId: '3',
      incomeType: 'FUNDING_FEE',
      asset: 'USDT',
      amount: '-0.3',
      symbol: 'BTCUSDT',
      walletAfter: '9998.5',
    },
  ],
});

/** The record of the same trade in Postgres. */
export const aSuiteRecord = (): SuiteRecord => {
  const order = { symbol: 'BTCUSDT', executedQuantity: '0' };
  const intent = {
    decisionId: DECISION,
    attempt: 0,
    symbol: 'BTCUSDT',
    sentAtMs: 2_000,
    outcome: 'approved',
    decidedAtMs: 2_000,
    maxQuantity: '0.1',
  };
  return {
    fills: [
      {
        symbol: 'BTCUSDT',
        venueFillId: '21',
        venueOrderId: '11',
        orderId: ENTRY_ID,
        side: 'buy',
        quantity: '0.1000',
        price: '30000.0',
        fee: '1.2',
        feeAsset: 'USDT',
        realizedPnlUsdt: '0',
      },
    ],
    orders: [
      {
        ...order,
        orderId: ENTRY_ID,
        clientOrderId: ENTRY_ID,
        intentId: ENTRY_ID,
        leg: 'entry',
        state: 'FILLED',
        executedQuantity: '0.1',
      },
      { ...order, orderId: STOP_ID, clientOrderId: STOP_ID, intentId: STOP_ID, leg: 'stop', state: 'ACCEPTED' },
    ],
    intents: [
      { ...intent, clientOrderId: ENTRY_ID, leg: 'entry', side: 'buy', quantity: '0.1' },
      { ...intent, clientOrderId: STOP_ID, leg: 'stop', side: 'sell', quantity: null },
    ],
    transitions: [
      { orderId: ENTRY_ID, fromState: null, toState: 'SENDING' },
      { orderId: ENTRY_ID, fromState: 'SENDING', toState: 'FILLED' },
      { orderId: STOP_ID, fromState: null, toState: 'SENDING' },
      { orderId: STOP_ID, fromState: 'SENDING', toState: 'ACCEPTED' },
    ],
    openPositions: [{ symbol: 'BTCUSDT', direction: 'long', quantity: '0.1' }],
    ledgerSums: [
      { kind: 'transfer', asset: 'USDT', amount: '10000' },
      { kind: 'fee', asset: 'USDT', amount: '-1.20' },
      { kind: 'funding', asset: 'USDT', amount: '-0.3' },
    ],
    deliveryFaults: [],
    deliveryCount: 12,
    sequenceGaps: [],
    storeFaults: [],
    storeCount: 12,
  };
};
