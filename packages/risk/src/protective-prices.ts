import type { Direction } from '@qt/contracts';
import { Decimal, dec, invariant } from '@qt/kernel';
import type { RiskLimits } from './risk-limits.ts';

export interface ProtectionInput {
  readonly direction: Direction;
  /** Mark price now. Units: USDT per base unit. */
  readonly markPrice: Decimal;
  /** Average true range over price, per candle. */
  readonly volatilityRatio: Decimal;
  readonly priceStep: Decimal;
  readonly limits: RiskLimits;
}

export interface ProtectivePrices {
  /** Worst price at which the entry may fill. */
  readonly priceLimit: Decimal;
  readonly stopPrice: Decimal;
  readonly targetPrice: Decimal;
}

const BPS_PER_UNIT = 10_000;

/**
 * Returns the price cap of an entry with the stop and target that go with it.
 *
 * Units: USDT per base unit, multiples of `priceStep`; the cap is rounded towards the mark price, stop and target towards the entry,
 * so that rounding never adds risk.
 * Throws: InvariantError if a price or ratio is not positive and finite.
 */
export function protectivePrices(input: ProtectionInput): ProtectivePrices {
  const { direction, markPrice, volatilityRatio, priceStep, limits } = input;
  invariant(
    [markPrice, volatilityRatio, priceStep].every((value) => value.isFinite() && value.gt(0)),
    'prices, step and volatility are positive',
  );
  const { stop_atr_multiple, min_stop_ratio, max_stop_ratio, target_r_multiple } = limits.protection;
  const stopRatio = Decimal.max(min_stop_ratio, Decimal.min(max_stop_ratio, volatilityRatio.times(stop_atr_multiple)));
  const stopDistance = markPrice.times(stopRatio);
  const targetDistance = stopDistance.times(target_r_multiple);
  const slippage = markPrice.times(limits.orders.slippage_cap_bps).div(BPS_PER_UNIT);

  const down = (price: Decimal): Decimal => price.div(priceStep).floor().times(priceStep);
  const up = (price: Decimal): Decimal => price.div(priceStep).ceil().times(priceStep);
  return direction === 'long'
    ? {
        priceLimit: down(markPrice.plus(slippage)),
        stopPrice: up(markPrice.minus(stopDistance)),
        targetPrice: down(markPrice.plus(targetDistance)),
      }
    : {
        priceLimit: up(markPrice.minus(slippage)),
        stopPrice: down(markPrice.plus(stopDistance)),
        // A target of a short beyond 100 % would lie at or below zero, where no order can rest.
        targetPrice: Decimal.max(priceStep, up(markPrice.minus(targetDistance))),
      };
}

/**
 * Returns how far the market has moved from the price an opinion was formed on.
 *
 * Units: basis points, never negative.
 */
export const movedBps = (markPrice: Decimal, referencePrice: Decimal): Decimal =>
  markPrice.minus(referencePrice).abs().div(referencePrice).times(dec(BPS_PER_UNIT));
