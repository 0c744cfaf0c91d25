import type { Fixed } from './fixed.ts';
import type {
  AccountView,
  AlgoKey,
  AlgoView,
  Answer,
  BookTicker,
  BookView,
  CandleView,
  DayTicker,
  FillView,
  FundingPoint,
  HistoryQuery,
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
  SymbolSetup,
  SymbolSpec,
  TradePoint,
  VenueEvents,
  VenueOptions,
  VenueState,
} from './venue-types.ts';

const notYet = (): never => {
  throw new Error('not built yet');
};

/**
 * A futures venue in memory: market, accounts, orders and ledger. Pure and deterministic: time moves only in `advance`, randomness
 * comes from the seed, and the same calls at the same market times give the same events, answers and ledger.
 */
export class Venue {
  constructor(options: VenueOptions) {
    void options;
  }

  // --- time and listeners ---

  /** Hears one kind of event, synchronously, in the order in which things happen. Returns a function that stops it. */
  on<K extends keyof VenueEvents>(kind: K, listener: (event: VenueEvents[K]) => void): () => void {
    void kind;
    void listener;
    return notYet();
  }

  /** Market time. Units: UTC ms. */
  get nowMs(): number {
    return notYet();
  }

  state(): VenueState {
    return notYet();
  }

  /**
   * Plays the market up to and including `untilMs`, held to the end of the market; never goes back. Candles whose end is before `untilMs`
   * are reported closed on the way; those that end exactly there wait for `closeCandles`.
   */
  advance(untilMs: number): void {
    void untilMs;
  }

  /** Reports the closed candles that are waiting, in symbol order, and returns them. */
  closeCandles(): readonly CandleView[] {
    return notYet();
  }

  /** Writes the ledger's last record. Later calls of anything that writes are refused. */
  end(): void {}

  // --- ledger lines of the protocol ---

  /** Notes a refusal that the protocol itself made (signature, parameters); the engine notes its own. */
  noteReject(reject: { path: string; clientOrderId?: string; code: number; msg: string }): void {
    void reject;
  }

  noteFault(fault: { faultId: string; fault: string; path: string; clientOrderId?: string }): void {
    void fault;
  }

  /** Writes a record of another kind. */
  note(kind: string, facts: Readonly<Record<string, LedgerValue>>): void {
    void kind;
    void facts;
  }

  // --- public market ---

  specs(): readonly SymbolSpec[] {
    return notYet();
  }
  spec(symbol: string): SymbolSpec | null {
    void symbol;
    return notYet();
  }
  /** Oldest first, the forming candle last. Limit counts from the start when `startMs` is given, else from the end. */
  candles(query: { symbol: string; startMs?: number; endMs?: number; limit: number }): readonly CandleView[] {
    void query;
    return notYet();
  }
  bookTicker(symbol: string): BookTicker {
    void symbol;
    return notYet();
  }
  book(symbol: string, levels: number): BookView {
    void symbol;
    void levels;
    return notYet();
  }
  lastTrade(symbol: string): TradePoint {
    void symbol;
    return notYet();
  }
  /** Newest last. */
  recentTrades(symbol: string, limit: number): readonly TradePoint[] {
    void symbol;
    void limit;
    return notYet();
  }
  mark(symbol: string): MarkPoint {
    void symbol;
    return notYet();
  }
  dayTicker(symbol: string): DayTicker {
    void symbol;
    return notYet();
  }
  fundingHistory(query: { symbol?: string; startMs?: number; endMs?: number; limit: number }): readonly FundingPoint[] {
    void query;
    return notYet();
  }

  // --- accounts ---

