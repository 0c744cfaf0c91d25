import type { Account } from './account.ts';
import type { VenueCore } from './core.ts';
import { absolute, type Fixed, greatest, least, textOf, times } from './fixed.ts';
import { type MarketLookup, marginTotals, positionViewOf } from './margin.ts';
import type { PlainOrders } from './plain-orders.ts';
import type { Position } from './position.ts';
import { maintenanceOf } from './symbol-specs.ts';

/** A margin call goes out when maintenance reaches four fifths of the margin balance. */
const CALL_NUMERATOR = 4n;
const CALL_DENOMINATOR = 5n;

/** Takes over positions whose margin no longer covers what it must, at the market and for a fee. */
export class Liquidations {
  readonly #core: VenueCore;
  readonly #orders: PlainOrders;
  #count = 0;

  constructor(core: VenueCore, orders: PlainOrders) {
    this.#core = core;
    this.#orders = orders;
  }

  /** Whether any account would be taken over at the marks of `lookup`. */
  isDueAt(lookup: MarketLookup): boolean {
    for (const account of this.#core.accounts.values()) {
      if (this.#isCrossDue(account, lookup)) return true;
      for (const position of account.positions()) if (this.#isIsolatedDue(account, position, lookup)) return true;
    }
    return false;
  }

  /** Takes over what is due at the marks now. */
  sweep(): void {
    for (const account of this.#core.accounts.values()) {
      for (const position of account.positions()) {
        if (this.#isIsolatedDue(account, position, this.#core.lookup)) this.#takeOver(account, [position]);
      }
      if (this.#isCrossDue(account, this.#core.lookup)) {
        const crossed = [...account.positions()].filter((one) => one.quantity !== 0n && this.#isCrossed(account, one));
        this.#takeOver(account, crossed);
      } else this.#warn(account);
    }
  }

  #isCrossed(account: Account, position: Position): boolean {
    return account.setup(position.symbol).marginType === 'CROSSED';
  }

  #isIsolatedDue(account: Account, position: Position, lookup: MarketLookup): boolean {
    if (position.quantity === 0n || this.#isCrossed(account, position)) return false;
    const { spec, markPrice } = lookup(position.symbol);
    const kept = maintenanceOf(spec, times(position.quantity, markPrice));
    return position.isolatedWallet + position.unrealizedAt(markPrice) < kept;
  }

  #isCrossDue(account: Account, lookup: MarketLookup): boolean {
    let hasPosition = false;
    for (const position of account.positions()) {
      if (position.quantity !== 0n && this.#isCrossed(account, position)) hasPosition = true;
    }
    if (!hasPosition) return false;
    const totals = marginTotals(account, lookup);
    return account.crossWallet + totals.crossUnrealized < totals.crossMaintenance;
  }

  #takeOver(account: Account, positions: readonly Position[]): void {
    const isCross = positions.some((position) => this.#isCrossed(account, position));
    this.#orders.cancelAll(account, isCross ? null : (positions[0]?.symbol ?? null), 'EXPIRED');
    for (const position of positions) {
      const side = position.quantity > 0n ? 'SELL' : 'BUY';
      // With the book eaten up the rest waits for the next point of the path.
      if (position.quantity === 0n || !this.#orders.hasLiquidity(this.#core.market(position.symbol), side)) continue;
      const cushion = isCross ? null : position.isolatedWallet;
      const walletBefore = account.wallet;
      this.#count += 1;
      const quantity = absolute(position.quantity);
      const order = this.#orders.place(account, {
        request: {
          symbol: position.symbol,
          side,
          positionSide: position.positionSide,
          type: 'MARKET',
          quantity: textOf(quantity),
          reduceOnly: true,
          clientOrderId: `autoclose-${this.#count}`,
        },
        quantity,
        price: 0n,
        origin: 'liquidation',
      });
      this.#clear(account, position, { notional: order.cumulativeQuote, cushion, walletBefore });
    }
  }

  /** Takes the fee out of what margin is left, and lets the insurance fund pay what is missing. */
  #clear(
    account: Account,
    position: Position,
    taken: { notional: Fixed; cushion: Fixed | null; walletBefore: Fixed },
  ): void {
    const { symbol } = position;
    const { spec } = this.#core.market(symbol);
    const spent = taken.walletBefore - account.wallet;
    const left = taken.cushion === null ? account.crossWallet : taken.cushion - position.isolatedWallet - spent;
    const fee = left > 0n ? least(times(taken.notional, spec.liquidationFeeRatio), left) : 0n;
    const isFlat = [...account.positions()].every((one) => one.quantity === 0n || !this.#isCrossed(account, one));
    const isShort = left < 0n && (taken.cushion !== null || isFlat);
    const amount = isShort ? -left : -fee;
    if (amount === 0n) return;
    this.#core.book(account, { incomeType: 'INSURANCE_CLEAR', amount, symbol });
    this.#core.announce(account, { reason: 'INSURANCE_CLEAR', balanceChange: amount, positions: [position] });
  }

  #warn(account: Account): void {
    const totals = marginTotals(account, this.#core.lookup);
    const balance = greatest(account.crossWallet + totals.crossUnrealized, 0n);
    const isClose =
      totals.crossMaintenance > 0n && totals.crossMaintenance * CALL_DENOMINATOR > balance * CALL_NUMERATOR;
    if (isClose && !account.isMarginCalled) {
      this.#core.emit('marginCall', {
        accountId: account.id,
        timeMs: this.#core.nowMs,
        crossWalletBalance: account.crossWallet,
        positions: [...account.positions()]
          .filter((position) => position.quantity !== 0n)
          .map((position) => positionViewOf(account, position, this.#core.lookup)),
      });
    }
    account.isMarginCalled = isClose;
  }
}
