import type { Account } from './account.ts';
import { closeAt, type OnPositionChanged } from './closing-orders.ts';
import type { VenueCore } from './core.ts';
import { absolute, type Fixed, greatest, least, over, times } from './fixed.ts';
import type { Position } from './position.ts';
import { done, REFUSALS } from './refusals.ts';
import type { Answer } from './venue-types.ts';

/** The client id that the real venue gives to every automatic deleveraging. */
const ADL_ID = 'adl_autoclose';
const HIGHEST_QUANTILE = 4;

interface Queued {
  readonly account: Account;
  readonly position: Position;
  /** Profit ratio x effective leverage; losers stand behind everyone who gains. */
  readonly score: Fixed;
}

/** Automatic deleveraging: what the insurance fund cannot pay is taken from those who gain the most with the most leverage. */
export class Deleveraging {
  readonly #core: VenueCore;
  readonly #onPositionChanged: OnPositionChanged;

  constructor(core: VenueCore, onPositionChanged: OnPositionChanged) {
    this.#core = core;
    this.#onPositionChanged = onPositionChanged;
  }

  /**
   * Closes positions against `quantity` (signed as the bankrupt position) at its bankruptcy price, first in the queue first. Returns
   * what nobody was left for. Both sides are booked at the same price, so that no money is made or lost.
   */
  closeAgainst(bankrupt: Account, quantity: Fixed, close: { symbol: string; price: Fixed }): Fixed {
    let left = absolute(quantity);
    for (const { account, position } of this.#queue(close.symbol, quantity > 0n ? 'short' : 'long')) {
      if (left === 0n) break;
      if (account === bankrupt) continue;
      const part = least(left, absolute(position.quantity));
      this.#close(account, position, part, close.price);
      left -= part;
    }
    return left;
  }

  /** Closes (a part of) a customer's position at the mark, as if somebody opposite had gone bankrupt. Denies: -1121, -2024. */
  force(account: Account, symbol: string, quantity: Fixed | null): Answer<null> {
    const market = this.#core.markets.get(symbol);
    if (market === undefined) return REFUSALS.badSymbol;
    const held = account.positionsOf(symbol).filter((position) => position.quantity !== 0n);
    let left = quantity ?? held.reduce((sum, position) => sum + absolute(position.quantity), 0n);
    if (held.length === 0 || left <= 0n) return REFUSALS.positionNotSufficient;
    for (const position of held) {
      const part = least(left, absolute(position.quantity));
      if (part > 0n) this.#close(account, position, part, market.markPrice);
      left -= part;
    }
    return done(null);
  }

  /** Returns the place of a position in its queue, 0 to 4, 4 being the first to go. */
  quantileOf(position: Position): number {
    if (position.quantity === 0n) return 0;
    const queue = this.#queue(position.symbol, position.quantity > 0n ? 'long' : 'short');
    const place = queue.findIndex((one) => one.position === position);
    if (queue.length <= 1) return (queue[0]?.score ?? 0n) > 0n ? 2 : 1;
    return Math.floor((HIGHEST_QUANTILE * (queue.length - 1 - place)) / (queue.length - 1));
  }

  #close(account: Account, position: Position, quantity: Fixed, price: Fixed): void {
    closeAt({ core: this.#core, onPositionChanged: this.#onPositionChanged }, account, position, {
      clientOrderId: ADL_ID,
      quantity,
      price,
      kind: 'CALCULATED',
    });
  }

  /** All positions of one side, first to go first; equals in the order of their accounts. */
  #queue(symbol: string, side: 'long' | 'short'): readonly Queued[] {
    const queue: Queued[] = [];
    for (const account of this.#core.accounts.values()) {
      for (const position of account.positionsOf(symbol)) {
        if (position.quantity === 0n || position.quantity > 0n !== (side === 'long')) continue;
        queue.push({ account, position, score: this.#scoreOf(account, position) });
      }
    }
    return queue.toSorted((left, right) => (left.score === right.score ? 0 : left.score > right.score ? -1 : 1));
  }

  /** Source: Binance, What is Auto-Deleveraging: PnL ratio x effective leverage when in profit, divided by it when in loss. */
  #scoreOf(account: Account, position: Position): Fixed {
    const { markPrice } = this.#core.market(position.symbol);
    const profit = position.unrealizedAt(markPrice);
    const ratio = over(profit, greatest(absolute(position.cost), 1n));
    const isIsolated = account.setup(position.symbol).marginType === 'ISOLATED';
    const equity = isIsolated ? position.isolatedWallet + profit : account.collateral + profit;
    const leverage = over(absolute(times(position.quantity, markPrice)), greatest(equity, 1n));
    return profit > 0n ? times(ratio, leverage) : over(ratio, greatest(leverage, 1n));
  }
}