  /** Opens an account; with a balance it starts with a TRANSFER. Throws InvariantError when the id is taken. */
  openAccount(account: { accountId: string; startBalance: Fixed }): void {
    void account;
  }
  /** Deposit or withdrawal (negative), noted as TRANSFER. */
  transfer(accountId: string, amount: Fixed): Answer<IncomeView> {
    void accountId;
    void amount;
    return notYet();
  }
  account(accountId: string): AccountView {
    void accountId;
    return notYet();
  }
  /** One row per symbol with a position; with `symbol` that one row even when flat. */
  positions(accountId: string, symbol?: string): readonly PositionView[] {
    void accountId;
    void symbol;
    return notYet();
  }
  setups(accountId: string, symbol?: string): readonly SymbolSetup[] {
    void accountId;
    void symbol;
    return notYet();
  }
  setLeverage(accountId: string, symbol: string, leverage: number): Answer<SymbolSetup> {
    void accountId;
    void symbol;
    void leverage;
    return notYet();
  }
  setMarginType(accountId: string, symbol: string, marginType: MarginType): Answer<SymbolSetup> {
    void accountId;
    void symbol;
    void marginType;
    return notYet();
  }
  setHedgeMode(accountId: string, hedgeMode: boolean): Answer<{ hedgeMode: boolean }> {
    void accountId;
    void hedgeMode;
    return notYet();
  }

  // --- plain orders ---

  /** Judges and matches an order; the view is its state after matching. `path` names the endpoint in the ledger's reject record. */
  placeOrder(accountId: string, order: PlaceOrder, path?: string): Answer<OrderView> {
    void accountId;
    void order;
    void path;
    return notYet();
  }
  /** Judges an order as `placeOrder` would, without placing it. */
  testOrder(accountId: string, order: PlaceOrder): Answer<null> {
    void accountId;
    void order;
    return notYet();
  }
  cancelOrder(accountId: string, key: OrderKey): Answer<OrderView> {
    void accountId;
    void key;
    return notYet();
  }
  /** Cancels the symbol's plain orders and returns them. */
  cancelAllOrders(accountId: string, symbol: string): readonly OrderView[] {
    void accountId;
    void symbol;
    return notYet();
  }
  /** In market time; 0 ends the countdown. */
  setCountdown(accountId: string, symbol: string, countdownMs: number): void {
    void accountId;
    void symbol;
    void countdownMs;
  }
  /** Refuses with -2013. */
  order(accountId: string, key: OrderKey): Answer<OrderView> {
    void accountId;
    void key;
    return notYet();
  }
  openOrders(accountId: string, symbol?: string): readonly OrderView[] {
    void accountId;
    void symbol;
    return notYet();
  }
  /** Oldest first; `orderId` is inclusive. */
  allOrders(accountId: string, query: HistoryQuery): readonly OrderView[] {
    void accountId;
    void query;
    return notYet();
  }
  /** Oldest first; `fromId` is inclusive and excludes times. */
  fills(accountId: string, query: HistoryQuery): readonly FillView[] {
    void accountId;
    void query;
    return notYet();
  }
  /** Oldest first. */
  income(accountId: string, query: IncomeQuery): readonly IncomeView[] {
    void accountId;
    void query;
    return notYet();
  }

  // --- conditional orders ---

  placeAlgo(accountId: string, algo: PlaceAlgo, path?: string): Answer<AlgoView> {
    void accountId;
    void algo;
    void path;
    return notYet();
  }
  cancelAlgo(accountId: string, key: AlgoKey): Answer<AlgoView> {
    void accountId;
    void key;
    return notYet();
  }
  cancelAllAlgos(accountId: string, symbol: string): readonly AlgoView[] {
    void accountId;
    void symbol;
    return notYet();
  }
  /** Refuses with -2013. */
  algo(accountId: string, key: AlgoKey): Answer<AlgoView> {
    void accountId;
    void key;
    return notYet();
  }
  openAlgos(accountId: string, symbol?: string): readonly AlgoView[] {
    void accountId;
    void symbol;
    return notYet();
  }
  /** Oldest first. */
  allAlgos(accountId: string, query: HistoryQuery & { algoId?: number }): readonly AlgoView[] {
    void accountId;
    void query;
    return notYet();
  }
}
