import { type Decimal, invariant, sum, ZERO } from '@qt/kernel';
import { type PositionState, signOf, unrealizedPnl } from './position-arithmetic.ts';

const DAY_MS = 86_400_000;

/** What the loss limits are measured from. */
export interface LossBaseline {
  /** 00:00 UTC of the day in force. */
  readonly dayStartMs: number;
  readonly dayStartEquityUsdt: Decimal;
  /** Highest equity seen. */
  readonly peakEquityUsdt: Decimal;
}

export interface MarkedPosition {
  readonly position: Pick<PositionState, 'direction' | 'quantity' | 'entryPrice'>;
  readonly markPrice: Decimal;
}

/** The account at one moment. Units: USDT unless named otherwise. */
export interface AccountView {
  readonly walletUsdt: Decimal;
  readonly unrealizedPnlUsdt: Decimal;
  /** Wallet plus unrealized PnL. */
  readonly equityUsdt: Decimal;
  readonly grossExposureUsdt: Decimal;
  /** Long minus short. */
  readonly netExposureUsdt: Decimal;
}

/** Returns 00:00 UTC of the day that `timeMs` lies in. */
export const dayStartOf = (timeMs: number): number => timeMs - (timeMs % DAY_MS);

/** Returns wallet, open PnL and exposure at the given mark prices. */
export function viewAccount(walletUsdt: Decimal, marked: readonly MarkedPosition[]): AccountView {
  const signed = marked.map(({ position, markPrice }) =>
    position.quantity.times(markPrice).times(signOf(position.direction)),
  );
  const unrealizedPnlUsdt = sum(marked.map(({ position, markPrice }) => unrealizedPnl(position, markPrice)));
  return {
    walletUsdt,
    unrealizedPnlUsdt,
    equityUsdt: walletUsdt.plus(unrealizedPnlUsdt),
    grossExposureUsdt: sum(signed.map((notional) => notional.abs())),
    netExposureUsdt: sum(signed),
  };
}

/**
 * Returns the baseline after seeing `equityUsdt` at `nowMs`: a new UTC day starts from it, a new height raises the peak.
 *
 * Throws: InvariantError if equity is not finite.
 */
export function moveBaseline(baseline: LossBaseline | null, equityUsdt: Decimal, nowMs: number): LossBaseline {
  invariant(equityUsdt.isFinite(), 'equity is finite');
  const dayStartMs = dayStartOf(nowMs);
  if (baseline === null) return { dayStartMs, dayStartEquityUsdt: equityUsdt, peakEquityUsdt: equityUsdt };
  const isNewDay = dayStartMs > baseline.dayStartMs;
  const isNewPeak = equityUsdt.gt(baseline.peakEquityUsdt);
  if (!isNewDay && !isNewPeak) return baseline;
  return {
    dayStartMs: isNewDay ? dayStartMs : baseline.dayStartMs,
    dayStartEquityUsdt: isNewDay ? equityUsdt : baseline.dayStartEquityUsdt,
    peakEquityUsdt: isNewPeak ? equityUsdt : baseline.peakEquityUsdt,
  };
}

/** Returns the baseline after money came in or went out: a deposit is no profit, a withdrawal no loss. */
export const shiftBaseline = (baseline: LossBaseline, amountUsdt: Decimal): LossBaseline => ({
  ...baseline,
  dayStartEquityUsdt: baseline.dayStartEquityUsdt.plus(amountUsdt),
  peakEquityUsdt: baseline.peakEquityUsdt.plus(amountUsdt),
});

/** Returns profit or loss since 00:00 UTC, open PnL, fees and funding included. Units: USDT. */
export const dailyPnl = (baseline: LossBaseline, equityUsdt: Decimal): Decimal =>
  equityUsdt.minus(baseline.dayStartEquityUsdt);

/** Returns the loss since 00:00 UTC as a share of the day's first equity, zero on a gain. */
export const dailyLossRatio = (baseline: LossBaseline, equityUsdt: Decimal): Decimal => {
  const pnl = dailyPnl(baseline, equityUsdt);
  if (pnl.gte(0)) return ZERO;
  return baseline.dayStartEquityUsdt.gt(0) ? pnl.neg().div(baseline.dayStartEquityUsdt) : pnl.neg();
};

/** Returns the fall from the highest equity, as a share of it; 1 once nothing is left. */
export const drawdownRatio = (baseline: LossBaseline, equityUsdt: Decimal): Decimal => {
  const fall = baseline.peakEquityUsdt.minus(equityUsdt);
  if (fall.lte(0)) return ZERO;
  if (baseline.peakEquityUsdt.lte(0) || fall.gt(baseline.peakEquityUsdt)) return ZERO.plus(1);
  return fall.div(baseline.peakEquityUsdt);
};
