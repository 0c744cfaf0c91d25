import { type Fixed, times } from './fixed.ts';
import type { OrderView } from './venue-types.ts';

/** Open orders of one symbol by side; reduce-only ones need no margin. Units: USDT of notional. */
export interface OrderExposure {
  readonly bids: Fixed;
  readonly asks: Fixed;
}

interface Sums {
  readonly all: { bids: Fixed; asks: Fixed };
  readonly opening: { bids: Fixed; asks: Fixed };
}

interface Counted {
  readonly side: 'bids' | 'asks';
  readonly notional: Fixed;
  readonly isOpening: boolean;
}

const NONE: OrderExposure = { bids: 0n, asks: 0n };

/** What an account's open orders may come to, by symbol and side: running sums, so that judging an order needs no walk over the others. */
export class Exposures {
  readonly #bySymbol = new Map<string, Sums>();
  readonly #counted = new Map<number, Counted>();

  /** Takes an order in, or anew after it has changed. */
  count(order: OrderView): void {
    this.drop(order);
    const notional = times(order.quantity - order.executedQuantity, order.price);
    if (notional === 0n) return;
    const counted: Counted = { side: order.side === 'BUY' ? 'bids' : 'asks', notional, isOpening: !order.reduceOnly };
    this.#counted.set(order.orderId, counted);
    let sums = this.#bySymbol.get(order.symbol);
    if (sums === undefined) {
      sums = { all: { bids: 0n, asks: 0n }, opening: { bids: 0n, asks: 0n } };
      this.#bySymbol.set(order.symbol, sums);
    }
    sums.all[counted.side] += notional;
    if (counted.isOpening) sums.opening[counted.side] += notional;
  }

  /** Leaves an order out. */
  drop(order: Pick<OrderView, 'orderId' | 'symbol'>): void {
    const counted = this.#counted.get(order.orderId);
    const sums = this.#bySymbol.get(order.symbol);
    if (counted === undefined || sums === undefined) return;
    this.#counted.delete(order.orderId);
    sums.all[counted.side] -= counted.notional;
    if (counted.isOpening) sums.opening[counted.side] -= counted.notional;
  }

  of(symbol: string, which: 'all' | 'opening'): OrderExposure {
    return this.#bySymbol.get(symbol)?.[which] ?? NONE;
  }
}
