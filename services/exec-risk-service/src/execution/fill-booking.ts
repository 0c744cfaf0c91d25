import { ExitReason, LedgerPosted, OrderFilled, PositionClosed, PositionOpened, PositionUpdated } from '@qt/contracts';
import {
  FillRepository,
  type LedgerEntry,
  type PositionPlan,
  type PositionRecord,
  PositionRepository,
} from '@qt/database';
import type { VenueFill } from '@qt/exchange-client';
import { dec, toText, ulidOf, ZERO } from '@qt/kernel';
import { advanceOrder, applyFill, isTerminal, owedQuantity, type PositionState } from '@qt/risk';
import { factsOf, type Order, progressOf, withProgress } from './order.ts';
import { raiseAlert } from './alerts.ts';
import type { MoneyTransaction } from './money-transaction.ts';
import type { Trading } from '../ports.ts';

// Beyond this our arithmetic and the venue's booking differ by more than rounding.
const PNL_TOLERANCE_USDT = dec('0.01');
const PNL_TOLERANCE_RATIO = dec('0.000001');

const NO_PLAN: PositionPlan = {
  signalId: null,
  leverage: 1,
  stopPrice: null,
  targetPrice: null,
  horizonEndsAtMs: null,
};

/** Returns why an order of this kind closes a position. */
const exitReasonOf = (order: Order): ExitReason => {
  switch (order.leg) {
    case 'stop':
      return 'stop';
    case 'target':
      return 'target';
    case 'exit':
      return ExitReason.safeParse(order.exitReason).data ?? 'external';
    case 'entry':
      return 'signal';
    case 'external':
      return order.clientOrderId.startsWith('autoclose-') ? 'liquidation' : 'external';
    default:
      return order.leg satisfies never;
  }
};

const positionFacts = (position: PositionRecord) => ({
  positionId: position.positionId,
  decisionId: position.decisionId,
  symbol: position.symbol,
  direction: position.direction,
  quantity: toText(position.quantity),
  entryPrice: toText(position.entryPrice),
  leverage: position.leverage,
  stopPrice: position.stopPrice === null ? null : toText(position.stopPrice),
  targetPrice: position.targetPrice === null ? null : toText(position.targetPrice),
  openedAtMs: position.openedAtMs,
});

/** Books executions: fill, order, position, ledger and their events, each exactly once however often a fill is reported. */
export class FillBooking {
  readonly #trading: Trading;

  constructor(trading: Trading) {
    this.#trading = trading;
  }

  /** Returns those fills that are neither booked nor staged, oldest first. */
  async unbooked(m: MoneyTransaction, fills: readonly VenueFill[]): Promise<readonly VenueFill[]> {
    const { book } = this.#trading;
    const seen = new Set<string>();
    const fresh = fills.filter((fill) => {
      const key = `${fill.symbol}:${fill.venueFillId}`;
      const isKnown =
        seen.has(key) ||
        book.isFillBooked(fill.symbol, fill.venueFillId) ||
        m.isFillStaged(fill.symbol, fill.venueFillId);
      seen.add(key);
      return !isKnown;
    });
    const [first] = fresh;
    if (first === undefined) return [];
    const known = await new FillRepository(m.work.tx).listKnown(
      first.symbol,
      fresh.map((fill) => fill.venueFillId),
    );
    return fresh.filter((fill) => !known.has(fill.venueFillId)).toSorted(byTradeId);
  }

