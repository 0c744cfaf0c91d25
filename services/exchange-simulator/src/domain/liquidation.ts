import type { Account, Order } from './account.ts';
import { positionViewOf } from './account-views.ts';
import { bankruptcyPriceOf, cushionOf, takeoverLoss } from './bankruptcy.ts';
import { closeAt, type OnPositionChanged } from './closing-orders.ts';
import type { VenueCore } from './core.ts';
import type { Deleveraging } from './deleveraging.ts';
import { feeRatiosOf } from './fees.ts';
import { absolute, clamp, type Fixed, greatest, least, over, textOf, times } from './fixed.ts';
import { type CrossRisk, crossRiskOf, type MarketLookup } from './margin.ts';
import type { PlainOrders } from './plain-orders.ts';
import type { Position } from './position.ts';
import { done, REFUSALS } from './refusals.ts';
import { maintenanceOf } from './symbol-specs.ts';
import type { Answer } from './venue-types.ts';

/** A margin call goes out when maintenance reaches four fifths of the margin balance. */
const CALL_NUMERATOR = 4n;
const CALL_DENOMINATOR = 5n;

const isShortOf = (balance: Fixed, maintenance: Fixed): boolean =>
  maintenance > 0n && maintenance * CALL_DENOMINATOR > greatest(balance, 0n) * CALL_NUMERATOR;

/** The venue's people and parts that a takeover needs. */
interface LiquidationParts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
  readonly deleveraging: Deleveraging;
  readonly onPositionChanged: OnPositionChanged;
}

/**
 * Takes over positions whose margin no longer covers what it must. Open orders go first. Then the position is sold along the book, no
 * further than its bankruptcy price, and pays the liquidation fee out of what margin is left. Where the market is beyond that price, the
 * insurance fund takes the rest over at it, and what the fund cannot pay for is taken from customers on the other side. Where there is
 * no book left, the rest waits for the next point of the path, and the account may not trade meanwhile.
 */
export class Liquidations {
  readonly #parts: LiquidationParts;
  readonly #core: VenueCore;

  constructor(parts: LiquidationParts) {
    this.#parts = parts;
    this.#core = parts.core;
  }

