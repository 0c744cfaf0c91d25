import type { Direction, Side } from '@qt/contracts';
import { Decimal, invariant, ZERO } from '@qt/kernel';

/** One position's numbers. Quantities in base units and never negative; money as the venue booked it. */
export interface PositionState {
  readonly direction: Direction;
  /** Open now. */
  readonly quantity: Decimal;
  /** The largest it ever was. */
  readonly maxQuantity: Decimal;
  /** Volume-weighted average of the fills that opened it. */
  readonly entryPrice: Decimal;
  readonly closedQuantity: Decimal;
  /** Volume-weighted average of the fills that closed it; null before any did. */
  readonly exitPrice: Decimal | null;
  /** Fees not included. */
  readonly realizedPnlUsdt: Decimal;
  /** Positive when paid. */
  readonly feesUsdt: Decimal;
  /** Negative when paid. */
  readonly fundingUsdt: Decimal;
}

export interface PositionFill {
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Zero when the fee was paid in another asset. */
  readonly feeUsdt: Decimal;
  /** As the venue booked it. */
  readonly realizedPnlUsdt: Decimal;
}

export interface PositionStep {
  /** What the fill finished; null when it finished nothing. */
  readonly closed: PositionState | null;
  /** What is open after the fill; null when flat. */
  readonly open: PositionState | null;
  /** Realized PnL by our own arithmetic, to be compared with the venue's. */
  readonly ownRealizedPnlUsdt: Decimal;
}

// Averages of two prices need not end; twelve places are beyond any venue's price step.
const PRICE_PLACES = 12;

const average = (quantityA: Decimal, priceA: Decimal, quantityB: Decimal, priceB: Decimal): Decimal =>
  quantityA.times(priceA).plus(quantityB.times(priceB)).div(quantityA.plus(quantityB)).toDecimalPlaces(PRICE_PLACES);

/** Returns 1 for long and -1 for short. */
export const signOf = (direction: Direction): 1 | -1 => (direction === 'long' ? 1 : -1);

/** Returns the side of the order that opens a position in `direction`. */
export const openingSide = (direction: Direction): Side => (direction === 'long' ? 'buy' : 'sell');

/** Returns the side of the order that closes a position in `direction`. */
export const closingSide = (direction: Direction): Side => (direction === 'long' ? 'sell' : 'buy');

const opened = (fill: PositionFill, quantity: Decimal, ownsMoney: boolean): PositionState => ({
  direction: fill.side === 'buy' ? 'long' : 'short',
  quantity,
  maxQuantity: quantity,
  entryPrice: fill.price,
  closedQuantity: ZERO,
  exitPrice: null,
  realizedPnlUsdt: ownsMoney ? fill.realizedPnlUsdt : ZERO,
  feesUsdt: ownsMoney ? fill.feeUsdt : ZERO,
  fundingUsdt: ZERO,
});

/**
 * Returns what one fill makes of a position. A fill that goes through zero closes the old position and opens one the other way; its
 * fee and realized PnL then belong to the closed one.
 *
 * Throws: InvariantError if the fill's quantity or price is not positive.
 */
export function applyFill(position: PositionState | null, fill: PositionFill): PositionStep {
  invariant(fill.quantity.gt(0) && fill.price.gt(0), 'a fill has a quantity and a price');
  if (position === null) return { closed: null, open: opened(fill, fill.quantity, true), ownRealizedPnlUsdt: ZERO };

  const money = {
    realizedPnlUsdt: position.realizedPnlUsdt.plus(fill.realizedPnlUsdt),
    feesUsdt: position.feesUsdt.plus(fill.feeUsdt),
  };
  if (fill.side === openingSide(position.direction)) {
    const quantity = position.quantity.plus(fill.quantity);
    const entryPrice = average(position.quantity, position.entryPrice, fill.quantity, fill.price);
    const maxQuantity = Decimal.max(position.maxQuantity, quantity);
    return {
      closed: null,
      open: { ...position, ...money, quantity, maxQuantity, entryPrice },
      ownRealizedPnlUsdt: ZERO,
    };
  }

  const closing = Decimal.min(position.quantity, fill.quantity);
  const ownRealizedPnlUsdt = fill.price.minus(position.entryPrice).times(closing).times(signOf(position.direction));
  const reduced: PositionState = {
    ...position,
    ...money,
    quantity: position.quantity.minus(closing),
    closedQuantity: position.closedQuantity.plus(closing),
    exitPrice: average(position.closedQuantity, position.exitPrice ?? ZERO, closing, fill.price),
  };
  if (reduced.quantity.gt(0)) return { closed: null, open: reduced, ownRealizedPnlUsdt };
  const rest = fill.quantity.minus(closing);
  return { closed: reduced, open: rest.gt(0) ? opened(fill, rest, false) : null, ownRealizedPnlUsdt };
}

/** Returns the open PnL of a position at a mark price, fees and funding not included. Units: USDT. */
export const unrealizedPnl = (
  position: Pick<PositionState, 'direction' | 'quantity' | 'entryPrice'>,
  markPrice: Decimal,
): Decimal => markPrice.minus(position.entryPrice).times(position.quantity).times(signOf(position.direction));
