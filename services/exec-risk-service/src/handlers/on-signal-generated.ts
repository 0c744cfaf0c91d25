import { RiskDecided, SignalGenerated } from '@qt/contracts';
import type { RiskDecision } from '@qt/database';
import { type AfterCommit, consume, type Delivered } from '@qt/event-bus';
import { dec, InvariantError, toText, ulidOf } from '@qt/kernel';
import { dailyLossRatio, decideEntry, decideExit, drawdownRatio, type EntryContext, moveBaseline } from '@qt/risk';
import type { ModeDesk } from '../execution/mode-desk.ts';
import { MoneyTransaction } from '../execution/money-transaction.ts';
import type { OrderDesk } from '../execution/order-desk.ts';
import { type Leaving, type PositionKeeper, publishApproval } from '../execution/position-keeper.ts';
import type { Trading } from '../ports.ts';

export interface OnSignalGeneratedDeps {
  readonly trading: Trading;
  readonly desk: OrderDesk;
  readonly keeper: PositionKeeper;
  readonly modes: ModeDesk;
  /** Moves the time that decisions use. */
  readonly advanceTo: (timeMs: number) => void;
  /** Venue minus ours, as last measured. Units: ms. */
  readonly clockOffsetMs: () => number;
}

type Signal = Delivered<SignalGenerated>;

/**
 * Signal in, at most one order out. Decision and intent stand together with the inbox claim; the order is sent after that, once, and
 * the position is protected before the next signal is looked at. Redelivery is safe: decision and client order id come from the signal.
 */
export const onSignalGenerated = (deps: OnSignalGeneratedDeps) => {
  const { book, mailbox } = deps.trading;
  const distrust = (error: unknown): void => {
    book.isReconciling = true;
    mailbox.put({ kind: 'step_failed', error });
  };
  /** A step was handed over for its commit, and nothing was heard of it since. */
  let isUnsettled = false;
  return consume(SignalGenerated, async (signal, work) => {
    if (isUnsettled) distrust(new Error('it is not known whether the step before was committed'));
    isUnsettled = false;
    const startedMs = performance.now();
    deps.advanceTo(signal.payload.candleClosedAtMs);
    const m = new MoneyTransaction(work, deps.trading.book);
    const mode = await deps.modes.hold(m);
    const position = deps.trading.book.position(signal.payload.symbol);
    const follow =
      position !== null && position.direction !== signal.payload.direction
        ? await leaveOnTurn(deps, m, signal)
        : await enter(deps, { m, signal, mode, startedMs });
    m.flush(deps.trading.nowMs());
    isUnsettled = true;
    return async () => {
      isUnsettled = false;
      m.commit();
      try {
        await follow?.();
      } catch (error) {
        if (error instanceof InvariantError) throw error;
        // The decision stands and its order may be at the venue: the money loop has to find out before anything else.
        distrust(error);
      }
    };
  });
};

async function leaveOnTurn(
  deps: OnSignalGeneratedDeps,
  m: MoneyTransaction,
  signal: Signal,
): Promise<AfterCommit | null> {
  const { trading, keeper } = deps;
  const { symbol, direction, signalId } = signal.payload;
  const position = trading.book.position(symbol);
  if (position === null) return null;
  const decision = decideExit({
    nowMs: trading.nowMs(),
    direction: position.direction,
    horizonEndsAtMs: position.horizonEndsAtMs,
    mode: trading.book.mode,
    unprotectedForMs: keeper.unprotectedForMs(symbol),
    maxUnprotectedMs: trading.limits.protection.max_unprotected_ms,
    signalDirection: direction,
  });
  if (decision.kind === 'stay') return null;
  const leaving: Leaving = { ...decision, signalId, causationId: signal.envelope.id };
  // An exit that is on its way, or whose outcome is unknown, is not doubled.
  const isLeaving = trading.book.ordersOf(symbol).some((order) => order.leg === 'exit' && order.state !== 'ABSENT');
  if (isLeaving) {
    deny(deps, m, signal, { code: 'ORDER_OUTCOME_UNKNOWN', reason: 'an exit is on its way' });
    return null;
  }
  const order = await keeper.prepareExit(m, symbol, leaving);
  return order === null ? null : () => keeper.continueExit(order, { ...leaving, signalId: null });
}

interface EntryStep {
  readonly m: MoneyTransaction;
  readonly signal: Signal;
  readonly mode: EntryContext['mode'];
  readonly startedMs: number;
}

