import type { Direction, ExitReason, TradingMode } from '@qt/contracts';

/** What could make the gate leave a position. */
export interface ExitContext {
  readonly nowMs: number;
  readonly direction: Direction;
  /** When the opinion behind the position is over; null for a position we did not open. */
  readonly horizonEndsAtMs: number | null;
  readonly mode: TradingMode | null;
  /** How long the position has been without a live stop; zero while it has one. */
  readonly unprotectedForMs: number;
  readonly maxUnprotectedMs: number;
  /** A fresh opinion on the same symbol, if one has just come. */
  readonly signalDirection: Direction | null;
}

export type ExitDecision =
  | { readonly kind: 'stay' }
  | { readonly kind: 'leave'; readonly exitReason: ExitReason; readonly reason: string };

const leave = (exitReason: ExitReason, reason: string): ExitDecision => ({ kind: 'leave', exitReason, reason });

/**
 * Returns whether a position is to be closed now. No mode, no stale feed and no limit may answer "stay" to a position that must go:
 * none of them is asked.
 */
export function decideExit(context: ExitContext): ExitDecision {
  const { nowMs, direction, horizonEndsAtMs, mode, unprotectedForMs, maxUnprotectedMs, signalDirection } = context;
  if (unprotectedForMs > maxUnprotectedMs) {
    return leave('protection_lost', `no live stop for ${unprotectedForMs} ms`);
  }
  if (mode === 'FLATTEN') return leave('operator', 'mode is FLATTEN');
  if (signalDirection !== null && signalDirection !== direction) {
    return leave('signal', `the opinion turned ${signalDirection}`);
  }
  if (horizonEndsAtMs !== null && nowMs >= horizonEndsAtMs) {
    return leave('horizon', `the opinion ended at ${horizonEndsAtMs}`);
  }
  return { kind: 'stay' };
}
