import { absolute, divideRounded, type Fixed, least, over, times } from './fixed.ts';
import type { PositionSide } from './venue-types.ts';

/** What one execution did to a position. */
export interface PositionChange {
  /** Profit booked, fees not included. */
  readonly realizedPnl: Fixed;
  /** Base units by which the position shrank and grew; both when it flipped. */
  readonly closed: Fixed;
  readonly opened: Fixed;
  /** Isolated margin set free by the part that closed. */
  readonly released: Fixed;
}

/**
 * A position kept as quantity and exact cost, so that profit booked over its whole life equals the cash that changed hands, to 1e-8.
 * The entry price is derived, never stored.
 */
export class Position {
  readonly symbol: string;
  readonly positionSide: PositionSide;
  /** Base units, negative when short. */
  quantity: Fixed = 0n;
  /** Sum of quantity x price of what is open, with the sign of `quantity`. */
  cost: Fixed = 0n;
  /** Commission paid for what is open. */
  openFees: Fixed = 0n;
  isolatedWallet: Fixed = 0n;
  accumulatedRealized: Fixed = 0n;
  updatedMs = 0;
  /** Whether its owner was told that its isolated margin runs short. */
  isMarginCalled = false;
  /** Whether the venue is taking it over. */
  isLiquidating = false;

  constructor(symbol: string, positionSide: PositionSide) {
    this.symbol = symbol;
    this.positionSide = positionSide;
  }

  /** Volume-weighted entry price; zero when flat. */
  get entryPrice(): Fixed {
    return this.quantity === 0n ? 0n : over(this.cost, this.quantity);
  }

  /** Price at which closing would pay back the opening commission. */
  get breakEvenPrice(): Fixed {
    return this.quantity === 0n ? 0n : over(this.cost + this.openFees, this.quantity);
  }

  unrealizedAt(markPrice: Fixed): Fixed {
    return times(this.quantity, markPrice) - this.cost;
  }

  /** Applies an execution of `signedQuantity` (negative for sells) and its commission. */
  fill(signedQuantity: Fixed, price: Fixed, fee: Fixed): PositionChange {
    const isGrowing = this.quantity === 0n || this.quantity > 0n === signedQuantity > 0n;
    const size = absolute(signedQuantity);
    const held = absolute(this.quantity);
    const closed = isGrowing ? 0n : least(size, held);
    const opened = size - closed;
    const sign = signedQuantity > 0n ? 1n : -1n;
    let realizedPnl = 0n;
    let released = 0n;
    if (closed > 0n) {
      const part = (value: Fixed): Fixed => (closed === held ? value : divideRounded(value * closed, held));
      const costReleased = part(this.cost);
      realizedPnl = -times(sign * closed, price) - costReleased;
      released = part(this.isolatedWallet);
      this.openFees -= part(this.openFees);
      this.cost -= costReleased;
      this.isolatedWallet -= released;
      if (closed === held) {
        this.isLiquidating = false;
        this.isMarginCalled = false;
      }
    }
    if (opened > 0n) {
      this.cost += times(sign * opened, price);
      this.openFees += divideRounded(fee * opened, size);
    }
    this.quantity += signedQuantity;
    this.accumulatedRealized += realizedPnl;
    return { realizedPnl, closed, opened, released };
  }
}