  /** Books one fill that `unbooked` returned against its order. */
  async book(m: MoneyTransaction, orderId: string, fill: VenueFill): Promise<void> {
    const order = m.order(orderId);
    if (order === null) return;
    const { progress } = advanceOrder(progressOf(order), {
      kind: 'filled',
      quantity: fill.quantity,
      price: fill.price,
    });
    const advanced = withProgress(order, progress, fill.occurredAtMs);
    m.putOrder(advanced);

    const before = m.position(fill.symbol);
    const feeUsdt = fill.feeAsset === 'USDT' ? fill.fee : ZERO;
    const step = applyFill(before, {
      side: fill.side,
      quantity: fill.quantity,
      price: fill.price,
      feeUsdt,
      realizedPnlUsdt: fill.realizedPnlUsdt,
    });
    this.#publishFill(m, advanced, fill);
    const touched = await this.#bookPosition(m, advanced, fill, { before, step });
    m.addFill({
      venue: this.#trading.settings.venue,
      symbol: fill.symbol,
      venueFillId: fill.venueFillId,
      venueOrderId: fill.venueOrderId,
      orderId,
      positionId: touched,
      side: fill.side,
      quantity: fill.quantity,
      price: fill.price,
      fee: fill.fee,
      feeAsset: fill.feeAsset,
      realizedPnlUsdt: fill.realizedPnlUsdt,
      isMaker: fill.isMaker,
      occurredAtMs: fill.occurredAtMs,
    });
    const ref = { venueRef: `${fill.symbol}:${fill.venueFillId}`, symbol: fill.symbol, positionId: touched };
    const at = { occurredAtMs: fill.occurredAtMs, correlationId: advanced.correlationId };
    if (!fill.realizedPnlUsdt.isZero()) {
      postEntry(m, { ...ref, kind: 'realized_pnl', asset: 'USDT', amount: fill.realizedPnlUsdt }, at);
    }
    if (!fill.fee.isZero()) postEntry(m, { ...ref, kind: 'fee', asset: fill.feeAsset, amount: fill.fee.neg() }, at);
    this.#comparePnl(m, fill, { hadPosition: before !== null, ownPnl: step.ownRealizedPnlUsdt });
  }

  #publishFill(m: MoneyTransaction, order: Order, fill: VenueFill): void {
    const isComplete = isTerminal(order.state) && owedQuantity(progressOf(order)).lte(0);
    m.publish(OrderFilled, {
      occurredAtMs: fill.occurredAtMs,
      correlationId: order.correlationId,
      causationId: null,
      key: fill.symbol,
      payload: {
        ...factsOf(order),
        venueFillId: fill.venueFillId,
        fillQuantity: toText(fill.quantity),
        fillPrice: toText(fill.price),
        fee: toText(fill.fee),
        feeAsset: fill.feeAsset,
        realizedPnlUsdt: toText(fill.realizedPnlUsdt),
        isMaker: fill.isMaker,
        cumulativeQuantity: toText(order.executedQuantity),
        isComplete,
      },
    });
    if (isComplete) m.onCommit(() => this.#trading.metrics.count('orders_executed'));
  }

