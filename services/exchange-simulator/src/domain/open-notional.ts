import { type Fixed, times } from './fixed.ts';
import type { OrderView } from './venue-types.ts';

/** Open orders of one symbol by side. */
export interface OrderExposure {
  readonly bids: Fixed;
  readonly asks: Fixed;
}

/** Running sums over an account's open orders of one symbol, so that nobody has to walk through them. */
export class OpenNotional {
  readonly #all = { bids: 0n, asks: 0n };
  readonly #opening = { bids: 0n, asks: 0n };
  #reducing = 0;

  get all(): OrderExposure {
    return this.#all;
  }

  /** Without reduce-only orders, which need no margin. */
  get opening(): OrderExposure {
    return this.#opening;
  }

  /** Number of reduce-only orders. */
  get reducing(): number {
    return this.#reducing;
  }

  weigh(order: OrderView, sign: 1n | -1n): void {
    if (order.reduceOnly) this.#reducing += Number(sign);
    if (order.price === 0n) return;
    const notional = sign * times(order.quantity - order.executedQuantity, order.price);
    const side = order.side === 'BUY' ? 'bids' : 'asks';
    this.#all[side] += notional;
    if (!order.reduceOnly) this.#opening[side] += notional;
  }
}
