import * as setup from './account-setup.ts';
import { accountViewOf, positionViewOf } from './account-views.ts';
import type { AlgoOrders } from './algo-orders.ts';
import { setFeeBurn, setMultiAssetsMode } from './asset-mode.ts';
import type { OnPositionChanged } from './closing-orders.ts';
import type { VenueCore } from './core.ts';
import type { Deleveraging } from './deleveraging.ts';
import { feeRatiosOf } from './fees.ts';
import type { Fixed } from './fixed.ts';
import { type ForcedOrderQuery, forcedOrdersPage, incomePage, marginChangesPage } from './history-queries.ts';
import type { Liquidations } from './liquidation.ts';
import type { PlainOrders } from './plain-orders.ts';
import type { Position } from './position.ts';
import { changePositionMargin, type PositionMarginRequest } from './position-margin.ts';
import { setSymbolStatus, settleSymbol } from './settlement.ts';
import type {
  AccountView,
  Answer,
  Asset,
  HistoryQuery,
  House,
  IncomeQuery,
  IncomeView,
  MarginChange,
  MarginType,
  OrderView,
  PositionView,
  SymbolSetup,
  SymbolStatus,
} from './venue-types.ts';

interface AccountDeskParts {
  readonly core: VenueCore;
  readonly orders: PlainOrders;
  readonly algos: AlgoOrders;
  readonly liquidations: Liquidations;
  readonly deleveraging: Deleveraging;
  readonly onPositionChanged: OnPositionChanged;
}

/** The part of the venue that keeps accounts: money, margin and set-up, and what the venue itself does to them. */
export class AccountDesk {
  readonly #parts: AccountDeskParts;
  readonly #core: VenueCore;

  constructor(parts: AccountDeskParts) {
    this.#parts = parts;
    this.#core = parts.core;
  }

  /**
   * The other side of all wallets of an asset: deposits, trading, commission, funding and the insurance fund. With the wallets it sums
   * to zero.
   */
  house(asset: Asset = 'USDT'): Readonly<House> {
    return { ...this.#core.houses[asset] };
  }

  /**
   * Opens an account; its balances are noted as TRANSFER. `feeTier` is its VIP level, 0 to 9. Throws InvariantError when the id is taken,
   * RangeError when there is no such tier.
   */
  openAccount(opening: { accountId: string; startBalance: Fixed; startBnb?: Fixed; feeTier?: number }): void {
    const { accountId, startBalance, startBnb = 0n, feeTier = 0 } = opening;
    feeRatiosOf(feeTier);
    const account = this.#core.openAccount(accountId);
    account.feeTier = feeTier;
    if (feeTier !== 0) this.#core.record('fee_tier', { accountId, feeTier });
    if (startBalance > 0n) setup.transfer(this.#core, account, startBalance);
    if (startBnb > 0n) setup.transfer(this.#core, account, startBnb, 'BNB');
  }

  /** Deposit or withdrawal (negative), noted as TRANSFER. Denies: -4051. */
  transfer(accountId: string, amount: Fixed, asset: Asset = 'USDT'): Answer<IncomeView> {
    return setup.transfer(this.#core, this.#core.account(accountId), amount, asset);
  }

  account(accountId: string): AccountView {
    return accountViewOf(this.#core.account(accountId), {
      lookup: this.#core.lookup,
      symbols: this.#core.options.market.symbols,
      quantileOf: (position) => this.#quantileOf(position),
    });
  }

  /** Rows with a position or open orders; with `symbol` its row (two in hedge mode) even when flat. */
  positions(accountId: string, symbol?: string): readonly PositionView[] {
    const account = this.#core.account(accountId);
    const symbols = symbol === undefined ? this.#core.options.market.symbols : [symbol];
    const all = symbols.flatMap((one) => account.positionsOf(one));
    const shown = all.filter(
      (position) => symbol !== undefined || position.quantity !== 0n || account.ordersOf(position.symbol).size > 0,
    );
    return shown.map((position) => positionViewOf(account, position, this.#core.lookup, this.#quantileOf(position)));
  }

  setups(accountId: string, symbol?: string): readonly SymbolSetup[] {
    const symbols = symbol === undefined ? this.#core.options.market.symbols : [symbol];
    return symbols.map((one) => setup.setupViewOf(this.#core, this.#core.account(accountId), one));
  }

  setLeverage(accountId: string, symbol: string, leverage: number): Answer<SymbolSetup> {
    return setup.setLeverage(this.#core, this.#core.account(accountId), { symbol, leverage });
  }

  setMarginType(accountId: string, symbol: string, marginType: MarginType): Answer<SymbolSetup> {
    return setup.setMarginType(this.#core, this.#core.account(accountId), { symbol, marginType });
  }

  setHedgeMode(accountId: string, hedgeMode: boolean): Answer<{ hedgeMode: boolean }> {
    return setup.setHedgeMode(this.#core, this.#core.account(accountId), hedgeMode);
  }

  /** Margins with USDT alone, or with BNB too. */
  setMultiAssetsMode(accountId: string, isMulti: boolean): Answer<boolean> {
    return setMultiAssetsMode(this.#core, this.#core.account(accountId), isMulti);
  }

  /** Whether fees are to be paid in BNB. */
  setFeeBurn(accountId: string, feeBurn: boolean): Answer<boolean> {
    return setFeeBurn(this.#core, this.#core.account(accountId), feeBurn);
  }

  /** Adds isolated margin to a position or takes some of it back. */
  changePositionMargin(accountId: string, request: PositionMarginRequest): Answer<MarginChange> {
    return changePositionMargin(this.#core, this.#core.account(accountId), request);
  }

  /** What `changePositionMargin` did. Shape: oldest first. */
  marginChanges(accountId: string, query: HistoryQuery & { type?: 1 | 2 }): readonly MarginChange[] {
    return marginChangesPage(this.#core.account(accountId), query);
  }

  /** Shape: oldest first. */
  income(accountId: string, query: IncomeQuery): readonly IncomeView[] {
    return incomePage(this.#core.account(accountId), query);
  }

  /** The account's liquidations and deleveragings. Shape: oldest first. */
  forcedOrders(accountId: string, query: ForcedOrderQuery): readonly OrderView[] {
    return forcedOrdersPage(this.#core.account(accountId), query);
  }

  /** Takes the account's positions of a symbol over although its margin would hold. Denies: -1121, -2024. */
  liquidate(accountId: string, symbol: string): Answer<null> {
    return this.#parts.liquidations.force(this.#core.account(accountId), symbol);
  }

  /** Closes `quantity` (null: all) of the account's position at the mark, as deleveraging does. Denies: -1121, -2024. */
  deleverage(accountId: string, symbol: string, quantity: Fixed | null): Answer<null> {
    return this.#parts.deleveraging.force(this.#core.account(accountId), symbol, quantity);
  }

  /** Cancels all orders of a symbol, closes all positions at the index and takes it off the market. Denies: -1121, -4108. */
  settleSymbol(symbol: string): Answer<null> {
    return settleSymbol(this.#parts, symbol);
  }

  /** While a symbol does not trade its orders rest: nothing is filled or triggered, new ones are refused. Denies: -1121, -4022. */
  setSymbolStatus(symbol: string, status: SymbolStatus): Answer<SymbolStatus> {
    return setSymbolStatus(this.#core, symbol, status);
  }

  symbolStatus(symbol: string): SymbolStatus {
    return this.#core.statusOf(symbol);
  }

  #quantileOf(position: Position): number {
    return this.#parts.deleveraging.quantileOf(position);
  }
}