  /** Returns the id of the position that the fill's money belongs to. */
  async #bookPosition(
    m: MoneyTransaction,
    order: Order,
    fill: VenueFill,
    { before, step }: { before: PositionRecord | null; step: ReturnType<typeof applyFill> },
  ): Promise<string | null> {
    const head = { occurredAtMs: fill.occurredAtMs, causationId: null, key: fill.symbol };
    if (before !== null && step.closed !== null) this.#close(m, order, fill, { before, closed: step.closed });
    if (step.open === null) return before?.positionId ?? null;
    if (before !== null && step.closed === null) {
      const updated: PositionRecord = { ...before, ...step.open };
      m.putPosition(updated);
      m.publish(PositionUpdated, { ...head, correlationId: before.correlationId, payload: positionFacts(updated) });
      return before.positionId;
    }
    const opened = await this.#open(m, order, fill, step.open);
    m.publish(PositionOpened, { ...head, correlationId: opened.correlationId, payload: positionFacts(opened) });
    // A fill through zero pays its fee and PnL for the position that it closed.
    return before?.positionId ?? opened.positionId;
  }

  async #open(m: MoneyTransaction, order: Order, fill: VenueFill, state: PositionState): Promise<PositionRecord> {
    const decisionId = order.leg === 'entry' ? order.decisionId : null;
    const plan = decisionId === null ? NO_PLAN : await this.#planOf(m, decisionId);
    const positionId = ulidOf(fill.occurredAtMs, 'position', fill.symbol, fill.venueFillId);
    const opened: PositionRecord = {
      ...state,
      ...plan,
      positionId,
      status: 'open',
      decisionId,
      symbol: fill.symbol,
      openedAtMs: fill.occurredAtMs,
      closedAtMs: null,
      exitReason: null,
      correlationId: order.correlationId,
    };
    m.putPosition(opened);
    const { riskState } = m;
    if (riskState !== null) m.putRiskState({ ...riskState, dayTrades: riskState.dayTrades + 1 });
    const wasAbsent = this.#trading.book.order(order.orderId)?.state === 'ABSENT';
    m.onCommit(() => {
      this.#trading.metrics.count('positions_opened');
      if (wasAbsent) this.#trading.book.unwanted.add(fill.symbol);
    });
    return opened;
  }

  async #planOf(m: MoneyTransaction, decisionId: string): Promise<PositionPlan> {
    const remembered = this.#trading.book.plans.get(decisionId);
    return remembered ?? (await new PositionRepository(m.work.tx).planOf(decisionId)) ?? NO_PLAN;
  }

  #close(
    m: MoneyTransaction,
    order: Order,
    fill: VenueFill,
    { before, closed }: { before: PositionRecord; closed: PositionState },
  ): void {
    const exitReason = exitReasonOf(order);
    const record: PositionRecord = {
      ...before,
      ...closed,
      status: 'closed',
      closedAtMs: fill.occurredAtMs,
      exitReason,
    };
    m.putPosition(record);
    m.publish(PositionClosed, {
      occurredAtMs: fill.occurredAtMs,
      correlationId: before.correlationId,
      causationId: null,
      key: fill.symbol,
      payload: {
        ...positionFacts(record),
        quantity: toText(record.maxQuantity),
        exitPrice: toText(record.exitPrice ?? fill.price),
        exitReason,
        realizedPnlUsdt: toText(record.realizedPnlUsdt),
        feesUsdt: toText(record.feesUsdt),
        fundingUsdt: toText(record.fundingUsdt),
        signalId: record.signalId,
        closedAtMs: fill.occurredAtMs,
      },
    });
    m.onCommit(() => this.#trading.metrics.count('positions_closed'));
  }

  /** The venue's booking stands; a difference from our own arithmetic is said aloud. */
  #comparePnl(
    m: MoneyTransaction,
    fill: VenueFill,
    { hadPosition, ownPnl }: { hadPosition: boolean; ownPnl: PositionState['realizedPnlUsdt'] },
  ): void {
    if (!hadPosition) return;
    const tolerance = PNL_TOLERANCE_USDT.plus(fill.quantity.times(fill.price).times(PNL_TOLERANCE_RATIO));
    if (ownPnl.minus(fill.realizedPnlUsdt).abs().lte(tolerance)) return;
    raiseAlert(m, this.#trading, {
      code: 'REALIZED_PNL_DIFFERS',
      severity: 'warning',
      symbol: fill.symbol,
      message: `fill ${fill.venueFillId}: the venue booked ${toText(fill.realizedPnlUsdt)} USDT, we expected ${ownPnl.toFixed(8)}`,
    });
  }
}

/** Trade ids are whole numbers of growing length. */
const byTradeId = (a: VenueFill, b: VenueFill): number =>
  a.venueFillId.length - b.venueFillId.length || (a.venueFillId < b.venueFillId ? -1 : 1);

/** Posts one change of the wallet and says so. */
export const postEntry = (
  m: MoneyTransaction,
  entry: Omit<LedgerEntry, 'entryId' | 'occurredAtMs'>,
  at: { readonly occurredAtMs: number; readonly correlationId: string },
): void => {
  const entryId = `${entry.kind}:${entry.venueRef}`;
  m.post({ ...entry, entryId, occurredAtMs: at.occurredAtMs });
  m.publish(LedgerPosted, {
    occurredAtMs: at.occurredAtMs,
    correlationId: at.correlationId,
    causationId: null,
    key: entry.symbol ?? 'account',
    payload: {
      entryId,
      kind: entry.kind,
      symbol: entry.symbol,
      asset: entry.asset,
      amount: toText(entry.amount),
      venueRef: entry.venueRef,
    },
  });
};
