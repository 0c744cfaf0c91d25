import * as setup from './account-setup.ts';
import { AlgoOrders } from './algo-orders.ts';
import { amendmentsPage, amendOrder } from './amendments.ts';
import { MAKER_RATIO, TAKER_RATIO, VenueCore } from './core.ts';
import { type Fixed, textOf } from './fixed.ts';
import { Funding } from './funding.ts';
import { algoOf, algosPage, fillsPage, incomePage, orderOf, ordersPage } from './history-queries.ts';
import { Liquidations } from './liquidation.ts';
import { accountViewOf, marginTotals, positionViewOf } from './margin.ts';
import { aggregatesOf, type CandleQuery, candlesOf, dayTickerOf, openInterestOf } from './market-queries.ts';
import { watchGoodTill } from './order-expiry.ts';
import { draftOrder, placeOrder } from './placements.ts';
import { PlainOrders } from './plain-orders.ts';
import { Playback } from './playback.ts';
import { REFUSALS } from './refusals.ts';
import type {
  AccountView,
  AggregateQuery,
  AggregateTrade,
  AlgoKey,
  AlgoView,
  AmendmentView,
  AmendOrder,
  Answer,
  BookTicker,
  BookView,
  CandleView,
  DayTicker,
  FillView,
  FundingPoint,
  HistoryQuery,
  House,
  IncomeQuery,
  IncomeView,
  LedgerValue,
  MarginType,
  MarkPoint,
  OrderKey,
  OrderView,
  PlaceAlgo,
  PlaceOrder,
  PositionView,
  SavedVenue,
  SymbolSetup,
  SymbolSpec,
  TradePoint,
  TradeQuery,
  VenueEvents,
  VenueOptions,
  VenueState,
} from './venue-types.ts';

const ORDER_PATH = '/fapi/v1/order';
const ALGO_PATH = '/fapi/v1/algoOrder';

/**
 * A futures venue in memory: market, accounts, orders and ledger. Pure and deterministic: time moves only in `advance`, randomness
 * comes from the seed, and the same calls at the same market times give the same events, answers and ledger.
 *
 * Symbols and account ids given to queries must exist (InvariantError otherwise); commands refuse unknown symbols with -1121.
 */
export class Venue {
  readonly #core: VenueCore;
  readonly #orders: PlainOrders;
  readonly #algos: AlgoOrders;
  readonly #funding: Funding;
  readonly #playback: Playback;
  readonly #desk: { readonly core: VenueCore; readonly orders: PlainOrders };

