import { Decimal, invariant } from '@qt/kernel';

export interface SizingInput {
  readonly equityUsdt: Decimal;
  /** Worst price at which the entry may fill. Units: USDT per base unit. */
  readonly entryPrice: Decimal;
  /** Units: USDT per base unit. */
  readonly stopPrice: Decimal;
  /** Share of equity lost if the stop is hit, 0.01 = 1 %. */
  readonly riskRatio: Decimal;
  /** Notional over equity. */
  readonly maxLeverage: Decimal;
  /** Units: base units. */
  readonly quantityStep: Decimal;
}

export type SizingDecision =
  | { readonly kind: 'sized'; readonly quantity: Decimal }
  | { readonly kind: 'denied'; readonly code: 'EQUITY_DEPLETED' | 'STOP_AT_ENTRY' | 'QUANTITY_BELOW_STEP' };

/**
 * Returns the largest quantity that loses at most `riskRatio` of equity at the stop, capped by leverage.
 *
 * Units: base units, rounded down to `quantityStep`. Fees and slippage are not included.
 * Denies: EQUITY_DEPLETED, STOP_AT_ENTRY, QUANTITY_BELOW_STEP.
 * Throws: InvariantError if any input is not finite, or any but equity is not positive.
 * Source: fixed-fractional sizing, R. Vince, Portfolio Management Formulas (1990).
 */
export function sizePosition(input: SizingInput): SizingDecision {
  const { equityUsdt, entryPrice, stopPrice, riskRatio, maxLeverage, quantityStep } = input;
  const positives = [entryPrice, stopPrice, riskRatio, maxLeverage, quantityStep];
  invariant(
    equityUsdt.isFinite() && positives.every((value) => value.isFinite() && value.gt(0)),
    'inputs are finite, all but equity positive',
  );

  const stopDistance = entryPrice.minus(stopPrice).abs();
  if (equityUsdt.lte(0)) return { kind: 'denied', code: 'EQUITY_DEPLETED' };
  if (stopDistance.isZero()) return { kind: 'denied', code: 'STOP_AT_ENTRY' };

  const quantityByRisk = equityUsdt.times(riskRatio).div(stopDistance);
  const quantityByLeverage = equityUsdt.times(maxLeverage).div(entryPrice);
  const steps = Decimal.min(quantityByRisk, quantityByLeverage).div(quantityStep).floor();

  if (steps.isZero()) return { kind: 'denied', code: 'QUANTITY_BELOW_STEP' };
  return { kind: 'sized', quantity: steps.times(quantityStep) };
}
