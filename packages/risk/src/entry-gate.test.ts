import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Decimal, dec } from '@qt/kernel';
import fc from 'fast-check';
import { decideEntry, type EntryContext, type EntrySignal, type TradableMarket } from './entry-gate.ts';
import { parseRiskLimits } from './risk-limits.ts';

const limits = parseRiskLimits(readFileSync('config/risk-limits.yaml', 'utf8'));
const aMarket = (changes: Partial<TradableMarket> = {}): TradableMarket => ({
  isTrading: true,
  priceStep: dec('0.1'),
  quantityStep: dec('0.001'),
  minQuantity: dec('0.001'),
  maxQuantity: dec(120),
  minNotionalUsdt: dec(100),
  ...changes,
});
const aContext = (changes: Partial<EntryContext> = {}): EntryContext => ({
  nowMs: 1_000_000,
  isTradingEnabled: true,
  mode: 'ACTIVE',
  market: aMarket(),
  holdReason: null,
  hasUnknownOrder: false,
  isReconciling: false,
  markPrice: dec(50_000),
  markAgeMs: 0,
  clockOffsetMs: 0,
  isProtectionAvailable: true,
  hasPosition: false,
  openPositions: 0,
  symbolNotionalUsdt: dec(0),
  grossExposureUsdt: dec(0),
  ordersLastMinute: 0,
  equityUsdt: dec(10_000),
  dailyLossRatio: dec(0),
  drawdownRatio: dec(0),
  limits,
  ...changes,
});
const aSignal = (changes: Partial<EntrySignal> = {}): EntrySignal => ({
  direction: 'long',
  confidence: 0.7,
  expiresAtMs: 1_060_000,
  horizonMs: 3_600_000,
  lastPrice: dec(50_000),
  volatilityRatio: dec('0.004'),
  regimeVolatility: 'low',
  ...changes,
});

describe('decideEntry', () => {
  it('approves what the limits allow: 0.5 % of 10 000 over a stop 1.15 % below the cap', () => {
    const decision = decideEntry(aContext(), aSignal());
    // 50 / (50 075 - 49 500) = 0.0869…
    expect(decision).toMatchObject({
      kind: 'approved',
      approval: {
        side: 'buy',
        quantity: dec('0.086'),
        priceLimit: dec(50_075),
        stopPrice: dec(49_500),
        targetPrice: dec(50_900),
        horizonEndsAtMs: 4_600_000,
      },
    });
  });

  it.each<[string, Partial<EntryContext>, Partial<EntrySignal>]>([
    ['TRADING_DISABLED', { isTradingEnabled: false, mode: 'HALT' }, {}],
    ['MODE_FORBIDS_ENTRY', { mode: 'REDUCE_ONLY' }, {}],
    ['MODE_FORBIDS_ENTRY', { mode: null }, {}],
    ['SIGNAL_EXPIRED', { nowMs: 1_060_000 }, {}],
    ['SYMBOL_UNKNOWN', { market: null }, {}],
    ['SYMBOL_NOT_TRADING', { market: aMarket({ isTrading: false }) }, {}],
    ['SYMBOL_ON_HOLD', { holdReason: 'books differ' }, {}],
    ['ORDER_OUTCOME_UNKNOWN', { hasUnknownOrder: true }, {}],
    ['STREAM_RECONCILING', { isReconciling: true }, {}],
    ['FEED_STALE', { markAgeMs: 120_001 }, {}],
    ['FEED_STALE', { markAgeMs: null, markPrice: null }, {}],
    ['CLOCK_SKEWED', { clockOffsetMs: -1001 }, {}],
    ['PROTECTION_UNAVAILABLE', { isProtectionAvailable: false }, {}],
    ['CONFIDENCE_BELOW_MINIMUM', {}, { confidence: 0.5 }],
    ['EQUITY_UNKNOWN', { equityUsdt: null }, {}],
    ['EQUITY_DEPLETED', { equityUsdt: dec(-1) }, {}],
    ['DAILY_LOSS_LIMIT', { dailyLossRatio: dec('0.03') }, {}],
    ['DRAWDOWN_LIMIT', { drawdownRatio: dec('0.1') }, {}],
    ['ALREADY_POSITIONED', { hasPosition: true }, {}],
    ['POSITION_LIMIT', { openPositions: 5 }, {}],
    ['ORDER_RATE_LIMIT', { ordersLastMinute: 30 }, {}],
    ['PRICE_MOVED', { markPrice: dec(50_600) }, {}],
    ['SYMBOL_NOTIONAL_LIMIT', { symbolNotionalUsdt: dec(25_000) }, {}],
    ['GROSS_EXPOSURE_LIMIT', { grossExposureUsdt: dec(24_990) }, {}],
    ['QUANTITY_BELOW_STEP', { equityUsdt: dec(10) }, {}],
    ['NOTIONAL_BELOW_MINIMUM', { market: aMarket({ minNotionalUsdt: dec(5000) }) }, {}],
  ])('denies with %s', (code, context, signal) => {
    expect(decideEntry(aContext(context), aSignal(signal))).toMatchObject({ kind: 'denied', code });
  });

  it('property: an approval never exceeds risk, symbol, gross or leverage caps, and its stop lies on the losing side', () => {
    const amount = fc.integer({ min: 0, max: 40_000 });
    fc.assert(
      fc.property(
        fc.constantFrom<'long' | 'short'>('long', 'short'),
        fc.integer({ min: 100, max: 200_000 }),
        amount,
        amount,
        fc.integer({ min: 1, max: 500 }),
        (direction, equity, symbolNotional, otherNotional, volatilityBps) => {
          const context = aContext({
            equityUsdt: dec(equity),
            symbolNotionalUsdt: dec(symbolNotional),
            grossExposureUsdt: dec(symbolNotional + otherNotional),
          });
          const decision = decideEntry(
            context,
            aSignal({ direction, volatilityRatio: dec(volatilityBps).div(10_000) }),
          );
          if (decision.kind === 'denied') return;
          const { quantity, priceLimit, stopPrice, targetPrice } = decision.approval;
          const sign = direction === 'long' ? 1 : -1;
          const notional = quantity.times(Decimal.max(priceLimit, 50_000));
          expect(priceLimit.minus(stopPrice).times(sign).gt(0)).toBe(true);
          expect(targetPrice.minus(priceLimit).times(sign).gt(0)).toBe(true);
          expect(quantity.times(priceLimit.minus(stopPrice).abs()).lte(dec(equity).times('0.005'))).toBe(true);
          expect(notional.plus(symbolNotional).lte(Decimal.min(25_000, equity))).toBe(true);
          expect(notional.plus(symbolNotional + otherNotional).lte(Decimal.min(50_000, dec(equity).times('2.5')))).toBe(
            true,
          );
        },
      ),
    );
  });
});
