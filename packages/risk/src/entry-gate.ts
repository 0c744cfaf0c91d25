import type { DenialCode, Direction, Side, TradingMode } from '@qt/contracts';
import { Decimal, dec, floorToStep, ZERO } from '@qt/kernel';
import { openingSide } from './position-arithmetic.ts';
import { movedBps, protectivePrices } from './protective-prices.ts';
import type { RiskLimits } from './risk-limits.ts';
import { sizePosition } from './size-position.ts';

/** The filters of a market that sizing must respect. */
export interface TradableMarket {
  readonly isTrading: boolean;
  readonly priceStep: Decimal;
  readonly quantityStep: Decimal;
  readonly minQuantity: Decimal;
  readonly maxQuantity: Decimal;
  readonly minNotionalUsdt: Decimal;
}

/** The opinion to be judged. */
export interface EntrySignal {
  readonly direction: Direction;
  readonly confidence: number;
  readonly expiresAtMs: number;
  readonly horizonMs: number;
  /** Close of the last candle the models saw. */
  readonly lastPrice: Decimal;
  /** Average true range over price, per candle. */
  readonly volatilityRatio: Decimal;
  readonly regimeVolatility: 'low' | 'medium' | 'high';
}

/** Everything the gate may know. A null is an honest "not known", and most of those deny. */
export interface EntryContext {
  readonly nowMs: number;
  readonly isTradingEnabled: boolean;
  /** Null when it could not be read. */
  readonly mode: TradingMode | null;
  readonly market: TradableMarket | null;
  /** Why entries on this symbol are held; null when they are not. */
  readonly holdReason: string | null;
  readonly hasUnknownOrder: boolean;
  readonly isReconciling: boolean;
  readonly markPrice: Decimal | null;
  readonly markAgeMs: number | null;
  readonly clockOffsetMs: number;
  readonly isProtectionAvailable: boolean;
  readonly hasPosition: boolean;
  /** Entries on their way count as open. */
  readonly openPositions: number;
  readonly symbolNotionalUsdt: Decimal;
  /** Everything on its way or unknown counted as filled. */
  readonly grossExposureUsdt: Decimal;
  readonly ordersLastMinute: number;
  readonly equityUsdt: Decimal | null;
  readonly dailyLossRatio: Decimal;
  readonly drawdownRatio: Decimal;
  readonly limits: RiskLimits;
}

/** One entry, with the protection it must get. */
export interface EntryApproval {
  readonly side: Side;
  readonly quantity: Decimal;
  readonly priceLimit: Decimal;
  readonly stopPrice: Decimal;
  readonly targetPrice: Decimal;
  readonly leverage: number;
  readonly validUntilMs: number;
  readonly horizonEndsAtMs: number;
}

export type EntryDecision =
  | { readonly kind: 'approved'; readonly approval: EntryApproval; readonly reason: string }
  | { readonly kind: 'denied'; readonly code: DenialCode; readonly reason: string };

const denied = (code: DenialCode, reason: string): EntryDecision => ({ kind: 'denied', code, reason });

type Check = (context: EntryContext, signal: EntrySignal) => string | null;

/** The conditions of an entry in the order they are asked; the first that gives a reason denies with its code. */
const CHECKS: readonly (readonly [DenialCode, Check])[] = [
  ['TRADING_DISABLED', ({ isTradingEnabled }) => (isTradingEnabled ? null : 'TRADING_ENABLED is false')],
  ['MODE_FORBIDS_ENTRY', ({ mode }) => (mode === 'ACTIVE' ? null : `mode is ${mode ?? 'unreadable'}`)],
  [
    'SIGNAL_EXPIRED',
    ({ nowMs }, { expiresAtMs }) => (nowMs < expiresAtMs ? null : `expired at ${expiresAtMs}, it is ${nowMs}`),
  ],
  ['SYMBOL_UNKNOWN', ({ market }) => (market === null ? 'the venue does not list it' : null)],
  ['SYMBOL_NOT_TRADING', ({ market }) => (market?.isTrading === false ? 'the venue has halted it' : null)],
  ['SYMBOL_ON_HOLD', ({ holdReason }) => holdReason],
  ['ORDER_OUTCOME_UNKNOWN', ({ hasUnknownOrder }) => (hasUnknownOrder ? 'an order has no known outcome yet' : null)],
  ['STREAM_RECONCILING', ({ isReconciling }) => (isReconciling ? 'the books are being compared' : null)],
  [
    'FEED_STALE',
    ({ markAgeMs, limits }) => {
      if (markAgeMs === null) return 'no mark price yet';
      return markAgeMs > limits.orders.max_feed_age_ms ? `mark price is ${markAgeMs} ms old` : null;
    },
  ],
  [
    'CLOCK_SKEWED',
    ({ clockOffsetMs, limits }) =>
      Math.abs(clockOffsetMs) > limits.orders.max_clock_offset_ms ? `clock is off by ${clockOffsetMs} ms` : null,
  ],
  [
    'PROTECTION_UNAVAILABLE',
    ({ isProtectionAvailable }) => (isProtectionAvailable ? null : 'the venue does not take stops now'),
  ],
  [
    'CONFIDENCE_BELOW_MINIMUM',
    ({ limits }, { confidence }) =>
      confidence < limits.signals.min_confidence ? `${confidence} is below ${limits.signals.min_confidence}` : null,
  ],
  ['EQUITY_UNKNOWN', ({ equityUsdt }) => (equityUsdt === null ? 'equity is not known' : null)],
  ['EQUITY_DEPLETED', ({ equityUsdt }) => (equityUsdt?.lte(0) ? `equity is ${equityUsdt.toFixed()} USDT` : null)],
  [
    'DAILY_LOSS_LIMIT',
    ({ dailyLossRatio, limits }) =>
      dailyLossRatio.gte(limits.losses.daily_loss_ratio) ? `lost ${dailyLossRatio.toFixed(4)} of equity today` : null,
  ],
  [
    'DRAWDOWN_LIMIT',
    ({ drawdownRatio, limits }) =>
      drawdownRatio.gte(limits.losses.drawdown_ratio) ? `fell ${drawdownRatio.toFixed(4)} from the peak` : null,
  ],
  ['ALREADY_POSITIONED', ({ hasPosition }) => (hasPosition ? 'a position or an entry is open' : null)],
  [
    'POSITION_LIMIT',
    ({ openPositions, limits }) =>
      openPositions >= limits.exposure.max_open_positions ? `${openPositions} positions are open` : null,
  ],
  [
    'ORDER_RATE_LIMIT',
    ({ ordersLastMinute, limits }) =>
      ordersLastMinute >= limits.orders.max_orders_per_minute ? `${ordersLastMinute} entries in a minute` : null,
  ],
  [
    'PRICE_MOVED',
    ({ markPrice, limits }, { lastPrice }) => {
      if (markPrice === null) return null;
      const moved = movedBps(markPrice, lastPrice);
      return moved.gt(limits.orders.max_price_move_bps) ? `moved ${moved.toFixed(1)} bps since the signal` : null;
    },
  ],
];

