import type { OrderView } from './venue-types.ts';

/**
 * An account's orders, open and ended, oldest first, found by either id. Most are never asked for once they have ended, so the index by
 * client id is only made up to date by a question.
 */
export class OrderHistory<T extends OrderView> {
  readonly #orders: readonly T[];
  readonly #byClientId = new Map<string, T>();
  #indexed = 0;

  /** `orders` grows at its end, with rising ids. */
  constructor(orders: readonly T[]) {
    this.#orders = orders;
  }

  byId(orderId: number): T | undefined {
    const orders = this.#orders;
    let low = 0;
    let high = orders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((orders[middle]?.orderId ?? 0) < orderId) low = middle + 1;
      else high = middle;
    }
    const found = orders[low];
    return found?.orderId === orderId ? found : undefined;
  }

  /** The newest order of that client id. */
  byClientId(clientOrderId: string): T | undefined {
    for (; this.#indexed < this.#orders.length; this.#indexed += 1) {
      const order = this.#orders[this.#indexed];
      if (order !== undefined) this.#byClientId.set(order.clientOrderId, order);
    }
    return this.#byClientId.get(clientOrderId);
  }
}
