import type { Account, Algo } from './account.ts';
import { absolute, type Fixed, times } from './fixed.ts';
import { PriceQueue } from './price-queue.ts';
import { extremeAt, hasTurned, shownStopOf } from './trailing.ts';
import type { AlgoKind, OrderSide, WorkingType } from './venue-types.ts';

/** A conditional order and whose it is. */
export interface WaitingAlgo {
  readonly account: Account;
  readonly algo: Algo;
}

/** The two prices that triggers watch. */
export interface TriggerPrices {
  readonly last: Fixed;
  readonly mark: Fixed;
}

const WORKING_TYPES: readonly WorkingType[] = ['CONTRACT_PRICE', 'MARK_PRICE'];

/** Whether an order is triggered by a price that rises to it; else by one that falls. */
export const waitsForRise = (side: OrderSide, type: AlgoKind): boolean =>
  (side === 'BUY') === (type !== 'TAKE_PROFIT' && type !== 'TAKE_PROFIT_MARKET');

/** Returns the price that an order watches. */
export const workingPrice = (workingType: WorkingType, { last, mark }: TriggerPrices): Fixed =>
  workingType === 'MARK_PRICE' ? mark : last;

const isReached = (algo: Algo, price: Fixed): boolean => {
  if (algo.type === 'TRAILING_STOP_MARKET') return hasTurned(algo, price);
  return waitsForRise(algo.side, algo.type) ? price >= algo.triggerPrice : price <= algo.triggerPrice;
};

type Queues = Readonly<Record<WorkingType, PriceQueue<WaitingAlgo>>>;

/**
 * Conditional orders of one symbol. Plain triggers wait in queues by price. Trailing stops, whose triggers move, and protected orders,
 * which may have to wait at their trigger, are looked at one by one.
 */
export class TriggerBook {
  readonly #triggerProtect: Fixed;
  readonly #rising: Queues = { CONTRACT_PRICE: new PriceQueue('lowest'), MARK_PRICE: new PriceQueue('lowest') };
  readonly #falling: Queues = { CONTRACT_PRICE: new PriceQueue('highest'), MARK_PRICE: new PriceQueue('highest') };
  readonly #watched = new Map<number, WaitingAlgo>();

  /** `triggerProtect` is how far last and mark price may be apart, as a share of mark, for a protected order to be triggered. */
  constructor(triggerProtect: Fixed) {
    this.#triggerProtect = triggerProtect;
  }

  add(waiting: WaitingAlgo): void {
    const { algo } = waiting;
    if (algo.type === 'TRAILING_STOP_MARKET' || algo.priceProtect) this.#watched.set(algo.algoId, waiting);
    else this.#queueOf(algo).add(algo.triggerPrice, algo.algoId, waiting);
  }

  remove(algo: Algo): void {
    if (!this.#watched.delete(algo.algoId)) this.#queueOf(algo).remove(algo.triggerPrice, algo.algoId);
  }

  /** Returns an order that is due at these prices, null when none is. */
  next(prices: TriggerPrices): WaitingAlgo | null {
    const queued = this.#nextQueued(prices);
    if (queued !== null) return queued;
    const isFar = absolute(prices.last - prices.mark) > times(prices.mark, this.#triggerProtect);
    for (const waiting of this.#watched.values()) {
      const { algo } = waiting;
      const isHeldBack = algo.priceProtect && isFar;
      if (!isHeldBack && isReached(algo, workingPrice(algo.workingType, prices))) return waiting;
    }
    return null;
  }

  /** Whether these prices would trigger an order, move a trailing stop, or reach an order that protection may hold back. */
  isTouchedAt(prices: TriggerPrices): boolean {
    if (this.#nextQueued(prices) !== null) return true;
    for (const { algo } of this.#watched.values()) {
      const price = workingPrice(algo.workingType, prices);
      const moves = algo.type === 'TRAILING_STOP_MARKET' && extremeAt(algo, price) !== algo.extremePrice;
      if (moves || isReached(algo, price)) return true;
    }
    return false;
  }

  /** Lets trailing stops follow the market to these prices. Returns those that have become active. */
  follow(prices: TriggerPrices, priceStep: Fixed): WaitingAlgo[] {
    const woken: WaitingAlgo[] = [];
    for (const waiting of this.#watched.values()) {
      const { algo } = waiting;
      if (algo.type !== 'TRAILING_STOP_MARKET') continue;
      const wasAsleep = algo.extremePrice === 0n;
      algo.extremePrice = extremeAt(algo, workingPrice(algo.workingType, prices));
      if (algo.extremePrice === 0n) continue;
      algo.triggerPrice = shownStopOf(algo, priceStep);
      if (wasAsleep) woken.push(waiting);
    }
    return woken;
  }

  #nextQueued(prices: TriggerPrices): WaitingAlgo | null {
    for (const workingType of WORKING_TYPES) {
      const price = workingPrice(workingType, prices);
      const rising = this.#rising[workingType];
      if (rising.nextPrice !== null && price >= rising.nextPrice) return rising.next;
      const falling = this.#falling[workingType];
      if (falling.nextPrice !== null && price <= falling.nextPrice) return falling.next;
    }
    return null;
  }

  #queueOf(algo: Algo): PriceQueue<WaitingAlgo> {
    return (waitsForRise(algo.side, algo.type) ? this.#rising : this.#falling)[algo.workingType];
  }
}
