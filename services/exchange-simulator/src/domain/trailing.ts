import { type Fixed, greatest, least, times } from './fixed.ts';
import type { OrderSide } from './venue-types.ts';

/** What a trailing stop knows: a SELL follows the highest price since it became active, a BUY the lowest. */
export interface Trail {
  readonly side: OrderSide;
  readonly activatePrice: Fixed;
  readonly callbackRatio: Fixed;
  /** Zero until it is active. */
  readonly extremePrice: Fixed;
}

/** Returns the best price since the trail became active, once the market has come to `price`; zero while it is not active. */
export const extremeAt = (trail: Trail, price: Fixed): Fixed => {
  const { side, activatePrice, extremePrice } = trail;
  if (extremePrice === 0n) {
    const isActive = side === 'SELL' ? price >= activatePrice : price <= activatePrice;
    return isActive ? price : 0n;
  }
  return side === 'SELL' ? greatest(extremePrice, price) : least(extremePrice, price);
};

/** Returns where the stop stands: the best price less the callback (a BUY: plus). Zero while the trail is not active. */
export const stopOf = ({ side, callbackRatio, extremePrice }: Trail): Fixed => {
  const callback = times(extremePrice, callbackRatio);
  return side === 'SELL' ? extremePrice - callback : extremePrice + callback;
};

/**
 * Returns where the stop stands on the price grid: the next price of the grid that reaches it, so that a market on the grid reaches both
 * at once. Zero while the trail is not active.
 */
export const shownStopOf = (trail: Trail, priceStep: Fixed): Fixed => {
  const stop = stopOf(trail);
  const below = (stop / priceStep) * priceStep;
  return trail.side === 'SELL' || below === stop ? below : below + priceStep;
};

/** Returns whether the market, now at `price`, has turned back as far as the callback. */
export const hasTurned = (trail: Trail, price: Fixed): boolean => {
  if (trail.extremePrice === 0n) return false;
  return trail.side === 'SELL' ? price <= stopOf(trail) : price >= stopOf(trail);
};