/** Caps of the notional beyond risk and leverage, in the order in which the tightest of equals is named. */
const CAPS: readonly (readonly [DenialCode, (context: EntryContext, equityUsdt: Decimal) => Decimal])[] = [
  [
    'SYMBOL_NOTIONAL_LIMIT',
    ({ symbolNotionalUsdt, limits: { exposure } }, equityUsdt) =>
      Decimal.min(exposure.max_symbol_notional_usdt, equityUsdt.times(exposure.max_symbol_equity_ratio)).minus(
        symbolNotionalUsdt,
      ),
  ],
  [
    'GROSS_EXPOSURE_LIMIT',
    ({ grossExposureUsdt, limits: { exposure } }, equityUsdt) =>
      Decimal.min(exposure.max_gross_exposure_usdt, equityUsdt.times(exposure.max_gross_equity_ratio)).minus(
        grossExposureUsdt,
      ),
  ],
  [
    'LEVERAGE_LIMIT',
    ({ grossExposureUsdt, limits: { sizing } }, equityUsdt) =>
      equityUsdt.times(sizing.max_leverage).minus(grossExposureUsdt),
  ],
];

function approve(context: EntryContext, signal: EntrySignal): EntryDecision {
  const { market, markPrice, equityUsdt, limits } = context;
  if (market === null || markPrice === null || equityUsdt === null) {
    return denied('FEED_STALE', 'market, mark price or equity is missing');
  }
  const prices = protectivePrices({
    direction: signal.direction,
    markPrice,
    volatilityRatio: signal.volatilityRatio,
    priceStep: market.priceStep,
    limits,
  });
  if (prices.stopPrice.lte(0)) return denied('STOP_AT_ENTRY', 'the stop would lie at or below zero');

  const multiplier = limits.sizing.regime_multipliers[signal.regimeVolatility];
  const sized = sizePosition({
    equityUsdt,
    entryPrice: prices.priceLimit,
    stopPrice: prices.stopPrice,
    riskRatio: limits.sizing.risk_per_trade_ratio.times(multiplier),
    maxLeverage: dec(limits.sizing.max_leverage),
    quantityStep: market.quantityStep,
  });
  if (sized.kind === 'denied') return denied(sized.code, 'sizing by risk to the stop leaves nothing to order');

  let quantity = Decimal.min(sized.quantity, floorToStep(market.maxQuantity, market.quantityStep));
  let tightest: DenialCode | null = null;
  for (const [code, roomUsdt] of CAPS) {
    // A short may fill above its limit price, so room is measured at the worse of limit and mark.
    const price = Decimal.max(prices.priceLimit, markPrice);
    const room = Decimal.max(ZERO, floorToStep(roomUsdt(context, equityUsdt).div(price), market.quantityStep));
    if (room.lt(quantity)) {
      quantity = room;
      tightest = code;
    }
  }
  if (quantity.lte(0) || quantity.lt(market.minQuantity)) {
    return denied(tightest ?? 'QUANTITY_BELOW_STEP', `${quantity.toFixed()} is below ${market.minQuantity.toFixed()}`);
  }
  const notionalUsdt = quantity.times(Decimal.min(prices.priceLimit, markPrice));
  if (notionalUsdt.lt(market.minNotionalUsdt)) {
    return denied(
      tightest ?? 'NOTIONAL_BELOW_MINIMUM',
      `${notionalUsdt.toFixed(2)} USDT is below ${market.minNotionalUsdt.toFixed()}`,
    );
  }
  return {
    kind: 'approved',
    reason: tightest === null ? 'sized by risk to the stop' : `sized down by ${tightest}`,
    approval: {
      side: openingSide(signal.direction),
      quantity,
      ...prices,
      leverage: limits.sizing.max_leverage,
      validUntilMs: signal.expiresAtMs,
      horizonEndsAtMs: context.nowMs + signal.horizonMs,
    },
  };
}

/**
 * Returns whether an opinion may become an entry, and exactly which one.
 *
 * Denies: the first unmet condition, in the order of the chain; see `DenialCode`.
 */
export function decideEntry(context: EntryContext, signal: EntrySignal): EntryDecision {
  for (const [code, check] of CHECKS) {
    const reason = check(context, signal);
    if (reason !== null) return denied(code, reason);
  }
  return approve(context, signal);
}