  constructor(options: VenueOptions) {
    const core = new VenueCore(options);
    this.#core = core;
    this.#orders = new PlainOrders(core, (account, symbol) => {
      this.#orders.expireReduceOnly(account, symbol);
      this.#algos.expireOrphans(account, symbol);
    });
    this.#desk = { core, orders: this.#orders };
    this.#algos = new AlgoOrders(core, this.#orders);
    this.#funding = new Funding(core);
    const liquidations = new Liquidations(core, this.#orders);
    const { funding, orders, algos } = { funding: this.#funding, orders: this.#orders, algos: this.#algos };
    this.#playback = new Playback({ core, orders, algos, funding, liquidations });
    if (options.saved !== undefined) this.#resume(options.saved);
  }

  /** Plays up to where the saved venue stood, with nobody there, and lets its accounts in. */
  #resume(saved: SavedVenue): void {
    this.#playback.advance(saved.timeMs);
    this.#playback.closeCandles();
    this.#core.restore(saved);
    for (const account of this.#core.accounts.values()) {
      this.#orders.adopt(account);
      this.#algos.adopt(account);
      for (const order of account.openOrders.values()) watchGoodTill(this.#core, this.#orders, account, order);
    }
    this.#core.recordRun();
    // Where the market has jumped since then, what lies behind the new price is met at the new price.
    this.#playback.meet();
  }

  /** Returns the venue at rest, for `VenueOptions.saved`. */
  save(): SavedVenue {
    return this.#core.save();
  }

  /**
   * Hears one kind of event, synchronously, in the order in which things happen. Returns a function that stops it. Nobody who listens to
   * the market and no account with anything open: then time leaps, so listeners should go when they need nothing more.
   */
  on<K extends keyof VenueEvents>(kind: K, listener: (event: VenueEvents[K]) => void): () => void {
    if (kind === 'depth') this.#orders.startDepth();
    return this.#core.on(kind, listener);
  }

  /** Market time. Units: UTC ms. */
  get nowMs(): number {
    return this.#core.nowMs;
  }

  state(): VenueState {
    const { market } = this.#core.options;
    const { endMs, startMs, intervalMs } = market;
    return {
      timeMs: this.#core.nowMs,
      startMs,
      endMs,
      nextCloseMs: this.#playback.nextCloseMs,
      isFinished: this.#playback.isFinished,
      candlesPlayed: this.#playback.candlesPlayed,
      candlesTotal: endMs === null ? null : (endMs - startMs) / intervalMs,
      symbols: market.symbols,
      interval: market.interval,
      orders: this.#core.orderCount,
      fills: this.#core.fillCount,
      ledgerSeq: this.#core.ledgerSeq,
    };
  }

  /**
   * Plays the market up to and including `untilMs`, held to the end of the market; never goes back. Candles whose end is before `untilMs`
   * are reported closed on the way; those that end exactly there wait for `closeCandles`. The candle that opens at `untilMs` has then
   * begun: orders sent now meet its open.
   */
  advance(untilMs: number): void {
    if (!this.#core.isEnded) this.#playback.advance(untilMs);
  }

  /** Reports the closed candles that are waiting, in symbol order, and returns them. */
  closeCandles(): readonly CandleView[] {
    return this.#playback.closeCandles();
  }

  /** Writes the ledger's last records, one for each account. Time stands still afterwards and orders are refused. */
  end(): void {
    if (this.#core.isEnded) return;
    this.#core.isEnded = true;
    for (const account of this.#core.accounts.values()) {
      const totals = marginTotals(account, this.#core.lookup);
      const open = [...account.positions()].filter((position) => position.quantity !== 0n);
      this.#core.record('end', {
        accountId: account.id,
        walletUsdt: textOf(account.wallet),
        unrealizedUsdt: textOf(totals.unrealized),
        positions: open.map((position) => ({
          symbol: position.symbol,
          positionSide: position.positionSide,
          quantity: textOf(position.quantity),
          entryPrice: textOf(position.entryPrice),
          markPrice: textOf(this.#core.market(position.symbol).markPrice),
        })),
      });
    }
  }

  /** The other side of all wallets: deposits, trading, commission, funding and insurance. With the wallets it sums to zero. */
  house(): Readonly<House> {
    return { ...this.#core.house };
  }

  /** Notes a refusal that the protocol itself made (signature, parameters); the engine notes its own. */
  noteReject(reject: { path: string; clientOrderId?: string; code: number; msg: string }): void {
    const { path, clientOrderId, code, msg } = reject;
    this.#core.record('reject', { path, ...(clientOrderId === undefined ? {} : { clientOrderId }), code, msg });
  }

  noteFault(fault: { faultId: string; fault: string; path: string; clientOrderId?: string }): void {
    const { clientOrderId, ...facts } = fault;
    this.#core.record('fault', { ...facts, ...(clientOrderId === undefined ? {} : { clientOrderId }) });
  }

  /** Writes a record of another kind. */
  note(kind: string, facts: Readonly<Record<string, LedgerValue>>): void {
    this.#core.record(kind, facts);
  }

  specs(): readonly SymbolSpec[] {
    return [...this.#core.markets.values()].map((market) => market.spec);
  }

  spec(symbol: string): SymbolSpec | null {
    return this.#core.markets.get(symbol)?.spec ?? null;
  }

  /**
   * Oldest first, the forming candle last. `limit` counts from the start when `startMs` is given, else from the end.
   * An interval that is no multiple of the market's own has no candles.
   */
  candles({ symbol, ...query }: CandleQuery): readonly CandleView[] {
    return candlesOf(this.#core.market(symbol), this.#core.clock, query);
  }

  bookTicker(symbol: string): BookTicker {
    return this.#orders.ticker(symbol);
  }

  book(symbol: string, levels: number): BookView {
    return this.#orders.view(symbol, levels);
  }

  lastTrade(symbol: string): TradePoint {
    const market = this.#core.market(symbol);
    const { lastPrice } = market;
    const none = { symbol, timeMs: this.nowMs, tradeId: 0, lastPrice, quantity: 0n, isBuyerMaker: false };
    return { ...(market.tape.page({ limit: 1 }, market.nextTradeId)[0] ?? none), lastPrice };
  }

  /** Newest last. */
  recentTrades(symbol: string, limit: number): readonly TradePoint[] {
    return this.tradeHistory(symbol, { limit });
  }

  /** Any trade ever played, own fills among them. Newest last. */
  tradeHistory(symbol: string, query: TradeQuery): readonly TradePoint[] {
    const market = this.#core.market(symbol);
    return market.tape.page(query, market.nextTradeId);
  }

  /** Newest last. Every trade is an aggregate of its own, under its own id: no two of a path come at one moment and price. */
  aggregateTrades(symbol: string, query: AggregateQuery): readonly AggregateTrade[] {
    return aggregatesOf(this.#core.market(symbol), query);
  }

  /** Base units held open: the customers' longs, and the house's share. */
  openInterest(symbol: string): Fixed {
    return openInterestOf(this.#core.market(symbol), this.#core.accounts.values(), this.nowMs);
  }

  mark(symbol: string): MarkPoint {
    return this.#playback.markPoint(this.#core.market(symbol));
  }

  dayTicker(symbol: string): DayTicker {
    return dayTickerOf(this.#core.market(symbol), this.nowMs);
  }

  /** Time between a symbol's funding payments. */
  fundingIntervalMs(symbol: string): number {
    return this.#funding.intervalMsOf(symbol);
  }

  fundingHistory(query: { symbol?: string; startMs?: number; endMs?: number; limit: number }): readonly FundingPoint[] {
    return this.#funding.history(query);
  }

  /** Opens an account; its balance is noted as TRANSFER. Throws InvariantError when the id is taken. */
  openAccount({ accountId, startBalance }: { accountId: string; startBalance: Fixed }): void {
    const account = this.#core.openAccount(accountId);
    if (startBalance > 0n) setup.transfer(this.#core, account, startBalance);
  }

  /** Deposit or withdrawal (negative), noted as TRANSFER. */
  transfer(accountId: string, amount: Fixed): Answer<IncomeView> {
    return setup.transfer(this.#core, this.#core.account(accountId), amount);
  }

  account(accountId: string): AccountView {
    return accountViewOf(this.#core.account(accountId), {
      lookup: this.#core.lookup,
      symbols: this.#core.options.market.symbols,
      makerRatio: MAKER_RATIO,
      takerRatio: TAKER_RATIO,
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
    return shown.map((position) => positionViewOf(account, position, this.#core.lookup));
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

  /** Judges and matches an order; the view is its state after matching. `path` names the endpoint in the ledger's reject record. */
  placeOrder(accountId: string, order: PlaceOrder, path: string = ORDER_PATH): Answer<OrderView> {
    const account = this.#core.account(accountId);
    const answer = this.#core.isEnded ? REFUSALS.timeout : placeOrder(this.#desk, account, order);
    if (answer.kind === 'refused') this.#refused(path, answer, order.clientOrderId);
    return answer;
  }

  /** Judges an order as `placeOrder` would, without placing it. The view has no id. */
  testOrder(accountId: string, order: PlaceOrder): Answer<OrderView> {
    return draftOrder(this.#desk, this.#core.account(accountId), order);
  }

  /** Changes a resting order; the view is its state afterwards, CANCELED where the change has ended it. */
  amendOrder(accountId: string, change: AmendOrder, path: string = ORDER_PATH): Answer<OrderView> {
    const account = this.#core.account(accountId);
    const answer = this.#core.isEnded ? REFUSALS.timeout : amendOrder(this.#desk, account, change);
    if (answer.kind === 'refused') this.#refused(path, answer, change.clientOrderId);
    return answer;
  }

  /** Newest first. */
  amendments(accountId: string, key: OrderKey, query: HistoryQuery): readonly AmendmentView[] {
    return amendmentsPage(this.#core.account(accountId), key, query);
  }

  /** Refuses with -2011 what is not open. */
  cancelOrder(accountId: string, key: OrderKey): Answer<OrderView> {
    return this.#orders.cancel(this.#core.account(accountId), key);
  }

  /** Cancels the symbol's plain orders and returns them. */
  cancelAllOrders(accountId: string, symbol: string): readonly OrderView[] {
    return this.#orders.cancelAll(this.#core.account(accountId), symbol);
  }

  /** In market time; 0 ends the countdown. When it runs out, the symbol's plain orders are canceled; stops stay. */
  setCountdown(accountId: string, symbol: string, countdownMs: number): void {
    const { countdowns } = this.#core.account(accountId);
    if (countdownMs > 0) countdowns.set(symbol, this.nowMs + countdownMs);
    else countdowns.delete(symbol);
  }

  /** Refuses with -2013. */
  order(accountId: string, key: OrderKey): Answer<OrderView> {
    return orderOf(this.#core.account(accountId), key, this.nowMs);
  }

  openOrders(accountId: string, symbol?: string): readonly OrderView[] {
    const open = [...this.#core.account(accountId).openOrders.values()];
    return open.filter((order) => symbol === undefined || order.symbol === symbol).map((order) => ({ ...order }));
  }

  /** Oldest first; `orderId` is inclusive. */
  allOrders(accountId: string, query: HistoryQuery): readonly OrderView[] {
    return ordersPage(this.#core.account(accountId), query, this.nowMs);
  }

  /** Oldest first; `fromId` is inclusive. */
  fills(accountId: string, query: HistoryQuery): readonly FillView[] {
    return fillsPage(this.#core.account(accountId), query, this.nowMs);
  }

  /** Oldest first. */
  income(accountId: string, query: IncomeQuery): readonly IncomeView[] {
    return incomePage(this.#core.account(accountId), query);
  }

  placeAlgo(accountId: string, algo: PlaceAlgo, path: string = ALGO_PATH): Answer<AlgoView> {
    const answer = this.#core.isEnded ? REFUSALS.timeout : this.#algos.place(this.#core.account(accountId), algo);
    if (answer.kind === 'refused') this.#refused(path, answer, algo.clientAlgoId);
    return answer;
  }

  /** Refuses with -2011 what is not open. */
  cancelAlgo(accountId: string, key: AlgoKey): Answer<AlgoView> {
    return this.#algos.cancel(this.#core.account(accountId), key);
  }

  cancelAllAlgos(accountId: string, symbol: string): readonly AlgoView[] {
    return this.#algos.cancelAll(this.#core.account(accountId), symbol);
  }

  /** Refuses with -2013. */
  algo(accountId: string, key: AlgoKey): Answer<AlgoView> {
    return algoOf(this.#core.account(accountId), key, this.nowMs);
  }

  openAlgos(accountId: string, symbol?: string): readonly AlgoView[] {
    const open = [...this.#core.account(accountId).openAlgos.values()];
    return open.filter((algo) => symbol === undefined || algo.symbol === symbol).map((algo) => ({ ...algo }));
  }

  /** Oldest first; `algoId` is inclusive. */
  allAlgos(accountId: string, query: HistoryQuery & { algoId?: number }): readonly AlgoView[] {
    return algosPage(this.#core.account(accountId), query, this.nowMs);
  }

  #refused(path: string, { code, msg }: { code: number; msg: string }, clientOrderId?: string): void {
    this.noteReject({ path, code, msg, ...(clientOrderId === undefined ? {} : { clientOrderId }) });
  }
}