  /** Whether any account would be taken over at the marks of `lookup`. */
  isDueAt(lookup: MarketLookup): boolean {
    for (const account of this.#core.accounts.values()) {
      if (this.#isCrossDue(account, crossRiskOf(account, lookup))) return true;
      for (const position of account.positions()) if (this.#isIsolatedDue(account, position, lookup)) return true;
    }
    return false;
  }

  /** Takes over what is due at the marks now. */
  sweep(): void {
    for (const account of this.#core.accounts.values()) {
      for (const position of account.positions()) {
        if (this.#isIsolatedDue(account, position, this.#core.lookup)) this.#takeOver(account, [position]);
        else this.#warnIsolated(account, position);
      }
      const risk = crossRiskOf(account, this.#core.lookup);
      if (this.#isCrossDue(account, risk)) this.#takeOver(account, this.#crossed(account));
      else this.#warnCross(account, risk);
    }
  }

  /** Takes an account's positions of one symbol over although its margin would hold. Denies: -1121, -2024. */
  force(account: Account, symbol: string): Answer<null> {
    if (!this.#core.markets.has(symbol)) return REFUSALS.badSymbol;
    const held = account.positionsOf(symbol).filter((position) => position.quantity !== 0n);
    if (held.length === 0) return REFUSALS.positionNotSufficient;
    this.#takeOver(account, held);
    return done(null);
  }

  #isCrossed(account: Account, position: Position): boolean {
    return account.setup(position.symbol).marginType === 'CROSSED';
  }

  #crossed(account: Account): Position[] {
    return [...account.positions()].filter((one) => one.quantity !== 0n && this.#isCrossed(account, one));
  }

  #isIsolatedDue(account: Account, position: Position, lookup: MarketLookup): boolean {
    if (position.quantity === 0n || this.#isCrossed(account, position)) return false;
    if (position.isLiquidating) return true;
    const { spec, markPrice } = lookup(position.symbol);
    const kept = maintenanceOf(spec, times(position.quantity, markPrice));
    return position.isolatedWallet + position.unrealizedAt(markPrice) < kept;
  }

  #isCrossDue(account: Account, risk: CrossRisk): boolean {
    if (!risk.hasPosition) return false;
    if (risk.equity < risk.maintenance) return true;
    for (const position of account.positions()) {
      if (position.isLiquidating && position.quantity !== 0n && this.#isCrossed(account, position)) return true;
    }
    return false;
  }

  /** Worst position first. */
  #takeOver(account: Account, positions: readonly Position[]): void {
    const isCross = positions.some((position) => this.#isCrossed(account, position));
    for (const position of positions) {
      if (!position.isLiquidating) this.#begin(account, position);
    }
    this.#parts.orders.cancelAll(account, isCross ? null : (positions[0]?.symbol ?? null), 'EXPIRED');
    const profitOf = (position: Position): Fixed => position.unrealizedAt(this.#core.market(position.symbol).markPrice);
    for (const position of positions.toSorted((left, right) => (profitOf(left) < profitOf(right) ? -1 : 1))) {
      // What stands still cannot be sold: it waits until the symbol trades again.
      if (position.quantity === 0n || !this.#core.isTrading(position.symbol)) continue;
      this.#sell(account, position);
      this.#takeRest(account, position);
    }
    if (isCross && this.#crossed(account).length === 0) this.#coverShortfall(account, positions);
  }

  #begin(account: Account, position: Position): void {
    position.isLiquidating = true;
    const cushion = cushionOf(account, position, this.#core.lookup);
    this.#core.record('liquidation', {
      accountId: account.id,
      symbol: position.symbol,
      positionSide: position.positionSide,
      quantity: textOf(position.quantity),
      markPrice: textOf(this.#core.market(position.symbol).markPrice),
      bankruptcyPrice: textOf(bankruptcyPriceOf(position, cushion, 0n)),
    });
  }

  /** Sells along the book, not past the price at which the margin would be gone, and takes the fee. */
  #sell(account: Account, position: Position): void {
    const { symbol } = position;
    const market = this.#core.market(symbol);
    const side = position.quantity > 0n ? 'SELL' : 'BUY';
    if (!this.#parts.orders.hasLiquidity(market, side)) return;
    const cushion = cushionOf(account, position, this.#core.lookup);
    const ruin = bankruptcyPriceOf(position, cushion, feeRatiosOf(account.feeTier).taker);
    const { priceStep, minPrice, maxPrice } = market.spec;
    const onGrid = (side === 'SELL' ? (ruin + priceStep - 1n) / priceStep : ruin / priceStep) * priceStep;
    const price = clamp(onGrid, minPrice, maxPrice);
    const quantity = absolute(position.quantity);
    const isolatedBefore = this.#isCrossed(account, position) ? null : position.isolatedWallet;
    const walletBefore = account.wallet;
    const orderId = this.#core.nextOrderId();
    const order = this.#parts.orders.place(
      account,
      {
        request: {
          symbol,
          side,
          positionSide: position.positionSide,
          type: 'LIMIT',
          timeInForce: 'IOC',
          quantity: textOf(quantity),
          price: textOf(price),
          reduceOnly: true,
          clientOrderId: `autoclose-${orderId}`,
        },
        quantity,
        price,
        origin: 'liquidation',
      },
      orderId,
    );
    this.#chargeFee(account, position, { order, isolatedBefore, walletBefore });
    this.#publish(order);
  }

  #publish(order: Order): void {
    if (order.executedQuantity === 0n) return;
    this.#core.emit('liquidation', { timeMs: this.#core.nowMs, order: { ...order } });
  }

  /** Takes the liquidation fee out of what margin the sale has left. */
  #chargeFee(
    account: Account,
    position: Position,
    sale: { order: Order; isolatedBefore: Fixed | null; walletBefore: Fixed },
  ): void {
    const { symbol } = position;
    const released = sale.isolatedBefore === null ? 0n : sale.isolatedBefore - position.isolatedWallet;
    const left =
      sale.isolatedBefore === null
        ? least(account.crossWallet, crossRiskOf(account, this.#core.lookup).equity)
        : released - (sale.walletBefore - account.wallet);
    const wanted = times(sale.order.cumulativeQuote, this.#core.market(symbol).spec.liquidationFeeRatio);
    this.#clear(account, position, -least(wanted, greatest(left, 0n)));
  }

  /** What the fund could sell the position for now: the worse of mark and book. */
  #fundPrice(position: Position): Fixed {
    const market = this.#core.market(position.symbol);
    const { bid, ask } = market.quote();
    return position.quantity > 0n ? least(market.markPrice, bid) : greatest(market.markPrice, ask);
  }

  /** Whether the book ends short of the bankruptcy price, or the mark is beyond it. */
  #isBeyond(position: Position, price: Fixed): boolean {
    const market = this.#core.market(position.symbol);
    const isLong = position.quantity > 0n;
    if (isLong ? market.markPrice <= price : market.markPrice >= price) return true;
    return this.#parts.orders.hasLiquidity(market, isLong ? 'SELL' : 'BUY') && price > 0n;
  }

  /** Beyond the bankruptcy price the fund takes what the book has not, as far as it can pay; others pay for the rest. */
  #takeRest(account: Account, position: Position): void {
    const { symbol } = position;
    if (position.quantity === 0n) return;
    const { spec } = this.#core.market(symbol);
    const price = bankruptcyPriceOf(position, cushionOf(account, position, this.#core.lookup), 0n);
    if (!this.#isBeyond(position, price)) return;
    const fundPrice = this.#fundPrice(position);
    const held = position.quantity;
    const fund = greatest(this.#core.houses.USDT.insurance, 0n);
    const loss = takeoverLoss(held, price, fundPrice);
    const size = absolute(held);
    const affordable = loss <= fund ? size : (times(size, over(fund, loss)) / spec.quantityStep) * spec.quantityStep;
    const insured = held > 0n ? affordable : -affordable;
    const isolatedBefore = this.#isCrossed(account, position) ? null : position.isolatedWallet;
    const walletBefore = account.wallet;
    const orderId = this.#core.nextOrderId();
    const order = closeAt(
      this.#parts,
      account,
      position,
      { clientOrderId: `autoclose-${orderId}`, quantity: size, price, kind: 'CALCULATED', isFree: true },
      orderId,
    );
    if (insured !== 0n) this.#core.bookInsurance(-least(takeoverLoss(insured, price, fundPrice), fund), symbol);
    if (insured !== held) {
      const left = this.#parts.deleveraging.closeAgainst(account, held - insured, { symbol, price });
      this.#core.record('adl', {
        symbol,
        accountId: account.id,
        price: textOf(price),
        quantity: textOf(absolute(held - insured)),
        uncovered: textOf(left),
      });
    }
    this.#chargeFee(account, position, { order, isolatedBefore, walletBefore });
    this.#publish(order);
  }

  /** A cross account that is flat and owes something: its BNB goes first in multi-assets mode, then the fund pays what it can. */
  #coverShortfall(account: Account, positions: readonly Position[]): void {
    if (account.crossWallet >= 0n) return;
    const [position] = positions;
    if (account.multiAssetsMode && account.bnbWallet > 0n) {
      const price = this.#core.bnbPrice();
      const needed = over(-account.crossWallet, price) + 1n;
      const bnb = least(needed, account.bnbWallet);
      this.#core.book(account, { incomeType: 'AUTO_EXCHANGE', amount: -bnb, asset: 'BNB' });
      this.#core.book(account, { incomeType: 'AUTO_EXCHANGE', amount: times(bnb, price) });
      this.#core.announce(account, {
        reason: 'AUTO_EXCHANGE',
        balanceChange: times(bnb, price),
        bnbChange: -bnb,
        positions: [],
      });
    }
    const missing = greatest(-account.crossWallet, 0n);
    const paid = least(missing, greatest(this.#core.houses.USDT.insurance, 0n));
    if (position !== undefined) this.#clear(account, position, paid);
  }

  #clear(account: Account, position: Position, amount: Fixed): void {
    if (amount === 0n) return;
    this.#core.book(account, { incomeType: 'INSURANCE_CLEAR', amount, symbol: position.symbol });
    this.#core.announce(account, { reason: 'INSURANCE_CLEAR', balanceChange: amount, positions: [position] });
  }

  #warnIsolated(account: Account, position: Position): void {
    if (position.quantity === 0n || this.#isCrossed(account, position)) {
      position.isMarginCalled = false;
      return;
    }
    const { spec, markPrice } = this.#core.market(position.symbol);
    const kept = maintenanceOf(spec, times(position.quantity, markPrice));
    const isClose = isShortOf(position.isolatedWallet + position.unrealizedAt(markPrice), kept);
    if (isClose && !position.isMarginCalled) this.#call(account, null, [position]);
    position.isMarginCalled = isClose;
  }

  #warnCross(account: Account, risk: CrossRisk): void {
    const isClose = isShortOf(risk.equity, risk.maintenance);
    if (isClose && !account.isMarginCalled) this.#call(account, account.crossWallet, this.#crossed(account));
    account.isMarginCalled = isClose;
  }

  #call(account: Account, crossWalletBalance: Fixed | null, positions: readonly Position[]): void {
    this.#core.record('margin_call', {
      accountId: account.id,
      crossWallet: crossWalletBalance === null ? null : textOf(crossWalletBalance),
      positions: positions.map(({ symbol, positionSide }) => ({ symbol, positionSide })),
    });
    this.#core.emit('marginCall', {
      accountId: account.id,
      timeMs: this.#core.nowMs,
      crossWalletBalance,
      positions: positions.map((position) => positionViewOf(account, position, this.#core.lookup)),
    });
  }
}
