import {
  type LedgerEntry,
  type Fill,
  FillRepository,
  LedgerRepository,
  type OrderIntent,
  OrderRepository,
  type PositionRecord,
  PositionRepository,
  type RiskDecision,
  RiskDecisionRepository,
  type RiskState,
  RiskStateRepository,
} from '@qt/database';
import type { Publish, Work } from '@qt/event-bus';
import type { Decimal } from '@qt/kernel';
import { isTerminal } from '@qt/risk';
import type { AccountBook } from './account-book.ts';
import type { Order } from './order.ts';

/**
 * One step of the money path: everything it changes is written in one transaction (`flush`) and only then shown to the rest of the
 * process (`commit`). Reads see what the step itself has changed so far.
 */
export class MoneyTransaction {
  readonly work: Work;
  readonly book: AccountBook;
  readonly #decisions: RiskDecision[] = [];
  readonly #intents: OrderIntent[] = [];
  readonly #orders = new Map<string, Order>();
  readonly #positions = new Map<string, PositionRecord>();
  readonly #openBySymbol = new Map<string, PositionRecord | null>();
  readonly #fills: Fill[] = [];
  readonly #entries: LedgerEntry[] = [];
  readonly #afterCommit: (() => void)[] = [];
  #walletUsdt: Decimal;
  #riskState: RiskState | null;
  #isRiskStateChanged = false;

  constructor(work: Work, book: AccountBook) {
    this.work = work;
    this.book = book;
    this.#walletUsdt = book.walletUsdt;
    this.#riskState = book.riskState;
  }

  get publish(): Publish {
    return this.work.publish;
  }

  get walletUsdt(): Decimal {
    return this.#walletUsdt;
  }

  get riskState(): RiskState | null {
    return this.#riskState;
  }

  get hasFills(): boolean {
    return this.#fills.length > 0;
  }

  order(orderId: string): Order | null {
    return this.#orders.get(orderId) ?? this.book.order(orderId);
  }

  position(symbol: string): PositionRecord | null {
    const staged = this.#openBySymbol.get(symbol);
    return staged === undefined ? this.book.position(symbol) : staged;
  }

  /** Open positions as they will stand once this step is committed. */
  get positions(): readonly PositionRecord[] {
    const bySymbol = new Map(this.book.positions.map((position) => [position.symbol, position]));
    for (const [symbol, position] of this.#openBySymbol) {
      if (position === null) bySymbol.delete(symbol);
      else bySymbol.set(symbol, position);
    }
    return [...bySymbol.values()];
  }

  decide(decision: RiskDecision): void {
    this.#decisions.push(decision);
  }

  addIntent(intent: OrderIntent, order: Order): void {
    this.#intents.push(intent);
    this.#orders.set(order.orderId, order);
  }

  putOrder(order: Order): void {
    this.#orders.set(order.orderId, order);
  }

  putPosition(position: PositionRecord): void {
    this.#positions.set(position.positionId, position);
    this.#openBySymbol.set(position.symbol, position.status === 'open' ? position : null);
  }

  addFill(fill: Fill): void {
    this.#fills.push(fill);
  }

  isFillStaged(symbol: string, venueFillId: string): boolean {
    return this.#fills.some((fill) => fill.symbol === symbol && fill.venueFillId === venueFillId);
  }

  post(entry: LedgerEntry): void {
    this.#entries.push(entry);
    if (entry.asset === 'USDT') this.#walletUsdt = this.#walletUsdt.plus(entry.amount);
  }

  putRiskState(state: RiskState): void {
    this.#riskState = state;
    this.#isRiskStateChanged = true;
  }

  /** Runs `effect` once the transaction stands, after memory shows its changes. */
  onCommit(effect: () => void): void {
    this.#afterCommit.push(effect);
  }

  /** Has everything written before the commit, parents before children. */
  flush(nowMs: number): void {
    const { tx, beforeCommit } = this.work;
    const orders = new OrderRepository(tx);
    for (const decision of this.#decisions) beforeCommit(() => new RiskDecisionRepository(tx).record(decision));
    if (this.#intents.length > 0) beforeCommit(() => orders.recordIntents(this.#intents));
    if (this.#positions.size > 0) beforeCommit(() => new PositionRepository(tx).save([...this.#positions.values()]));
    const changed = [...this.#orders.values()];
    // What was absent is found before it becomes anything else: the path in order_transitions shows both steps.
    const foundLate = changed.filter((order) => this.#skipsLateFound(order));
    if (foundLate.length > 0)
      beforeCommit(() => orders.save(foundLate.map((order) => ({ ...order, state: 'LATE_FOUND' }))));
    if (changed.length > 0) beforeCommit(() => orders.save(changed));
    if (this.#fills.length > 0) beforeCommit(() => new FillRepository(tx).record(this.#fills));
    if (this.#entries.length > 0) beforeCommit(() => new LedgerRepository(tx).post(this.#entries));
    const closed = changed
      .filter((order) => order.intentId !== null && (isTerminal(order.state) || order.state === 'ABSENT'))
      .map((order) => order.orderId);
    if (closed.length > 0) beforeCommit(() => orders.closeIntents(closed, nowMs));
    const riskState = this.#riskState;
    if (this.#isRiskStateChanged && riskState !== null) beforeCommit(() => new RiskStateRepository(tx).save(riskState));
  }

  /** Shows the committed changes to the process. */
  commit(): void {
    for (const order of this.#orders.values()) this.book.putOrder(order);
    for (const position of this.#positions.values()) this.book.putPosition(position);
    for (const fill of this.#fills) this.book.noteFill(fill.symbol, fill.venueFillId);
    this.book.walletUsdt = this.#walletUsdt;
    this.book.riskState = this.#riskState;
    for (const effect of this.#afterCommit) effect();
  }

  #skipsLateFound(order: Order): boolean {
    const before = this.book.order(order.orderId);
    return before?.state === 'ABSENT' && order.state !== 'ABSENT' && order.state !== 'LATE_FOUND';
  }
}
