import type { Account } from './account.ts';
import { AccountDesk } from './account-desk.ts';
import { judgeAdmission } from './admission.ts';
import { AlgoOrders } from './algo-orders.ts';
import { amendmentsPage, amendOrder } from './amendments.ts';
import { VenueCore } from './core.ts';
import { Deleveraging } from './deleveraging.ts';
import { type Fixed, textOf } from './fixed.ts';
import { Funding } from './funding.ts';
import { algoOf, algosPage, fillsPage, orderOf, ordersPage } from './history-queries.ts';
import { Liquidations } from './liquidation.ts';
import { marginTotals } from './margin.ts';
import { aggregatesOf, type CandleQuery, candlesOf, dayTickerOf, openInterestOf } from './market-queries.ts';
import { watchGoodTill } from './order-expiry.ts';
import { draftOrder, placeOrder } from './placements.ts';
import { PlainOrders } from './plain-orders.ts';
import { Playback } from './playback.ts';
import { REFUSALS } from './refusals.ts';
import type {
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
  LedgerValue,
  MarkPoint,
  OrderKey,
  OrderView,
  PlaceAlgo,
  PlaceOrder,
  SavedVenue,
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
export class Venue extends AccountDesk {
  readonly #core: VenueCore;
  readonly #orders: PlainOrders;
  readonly #algos: AlgoOrders;
  readonly #funding: Funding;
  readonly #playback: Playback;
  readonly #desk: { readonly core: VenueCore; readonly orders: PlainOrders };

  constructor(options: VenueOptions) {
    const core = new VenueCore(options);
    const onPositionChanged = (account: Account, symbol: string): void => {
      orders.expireReduceOnly(account, symbol);
      algos.expireOrphans(account, symbol);
    };
    const orders: PlainOrders = new PlainOrders(core, onPositionChanged);
    const algos: AlgoOrders = new AlgoOrders(core, orders);
    const deleveraging = new Deleveraging(core, onPositionChanged);
    const liquidations = new Liquidations({ core, orders, deleveraging, onPositionChanged });
    super({ core, orders, algos, liquidations, deleveraging, onPositionChanged });
    this.#core = core;
    this.#orders = orders;
    this.#algos = algos;
    this.#desk = { core, orders };
    this.#funding = new Funding(core);
    this.#playback = new Playback({ core, orders, algos, funding: this.#funding, liquidations });
    if (options.saved !== undefined) this.#resume(options.saved);
  }

  /** Plays up to where the saved venue stood, with nobody there, and lets its accounts in. */
  #resume(saved: SavedVenue): void {
    this.#playback.advance(saved.timeMs);
    this.#playback.closeCandles();
    this.#core.restore(saved);
    const accounts = [...this.#core.accounts.values()];
    this.#orders.adopt(accounts, saved.books ?? [], saved.timeMs === this.nowMs);
    for (const account of accounts) {
      this.#algos.adopt(account);
      for (const order of account.openOrders.values()) watchGoodTill(this.#core, this.#orders, account, order);
    }
    this.#core.recordRun();
    // Where the market has jumped since then, what lies behind the new price is met at the new price.
    if (saved.timeMs !== this.nowMs || saved.isCaughtUp === undefined) this.#playback.meet();
    else this.#playback.isCaughtUp = saved.isCaughtUp;
  }

  /** Returns the venue at rest, for `VenueOptions.saved`. */
  save(): SavedVenue {
    return { ...this.#core.save(), books: this.#orders.save(), isCaughtUp: this.#playback.isCaughtUp };
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

  /** Judges and matches an order; the view is its state after matching. `path` names the endpoint in the ledger's reject record. */
  placeOrder(accountId: string, order: PlaceOrder, path: string = ORDER_PATH): Answer<OrderView> {
    const account = this.#actor(accountId);
    const admitted = this.#admit(account, order.symbol);
    const answer = admitted.kind === 'refused' ? admitted : placeOrder(this.#desk, account, order);
    if (answer.kind === 'refused') this.#refused(path, answer, order.clientOrderId);
    return answer;
  }

  /** Judges an order as `placeOrder` would, without placing it. The view has no id. */
  testOrder(accountId: string, order: PlaceOrder): Answer<OrderView> {
    const account = this.#core.account(accountId);
    const admitted = this.#admit(account, order.symbol);
    return admitted.kind === 'refused' ? admitted : draftOrder(this.#desk, account, order);
  }

  /** Changes a resting order; the view is its state afterwards, CANCELED where the change has ended it. */
  amendOrder(accountId: string, change: AmendOrder, path: string = ORDER_PATH): Answer<OrderView> {
    const account = this.#actor(accountId);
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
    return this.#orders.cancel(this.#actor(accountId), key);
  }

  /** Cancels the symbol's plain orders and returns them. */
  cancelAllOrders(accountId: string, symbol: string): readonly OrderView[] {
    return this.#orders.cancelAll(this.#actor(accountId), symbol);
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

  placeAlgo(accountId: string, algo: PlaceAlgo, path: string = ALGO_PATH): Answer<AlgoView> {
    const account = this.#actor(accountId);
    const admitted = this.#admit(account, algo.symbol);
    const answer = admitted.kind === 'refused' ? admitted : this.#algos.place(account, algo);
    if (answer.kind === 'refused') this.#refused(path, answer, algo.clientAlgoId);
    return answer;
  }

  /** Refuses with -2011 what is not open. */
  cancelAlgo(accountId: string, key: AlgoKey): Answer<AlgoView> {
    return this.#algos.cancel(this.#actor(accountId), key);
  }

  cancelAllAlgos(accountId: string, symbol: string): readonly AlgoView[] {
    return this.#algos.cancelAll(this.#actor(accountId), symbol);
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

  /** The account of somebody who acts: what the prices of this moment do comes first. */
  #actor(accountId: string): Account {
    if (!this.#core.isEnded) this.#playback.catchUp();
    return this.#core.account(accountId);
  }

  #admit(account: Account, symbol: string): Answer<null> {
    return this.#core.isEnded ? REFUSALS.timeout : judgeAdmission(this.#core, account, symbol);
  }

  #refused(path: string, { code, msg }: { code: number; msg: string }, clientOrderId?: string): void {
    this.noteReject({ path, code, msg, ...(clientOrderId === undefined ? {} : { clientOrderId }) });
  }
}