async function enter(
  deps: OnSignalGeneratedDeps,
  { m, signal, mode, startedMs }: EntryStep,
): Promise<AfterCommit | null> {
  const { trading, desk, keeper } = deps;
  const { payload, envelope } = signal;
  const verdict = decideEntry(contextOf(deps, payload.symbol, mode), {
    direction: payload.direction,
    confidence: payload.confidence,
    expiresAtMs: payload.expiresAtMs,
    horizonMs: payload.horizonMs,
    lastPrice: dec(payload.lastPrice),
    volatilityRatio: dec(payload.volatilityRatio),
    regimeVolatility: payload.regime.volatility,
  });
  if (verdict.kind === 'denied') {
    deny(deps, m, signal, verdict);
    return null;
  }
  const { approval } = verdict;
  const nowMs = trading.nowMs();
  const decision: RiskDecision & { outcome: 'approved' } = {
    ...headOf(deps, signal),
    ...approval,
    reason: verdict.reason,
    outcome: 'approved',
    action: 'enter',
    maxQuantity: approval.quantity,
    exitReason: null,
  };
  m.decide(decision);
  publishApproval(m, decision, envelope.id);
  const order = desk.prepare(m, {
    decisionId: decision.decisionId,
    leg: 'entry',
    attempt: 0,
    symbol: payload.symbol,
    side: approval.side,
    orderType: 'limit',
    quantity: approval.quantity,
    price: approval.priceLimit,
    exitReason: null,
    correlationId: envelope.correlationId,
    causationId: envelope.id,
  });
  m.onCommit(() => {
    const { leverage, stopPrice, targetPrice, horizonEndsAtMs } = approval;
    trading.book.plans.set(decision.decisionId, {
      signalId: payload.signalId,
      leverage,
      stopPrice,
      targetPrice,
      horizonEndsAtMs,
    });
    trading.book.noteEntrySent(nowMs);
    trading.metrics.decided('approved', 'ENTRY');
  });
  return async () => {
    trading.metrics.sentAfter(performance.now() - startedMs);
    await desk.execute(order);
    await keeper.attend(payload.symbol);
  };
}

const headOf = ({ trading }: OnSignalGeneratedDeps, { payload, envelope }: Signal) => {
  const decidedAtMs = trading.nowMs();
  return {
    decisionId: ulidOf(decidedAtMs, 'signal', payload.signalId),
    signalId: payload.signalId,
    symbol: payload.symbol,
    decidedAtMs,
    equityUsdt: trading.book.riskState === null ? null : trading.book.view().equityUsdt,
    correlationId: envelope.correlationId,
  };
};

function deny(
  deps: OnSignalGeneratedDeps,
  m: MoneyTransaction,
  signal: Signal,
  {
    code,
    reason,
  }: Extract<ReturnType<typeof decideEntry>, { kind: 'denied' }> | { code: 'ORDER_OUTCOME_UNKNOWN'; reason: string },
): void {
  const head = headOf(deps, signal);
  m.decide({ ...head, outcome: 'denied', code, reason });
  m.publish(RiskDecided, {
    occurredAtMs: head.decidedAtMs,
    correlationId: head.correlationId,
    causationId: signal.envelope.id,
    key: head.symbol,
    payload: {
      outcome: 'denied',
      decisionId: head.decisionId,
      signalId: head.signalId,
      symbol: head.symbol,
      reason,
      equityUsdt: head.equityUsdt === null ? null : toText(head.equityUsdt),
      code,
    },
  });
  m.onCommit(() => deps.trading.metrics.decided('denied', code));
}

function contextOf(deps: OnSignalGeneratedDeps, symbol: string, mode: EntryContext['mode']): EntryContext {
  const { trading, clockOffsetMs } = deps;
  const { book, limits, settings } = trading;
  const nowMs = trading.nowMs();
  const instrument = book.instruments.get(symbol);
  const mark = book.marks.get(symbol);
  const equityUsdt = book.riskState === null ? null : book.view().equityUsdt;
  const baseline = equityUsdt === null ? null : moveBaseline(book.riskState, equityUsdt, nowMs);
  const hasLive = book.liveEntries.some((order) => order.symbol === symbol);
  return {
    nowMs,
    isTradingEnabled: settings.isTradingEnabled,
    mode,
    market: instrument === undefined ? null : { ...instrument, isTrading: instrument.status === 'trading' },
    holdReason: book.holds.get(symbol) ?? null,
    hasUnknownOrder: book.hasUnknownOrder(symbol),
    isReconciling: book.isReconciling,
    markPrice: mark?.price ?? null,
    markAgeMs: mark === undefined ? null : Math.max(0, nowMs - mark.atMs),
    clockOffsetMs: clockOffsetMs(),
    isProtectionAvailable: book.isProtectionAvailable(nowMs, limits.protection.pause_after_failed_stop_ms),
    hasPosition: book.position(symbol) !== null || hasLive,
    openPositions:
      book.positions.length + book.liveEntries.filter((order) => book.position(order.symbol) === null).length,
    symbolNotionalUsdt: book.exposureOf(symbol),
    grossExposureUsdt: book.grossExposure(),
    ordersLastMinute: book.entriesWithinMinute(nowMs),
    equityUsdt,
    dailyLossRatio: baseline === null || equityUsdt === null ? dec(0) : dailyLossRatio(baseline, equityUsdt),
    drawdownRatio: baseline === null || equityUsdt === null ? dec(0) : drawdownRatio(baseline, equityUsdt),
    limits,
  };
}
